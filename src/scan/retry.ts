import { errnoOf } from "../errors.ts";

/**
 * Failures that may be gone a moment later: a network file system that lost its handle, a disk that tried again, a
 * signal.
 */
const PASSING = new Set(["EIO", "ESTALE", "EINTR", "EAGAIN"]);

const waits = new Int32Array(new SharedArrayBuffer(4));

/** Puts this thread to sleep. */
export function pause(milliseconds: number): void {
  Atomics.wait(waits, 0, 0, milliseconds);
}

/** True for the `code` of a failure that is worth another try. */
export function isPassing(errno: string | null): boolean {
  return errno !== null && PASSING.has(errno);
}

/** Makes a system call, again after 10 and 40 ms where its failure may pass. Throws the last failure. */
export function retryPassing<T>(call: () => T): T {
  for (const waitMs of [10, 40]) {
    try {
      return call();
    } catch (error) {
      if (!isPassing(errnoOf(error))) throw error;
      pause(waitMs);
    }
  }
  return call();
}
