/**
 * Annotations: records of `annotations.db` (of the server and of mailboxes) and of a mailbox's `cyrus.annotations`.
 *
 *   key    WHERE NUL entry NUL user NUL     WHERE: empty for the server; the mailbox's name up to 3.4, its uniqueid since
 *                                           3.6; in cyrus.annotations the UID. No user: shared. Since 3.6 the owner of
 *                                           the mailbox goes by the name `[.OwNeR.]`.
 *   value  length value NUL [content type NUL long [modseq flags]]
 *
 * `length` has 32 bits, big-endian, and lies in a C long: 8 bytes (of which it is the first or the last 4) or 4 bytes.
 * modseq (64 bits, big-endian, 0 for mailboxes) and flags (8 bits; 1: deleted) are there since 3.2.
 *
 * @see cyrus-imapd `imap/annotate.c`, make_key, split_key, split_attribs
 */
import { CorruptStoreError } from "../../../errors.ts";
import type { ByteString } from "../../../mail/name.ts";
import type { DatabaseEntry } from "../cyrusdb/entries.ts";
import { checkLength } from "./check-length.ts";

/** One annotation. */
export interface Annotation {
  readonly where: ByteString;
  readonly entry: ByteString;
  /** Empty: shared. May be {@link OWNER}. */
  readonly user: ByteString;
  readonly value: ByteString;
  readonly modseq: bigint | null;
}

/** Stands for the owner of a mailbox. */
export const OWNER = "[.OwNeR.]";

const DELETED = 1;

/**
 * Decodes one record.
 *
 * @param path named in errors only
 * @returns null for one that says that there is no such annotation
 * @throws {CorruptStoreError} when key or value are none of an annotation
 */
export function decodeAnnotation([key, value]: DatabaseEntry, path: ByteString): Annotation | null {
  const [where, entry, user = "", end] = key.split("\0");
  if (where === undefined || entry === undefined || !entry.startsWith("/") || (end ?? "") !== "") {
    throw new CorruptStoreError(path, "the key of a record is none of an annotation");
  }
  checkLength(key, path);
  const bytes = Buffer.from(value, "latin1");
  for (const [width, at] of LONGS) {
    const decoded = decodeValue(bytes, width, at);
    if (decoded === null) continue;
    // Without a value it was taken away before there were flags for that.
    if (decoded.deleted || decoded.value === "") return null;
    return { where, entry, user, value: decoded.value, modseq: decoded.modseq };
  }
  throw new CorruptStoreError(path, `the value of ${JSON.stringify(entry.slice(0, 100))} is none of an annotation`);
}

/** Size of a long, and where in it the length lies: on little-endian and big-endian hosts of 64 bits, and of 32. */
const LONGS: readonly (readonly [width: number, at: number])[] = [
  [8, 0],
  [8, 4],
  [4, 0],
];

function decodeValue(bytes: Buffer, width: number, at: number) {
  if (bytes.length < width) return null;
  if (width === 8 && bytes.readUInt32BE(4 - at) !== 0) return null;
  const end = width + bytes.readUInt32BE(at);
  if (bytes[end] !== 0) return null;
  const value = bytes.toString("latin1", width, end);
  if (end + 1 === bytes.length) return { value, modseq: null, deleted: false };
  const typeEnd = bytes.indexOf(0, end + 1);
  const rest = typeEnd < 0 ? -1 : bytes.length - (typeEnd + 1 + width);
  if (rest !== 0 && rest !== 8 && rest !== 9) return null;
  const modseq = rest === 0 ? 0n : bytes.readBigUInt64BE(bytes.length - rest);
  return { value, modseq: modseq === 0n ? null : modseq, deleted: rest === 9 && ((bytes.at(-1) ?? 0) & DELETED) !== 0 };
}
