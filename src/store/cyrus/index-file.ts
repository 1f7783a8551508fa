/**
 * Decoding of `cyrus.index`: its header, and single fields of its records. Where the fields lie is in `index-layout.ts`;
 * the pass over all records is `index-survey.ts`.
 */
import { crc32 } from "node:zlib";
import { CorruptStoreError } from "../../errors.ts";
import type { Counters, IndexHeader } from "../../mail/mailbox.ts";
import type { ExpungedMessage } from "../../mail/message.ts";
import type { ByteString } from "../../mail/name.ts";
import type { FlagSets } from "./flag-sets.ts";
import { INDEX_LAYOUTS, type IndexLayout, indexLayout, PREAMBLE_BYTES } from "./index-layout.ts";

/** A decoded index. Holds on to the bytes: records are read from them. */
export interface IndexFile {
  readonly layout: IndexLayout;
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly recordCount: number;
  readonly header: IndexHeader;
  /** As the header has them. */
  readonly stored: Counters;
  /** CRC-32 of the `cyrus.header` that belongs to this index; null where it is not known. */
  readonly headerFileCrc: number | null;
}

/** Bits of {@link IndexHeader.options}: the mailbox is deleted and waits to be cleaned up. */
export const OPTION_MAILBOX_DELETED = 0x8000_0000;

/** Manifests hold signed 64-bit integers, and no modseq or size comes near. */
const MAX_U63 = 1n << 63n;

/** High half of a record's flag word. @see cyrus-imapd `imap/mailbox.h`, FLAG_INTERNAL_* */
export const RECORD_ARCHIVED = 0x2000_0000;
export const RECORD_EXPUNGED = 0x8000_0000;

/**
 * Decodes an index. Bytes after the last record are leftovers of an unfinished write and are ignored.
 *
 * @param bytes the whole file
 * @param path named in errors only
 * @throws {CorruptStoreError} if the version is unknown, the header's checksum is wrong, or the file ends before its
 *   last record
 */
export function decodeIndex(bytes: Buffer, path: ByteString): IndexFile {
  const view = viewOf(bytes);
  const layout = layoutOf(bytes, view, path);
  if (layout.checksums) checkHeaderCrc(bytes, view, layout, path);
  const recordCount = view.getUint32(20);
  const needed = layout.startOffset + recordCount * layout.recordSize;
  if (needed > bytes.length) {
    throw new CorruptStoreError(path, `${recordCount} records need ${needed} bytes, the file has ${bytes.length}`);
  }
  const fields = headerFields(view, layout, path);
  const headerFileCrc = fields.u32(layout.header.headerFileCrc) || null;
  return {
    layout,
    bytes,
    view,
    recordCount,
    header: headerOf(fields, layout),
    stored: storedCounters(fields, layout, recordCount),
    headerFileCrc,
  };
}

/**
 * What kind of index this is if it is a sound one that this program does not read, else null (which also stands for
 * damage). A version that Cyrus may bring in the future is no damage; a known layout whose version alone is unknown and
 * whose checksum is wrong is.
 */
export function unsupportedIndex(bytes: Buffer): string | null {
  if (bytes.length < PREAMBLE_BYTES) return null;
  const view = viewOf(bytes);
  const version = view.getUint32(8);
  const startOffset = view.getUint32(12);
  const recordSize = view.getUint32(16);
  const known = indexLayout(version);
  if (known?.startOffset === startOffset && known.recordSize === recordSize) return null;
  const plausible =
    view.getUint32(4) === 0 &&
    version > 0 &&
    version < 256 &&
    startOffset > PREAMBLE_BYTES &&
    startOffset <= bytes.length &&
    recordSize >= 4;
  if (!plausible) return null;
  const found = `index version ${version} with headers of ${startOffset} and records of ${recordSize} bytes is not supported`;
  if (view.getUint32(startOffset - 4) === crc32(bytes.subarray(0, startOffset - 4))) return found;
  const sizesOfAnother = INDEX_LAYOUTS.some(
    (layout) => layout.checksums && layout.startOffset === startOffset && layout.recordSize === recordSize,
  );
  return known !== null || sizesOfAnother ? null : found;
}

/** The expunged record at byte `at`. What it holds of the message's content is a copy: the index may be large. */
export function expungedMessage({ layout, bytes, view }: IndexFile, at: number): ExpungedMessage {
  const { uid, modseq, guid, lastUpdated } = layout.record;
  const hasGuid = guid !== null && !isNullGuid({ layout, bytes, view }, at + guid);
  return {
    uid: view.getUint32(at + uid),
    modseq: modseq === null ? null : view.getBigUint64(at + modseq),
    lastUpdated: readTime(view, layout, at + lastUpdated),
    guid: hasGuid ? Uint8Array.from(bytes.subarray(at + guid, at + guid + layout.guidBytes)) : null,
  };
}

/** Byte offset of record `i`. */
export function recordOffset(layout: IndexLayout, i: number): number {
  return layout.startOffset + i * layout.recordSize;
}

/** The flags of the record at byte `at`, whose flag word is `bits`. */
export function flagSetAt(index: IndexFile, at: number, bits: number, flagSets: FlagSets) {
  const { layout, view } = index;
  const user = at + layout.record.userFlags;
  // Before version 12 the bit of \Seen was not in use: who had seen what stood in the seen databases.
  return flagSets.of(
    layout.ownerSeen ? bits : bits & ~0x10,
    view.getUint32(user),
    view.getUint32(user + 4),
    view.getUint32(user + 8),
    view.getUint32(user + 12),
  );
}

