import assert from "node:assert/strict";
import { ExitCode } from "../../src/errors.ts";
import { type ProgramOptions, type ProgramRun, spooldiff } from "./command-line.ts";

/**
 * Asserts that the command ends with exit code 2, prints no report, and says `sentence` on stderr as a person reads it:
 * from the program's name on, without a stack trace and without anything that a terminal would obey.
 */
export async function assertRefused(
  words: readonly string[],
  sentence: RegExp,
  options: ProgramOptions = {},
): Promise<ProgramRun> {
  const run = await spooldiff(words, options);
  assert.equal(run.status, ExitCode.failed, `${words.join(" ")} ended with ${run.status}: ${run.stdout}${run.stderr}`);
  assert.match(run.stderr, sentence);
  assert.match(run.stderr, /^spooldiff: [A-Z]/);
  assert.match(run.stderr, /\n(?: {2}\S|\(spooldiff )|; run it as /, "the next step is said");
  assertPlain(run.stderr);
  return run;
}

/** Asserts that a text names no place in the program's code and would move no terminal. */
export function assertPlain(text: string): void {
  assert.doesNotMatch(text, /^\s+at .*(?:\.js|\.ts|node:)/m, "a stack trace is for those who wrote the program");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
}
