/**
 * The "twoskip" back end of cyrusdb. Integers are big-endian.
 *
 *   header   magic 20, version u32 (1), generation u64, num_records u64, repack_size u64, current_size u64,
 *            flags u32 (1: dirty), CRC-32 of the 60 bytes before it
 *   record   type u8 (`=` dummy, `+` record, `-` delete, `$` commit), level u8, keylen u16, vallen u32,
 *            [keylen u64 if 0xffff], [vallen u64 if 0xffffffff], (level + 1) pointers u64,
 *            CRC-32 of the bytes so far, CRC-32 of key, value and padding, key, value, zeros up to 8 bytes
 *
 * Records begin at multiples of 8, the dummy at 64. Pointers 0 and 1 are alternatives for the lowest list, of which a
 * writer overwrites the older one: the larger that lies below `current_size` is the committed one. So one walk from the
 * dummy yields the last committed state, also of a file in the middle of a transaction, or that a crash left there. (A
 * linear replay would not do: a delete record names the record after the deleted one.)
 *
 * A transaction that is aborted leaves 0 where it had put a pointer, and 0 is also the end of a list. Where the other
 * pointer lies behind the committed part, 0 is the end only if nothing has been committed since the header was read.
 *
 * @see cyrus-imapd `lib/cyrusdb_twoskip.c`
 */
import { crc32 } from "node:zlib";
import { CorruptStoreError } from "../../../errors.ts";
import { type ByteString, compareNames } from "../../../mail/name.ts";
import { detectDatabaseKind } from "./detect.ts";
import { compareMailboxNames, type DatabaseEntry, TornSnapshotError } from "./entries.ts";

export const TWOSKIP_HEADER_BYTES = 64;

const DUMMY_OFFSET = 64;
const MAX_LEVEL = 31;
/** Nothing smaller than this is a record: 8 bytes of fixed fields, 2 pointers, 2 CRCs (a delete: 1 pointer). */
const MIN_RECORD_BYTES = 24;

interface Record {
  readonly type: number;
  readonly pointers: readonly number[];
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/**
 * Decodes the last committed state of a twoskip file, in ascending key order.
 *
 * @param bytes the file, its first {@link TWOSKIP_HEADER_BYTES} read before all others
 * @param path named in errors only
 * @param settled false where the header was another one when the last byte had been read
 * @throws {TornSnapshotError} when no committed state can be found, as happens while somebody writes
 * @throws {CorruptStoreError} when this is no twoskip file that the program knows
 */
export function decodeTwoskip(bytes: Buffer, path: ByteString, settled = true): DatabaseEntry[] {
  return new TwoskipReader(bytes, path, settled).entries();
}

class TwoskipReader {
  readonly #bytes: Buffer;
  readonly #path: ByteString;
  readonly #settled: boolean;
  /** `current_size`: where the committed part ends. */
  readonly #end: number;
  readonly #dirty: boolean;
  readonly #recordCount: bigint;

  constructor(bytes: Buffer, path: ByteString, settled: boolean) {
    this.#bytes = bytes;
    this.#path = path;
    this.#settled = settled;
    if (detectDatabaseKind(bytes) !== "twoskip") throw new CorruptStoreError(path, "this is no twoskip file", 0);
    if (bytes.length < TWOSKIP_HEADER_BYTES) throw this.#torn("the header is cut off", 0);
    const version = bytes.readUInt32BE(20);
    if (bytes.readUInt32BE(60) !== crc32(bytes.subarray(0, 60))) throw this.#torn("the header fails its checksum", 0);
    if (version !== 1) throw new CorruptStoreError(path, `version ${version} is not known`, 20);
    this.#recordCount = bytes.readBigUInt64BE(32);
    const end = bytes.readBigUInt64BE(48);
    if (end > BigInt(bytes.length)) throw this.#torn("the file is shorter than its header says", 48);
    this.#end = Number(end);
    this.#dirty = (bytes.readUInt32BE(56) & 1) !== 0;
  }

