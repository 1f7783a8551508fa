/**
 * Runs cases of one target in a process of its own, which whoever started it may have to kill. Says on stdout how it
 * went, and in a file which case it is at.
 */
import { openSync, writeSync } from "node:fs";
import { Judge } from "./judge.ts";
import { FuzzCases } from "./mutations.ts";
import type { FuzzTarget } from "./target.ts";

/** What the process is to do: its one argument, as JSON. */
export interface ChildTask {
  /** URL of a module that exports `targets`, an array. */
  readonly module: string;
  readonly target: string;
  readonly seed: number;
  readonly firstCase: number;
  readonly cases: number;
  readonly milliseconds: number;
  /** Where to say which case it is at, as a number of 32 bits. */
  readonly progressFile: string;
}

/** How it went, if the process lives to tell. */
export interface ChildResult {
  readonly cases: number;
  readonly read: number;
  readonly marked: number;
  readonly refused: number;
  readonly failed: { readonly case: number; readonly found: string } | null;
}

/** A number in the progress file that is no case: the inputs are being prepared. */
export const PREPARING = 0xffff_ffff;

/** Cases that are run however long they take: on a busy machine the time alone would say little. */
const LEAST_CASES = 100;

export async function targetOf(module: string, name: string): Promise<FuzzTarget> {
  const { targets } = (await import(module)) as { targets: readonly FuzzTarget[] };
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new RangeError(`there is no target "${name}"`);
  return target;
}

async function run(task: ChildTask): Promise<ChildResult> {
  const target = await targetOf(task.module, task.target);
  const cases = new FuzzCases(target, task.seed);
  const judge = new Judge(target, cases);
  const progress = openSync(task.progressFile, "r+");
  const current = Buffer.alloc(4);
  const count = { read: 0, marked: 0, refused: 0 };
  const ends = performance.now() + task.milliseconds;
  let done = 0;
  for (; done < task.cases && (done < LEAST_CASES || performance.now() < ends); done++) {
    current.writeUInt32LE(task.firstCase + done);
    writeSync(progress, current, 0, 4, 0);
    const outcome = judge.judge(cases.of(task.firstCase + done));
    if (outcome.status === "failed") {
      return { cases: done + 1, ...count, failed: { case: task.firstCase + done, found: outcome.found } };
    }
    count[outcome.status]++;
  }
  return { cases: done, ...count, failed: null };
}

if (import.meta.main) {
  const result = await run(JSON.parse(process.argv[2] ?? "") as ChildTask);
  process.stdout.write(JSON.stringify(result));
}
