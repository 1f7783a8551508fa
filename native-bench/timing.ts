import { spawnSync } from "node:child_process";
import fs from "node:fs";

/** GNU time: Node cannot ask for the CPU seconds and the peak memory of a child. */
const TIME_PROGRAM = "/usr/bin/time";

/** What one run of a command took. */
export interface Sample {
  readonly wallSeconds: number;
  /** User and system time of the command and of every process it waited for; resolution 0.01 s. */
  readonly cpuSeconds: number;
  /** Peak memory of the largest single process among them. */
  readonly maxRssBytes: number;
}

/** Outcome of one run. A failure is a value: the row is left out, the benchmark goes on. */
export type Run =
  | { readonly status: "done"; readonly sample: Sample; readonly output: string }
  | { readonly status: "failed"; readonly reason: string };

/** Whether runs can be measured here. */
export function canMeasure(): boolean {
  return fs.existsSync(TIME_PROGRAM);
}

/**
 * Runs a command to its end and measures it.
 *
 * @param command program and arguments; its standard output is thrown away unless `keepOutput`
 * @param scratchFile a path to write to, in a directory of ours
 */
export function measure(command: readonly string[], scratchFile: string, keepOutput: boolean): Run {
  const begin = process.hrtime.bigint();
  const child = spawnSync(TIME_PROGRAM, ["-o", scratchFile, "-f", "%U %S %M", ...command], {
    stdio: ["ignore", keepOutput ? "pipe" : "ignore", "pipe"],
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  const wallSeconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (child.error !== undefined) return { status: "failed", reason: child.error.message };
  if (child.status !== 0) {
    const ended = child.status === null ? `was ended by ${child.signal}` : `ended with exit code ${child.status}`;
    const words = child.stderr.trim().split("\n", 1)[0];
    return { status: "failed", reason: words === "" ? ended : `${ended}: ${words}` };
  }
  const [user, system, kilobytes] = fs.readFileSync(scratchFile, "utf8").trim().split(" ").map(Number);
  if (
    user === undefined ||
    system === undefined ||
    kilobytes === undefined ||
    Number.isNaN(user + system + kilobytes)
  ) {
    return { status: "failed", reason: `${TIME_PROGRAM} is not GNU time` };
  }
  const sample = { wallSeconds, cpuSeconds: user + system, maxRssBytes: 1024 * kilobytes };
  return { status: "done", sample, output: child.stdout ?? "" };
}
