/**
 * The "basic" sync CRC of an index record, whose XOR over all live records is the mailbox's:
 *
 *   CRC-32 of "UID MODSEQ LAST_UPDATED (FLAGCRC) INTERNALDATE GUID"
 *
 * all in decimal, the GUID in lower-case hex, FLAGCRC the XOR of the CRC-32 of each flag's name in lower case.
 *
 * @see cyrus-imapd `imap/mailbox.c`, crc_basic (2.4–3.12)
 */
import { crcOf } from "./running-crc.ts";

const SPACE = 0x20;
const BILLION = 1_000_000_000;
/** The two digits of each byte, as one number. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, "0")).readUInt16BE(),
);
/** Longest line: 10 + 20 + 20 + 12 + 20 digits, 5 separators, 40 hex digits. */
const line = Buffer.alloc(160);
const lineView = new DataView(line.buffer, line.byteOffset, line.length);

/** What {@link recordSyncCrc} takes of a record. Times in seconds. */
export interface SyncCrcFields {
  readonly uid: number;
  /** Split in two so that the usual one costs no BigInt. */
  readonly modseqHigh: number;
  readonly modseqLow: number;
  readonly lastUpdated: number;
  readonly flagCrc: number;
  readonly internalDate: number;
}

/**
 * The CRC of one record.
 *
 * @param bytes what holds the record's GUID, 20 bytes from `guidAt`
 */
export function recordSyncCrc(fields: SyncCrcFields, bytes: Buffer, guidAt: number): number {
  let at = putDecimal(fields.uid, 0);
  line[at++] = SPACE;
  at = putModseq(fields.modseqHigh, fields.modseqLow, at);
  line[at++] = SPACE;
  at = putDecimal(fields.lastUpdated, at);
  line[at++] = SPACE;
  line[at++] = 0x28;
  at = putDecimal(fields.flagCrc, at);
  line[at++] = 0x29;
  line[at++] = SPACE;
  at = putDecimal(fields.internalDate, at);
  line[at++] = SPACE;
  for (let i = guidAt; i < guidAt + 20; i++) {
    lineView.setUint16(at, HEX[bytes[i] ?? 0] ?? 0);
    at += 2;
  }
  return crcOf(lineView, 0, at);
}

function putModseq(high: number, low: number, at: number): number {
  // Below 2^53 a double holds it exactly.
  if (high < 0x20_0000) return putDecimal(high * 0x1_0000_0000 + low, at);
  const text = ((BigInt(high) << 32n) | BigInt(low)).toString();
  return at + line.write(text, at, "latin1");
}

/** Writes a whole number below 2^53 at `at` and returns where it ends. */
function putDecimal(value: number, at: number): number {
  if (value < BILLION) return putDigits(value, digitsOf(value), at);
  const top = Math.floor(value / BILLION);
  return putDigits(value - top * BILLION, 9, putDigits(top, digitsOf(top), at));
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  return digits;
}

function putDigits(value: number, digits: number, at: number): number {
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    line[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  return at + digits;
}
