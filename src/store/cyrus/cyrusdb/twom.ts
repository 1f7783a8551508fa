/**
 * The "twom" back end of cyrusdb (3.13 and later). Integers are little-endian.
 *
 *   header   magic 16, uuid 16, version u32 (1), flags u32, generation u64, num_records u64, num_commits u64,
 *            dirty_size u64, repack_size u64, current_size u64, maxlevel u32, checksum of the 92 bytes before it
 *   record   type u8, level u8, then by type
 *     1 DUMMY                        6 unused
 *     2 ADD      4 REPLACE           keylen u16, vallen u32
 *     3 FATADD   5 FATREPLACE        6 unused, keylen u64, vallen u64
 *     6 DELETE   7 COMMIT            6 unused
 *            [ancestor u64: REPLACE and DELETE the record that they supersede; COMMIT where its transaction begins]
 *            [(level + 1) pointers u64: not of DELETE and COMMIT]
 *            checksum of the bytes so far, checksum of the rest, [key, NUL, value, NUL, zeros up to 8 bytes]
 *
 * Checksums are the low half of XXH3, or 0 where the flags say that there are none. Records begin at multiples of 8, the
 * dummy at 96. A writer appends, changes pointers (with their checksum) in place, and at last the header. So replaying
 * the file up to `current_size` needs no pointer and yields the last committed state, also of a file in the middle of a
 * transaction, or that a crash left there; what lies behind is not committed, and mostly is zeros.
 *
 * @see brong/twom `twom.c`, of which cyrus-imapd `lib/twom.c` is a copy; `lib/cyrusdb_twom.c`
 */
import { CorruptStoreError } from "../../../errors.ts";
import { type ByteString, compareNames } from "../../../mail/name.ts";
import { detectDatabaseKind } from "./detect.ts";
import { type DatabaseEntry, TornSnapshotError } from "./entries.ts";
import { xxh3 } from "./xxh3.ts";

export const TWOM_HEADER_BYTES = 96;

const DUMMY = 1;
const DELETE = 6;
const COMMIT = 7;
const MAX_LEVEL = 31;
/** The smallest record: 8 bytes of fixed fields, an ancestor, 2 checksums. */
const MIN_RECORD_BYTES = 24;

const FLAG_DIRTY = 1 << 0;
const FLAG_NO_CHECKSUM = 1 << 27;
const FLAG_XXH3 = 1 << 28;
const KNOWN_FLAGS = FLAG_DIRTY | FLAG_NO_CHECKSUM | FLAG_XXH3;

/** What differs between the types of record that hold a key. */
const KEYED: Readonly<Record<number, { readonly fat: boolean; readonly replaces: boolean }>> = {
  2: { fat: false, replaces: false },
  3: { fat: true, replaces: false },
  4: { fat: false, replaces: true },
  5: { fat: true, replaces: true },
};

/** A checked record. */
type TwomRecord =
  | { readonly type: "mark"; readonly kind: number; readonly ancestor: number; readonly end: number }
  | { readonly type: "dummy"; readonly end: number }
  | { readonly type: "entry"; readonly entry: DatabaseEntry; readonly ancestor: number | null; readonly end: number };

/**
 * Decodes the last committed state of a twom file, in ascending key order.
 *
 * @param bytes the file, its first {@link TWOM_HEADER_BYTES} read before all others
 * @param path named in errors only
 * @throws {TornSnapshotError} when no committed state can be found, as happens while somebody writes
 * @throws {CorruptStoreError} when this is no twom file that the program knows
 */
export function decodeTwom(bytes: Buffer, path: ByteString): DatabaseEntry[] {
  const file = new TwomFile(bytes, path);
  const live = file.replay();
  const entries = [...live.values()].sort((a, b) => compareNames(a[0], b[0]));
  file.checkCount(entries.length);
  return entries;
}

class TwomFile {
  readonly #bytes: Buffer;
  readonly #path: ByteString;
  readonly #flags: number;
  /** `current_size`: where the committed part ends. */
  readonly #end: number;

