/** Runs a target in a child process and watches over it, so that a hang or a crash is a finding like any other. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChildResult, type ChildTask, PREPARING, targetOf } from "./child.ts";
import { FuzzCases } from "./mutations.ts";

export interface FuzzOptions extends Pick<ChildTask, "module" | "target" | "seed"> {
  readonly milliseconds: number;
  /** Only this case. */
  readonly onlyCase?: number;
  /** How long one case may take before the process is killed. */
  readonly hangMs?: number;
}

export interface FuzzResult extends Omit<ChildResult, "failed"> {
  readonly failure: FuzzFailure | null;
}

export interface FuzzFailure {
  readonly case: number;
  readonly found: string;
  /** A file with the input. */
  readonly inputFile: string;
}

/** The heap of a decoder of files of 256 KiB; what needs more has lost all measure. */
const HEAP_MEGABYTES = 400;
/** Long enough for a loaded machine to make one input or to load the corpus. */
const HANG_MS = 10_000;
const PREPARATION_MS = 60_000;
const LOOK_MS = 100;
const CHILD = join(import.meta.dirname, "child.ts");

/** Runs cases of a target until the time is up or one fails; saves the input of that one. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const directory = mkdtempSync(join(tmpdir(), "spooldiff-fuzz-"));
  try {
    const { result, diedAt, found } = await watchChild(options, join(directory, "progress"));
    if (result !== null && result.failed === null) return { ...countsOf(result), failure: null };
    const failed = result?.failed ?? { case: diedAt, found };
    const failure = { ...failed, inputFile: await saveInput(options, failed.case) };
    return { ...countsOf(result), failure };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function countsOf(result: ChildResult | null) {
  const { cases = 0, read = 0, marked = 0, refused = 0 } = result ?? {};
  return { cases, read, marked, refused };
}

/** What a child said, or, if it could not, how it ended and at which case. */
async function watchChild(options: FuzzOptions, progressFile: string) {
  const { module, target, seed, milliseconds, onlyCase, hangMs = HANG_MS } = options;
  writeFileSync(progressFile, Buffer.alloc(4, 0xff));
  const task: ChildTask = {
    ...{ module, target, seed, milliseconds, progressFile },
    firstCase: onlyCase ?? 0,
    cases: onlyCase === undefined ? Number.MAX_SAFE_INTEGER : 1,
  };
  const flags = [
    `--max-old-space-size=${HEAP_MEGABYTES}`,
    "--max-semi-space-size=64",
    "--disable-warning=ExperimentalWarning",
  ];
  const child = spawn(process.execPath, [...flags, CHILD, JSON.stringify(task)], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const closed = once(child, "close");
  const ended = new AbortController();
  void closed.then(() => ended.abort());
  const hung = await watchProgress(progressFile, hangMs, ended.signal);
  if (hung) child.kill("SIGKILL");
  const [code, signal] = (await closed) as [number | null, string | null];
  const diedAt = currentCase(progressFile);
  if (code === 0) return { result: JSON.parse(output.stdout) as ChildResult, diedAt, found: "" };
  if (diedAt === PREPARING) throw new Error(`${target} cannot be fuzzed: ${signal ?? code}\n${output.stderr}`);
  const found = hung
    ? `it did not end within ${hangMs} ms`
    : `the process ended with ${signal ?? code}\n${output.stderr}`;
  return { result: null, diedAt, found };
}

/** True when the child has been at one case for too long; false when it has ended. */
async function watchProgress(progressFile: string, hangMs: number, ended: AbortSignal): Promise<boolean> {
  let at = currentCase(progressFile);
  let since = performance.now();
  while (!ended.aborted) {
    await sleep(LOOK_MS, undefined, { signal: ended }).catch(() => {});
    const now = currentCase(progressFile);
    if (now !== at) since = performance.now();
    at = now;
    if (performance.now() - since > (now === PREPARING ? PREPARATION_MS : hangMs)) return true;
  }
  return false;
}

function currentCase(progressFile: string): number {
  return readFileSync(progressFile).readUInt32LE(0);
}

async function saveInput({ module, target: name, seed }: FuzzOptions, number: number): Promise<string> {
  const target = await targetOf(module, name);
  const cases = new FuzzCases(target, seed);
  const path = join(mkdtempSync(join(tmpdir(), "spooldiff-fuzz-failure-")), `${name}-${seed}-${number}`);
  writeFileSync(path, cases.inputOf(cases.of(number)));
  return path;
}
