/**
 * The "skiplist" back end of cyrusdb. Integers are u32 big-endian; nothing has a checksum.
 *
 *   header   magic 20, version (1), minor version (2), maxlevel (20), curlevel, listsize, logstart, last_recovery
 *   DUMMY 257, INORDER 1, ADD 2
 *            type, keylen, key padded to 4, datalen, data padded to 4, pointers up to the terminator 0xffffffff
 *   DELETE 4 type, offset of the deleted record
 *   COMMIT 255
 *            type
 *
 * The dummy lies at 48, INORDER records follow up to `logstart`, then the log, in which a replacement is a DELETE and an
 * ADD of one transaction. The pointers change in place while others read, but nothing else does: replaying the log needs
 * no pointer and yields the last committed state. `listsize` is not kept up to date.
 *
 * @see cyrus-imapd `lib/cyrusdb_skiplist.c`
 */
import { CorruptStoreError } from "../../../errors.ts";
import { type ByteString, compareNames } from "../../../mail/name.ts";
import { detectDatabaseKind } from "./detect.ts";
import { type DatabaseEntry, TornSnapshotError } from "./entries.ts";

const HEADER_BYTES = 48;
const MAX_LEVEL = 20;
const INORDER = 1;
const ADD = 2;
const DELETE = 4;
const COMMIT = 255;
const DUMMY = 257;
const TERMINATOR = 0xffffffff;

/** A record that begins in the file; null where the file ends before the record does. */
type Record =
  | { readonly type: "entry"; readonly kind: number; readonly entry: DatabaseEntry; readonly end: number }
  | { readonly type: "delete"; readonly target: number; readonly end: number }
  | { readonly type: "commit" | "blank"; readonly end: number };

/**
 * Decodes the last committed state of a skiplist file, in ascending key order.
 *
 * @param path named in errors only
 * @throws {TornSnapshotError} when a record is none, as happens while somebody writes
 * @throws {CorruptStoreError} when this is no skiplist file that the program knows
 */
export function decodeSkiplist(bytes: Buffer, path: ByteString): DatabaseEntry[] {
  const logStart = decodeHeader(bytes, path);
  /** Live records by the offset at which they begin, which is how DELETE names them. */
  const live = new Map<number, DatabaseEntry>();
  const dummy = readRecord(bytes, HEADER_BYTES, path);
  if (dummy?.type !== "entry" || dummy.kind !== DUMMY) throw torn(path, "the first record is no dummy", HEADER_BYTES);
  let at = dummy.end;
  while (at < logStart) {
    const record = readRecord(bytes, at, path);
    if (record?.type !== "entry" || record.kind !== INORDER) throw torn(path, "an ordered record is none", at);
    live.set(at, record.entry);
    at = record.end;
  }
  if (at !== logStart) throw torn(path, "the log begins inside a record", 40);
  replayLog(bytes, logStart, live, path);
  const entries = [...live.values()].sort((a, b) => compareNames(a[0], b[0]));
  for (let i = 1; i < entries.length; i++) {
    if (entries[i]?.[0] === entries[i - 1]?.[0]) throw torn(path, "a key is there twice", null);
  }
  return entries;
}

function decodeHeader(bytes: Buffer, path: ByteString): number {
  if (detectDatabaseKind(bytes) !== "skiplist") throw new CorruptStoreError(path, "this is no skiplist file", 0);
  if (bytes.length < HEADER_BYTES) throw torn(path, "the header is cut off", 0);
  const version = bytes.readUInt32BE(20);
  if (version !== 1) throw new CorruptStoreError(path, `version ${version} is not known`, 20);
  const logStart = bytes.readUInt32BE(40);
  if (logStart > bytes.length) throw torn(path, "the file is shorter than its header says", 40);
  return logStart;
}

function replayLog(bytes: Buffer, logStart: number, live: Map<number, DatabaseEntry>, path: ByteString): void {
  let pending: { readonly at: number; readonly record: Record }[] = [];
  let at = logStart;
  while (at < bytes.length) {
    const record = readRecord(bytes, at, path);
    if (record === null) break;
    if (record.type === "entry" && record.kind !== ADD) throw torn(path, "a record of the log is none", at);
    if (record.type === "commit") {
      for (const step of pending) apply(step.at, step.record, live, path);
      pending = [];
    } else if (record.type !== "blank") {
      pending.push({ at, record });
    }
    at = record.end;
  }
  // A transaction under way, or one that a crash cut, has no COMMIT at its end. With one, the record that seemed to run
  // past the end is damaged, and what follows it would be lost silently.
  if (at < bytes.length && bytes.length % 4 === 0 && bytes.readUInt32BE(bytes.length - 4) === COMMIT) {
    throw torn(path, "a record runs past the end", at);
  }
}

function apply(at: number, record: Record, live: Map<number, DatabaseEntry>, path: ByteString): void {
  if (record.type === "entry") live.set(at, record.entry);
  if (record.type === "delete" && !live.delete(record.target)) {
    throw torn(path, "a delete record names no live record", at);
  }
}

function readRecord(bytes: Buffer, at: number, path: ByteString): Record | null {
  if (at + 4 > bytes.length) return null;
  const type = bytes.readUInt32BE(at);
  if (type === 0) return { type: "blank", end: at + 4 };
  if (type === COMMIT) return { type: "commit", end: at + 4 };
  if (type === DELETE) {
    return at + 8 > bytes.length ? null : { type: "delete", target: bytes.readUInt32BE(at + 4), end: at + 8 };
  }
  if (type !== DUMMY && type !== INORDER && type !== ADD) throw torn(path, "a record of unknown type", at);
  if (at + 8 > bytes.length) return null;
  const keyStart = at + 8;
  const keyEnd = keyStart + bytes.readUInt32BE(at + 4);
  const sizeAt = padded(keyEnd);
  if (sizeAt + 4 > bytes.length) return null;
  const dataStart = sizeAt + 4;
  const dataEnd = dataStart + bytes.readUInt32BE(sizeAt);
  const pointersStart = padded(dataEnd);
  for (let level = 0; level <= MAX_LEVEL; level++) {
    const pointerAt = pointersStart + 4 * level;
    if (pointerAt + 4 > bytes.length) return null;
    if (bytes.readUInt32BE(pointerAt) !== TERMINATOR) continue;
    const entry = [bytes.toString("latin1", keyStart, keyEnd), bytes.toString("latin1", dataStart, dataEnd)] as const;
    return { type: "entry", kind: type, entry, end: pointerAt + 4 };
  }
  throw torn(path, "a record has too many pointers", at);
}

/** Records and their parts begin at multiples of 4, counted from the record, which itself begins at one. */
function padded(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

function torn(path: ByteString, found: string, offset: number | null): TornSnapshotError {
  return new TornSnapshotError(path, found, offset);
}
