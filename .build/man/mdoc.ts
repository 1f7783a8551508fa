/** The mdoc(7) language, as far as our pages need it. */

/** Columns that an input line of text may take. */
const LINE = 78;

/** Prose: each sentence begins a line, and no word of it is taken for a request. */
export function prose(text: string): string[] {
  const sentences = text
    .replace(/\s+/g, " ")
    .trim()
    .split(/(?<=[\w)`'"*][.!?])\s(?=[A-Z`])/);
  return sentences.flatMap(wrapped);
}

function wrapped(sentence: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of textLine(sentence).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > LINE) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((text) => (/^[.']/.test(text) ? `\\&${text}` : text));
}

/** A line that is text and nothing else. */
export function textLine(line: string): string {
  const escaped = line.replaceAll("\\", "\\e").replace(/[^\x20-\x7e]/gu, codePoint);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** An argument of a macro: quoted, so that no macro is seen in it. */
export function argument(text: string): string {
  return `"${textLine(text).replaceAll('"', '""')}"`;
}

function codePoint(character: string): string {
  return `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

/** Lines that are shown as they are, such as commands. */
export function literal(lines: readonly string[]): string[] {
  return [".Bd -literal -offset indent", ...lines.map(textLine), ".Ed"];
}

/** A list of terms with what each means. A term is a macro with its arguments, as `Sy name`. */
export function definitions(width: string, entries: readonly (readonly [term: string, meaning: readonly string[]])[]) {
  if (entries.length === 0) return [];
  return [`.Bl -tag -width ${width}`, ...entries.flatMap(([term, lines]) => [`.It ${term}`, ...lines]), ".El"];
}

/** The first lines of a page. */
export function head(title: string, section: 1 | 5, date: string, summary: string): string[] {
  return [
    '.\\" Made by .build/man of the options and of the schema: do not edit.',
    `.Dd ${date}`,
    `.Dt ${title.toUpperCase()} ${section}`,
    ".Os",
    ".Sh NAME",
    `.Nm ${title}`,
    `.Nd ${summary}`,
  ];
}
