/** Small mistakes that could be made in a source file, one at a time. */

/** One mistake. */
export interface Mutation {
  readonly line: number;
  /** The line as it is, and as it would be. */
  readonly from: string;
  readonly to: string;
}

/** What is taken for what; each place of each is a mutation of its own. */
const CONFUSIONS: readonly (readonly [RegExp, string])[] = [
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/"primary"/g, '"replica"'],
  [/"replica"/g, '"primary"'],
  [/"diverged"/g, '"in-flight"'],
  [/"damaged"/g, '"unproven"'],
  [/"unproven"/g, '"damaged"'],
  [/"lag"/g, '"race"'],
  [/"race"/g, '"lag"'],
  [/\bprimary\./g, "replica."],
  [/\breplica\./g, "primary."],
  [/Math\.max\(/g, "Math.min("],
  [/Math\.min\(/g, "Math.max("],
  // Not what only the type of an element of a list asks for.
  [/ \?\? \w+(\.\w+)+/g, ""],
];

/** Lines that are types, comments or imports: mistakes in them change nothing that runs. */
const NOT_RUN =
  /^\s*(\/?\*|\/\/|import |export type |readonly |\| )|^\s*[\w?]+: [^,]*;$|^\s*\w+\??: (Side|"primary" \| "replica"|Judgement|JudgeSettings)[^;]*,$/;

/** All mutations of a source text. */
export function mutationsOf(source: string): Mutation[] {
  const lines = source.split("\n");
  return lines.flatMap((from, index) => {
    if (NOT_RUN.test(from)) return [];
    const code = from.replace(/\/\/.*$/, "");
    const mistakes = CONFUSIONS.flatMap(([what, instead]) =>
      [...code.matchAll(what)].map((match) => replaced(from, match, instead)),
    );
    // A rule that is left out.
    if (/^\s*(if|else if) \(.*;$/.test(from)) mistakes.push("");
    const isSignature = /^(export )?(async )?function .*\{$/.test(from);
    return mistakes.filter((to) => !isSignature && to !== from).map((to) => ({ line: index + 1, from, to }));
  });
}

function replaced(line: string, match: RegExpMatchArray, instead: string): string {
  const at = match.index ?? 0;
  return line.slice(0, at) + instead + line.slice(at + match[0].length);
}

/** The source with one mistake in it. */
export function mutated(source: string, { line, to }: Mutation): string {
  return source
    .split("\n")
    .map((text, index) => (index + 1 === line ? to : text))
    .join("\n");
}
