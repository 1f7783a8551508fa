/** Where reports go: standard output or a file, synchronously, so that a report of any length needs little memory. */
import { closeSync, fchmodSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { errnoOf, foundBy, SpooldiffError } from "../errors.ts";

/** Bytes that are gathered before they are written. */
const CHUNK = 1 << 16;

/** Takes text or bytes of a report. */
export interface Output {
  write(chunk: string | Uint8Array): void;
  /** Writes what is still gathered; a file gets its name only now. */
  close(): void;
  /** Gives up: nothing is left under the name of a file. */
  abandon(): void;
}

/** Standard output. A reader that leaves early (`| head`) is no failure: the exit code is still the verdict. */
export function standardOutput(): Output {
  let gone = false;
  return gathered("standard output", (bytes) => {
    if (gone) return;
    try {
      writeAll(1, bytes);
    } catch (error) {
      if (errnoOf(error) !== "EPIPE") throw error;
      gone = true;
    }
  });
}

/**
 * A file, written under a temporary name beside it and renamed when it is whole. What is there already and no regular
 * file (a device, a pipe, a link such as /dev/stdout) is written to as it is: a rename would put a file in its place.
 *
 * @param mode permissions of the file whatever the umask is; null: as the umask leaves them
 */
export function fileOutput(path: string, mode: number | null = null): Output {
  const there = attempt(path, () => lstatSync(path, { throwIfNoEntry: false }));
  return there === undefined || there.isFile() ? renamedOutput(path, mode) : openedOutput(path);
}

function openedOutput(path: string): Output {
  const fd = attempt(path, () => openSync(path, "w"));
  const inner = gathered(path, (bytes) => writeAll(fd, bytes));
  return {
    write: inner.write,
    close() {
      inner.close();
      attempt(path, () => closeSync(fd));
    },
    abandon: () => closeSync(fd),
  };
}

function renamedOutput(path: string, mode: number | null): Output {
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = attempt(path, () => openSync(temporary, "wx", 0o666));
  const inner = gathered(path, (bytes) => writeAll(fd, bytes));
  const drop = () => {
    closeSync(fd);
    rmSync(temporary, { force: true });
  };
  return {
    write: inner.write,
    close() {
      inner.close();
      attempt(path, () => {
        if (mode !== null) fchmodSync(fd, mode);
        fsyncSync(fd);
        renameSync(temporary, path);
        closeSync(fd);
      });
    },
    abandon: drop,
  };
}

function gathered(name: string, flush: (bytes: Uint8Array) => void): Output {
  let waiting: Uint8Array[] = [];
  let size = 0;
  const send = () => {
    if (size > 0) attempt(name, () => flush(Buffer.concat(waiting)));
    waiting = [];
    size = 0;
  };
  return {
    write(chunk) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
      waiting.push(bytes);
      size += bytes.length;
      if (size >= CHUNK) send();
    },
    close: send,
    abandon() {
      waiting = [];
      size = 0;
    },
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // A terminal or pipe that another process has made non-blocking: wait for its reader.
      if (errnoOf(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function attempt<T>(name: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    const found = errno === "ENOSPC" ? "the disk is full" : foundBy(error);
    throw new SpooldiffError("output", `Cannot write the report to "${name}": ${found}`, {
      hint: nextStep(errno),
      cause: error,
    });
  }
}

/** What to do about a file that cannot be written. */
export function nextStep(errno: string): string {
  switch (errno) {
    case "ENOENT":
    case "ENOTDIR":
      return "Make the directory first, or give another place";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "Give a place that this user may write, or run the command as a user who may";
    case "ENOSPC":
    case "EDQUOT":
      return "Free some space or give a place on another disk, then run the command again";
    default:
      return "Give another place, then run the command again";
  }
}
