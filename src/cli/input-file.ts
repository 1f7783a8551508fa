/** Reads small files that a person names on the command line, and says what to do where that cannot be done. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { userInfo } from "node:os";
import { errnoOf, UsageError } from "../errors.ts";

/** A file as it was read. */
export interface InputFile {
  readonly bytes: Buffer;
  readonly stat: Stats;
}

/** What a file is for, in the words of its errors. */
export interface InputKind {
  /** As in `it is too long for a list of findings`. */
  readonly what: string;
  readonly largestBytes: number;
  /** What to do where there is no such file. */
  readonly absent: string;
}

/**
 * Reads a whole file. Never waits for a pipe, and never reads more than such a file can hold.
 *
 * @throws {UsageError} when it cannot be read, or is no regular file, or too long
 */
export function readInputFile(path: string, kind: InputKind): InputFile {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw openFailure(path, kind, error);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new UsageError(`Cannot use "${path}": it is not a regular file`, `Name ${kind.what}`);
    if (stat.size > kind.largestBytes) {
      throw new UsageError(`Cannot use "${path}": it is too long for ${kind.what}`, `Name ${kind.what}`);
    }
    return { bytes: readFileSync(fd), stat };
  } finally {
    closeSync(fd);
  }
}

function openFailure(path: string, kind: InputKind, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === null) return error;
  switch (errno) {
    case "ENOENT":
    case "ENOTDIR":
      return new UsageError(`Cannot use "${path}": there is no such file`, kind.absent);
    case "EACCES":
    case "EPERM":
      return new UsageError(
        `Cannot use "${path}": user ${userInfo().username} may not read it`,
        "Run the command as a user who may, or give this one the right to read the file and to enter its directory",
      );
    default:
      return new UsageError(`Cannot use "${path}": ${(error as Error).message}`, `Name ${kind.what}`);
  }
}
