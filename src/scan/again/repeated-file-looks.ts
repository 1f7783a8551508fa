/** Looking at one file again, until two looks find the same: what is known of it after each, and when that is enough. */
import { namesFile } from "../../mail/guid.ts";
import { type FileReading, type Message, NOT_LOOKED_AT } from "../../mail/message.ts";
import type { ByteString } from "../../mail/name.ts";
import type { FileLook } from "../files/file-look.ts";
import type { FileResult } from "../files/file-results.ts";

/** A file that is not as the index says is believed to be so when two looks find the same. */
const BELIEVED_AFTER = 2;
/** Looks at a file that shows something else each time. */
const MOST_LOOKS = 4;

/** Longest file that is read though the index knows of no length like it. */
const LEAST_LIMIT = 256n << 20n;

/**
 * The longest file that is read where `expected` bytes should be: a sparse file of a terabyte must not hold up a scan
 * for digests that would prove nothing more than its size does.
 */
export function readLimit(expected: bigint): bigint {
  return expected * 4n > LEAST_LIMIT ? expected * 4n : LEAST_LIMIT;
}

/** What the index says of the file of a live message. */
export interface FileRecord extends Pick<Message, "uid" | "sizeBytes" | "guid"> {
  /** It is on the archive partition. */
  readonly archived: boolean;
}

/** True if a file is to be looked at again before what was found is believed. */
export function isDoubtful({ same, file }: FileResult, record: FileRecord): boolean {
  return same < BELIEVED_AFTER && file.problem === null && contradicts(file, record);
}

/** True if the file that was read is not the one that the index describes. */
function contradicts(file: FileReading, record: FileRecord): boolean {
  if (file.sizeBytes !== null && file.sizeBytes !== record.sizeBytes) return true;
  return namesFile(record.guid, file) === false;
}

/** Of a file that was not looked at. */
export const UNKNOWN = { stat: null, same: 1, looks: 1 };

/** What is known of a file after one more look at it, at `path` below the root of that number. */
export function merge(
  before: FileResult | null,
  { file, stat, errno, found }: FileLook,
  root: 0 | 1,
  path: ByteString,
): FileResult {
  const looks = (before?.looks ?? 0) + 1;
  const same = before !== null && isSameFinding(before.file, file) ? before.same + 1 : 1;
  if (looks >= MOST_LOOKS && same < BELIEVED_AFTER) {
    return unstable(path, "each look found something else");
  }
  const remark = found === null ? null : { path: path, errno, found };
  return { file, stat: stat === null ? null : { root, ...stat }, same, looks, remark };
}

/** What is known of a file when no two looks agreed on it. */
export function unstable(path: ByteString, found: string): FileResult {
  return { ...UNKNOWN, file: { ...NOT_LOOKED_AT, problem: "unstable" }, remark: { path, errno: null, found } };
}

function isSameFinding(a: FileReading, b: FileReading): boolean {
  if (a.problem !== b.problem || a.sizeBytes !== b.sizeBytes) return false;
  if (a.xxh64 === null || b.xxh64 === null) return a.xxh64 === b.xxh64;
  return Buffer.compare(a.xxh64, b.xxh64) === 0;
}
