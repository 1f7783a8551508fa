import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The compiled program: what ships. */
const PROGRAM = fileURLToPath(new URL("../../dist/cli/spooldiff.cjs", import.meta.url));

/** How a run of the program ended. */
export interface ProgramRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiled `spooldiff`. Any exit code is a result; what cannot be started is an exception. */
export function spooldiff(words: readonly string[], timeoutMs = 60_000): Promise<ProgramRun> {
  if (!existsSync(PROGRAM)) throw new Error(`Cannot run "${PROGRAM}": not there; npm run build makes it`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** The objects of a text with one JSON object on each line. */
export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
