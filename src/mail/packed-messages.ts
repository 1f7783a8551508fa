/**
 * The messages of a mailbox as flat bytes, so that they cross threads by transfer and are digested by the block.
 *
 * Four groups of fixed-size rows, one row a message in ascending UID order, integers little-endian but for the inode,
 * which is an opaque eight bytes in the manifest:
 *
 *   core     uid u32, presence u8 (1 modseq, 2 guid, 4 it has only 12 bytes), flags u32 (number of a text in
 *            `flagTexts`), size u64, internaldate i64, last_updated i64, modseq u64, guid 20
 *   ext      presence u8 (1 savedate, 2 createdmodseq, 4 cid, 8 basecid), savedate i64, createdmodseq u64, cid 8,
 *            basecid 8
 *   content  problem u8 (0 none, else 1 + position in FILE_PROBLEMS), presence u8 (1 size, 2 md5, 4 sha1, 8 xxh64),
 *            size u64, md5 16, sha1 20, xxh64 8
 *   stat     presence u8 (1 stat, 2 read), root u8 (0 spool, 1 archive), inode u64 (big-endian), size u64, mtime_ns i64,
 *            ctime_ns i64, read_at_ms i64
 *
 * Absent values are zero bytes. `flagTexts` is in order of first use, so equal messages give equal bytes.
 */
import { UUID_BYTES } from "./guid.ts";
import { FILE_PROBLEMS, type FileReading, type Message } from "./message.ts";

/** What the index alone says of messages. */
export interface PackedRecords {
  readonly count: number;
  readonly core: Uint8Array;
  readonly ext: Uint8Array;
  readonly flagTexts: readonly string[];
}

export interface PackedMessages extends PackedRecords {
  readonly content: Uint8Array;
  readonly stat: Uint8Array;
}

/** Where a file was and what fstat said of it: host-local, what `--base` lives on. */
export interface FileStat {
  /** 0: the partition's spool directory; 1: its archive. */
  readonly root: 0 | 1;
  readonly inode: bigint;
  readonly sizeBytes: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** When its bytes were last read, in milliseconds since 1970; null where only its stat was taken. */
  readonly readAtMs: number | null;
}

export const CORE_BYTES = 61;
export const EXT_BYTES = 33;
export const CONTENT_BYTES = 54;
export const STAT_BYTES = 42;

/** No messages at all. */
export function noMessages(): PackedMessages {
  return new MessagePacker(0).finish();
}

/**
 * Adds to records what is known of the files.
 *
 * @param fileOf what is known of the file of the record in a row; absent: no file was looked at
 */
export function withFiles(
  { count, core, ext, flagTexts }: PackedRecords,
  fileOf?: (row: number) => { readonly file: FileReading; readonly stat: FileStat | null },
): PackedMessages {
  const content = rowsOf(new Uint8Array(count * CONTENT_BYTES));
  const stat = rowsOf(new Uint8Array(count * STAT_BYTES));
  for (let row = 0; fileOf !== undefined && row < count; row++) {
    const known = fileOf(row);
    putContent(content.bytes, content.view, row, known.file);
    if (known.stat !== null) putStat(stat.view, row, known.stat);
  }
  return { count, core, ext, flagTexts, content: content.bytes, stat: stat.bytes };
}

/** The UID of the record in `row`. */
export function uidOf({ core }: PackedRecords, row: number): number {
  return viewOf(core).getUint32(row * CORE_BYTES, true);
}

/** The UIDs of all records. */
export function uidsOf({ count, core }: PackedRecords): Uint32Array<ArrayBuffer> {
  const view = viewOf(core);
  const uids = new Uint32Array(count);
  for (let row = 0; row < count; row++) uids[row] = view.getUint32(row * CORE_BYTES, true);
  return uids;
}

/** What the record in `row` says of its file. The GUID is a view into `records`. */
export function fileFacts({ core }: PackedRecords, row: number): Pick<Message, "uid" | "sizeBytes" | "guid"> {
  const view = viewOf(core);
  const at = row * CORE_BYTES;
  return { uid: view.getUint32(at, true), sizeBytes: view.getBigUint64(at + 9, true), guid: guidAt(core, at) };
}

/** Builds a {@link PackedMessages}, one message at a time in ascending UID order. */
export class MessagePacker {
  #capacity: number;
  #count = 0;
  #core: Rows;
  #ext: Rows;
  #content: Rows;
  #stat: Rows;
  readonly #flagNumbers = new Map<string, number>();

