import { isDigest, namesFile, UUID_BYTES } from "./guid.ts";
import { FILE_PROBLEMS } from "./message.ts";
import { CONTENT_BYTES, CORE_BYTES, EXT_BYTES, type PackedMessages, STAT_BYTES } from "./packed-messages.ts";

/**
 * Which columns of a message row hold a value, as one number: rows of one shape go into one statement. The bits are the
 * presence bytes of the packed groups, side by side.
 */
export type RowShape = number;

/** `uuid`: what stands in `guid` has only 12 bytes. */
const PRESENT = {
  modseq: 0x1,
  guid: 0x2,
  uuid: 0x4,
  savedate: 0x10,
  createdmodseq: 0x20,
  cid: 0x40,
  basecid: 0x80,
  file_size: 0x100,
  md5: 0x200,
  sha1: 0x400,
  xxh64: 0x800,
} as const;

/** True when rows of this shape hold a value in `column`. */
export function holds(shape: RowShape, column: keyof typeof PRESENT): boolean {
  return (shape & PRESENT[column]) !== 0;
}

/** True where a column of such rows is cut out of the packed group `core`; and so on for the others. */
export const usesCore = (shape: RowShape): boolean => holds(shape, "guid");
export const usesExt = (shape: RowShape): boolean => holds(shape, "cid") || holds(shape, "basecid");
export const usesContent = (shape: RowShape): boolean =>
  holds(shape, "md5") || holds(shape, "sha1") || holds(shape, "xxh64");

/** What was wrong with the files of rows of this shape, or null. */
export function problemOf(shape: RowShape): string | null {
  return FILE_PROBLEMS[(shape >> 12) - 1] ?? null;
}

/** Reads single values out of packed messages without making an object for each message. */
export class PackedColumns {
  readonly #packed: PackedMessages;
  readonly #core: DataView;
  readonly #ext: DataView;
  readonly #content: DataView;
  readonly #stat: DataView;

  constructor(packed: PackedMessages) {
    this.#packed = packed;
    this.#core = viewOf(packed.core);
    this.#ext = viewOf(packed.ext);
    this.#content = viewOf(packed.content);
    this.#stat = viewOf(packed.stat);
  }

  shape(row: number): RowShape {
    const core = this.#core.getUint8(row * CORE_BYTES + 4);
    const ext = this.#ext.getUint8(row * EXT_BYTES);
    const content = this.#content.getUint8(row * CONTENT_BYTES + 1);
    return core | (ext << 4) | (content << 8) | (this.#content.getUint8(row * CONTENT_BYTES) << 12);
  }

  uid(row: number): number {
    return this.#core.getUint32(row * CORE_BYTES, true);
  }

  flags(row: number): number {
    return this.#core.getUint32(row * CORE_BYTES + 5, true);
  }

  size(row: number): number | bigint {
    return unsigned(this.#core, row * CORE_BYTES + 9);
  }

  internalDate(row: number): number | bigint {
    return signed(this.#core, row * CORE_BYTES + 17);
  }

  lastUpdated(row: number): number | bigint {
    return signed(this.#core, row * CORE_BYTES + 25);
  }

  modseq(row: number): number | bigint {
    return unsigned(this.#core, row * CORE_BYTES + 33);
  }

  saveDate(row: number): number | bigint {
    return signed(this.#ext, row * EXT_BYTES + 1);
  }

  createdModseq(row: number): number | bigint {
    return unsigned(this.#ext, row * EXT_BYTES + 9);
  }

  fileSize(row: number): number | bigint {
    return unsigned(this.#content, row * CONTENT_BYTES + 2);
  }

  /** True when the file has as many bytes as the index says. */
  isSizeRight(row: number): boolean {
    const at = row * CONTENT_BYTES + 2;
    const expectedAt = row * CORE_BYTES + 9;
    return (
      this.#content.getUint32(at, true) === this.#core.getUint32(expectedAt, true) &&
      this.#content.getUint32(at + 4, true) === this.#core.getUint32(expectedAt + 4, true)
    );
  }

  /** 0: no stat was taken; 1: taken; 3: taken, and the bytes were read. */
  statPresence(row: number): number {
    return this.#stat.getUint8(row * STAT_BYTES);
  }

  statRoot(row: number): number {
    return this.#stat.getUint8(row * STAT_BYTES + 1);
  }

  statSize(row: number): number | bigint {
    return unsigned(this.#stat, row * STAT_BYTES + 10);
  }

  mtimeNs(row: number): bigint {
    return this.#stat.getBigInt64(row * STAT_BYTES + 18, true);
  }

  ctimeNs(row: number): bigint {
    return this.#stat.getBigInt64(row * STAT_BYTES + 26, true);
  }

  readAtMs(row: number): number | bigint {
    return signed(this.#stat, row * STAT_BYTES + 34);
  }

  /** True when the message file is not what its index record says, or could not be read. */
  isFaulty(row: number): boolean {
    const shape = this.shape(row);
    if (problemOf(shape) !== null) return true;
    if (holds(shape, "file_size") && !this.isSizeRight(row)) return true;
    return holds(shape, "guid") && this.#namesFile(row, shape) === false;
  }

  /** True when the message has a GUID that a file can be checked against. */
  hasDigest(row: number): boolean {
    const shape = this.shape(row);
    return holds(shape, "guid") && (!holds(shape, "uuid") || isDigest(this.#guid(row, shape)));
  }

  /** As {@link namesFile}; for a SHA-1, which is what nearly all are, without making an object for each. */
  #namesFile(row: number, shape: RowShape): boolean | null {
    const at = row * CONTENT_BYTES;
    if (holds(shape, "uuid")) {
      const md5 = holds(shape, "md5") ? this.#packed.content.subarray(at + MD5_AT, at + MD5_AT + 16) : null;
      return namesFile(this.#guid(row, shape), { sha1: null, md5 });
    }
    if (!holds(shape, "sha1")) return null;
    const guid = row * CORE_BYTES + GUID_AT;
    const sha1 = at + SHA1_AT;
    for (let i = 0; i < 20; i++) {
      if (this.#packed.core[guid + i] !== this.#packed.content[sha1 + i]) return false;
    }
    return true;
  }

  #guid(row: number, shape: RowShape): Uint8Array {
    const at = row * CORE_BYTES + GUID_AT;
    return this.#packed.core.subarray(at, at + (holds(shape, "uuid") ? UUID_BYTES : 20));
  }
}

/** The size that the record in `row` of the packed group `core` names; exact where a file can have it. */
export function recordSize(core: DataView, row: number): number {
  const at = row * CORE_BYTES + 9;
  return core.getUint32(at, true) + core.getUint32(at + 4, true) * 0x1_0000_0000;
}

/** Where the byte columns begin in a packed row of their group. */
export const GUID_AT = 41;
export const CID_AT = 17;
export const BASECID_AT = 25;
export const MD5_AT = 10;
export const SHA1_AT = 26;
export const XXH64_AT = 46;
export const INODE_AT = 2;

/** High words below it leave a number that JavaScript holds exactly, and that is bound without making a bigint of it. */
const EXACT_HIGH = 1 << 21;

function unsigned(view: DataView, at: number): number | bigint {
  const high = view.getUint32(at + 4, true);
  return high < EXACT_HIGH ? high * 0x1_0000_0000 + view.getUint32(at, true) : view.getBigUint64(at, true);
}

function signed(view: DataView, at: number): number | bigint {
  const high = view.getUint32(at + 4, true);
  return high < EXACT_HIGH ? high * 0x1_0000_0000 + view.getUint32(at, true) : view.getBigInt64(at, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
