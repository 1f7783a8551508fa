import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The compiled program: what ships. */
export const PROGRAM = fileURLToPath(new URL("../../dist/cli/spooldiff.cjs", import.meta.url));

// What this machine has in /etc/spooldiff.toml is no part of a test, however that starts the program.
process.env.SPOOLDIFF_CONFIG = "";

/** How a run of the program ended. */
export interface ProgramRun {
  readonly status: number | null;
  /** What ended it where `status` is null: SIGKILL where it took longer than it was given. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is not the same as for a person who types the command. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** Variables set beside those of this process; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Words of a command that runs the program, as `setpriv …`. */
  readonly under?: readonly string[];
  readonly stdio?: StdioOptions;
  readonly timeoutMs?: number;
}

/** Runs the compiled `spooldiff`. Any exit code is a result; what cannot be started is an exception. */
export function spooldiff(words: readonly string[], options: number | ProgramOptions = {}): Promise<ProgramRun> {
  return ended(startSpooldiff(words, typeof options === "number" ? { timeoutMs: options } : options));
}

/** Starts the compiled `spooldiff` and does not wait for it. One that does not end in time is killed: status null. */
export function startSpooldiff(words: readonly string[], options: ProgramOptions = {}): ChildProcess {
  if (!existsSync(PROGRAM)) throw new Error(`Cannot run "${PROGRAM}": not there; npm run build makes it`);
  const [file = process.execPath, ...before] = [...(options.under ?? []), process.execPath];
  return spawn(file, [...before, PROGRAM, ...words], {
    timeout: options.timeoutMs ?? 60_000,
    killSignal: "SIGKILL",
    stdio: options.stdio ?? ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** Waits for a started program and gathers what it says. */
export function ended(child: ChildProcess): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

/** The objects of a text with one JSON object on each line. */
export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
