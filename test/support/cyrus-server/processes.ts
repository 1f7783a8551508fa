/** Starting programs, waiting for them within bounds, and ending those that this process started and no others. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a program that ended had to say. Output is bytes, one character each. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly folder?: string;
  /** Default 60 s; past that the program is killed and its status is null. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end. A status other than 0 is an outcome, not an exception. */
export function run(command: readonly string[], options: RunOptions): Promise<Outcome> {
  const [file = "", ...words] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, {
      env: options.environment,
      cwd: options.folder,
      timeout: options.timeoutMs ?? 60_000,
      killSignal: "SIGKILL",
      stdio: "pipe",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("latin1").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
    // A program that ends without reading its input is no failure of ours.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

/** Starts a server in a process group of its own, so that {@link end} reaches its children too. */
export function startServer(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): ChildProcess {
  const [file = "", ...words] = command;
  return spawn(file, words, { env: environment, cwd: folder, detached: true, stdio: "ignore" });
}

/** Asks a server to end, and after `graceMs` makes it. Resolves when it is gone. */
export async function end(child: ChildProcess, graceMs = 10_000): Promise<void> {
  if (child.pid === undefined) return;
  if (isRunning(child)) {
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    signal(child.pid, "SIGTERM");
    await Promise.race([gone, sleep(graceMs, undefined, { ref: false })]);
  }
  // Whatever of its group is left has had its time: children of a server that was killed, say.
  signal(-child.pid, "SIGKILL");
}

/** Waits until something accepts connections at a loopback port. Fails at once when `server` has ended. */
export async function waitForPort(port: number, server: ChildProcess, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await accepts(port))) {
    if (!isRunning(server)) throw new Error(`Cannot reach port ${port}: its server ended (${server.exitCode})`);
    if (Date.now() > deadline) throw new Error(`Cannot reach port ${port}: nothing listens after ${timeoutMs} ms`);
    await sleep(50);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Already gone, which is what was wanted.
  }
}
