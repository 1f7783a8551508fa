/*
 * Writes a twoskip database, the usual form of `mailboxes.db`, as Cyrus leaves it after a repack: a header of 64
 * bytes, a dummy record, the records in key order, one commit. Integers are big-endian, records 8-aligned:
 *
 *   type u8 · level u8 · key length u16 · value length u32 · (level + 1) × pointer u64 · head CRC u32 · tail CRC u32
 *   · key · value · zeros to a multiple of 8
 *
 * Pointer slots 0 and 1 are alternatives for the lowest list (the newer commit wins), slot i + 1 is list i; 0 ends a
 * list. Source: cyrus-imapd 3.6 `lib/cyrusdb_twoskip.c`.
 */
import { crc32 } from "node:zlib";
import type { Random } from "./random.ts";

const HEADER_BYTES = 64;
const MAX_LEVEL = 31;
const DUMMY = 0x3d;
const RECORD = 0x2b;
const COMMIT = 0x24;

interface Placed {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly level: number;
  readonly offset: number;
}

/** The bytes of a database that holds `entries`, keys and values as byte strings; keys are unique. */
export function encodeTwoskip(entries: ReadonlyMap<string, string>, random: Random): Buffer {
  const dummyBytes = recordBytes(MAX_LEVEL, 0);
  const placed: Placed[] = [];
  let end = HEADER_BYTES + dummyBytes;
  // Byte strings: JavaScript's order of them is the order of their bytes.
  for (const [keyText, valueText] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = Buffer.from(keyText, "latin1");
    const value = Buffer.from(valueText, "latin1");
    let level = 1;
    while (level < MAX_LEVEL && random.uniform() < 0.5) level++;
    placed.push({ key, value, level, offset: end });
    end += recordBytes(level, key.length + value.length);
  }
  const file = Buffer.alloc(end + recordBytes(0, 0));
  // From the last record to the first, so that the next one of each list is known.
  const next: number[] = new Array<number>(MAX_LEVEL).fill(0);
  for (const record of placed.toReversed()) {
    writeRecord(file, RECORD, record, next);
    next.fill(record.offset, 0, record.level);
  }
  const empty = Buffer.alloc(0);
  writeRecord(file, DUMMY, { key: empty, value: empty, level: MAX_LEVEL, offset: HEADER_BYTES }, next);
  // A commit's only pointer is where its transaction began.
  writeRecord(file, COMMIT, { key: empty, value: empty, level: 0, offset: end }, [HEADER_BYTES + dummyBytes]);
  writeHeader(file, placed.length);
  return file;
}

function recordBytes(level: number, bodyBytes: number): number {
  return 8 + 8 * (level + 1) + 8 + ((bodyBytes + 7) & ~7);
}

function writeRecord(file: Buffer, type: number, record: Placed, next: readonly number[]): void {
  const { key, value, level, offset } = record;
  file[offset] = type;
  file[offset + 1] = level;
  file.writeUInt16BE(key.length, offset + 2);
  file.writeUInt32BE(value.length, offset + 4);
  const pointers = offset + 8;
  file.writeBigUInt64BE(BigInt(next[0] ?? 0), pointers);
  for (let list = 1; list < level; list++) file.writeBigUInt64BE(BigInt(next[list] ?? 0), pointers + 8 * (list + 1));
  const crcs = pointers + 8 * (level + 1);
  key.copy(file, crcs + 8);
  value.copy(file, crcs + 8 + key.length);
  file.writeUInt32BE(crc32(file.subarray(offset, crcs)), crcs);
  const body = file.subarray(crcs + 8, offset + recordBytes(level, key.length + value.length));
  file.writeUInt32BE(body.length === 0 ? 0 : crc32(body), crcs + 4);
}

function writeHeader(file: Buffer, records: number): void {
  file.write("\xa1\x02\x8b\x0dtwoskip file\0\0\0\0", 0, "latin1");
  file.writeUInt32BE(1, 20); // version
  file.writeBigUInt64BE(1n, 24); // generation
  file.writeBigUInt64BE(BigInt(records), 32);
  file.writeBigUInt64BE(BigInt(file.length), 40); // size after the last repack
  file.writeBigUInt64BE(BigInt(file.length), 48); // size
  file.writeUInt32BE(crc32(file.subarray(0, 60)), 60); // flags at 56 stay 0: clean
}