  /** @param expected how many messages there will be; more are taken too, at the price of a copy */
  constructor(expected: number) {
    this.#capacity = expected;
    this.#core = rowsOf(new Uint8Array(expected * CORE_BYTES));
    this.#ext = rowsOf(new Uint8Array(expected * EXT_BYTES));
    this.#content = rowsOf(new Uint8Array(expected * CONTENT_BYTES));
    this.#stat = rowsOf(new Uint8Array(expected * STAT_BYTES));
  }

  /** @throws RangeError when `message.uid` is not above the one before */
  add(message: Message, stat: FileStat | null): void {
    if (this.#count === this.#capacity) this.#grow();
    const row = this.#count;
    if (row > 0 && this.#core.view.getUint32((row - 1) * CORE_BYTES, true) >= message.uid) {
      throw new RangeError(`uid ${message.uid} does not come in ascending order`);
    }
    this.#putCore(row * CORE_BYTES, message);
    this.#putExt(row * EXT_BYTES, message);
    putContent(this.#content.bytes, this.#content.view, row, message.file);
    if (stat !== null) putStat(this.#stat.view, row, stat);
    this.#count++;
  }

  finish(): PackedMessages {
    return {
      count: this.#count,
      core: this.#core.bytes.subarray(0, this.#count * CORE_BYTES),
      ext: this.#ext.bytes.subarray(0, this.#count * EXT_BYTES),
      content: this.#content.bytes.subarray(0, this.#count * CONTENT_BYTES),
      stat: this.#stat.bytes.subarray(0, this.#count * STAT_BYTES),
      flagTexts: [...this.#flagNumbers.keys()],
    };
  }

  #putCore(at: number, message: Message): void {
    const { bytes, view } = this.#core;
    view.setUint32(at, message.uid, true);
    bytes[at + 4] = (message.modseq === null ? 0 : 1) | guidPresence(message.guid);
    view.setUint32(at + 5, this.#flagNumber(message.flags), true);
    view.setBigUint64(at + 9, message.sizeBytes, true);
    view.setBigInt64(at + 17, BigInt(message.internalDate), true);
    view.setBigInt64(at + 25, BigInt(message.lastUpdated), true);
    if (message.modseq !== null) view.setBigUint64(at + 33, message.modseq, true);
    if (message.guid !== null) bytes.set(message.guid, at + 41);
  }

  #putExt(at: number, message: Message): void {
    const { bytes, view } = this.#ext;
    bytes[at] =
      (message.saveDate === null ? 0 : 1) |
      (message.createdModseq === null ? 0 : 2) |
      (message.cid === null ? 0 : 4) |
      (message.baseCid === null ? 0 : 8);
    if (message.saveDate !== null) view.setBigInt64(at + 1, BigInt(message.saveDate), true);
    if (message.createdModseq !== null) view.setBigUint64(at + 9, message.createdModseq, true);
    if (message.cid !== null) bytes.set(message.cid, at + 17);
    if (message.baseCid !== null) bytes.set(message.baseCid, at + 25);
  }

  #flagNumber(text: string): number {
    const known = this.#flagNumbers.get(text);
    if (known !== undefined) return known;
    const number = this.#flagNumbers.size;
    this.#flagNumbers.set(text, number);
    return number;
  }

  #grow(): void {
    this.#capacity = Math.max(16, this.#capacity * 2);
    const grown = (old: Rows, rowBytes: number) => {
      const bigger = new Uint8Array(this.#capacity * rowBytes);
      bigger.set(old.bytes);
      return rowsOf(bigger);
    };
    this.#core = grown(this.#core, CORE_BYTES);
    this.#ext = grown(this.#ext, EXT_BYTES);
    this.#content = grown(this.#content, CONTENT_BYTES);
    this.#stat = grown(this.#stat, STAT_BYTES);
  }
}

/** Reads message `row` back. The digests are views into `packed`. */
export function unpackMessage(packed: PackedMessages, row: number): Message {
  return { ...unpackRecord(packed, row), file: unpackContent(packed.content, row) };
}

/** What the index says of message `row`. The digests are views into `packed`. */
export function unpackRecord(packed: PackedRecords, row: number): Omit<Message, "file"> {
  const core = viewOf(packed.core);
  const ext = viewOf(packed.ext);
  const c = row * CORE_BYTES;
  const e = row * EXT_BYTES;
  const has = core.getUint8(c + 4);
  const extHas = ext.getUint8(e);
  return {
    uid: core.getUint32(c, true),
    sizeBytes: core.getBigUint64(c + 9, true),
    internalDate: Number(core.getBigInt64(c + 17, true)),
    lastUpdated: Number(core.getBigInt64(c + 25, true)),
    modseq: has & 1 ? core.getBigUint64(c + 33, true) : null,
    guid: guidAt(packed.core, c),
    flags: packed.flagTexts[core.getUint32(c + 5, true)] ?? "",
    saveDate: extHas & 1 ? Number(ext.getBigInt64(e + 1, true)) : null,
    createdModseq: extHas & 2 ? ext.getBigUint64(e + 9, true) : null,
    cid: extHas & 4 ? packed.ext.subarray(e + 17, e + 25) : null,
    baseCid: extHas & 8 ? packed.ext.subarray(e + 25, e + 33) : null,
  };
}

/** Reads the stat of message `row` back, or null where none was taken. */
export function unpackStat({ stat }: Pick<PackedMessages, "stat">, row: number): FileStat | null {
  const view = viewOf(stat);
  const at = row * STAT_BYTES;
  const has = view.getUint8(at);
  if ((has & 1) === 0) return null;
  return {
    root: view.getUint8(at + 1) === 1 ? 1 : 0,
    inode: view.getBigUint64(at + 2),
    sizeBytes: view.getBigUint64(at + 10, true),
    mtimeNs: view.getBigInt64(at + 18, true),
    ctimeNs: view.getBigInt64(at + 26, true),
    readAtMs: has & 2 ? Number(view.getBigInt64(at + 34, true)) : null,
  };
}

/** The buffers to hand over when `packed` is posted to another thread. */
export function transferListOf(packed: PackedMessages): ArrayBuffer[] {
  const buffers = [packed.core, packed.ext, packed.content, packed.stat].map((bytes) => bytes.buffer);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** The bits of the presence byte that speak of a GUID. */
function guidPresence(guid: Uint8Array | null): number {
  if (guid === null) return 0;
  return guid.length === UUID_BYTES ? 6 : 2;
}

function guidAt(core: Uint8Array, at: number): Uint8Array | null {
  const has = core[at + 4] ?? 0;
  return has & 2 ? core.subarray(at + 41, at + 41 + (has & 4 ? UUID_BYTES : 20)) : null;
}

/** Reads what is known of a file back from a row of the group `content`. The digests are views into `bytes`. */
export function unpackContent(bytes: Uint8Array, row: number): FileReading {
  const view = viewOf(bytes);
  const at = row * CONTENT_BYTES;
  const has = view.getUint8(at + 1);
  return {
    problem: FILE_PROBLEMS[view.getUint8(at) - 1] ?? null,
    sizeBytes: has & 1 ? view.getBigUint64(at + 2, true) : null,
    md5: has & 2 ? bytes.subarray(at + 10, at + 26) : null,
    sha1: has & 4 ? bytes.subarray(at + 26, at + 46) : null,
    xxh64: has & 8 ? bytes.subarray(at + 46, at + 54) : null,
  };
}

/** Writes a row, all zeros so far, of the group `content`, which `view` is of too. */
export function putContent(bytes: Uint8Array, view: DataView, row: number, file: FileReading): void {
  const at = row * CONTENT_BYTES;
  bytes[at] = file.problem === null ? 0 : 1 + FILE_PROBLEMS.indexOf(file.problem);
  bytes[at + 1] =
    (file.sizeBytes === null ? 0 : 1) |
    (file.md5 === null ? 0 : 2) |
    (file.sha1 === null ? 0 : 4) |
    (file.xxh64 === null ? 0 : 8);
  if (file.sizeBytes !== null) view.setBigUint64(at + 2, file.sizeBytes, true);
  if (file.md5 !== null) bytes.set(file.md5, at + 10);
  if (file.sha1 !== null) bytes.set(file.sha1, at + 26);
  if (file.xxh64 !== null) bytes.set(file.xxh64, at + 46);
}

/** Writes a row, all zeros so far, of the group `stat`. */
export function putStat(view: DataView, row: number, stat: FileStat): void {
  const at = row * STAT_BYTES;
  view.setUint8(at, 1 | (stat.readAtMs === null ? 0 : 2));
  view.setUint8(at + 1, stat.root);
  view.setBigUint64(at + 2, stat.inode);
  view.setBigUint64(at + 10, stat.sizeBytes, true);
  view.setBigInt64(at + 18, stat.mtimeNs, true);
  view.setBigInt64(at + 26, stat.ctimeNs, true);
  if (stat.readAtMs !== null) view.setBigInt64(at + 34, BigInt(stat.readAtMs), true);
}

/** A group under construction. Its view writes 64-bit integers several times as fast as a Buffer's methods. */
interface Rows {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function rowsOf(bytes: Uint8Array): Rows {
  return { bytes, view: viewOf(bytes) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
