import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import type { ByteString } from "../../mail/name.ts";

/** Something stands where a regular file should; `errno` is what a scan would report. */
export class NotRegularFileError extends Error {
  readonly code = "ENOTREG";
}

/** Never blocks on a FIFO or device, never takes a terminal. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens a regular file, hands it to `use`, and closes it.
 *
 * @param follow whether a symbolic link at `path` is followed: yes for what an administrator names, no below a spool
 * @throws {NotRegularFileError} when anything but a regular file lies there
 * @throws the system's error when it cannot be opened
 */
export function withRegularFile<T>(path: ByteString, follow: boolean, use: (fd: number, stat: Stats) => T): T {
  const flags = follow ? OPEN_FLAGS : OPEN_FLAGS | constants.O_NOFOLLOW;
  const fd = openSync(Buffer.from(path, "latin1"), flags);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new NotRegularFileError("this is no regular file");
    return use(fd, stat);
  } finally {
    closeSync(fd);
  }
}

/** Fills `into` from `position` on; returns how much of it the file had. */
export function readFully(fd: number, into: Buffer, position: number): number {
  let done = 0;
  while (done < into.length) {
    const count = readSync(fd, into, done, into.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** The first `maxBytes` of a regular file, or all of a shorter one. Errors as {@link withRegularFile}. */
export function readRegularFile(path: ByteString, maxBytes: number, follow = false): Buffer {
  return withRegularFile(path, follow, (fd, stat) => {
    const bytes = Buffer.allocUnsafe(Math.min(stat.size, maxBytes));
    return bytes.subarray(0, readFully(fd, bytes, 0));
  });
}
