/** Where in a TOML file a key is written, which the parser does not tell of a sound file. */
import { parse } from "smol-toml";

/** Keys from the top of a file down to a value; a number counts within a list, from 0. */
export type KeyPath = readonly (string | number)[];

/**
 * The line, from 1, on which a key's value ends, or of the table that should hold it where it is not there; null where
 * neither is. Found by asking the parser what it makes of the first lines alone: whatever way of writing a file has,
 * it is the parser's.
 */
export function lineOf(text: string, key: KeyPath): number | null {
  const lines = text.split("\n");
  for (let length = key.length; length > 0; length--) {
    const line = firstLineWith(lines, key.slice(0, length));
    if (line !== null) return line;
  }
  return null;
}

/** Lines, from 1, of the headers of a list of tables, `[[name]]`, in order. */
export function headerLines(text: string, name: string): number[] {
  return text.split("\n").flatMap((line, i) => (line.replace(/\s|#.*/g, "") === `[[${name}]]` ? [i + 1] : []));
}

/** Attempts to read the beginning of a file: a list that runs over thousands of lines has no line number. */
const MOST_ATTEMPTS = 300;

/** The fewest lines that hold the key, by halving: once it is there it stays. Some numbers of lines are no TOML. */
function firstLineWith(lines: readonly string[], key: KeyPath): number | null {
  let [without, within] = [0, lines.length + 1];
  let found: number | null = null;
  let attempts = 0;
  while (within - without > 1) {
    const middle = (without + within) >> 1;
    let count = middle;
    let table = tableOf(lines, count);
    while (table === null && count + 1 < within && attempts++ < MOST_ATTEMPTS) table = tableOf(lines, ++count);
    if (table === null) within = middle;
    else if (holds(table, key)) {
      found = count;
      within = middle;
    } else without = count;
  }
  return found;
}

function tableOf(lines: readonly string[], count: number): unknown {
  try {
    return parse(lines.slice(0, count).join("\n"));
  } catch {
    return null;
  }
}

function holds(table: unknown, key: KeyPath): boolean {
  let value = table;
  for (const part of key) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return true;
}
