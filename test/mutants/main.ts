/**
 * `npm run mutants`: makes one mistake at a time in the rules of the judge, in a copy of the project, and runs the judge's
 * tests and some histories of the model over each. A mistake that no test notices is printed, unless `equivalents.ts`
 * says why it is none; then the exit code is 1. `--file NAME` for one file of the judge.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reasonFor } from "./equivalents.ts";
import { type Mutation, mutated, mutationsOf } from "./mutations.ts";

const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const JUDGE = "src/compare/judge";
/** Texts, which other tests hold to what they say. */
const NO_RULES = ["rules.ts"];
const HISTORIES = "600";
/** A mistake that makes a test run for ever is noticed too. */
const PATIENCE_MS = 180_000;

const { values } = parseArgs({ options: { file: { type: "string" } } });
const copy = mkdtempSync(join(tmpdir(), "spooldiff-mutants-"));
try {
  for (const name of ["src", "test", "package.json", "tsconfig.json"]) {
    cpSync(join(PROJECT, name), join(copy, name), { recursive: true, filter: (path) => !path.includes("/fixtures/") });
  }
  symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"));
  const tests = globSync("test/compare/judge/*.test.ts", { cwd: copy });
  if (!passes(tests, [])) throw new Error("The tests of the judge fail as it is");
  process.exitCode = countSurvivors(tests) === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** True if nothing notices what is in the copy now; `first` are the tests that most likely do. */
function passes(tests: readonly string[], first: readonly string[]): boolean {
  const others = tests.filter((test) => !first.includes(test));
  return (
    [first, others].every((some) => some.length === 0 || runs(["--test", "--test-isolation=none", ...some])) &&
    runs(["test/model/main.ts", "--histories", HISTORIES, "--seed", "1"])
  );
}

function runs(words: readonly string[]): boolean {
  return spawnSync(process.execPath, words, { cwd: copy, stdio: "ignore", timeout: PATIENCE_MS }).status === 0;
}

function countSurvivors(tests: readonly string[]): number {
  let made = 0;
  let excused = 0;
  let survivors = 0;
  for (const file of globSync(`${JUDGE}/*.ts`, { cwd: copy }).sort()) {
    const name = basename(file);
    if (NO_RULES.includes(name) || (values.file !== undefined && values.file !== name)) continue;
    const path = join(copy, file);
    const source = readFileSync(path, "utf8");
    const first = tests.filter((test) => basename(test) === name.replace(".ts", ".test.ts"));
    for (const mutation of mutationsOf(source)) {
      made++;
      writeFileSync(path, mutated(source, mutation));
      if (!passes(tests, first)) continue;
      if (reasonFor(name, mutation) !== null) excused++;
      else survivors += told(name, mutation);
    }
    writeFileSync(path, source);
  }
  process.stdout.write(`${made} mistakes, ${excused} that make no difference, ${survivors} that nothing notices\n`);
  return survivors;
}

function told(name: string, { line, from, to }: Mutation): 1 {
  process.stdout.write(`${name}:${line}\n  - ${from.trim()}\n  + ${to.trim()}\n`);
  return 1;
}
