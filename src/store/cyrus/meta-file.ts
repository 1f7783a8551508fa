/**
 * Reading of small files of a live spool: no lock, no waiting (a FIFO or device is never read from), no following of a
 * symbolic link in place of the file.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync } from "node:fs";
import { errnoOf } from "../../errors.ts";
import type { ByteString } from "../../mail/name.ts";
import { readFully } from "./regular-file.ts";

/** What became of a file. */
export type MetaFileReading =
  | {
      readonly status: "read";
      readonly bytes: Buffer;
      /** fstat before and after the bytes were read. */
      readonly before: BigIntStats;
      readonly after: BigIntStats;
    }
  | { readonly status: "absent" }
  | { readonly status: "not-regular"; readonly found: string }
  | { readonly status: "too-large"; readonly found: string }
  | { readonly status: "unreadable"; readonly errno: string };

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Reads a whole file of at most `maxBytes`. A failure is a value; nothing is thrown for what lies on disk. */
export function readMetaFile(path: ByteString, maxBytes: number): MetaFileReading {
  let fd: number;
  try {
    fd = openSync(Buffer.from(path, "latin1"), OPEN_FLAGS);
  } catch (error) {
    return openFailure(path, error);
  }
  try {
    const before = fstatSync(fd, { bigint: true });
    if (!before.isFile()) return { status: "not-regular", found: kindOf(before) };
    if (before.size > maxBytes) {
      return { status: "too-large", found: `${before.size} bytes are more than the ${maxBytes} that are read` };
    }
    const room = Buffer.allocUnsafeSlow(Number(before.size));
    const bytes = room.subarray(0, readFully(fd, room, 0));
    return { status: "read", bytes, before, after: fstatSync(fd, { bigint: true }) };
  } catch (error) {
    return { status: "unreadable", errno: failureCode(error) };
  } finally {
    closeSync(fd);
  }
}

/** True if `path` still leads to the file that `stats` is of, and nobody has changed it since. */
export function isUnchanged(path: ByteString, stats: BigIntStats): boolean {
  const now = lstatOrNull(path);
  return now !== null && sameFile(now, stats) && now.ctimeNs === stats.ctimeNs && now.size === stats.size;
}

export function sameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** What lies at `path` itself, or null where nothing does or it cannot be told. */
export function lstatOrNull(path: ByteString): BigIntStats | null {
  try {
    return lstatSync(Buffer.from(path, "latin1"), { bigint: true });
  } catch {
    return null;
  }
}

function openFailure(path: ByteString, error: unknown): MetaFileReading {
  const errno = failureCode(error);
  if (errno === "ENOENT" || errno === "ENOTDIR") return { status: "absent" };
  // ELOOP: a symbolic link stands there. ENXIO, ENODEV: a socket, or a device without a driver.
  if (errno === "ELOOP" || errno === "ENXIO" || errno === "ENODEV") {
    const stats = lstatOrNull(path);
    if (stats !== null && !stats.isFile()) return { status: "not-regular", found: kindOf(stats) };
  }
  return { status: "unreadable", errno };
}

/** The code of a failed call; a path that no system call takes (with a NUL in it) counts as an invalid argument. */
function failureCode(error: unknown): string {
  const code = errnoOf(error);
  if (code !== null) return code;
  if (error instanceof RangeError) return "ENOMEM"; // no room for a buffer of that size
  if (error instanceof TypeError) return "EINVAL"; // what Node.js itself refuses to hand to the system
  throw error;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return "a symbolic link";
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return "a device";
}
