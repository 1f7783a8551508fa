import { eastAsianWidth } from "get-east-asian-width";

/** Columns that text reports keep to. */
export const PAGE_WIDTH = 80;

/** Columns of one sentence or two, with two names of the longest kind in them. */
const LONGEST_PROSE = 1500;

const PLAIN = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}]$/u;

/** Columns that a text takes on a terminal; of text that `terminalText` has made safe. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text, or as much of it as leaves room for `…`. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return `${text.slice(0, fitting(text, width - 1))}…`;
}

/**
 * A name in lines of at most `width` columns, broken wherever a line is full: nothing is added or dropped, unless it
 * needs more than `maxLines`; then the last line ends in `…`.
 */
export function fold(text: string, width: number, maxLines = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  let rest = text;
  while (lines.length + 1 < maxLines) {
    const end = fitting(rest, width);
    if (end === rest.length) break;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  lines.push(cut(rest, width));
  return lines;
}

/** Prose in lines of at most `width` columns, broken at spaces, and inside a word only if it alone is too long. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    if (word === "") continue;
    const joined = line === "" ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = fold(word, width);
    line = pieces.pop() ?? "";
    lines.push(...pieces);
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** Prose in lines, as {@link wrap}; cut where a name of absurd length would make it fill the screen. */
export function paragraph(text: string, width: number): string[] {
  return wrap(cut(text, LONGEST_PROSE), width);
}

/** Text filled up with spaces to `width` columns; longer text is left alone. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** How many UTF-16 units of the text fit in `width` columns; at least one character, so that folding ends. */
function fitting(text: string, width: number): number {
  let end = 0;
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width && end > 0) break;
    end += character.length;
  }
  return end;
}

function characterWidth(character: string): number {
  return ZERO_WIDTH.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}