/** The time at byte `at`, in whole seconds. */
export function readTime(view: DataView, layout: IndexLayout, at: number): number {
  return layout.wide ? wholeSeconds(view.getUint32(at), view.getUint32(at + 4)) : view.getUint32(at);
}

/** `high * 2^32 + low` nanoseconds as seconds: long division by 10^9 with steps that a double holds exactly. */
function wholeSeconds(high: number, low: number): number {
  const middle = (high % 1e9) * 0x1_0000 + (low >>> 16);
  const last = (middle % 1e9) * 0x1_0000 + (low & 0xffff);
  return Math.floor(high / 1e9) * 0x1_0000_0000 + Math.floor(middle / 1e9) * 0x1_0000 + Math.floor(last / 1e9);
}

function layoutOf(bytes: Buffer, view: DataView, path: ByteString): IndexLayout {
  if (bytes.length < PREAMBLE_BYTES) throw new CorruptStoreError(path, `the file has only ${bytes.length} bytes`);
  const version = view.getUint32(8);
  const layout = indexLayout(version);
  if (layout === null) throw new CorruptStoreError(path, `index version ${version} is unknown`, 8);
  const startOffset = view.getUint32(12);
  const recordSize = view.getUint32(16);
  if (view.getUint32(4) !== 0 || startOffset !== layout.startOffset || recordSize !== layout.recordSize) {
    const sizes = `headers of ${startOffset} and records of ${recordSize} bytes`;
    throw new CorruptStoreError(path, `an index of version ${version} cannot have ${sizes}`, 4);
  }
  if (bytes.length < startOffset) {
    throw new CorruptStoreError(path, `the header needs ${startOffset} bytes, the file has ${bytes.length}`);
  }
  return layout;
}

function checkHeaderCrc(bytes: Buffer, view: DataView, layout: IndexLayout, path: ByteString): void {
  const at = layout.startOffset - 4;
  if (view.getUint32(at) !== crc32(bytes.subarray(0, at))) {
    throw new CorruptStoreError(path, "the header does not match its checksum", at);
  }
}

/** Readers of header fields that give null for a field that the version does not have. */
interface HeaderFields {
  u32(at: number): number;
  u32(at: number | null): number | null;
  u64(at: number | null): bigint | null;
  time(at: number): number;
  time(at: number | null): number | null;
}

function headerFields(view: DataView, layout: IndexLayout, path: ByteString): HeaderFields {
  const u64 = (at: number) => {
    const value = view.getBigUint64(at);
    if (value < MAX_U63) return value;
    throw new CorruptStoreError(path, `the header holds ${value}, more than any counter reaches`, at);
  };
  // The overloads only say that a field that exists has a value.
  return {
    u32: (at: number | null) => (at === null ? null : view.getUint32(at)),
    u64: (at: number | null) => (at === null ? null : u64(at)),
    time: (at: number | null) => (at === null ? null : readTime(view, layout, at)),
  } as HeaderFields;
}

function headerOf(fields: HeaderFields, { minorVersion, header }: IndexLayout): IndexHeader {
  return {
    minorVersion,
    uidValidity: fields.u32(header.uidValidity),
    lastUid: fields.u32(header.lastUid),
    highestModseq: fields.u64(header.highestModseq),
    deletedModseq: fields.u64(header.deletedModseq),
    createdModseq: fields.u64(header.createdModseq),
    options: fields.u32(header.options),
    recentUid: fields.u32(header.recentUid),
    recentTime: fields.time(header.recentTime),
    pop3LastLogin: fields.time(header.pop3LastLogin),
    pop3ShowAfter: fields.time(header.pop3ShowAfter),
    lastAppendDate: fields.time(header.lastAppendDate),
    lastRepackTime: fields.time(header.lastRepackTime),
  };
}

function storedCounters(fields: HeaderFields, { header }: IndexLayout, recordCount: number): Counters {
  // Before version 12 every record of the index was a message, so the number of records was the counter.
  const exists = fields.u32(header.exists) ?? recordCount;
  const basic = fields.u32(header.syncCrcBasic);
  const annot = fields.u32(header.syncCrcAnnot) ?? 0;
  // Both zero: not computed yet. Cyrus computes them when it next needs them. @see mailbox.c, mailbox_synccrcs
  const unknown = basic === 0 && annot === 0 && exists > 0;
  return {
    exists,
    unseen: fields.u32(header.unseen),
    answered: fields.u32(header.answered),
    flagged: fields.u32(header.flagged),
    deleted: fields.u32(header.deleted),
    quotaUsed: fields.u64(header.quotaUsed) ?? 0n,
    syncCrcBasic: unknown ? null : basic,
    // To Cyrus zero is equal to everything.
    syncCrcAnnot: annot || null,
  };
}

/** True where nothing stands for the content. A UUID is null where its first byte is: message_uuid_isnull (2.3). */
export function isNullGuid({ layout, bytes, view }: Pick<IndexFile, "layout" | "bytes" | "view">, start: number) {
  if (layout.guidBytes === 12) return bytes[start] === 0;
  for (let at = start; at < start + 20; at += 4) if (view.getUint32(at) !== 0) return false;
  return true;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
