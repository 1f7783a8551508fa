import type { BigIntStats } from "node:fs";
import type { Digests } from "../../hash/digester.ts";
import { type FileProblem, type FileReading, NOT_LOOKED_AT } from "../../mail/message.ts";
import type { FileStat } from "../../mail/packed-messages.ts";

/** What one look at a message file brought. */
export interface FileLook {
  readonly file: FileReading;
  /** `root` is for the caller to say. */
  readonly stat: Omit<FileStat, "root"> | null;
  /** The system call's failure and what was found, for people; null where all is well. */
  readonly errno: string | null;
  readonly found: string | null;
}

/** What tells a file, in the state it was in, from all others. */
export type FileIdentity = Pick<BigIntStats, "dev" | "ino" | "size" | "mtimeNs" | "ctimeNs">;

export function digestedLook(stat: FileIdentity, digests: Digests, readAtMs: number): FileLook {
  const { md5, sha1, xxh64 } = digests;
  const file = { problem: null, sizeBytes: stat.size, md5, sha1, xxh64 };
  return { file, stat: factsOf(stat, readAtMs), errno: null, found: null };
}

/** @param found why only the size was taken, if there is a reason */
export function sizeOnlyLook(stat: FileIdentity, found: string | null): FileLook {
  return { file: { ...NOT_LOOKED_AT, sizeBytes: stat.size }, stat: factsOf(stat, null), errno: null, found };
}

export function overlongLook(stat: FileIdentity): FileLook {
  return sizeOnlyLook(stat, `it is ${stat.size} bytes long, far more than it should be, and was not read`);
}

/** @param tries how many reads in a row it spoiled */
export function unstableLook(tries: number): FileLook {
  return problemLook("unstable", null, `it changed during each of ${tries} reads`);
}

export function unreadableLook(errno: string): FileLook {
  return problemLook("unreadable", errno, `the system refuses it (${errno})`);
}

export function notRegularLook(stat: BigIntStats): FileLook {
  return problemLook("not-regular", null, `${kindOf(stat)} stands where the message should be`);
}

function kindOf(stat: BigIntStats): string {
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isDirectory()) return "a directory";
  if (stat.isFIFO()) return "a FIFO";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

function problemLook(problem: FileProblem, errno: string | null, found: string): FileLook {
  return { file: { ...NOT_LOOKED_AT, problem }, stat: null, errno, found };
}

function factsOf(stat: FileIdentity, readAtMs: number | null): Omit<FileStat, "root"> {
  return { inode: stat.ino, sizeBytes: stat.size, mtimeNs: stat.mtimeNs, ctimeNs: stat.ctimeNs, readAtMs };
}