  entries(): DatabaseEntry[] {
    const dummy = this.#record(DUMMY_OFFSET);
    if (dummy.type !== 0x3d) throw this.#torn("the first record is no dummy", DUMMY_OFFSET);
    const entries: DatabaseEntry[] = [];
    // Damaged pointers may form a loop, or lead into records. Those of a sound file together are no longer than the file.
    let bytesLeft = this.#end;
    let at = this.#next(dummy, DUMMY_OFFSET);
    while (at !== 0) {
      const record = this.#record(at);
      bytesLeft -= record.valueEnd - at;
      if (bytesLeft < 0) throw this.#torn("the pointers form a loop", at);
      if (record.type === 0x2d) {
        at = this.#inside(record.pointers[0] ?? 0, at);
      } else if (record.type === 0x2b) {
        entries.push(this.#entry(record));
        at = this.#next(record, at);
      } else {
        throw this.#torn("a pointer leads to something other than a record", at);
      }
    }
    if (!this.#dirty && BigInt(entries.length) !== this.#recordCount) {
      throw this.#torn(`${entries.length} records were found where the header counts ${this.#recordCount}`, 32);
    }
    this.#checkOrder(entries);
    return entries;
  }

  #record(at: number): Record {
    const bytes = this.#bytes;
    if (at % 8 !== 0 || at < DUMMY_OFFSET || at + MIN_RECORD_BYTES > this.#end) {
      throw this.#torn("a pointer leads to where no record can be", at);
    }
    const type = bytes.readUInt8(at);
    const level = bytes.readUInt8(at + 1);
    let keyLength = bytes.readUInt16BE(at + 2);
    let valueLength = bytes.readUInt32BE(at + 4);
    let head = at + 8;
    // `head` runs at most 24 bytes past `at`, and the file is at least as long as MIN_RECORD_BYTES says.
    if (keyLength === 0xffff) {
      keyLength = readOffset(bytes, head);
      head += 8;
    }
    if (valueLength === 0xffffffff) {
      valueLength = readOffset(bytes, head);
      head += 8;
    }
    const headEnd = head + 8 * (level + 1);
    const keyStart = headEnd + 8;
    if (level > MAX_LEVEL || keyStart > this.#end) throw this.#torn("a record has too many pointers", at);
    if (bytes.readUInt32BE(headEnd) !== crc32(bytes.subarray(at, headEnd))) {
      throw this.#torn("the head of a record fails its checksum", at);
    }
    if (keyStart + keyLength + valueLength > this.#end) throw this.#torn("a record is longer than the file", at);
    const valueStart = keyStart + keyLength;
    const valueEnd = valueStart + valueLength;
    this.#checkTail(at, headEnd, keyStart, valueEnd);
    return { type, pointers: this.#pointers(head, level + 1), keyStart, valueStart, valueEnd };
  }

  #checkTail(at: number, headEnd: number, keyStart: number, valueEnd: number): void {
    const tailEnd = keyStart + Math.ceil((valueEnd - keyStart) / 8) * 8;
    if (tailEnd > this.#end) throw this.#torn("a record is longer than the file", at);
    if (tailEnd === keyStart) return; // dummy, delete and commit records: nothing to check
    if (this.#bytes.readUInt32BE(headEnd + 4) !== crc32(this.#bytes.subarray(keyStart, tailEnd))) {
      throw this.#torn("the key or value of a record fails its checksum", at);
    }
  }

  #pointers(from: number, count: number): number[] {
    const pointers: number[] = [];
    for (let i = 0; i < count; i++) pointers.push(readOffset(this.#bytes, from + 8 * i));
    return pointers;
  }

  #next(record: Record, at: number): number {
    const first = record.pointers[0] ?? 0;
    const second = record.pointers[1] ?? 0;
    if (first < this.#end && second < this.#end) return Math.max(first, second);
    const committed = this.#inside(Math.min(first, second), at);
    if (committed === 0 && !this.#settled) throw this.#torn("the record's pointers are of later states", at);
    return committed;
  }

  #inside(pointer: number, at: number): number {
    if (pointer >= this.#end) throw this.#torn("the record's pointers lead behind the committed part", at);
    return pointer;
  }

  #entry(record: Record): DatabaseEntry {
    return [
      this.#bytes.toString("latin1", record.keyStart, record.valueStart),
      this.#bytes.toString("latin1", record.valueStart, record.valueEnd),
    ];
  }

  /** Keys must ascend, by bytes or as mailbox names; if they do by neither, the walk met two states of the file. */
  #checkOrder(entries: DatabaseEntry[]): void {
    if (ascends(entries, compareNames)) return;
    if (!ascends(entries, compareMailboxNames)) throw this.#torn("the keys do not ascend", DUMMY_OFFSET);
    entries.sort((a, b) => compareNames(a[0], b[0]));
  }

  #torn(found: string, offset: number): TornSnapshotError {
    return new TornSnapshotError(this.#path, found, offset);
  }
}

/** An offset or a length. What a number does not hold exactly is more than any file has, and stays so. */
function readOffset(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

function ascends(entries: readonly DatabaseEntry[], compare: (a: ByteString, b: ByteString) => number): boolean {
  let previous: ByteString | null = null;
  for (const [key] of entries) {
    if (previous !== null && compare(previous, key) >= 0) return false;
    previous = key;
  }
  return true;
}