  constructor(bytes: Buffer, path: ByteString) {
    this.#bytes = bytes;
    this.#path = path;
    if (detectDatabaseKind(bytes) !== "twom") throw new CorruptStoreError(path, "this is no twom file", 0);
    if (bytes.length < TWOM_HEADER_BYTES) throw this.#torn("the header is cut off", 0);
    this.#flags = bytes.readUInt32LE(36);
    const version = bytes.readUInt32LE(32);
    if (version !== 1) throw new CorruptStoreError(path, `version ${version} is not known`, 32);
    if ((this.#flags & ~KNOWN_FLAGS) !== 0) {
      // A checksum or an order of keys that only the program has which made the file: Cyrus has none.
      throw new CorruptStoreError(path, `flags ${this.#flags >>> 0} are not known`, 36);
    }
    if (!this.#matches(0, TWOM_HEADER_BYTES - 4, TWOM_HEADER_BYTES - 4)) {
      throw this.#torn("the header fails its checksum", 0);
    }
    const end = bytes.readBigUInt64LE(80);
    if (end > BigInt(bytes.length)) throw this.#torn("the file is shorter than its header says", 80);
    this.#end = Number(end);
  }

  /** The live records by the offset of the record that holds them. */
  replay(): Map<number, DatabaseEntry> {
    const live = new Map<number, DatabaseEntry>();
    /** Of each key the offset of the newest record, live or DELETE: what the next one of that key names. */
    const newest = new Map<ByteString, number>();
    const dummy = this.#record(TWOM_HEADER_BYTES);
    if (dummy.type !== "dummy") throw this.#torn("the first record is no dummy", TWOM_HEADER_BYTES);
    let transaction = dummy.end;
    for (let at = dummy.end; at < this.#end; ) {
      const record = this.#record(at);
      if (record.type === "dummy") throw this.#torn("a second dummy", at);
      if (record.type === "mark" && record.kind === COMMIT) {
        if (record.ancestor !== transaction) throw this.#torn("a commit is of another transaction", at);
        transaction = record.end;
      } else {
        this.#apply(record, at, live, newest);
      }
      at = record.end;
    }
    if (transaction !== this.#end) throw this.#torn("the committed part does not end with a commit", this.#end);
    return live;
  }

  checkCount(found: number): void {
    const counted = this.#bytes.readBigUInt64LE(48);
    if ((this.#flags & FLAG_DIRTY) !== 0 || counted === BigInt(found)) return;
    throw this.#torn(`${found} records were found where the header counts ${counted}`, 48);
  }

  #apply(
    record: Exclude<TwomRecord, { type: "dummy" }>,
    at: number,
    live: Map<number, DatabaseEntry>,
    newest: Map<ByteString, number>,
  ): void {
    if (record.type === "mark") {
      const deleted = live.get(record.ancestor);
      if (deleted === undefined) throw this.#torn("a delete record names no live record", at);
      live.delete(record.ancestor);
      newest.set(deleted[0], at);
      return;
    }
    const [key] = record.entry;
    const before = newest.get(key) ?? null;
    if (before !== record.ancestor) throw this.#torn("a record does not follow the one before it of its key", at);
    if (before !== null) live.delete(before);
    live.set(at, record.entry);
    newest.set(key, at);
  }

  #record(at: number): TwomRecord {
    if (at + MIN_RECORD_BYTES > this.#end) throw this.#torn("a record is cut off", at);
    const type = this.#bytes.readUInt8(at);
    if (type === DELETE || type === COMMIT) {
      this.#checkHead(at, at + 16);
      return { type: "mark", kind: type, ancestor: this.#offset(at + 8), end: at + MIN_RECORD_BYTES };
    }
    const level = this.#bytes.readUInt8(at + 1);
    if (level > MAX_LEVEL) throw this.#torn("a record has too many pointers", at);
    if (type === DUMMY) {
      const headEnd = at + 8 + 8 * (level + 1);
      this.#checkHead(at, headEnd);
      return { type: "dummy", end: headEnd + 8 };
    }
    const form = KEYED[type];
    if (form === undefined) throw this.#torn("a record of unknown type", at);
    const ancestorAt = at + (form.fat ? 24 : 8);
    const headEnd = ancestorAt + (form.replaces ? 8 : 0) + 8 * (level + 1);
    this.#checkHead(at, headEnd);
    const [keyLength, valueLength] = this.#lengths(at, form.fat);
    const keyEnd = headEnd + 8 + keyLength;
    const valueEnd = keyEnd + 1 + valueLength;
    const end = headEnd + 8 + padded(keyLength + valueLength + 2);
    if (!(end <= this.#end)) throw this.#torn("a record is longer than the file", at);
    if (!this.#matches(headEnd + 8, end, headEnd + 4)) {
      throw this.#torn("the key or value of a record fails its checksum", at);
    }
    if (this.#bytes[keyEnd] !== 0 || this.#bytes[valueEnd] !== 0) throw this.#torn("a key or value has no end", at);
    const text = (from: number, to: number) => this.#bytes.toString("latin1", from, to);
    const entry = [text(headEnd + 8, keyEnd), text(keyEnd + 1, valueEnd)] as const;
    return { type: "entry", entry, ancestor: form.replaces ? this.#offset(ancestorAt) : null, end };
  }

  #checkHead(at: number, headEnd: number): void {
    if (headEnd + 8 > this.#end) throw this.#torn("a record is longer than the file", at);
    if (!this.#matches(at, headEnd, headEnd)) throw this.#torn("the head of a record fails its checksum", at);
  }

  #lengths(at: number, fat: boolean): readonly [number, number] {
    return fat
      ? [this.#offset(at + 8), this.#offset(at + 16)]
      : [this.#bytes.readUInt16LE(at + 2), this.#bytes.readUInt32LE(at + 4)];
  }

  /** A 64-bit offset or length; one that does not fit a number leads nowhere, and becomes one that does so too. */
  #offset(at: number): number {
    const value = this.#bytes.readBigUInt64LE(at);
    return value > BigInt(this.#bytes.length) ? this.#bytes.length + 1 : Number(value);
  }

  #matches(from: number, to: number, checksumAt: number): boolean {
    const stored = this.#bytes.readUInt32LE(checksumAt);
    // As twom itself: of two flags the one for none counts, and none of them means XXH3.
    const expected = (this.#flags & FLAG_NO_CHECKSUM) === 0 ? xxh3(this.#bytes.subarray(from, to)) : 0n;
    return BigInt(stored) === (expected & 0xffff_ffffn);
  }

  #torn(found: string, offset: number): TornSnapshotError {
    return new TornSnapshotError(this.#path, found, offset);
  }
}

/** Records begin at multiples of 8. */
function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
