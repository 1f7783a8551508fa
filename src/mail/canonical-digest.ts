/**
 * Digests over values in a canonical form, so that equal values give the same digest on every host: SHA-256 over each
 * value with its kind and length, and over what the digest is of.
 */
import { createHash, type Hash, hash } from "node:crypto";

/** Version of the canonical forms; manifests of different versions have no comparable digests. */
export const CANON = 1;

/** Value kinds that SQLite knows, as better-sqlite3 takes and gives them. */
export type Value = number | bigint | string | Uint8Array | null;

/** SHA-256 over a list of values, each with its kind and length, so that no two lists give the same bytes. */
export function digestOf(kind: string, values: readonly Value[]): Buffer {
  if (values.some(isLong)) {
    const digest = beginDigest(kind);
    addValues(digest, values);
    return digest.digest();
  }
  let end = putText(headingOf(kind), 0);
  for (const value of values) end = putValue(value, end);
  // In one call and by way of a text: a third of the time of a digest object, and of a digest as bytes.
  return Buffer.from(hash("sha256", scratch.subarray(0, end), "binary"), "latin1");
}

/** A digest of one kind, to which bytes are still to be added. */
export function beginDigest(kind: string): Hash {
  return createHash("sha256").update(headingOf(kind));
}

function headingOf(kind: string): string {
  return `spooldiff ${CANON} ${kind}\n`;
}

/** Values are gathered here and digested by the list: one call for a row, not one for each of its columns. */
let scratch = Buffer.allocUnsafeSlow(4096);
/** Of the same bytes. The Buffer's own method makes four more numbers of each that it writes. */
let scratchView = new DataView(scratch.buffer);

/** Adds values, in their canonical form. */
export function addValues(digest: Hash, values: readonly Value[]): void {
  let end = 0;
  for (const value of values) {
    if (!isLong(value)) {
      end = putValue(value, end);
      continue;
    }
    end = putHeading(KIND_BYTES, value.length, end);
    digest.update(scratch.subarray(0, end)).update(value);
    end = 0;
  }
  digest.update(scratch.subarray(0, end));
}

/** Bytes that are not worth a copy, and that would make a scratch of their size. */
const LONG_BYTES = 1 << 16;

function isLong(value: Value): value is Uint8Array {
  return value instanceof Uint8Array && value.length > LONG_BYTES;
}

/** Kind byte (n i t b), then eight bytes of number or length, then the bytes. Whole numbers only: the schema has no others. */
function putValue(value: Value, at: number): number {
  if (value === null) {
    makeRoom(at, 1);
    scratch[at] = KIND_NULL;
    return at + 1;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    makeRoom(at, 9);
    scratch[at] = KIND_INTEGER;
    putInteger(value, at + 1);
    return at + 9;
  }
  const length = typeof value === "string" ? Buffer.byteLength(value) : value.length;
  const from = putHeading(typeof value === "string" ? KIND_TEXT : KIND_BYTES, length, at);
  makeRoom(from, length);
  if (typeof value === "string") scratch.write(value, from, "utf8");
  else scratch.set(value, from);
  return from + length;
}

function putHeading(kind: number, length: number, at: number): number {
  makeRoom(at, 9);
  scratch[at] = kind;
  scratchView.setUint32(at + 1, 0);
  scratchView.setUint32(at + 5, length);
  return at + 9;
}

function putText(text: string, at: number): number {
  makeRoom(at, text.length);
  return at + scratch.write(text, at, "latin1");
}

function putInteger(value: number | bigint, at: number): void {
  if (Number.isSafeInteger(value)) {
    // Most are; there is no need for a bigint of each. The low word is the value's rest by 2^32, whatever its sign.
    scratchView.setInt32(at, Math.floor((value as number) / 0x1_0000_0000));
    scratchView.setUint32(at + 4, (value as number) >>> 0);
    return;
  }
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(`${value} has more than 64 bits`);
  scratchView.setBigInt64(at, integer);
}

const [KIND_NULL, KIND_INTEGER, KIND_TEXT, KIND_BYTES] = [0x6e, 0x69, 0x74, 0x62] as const;

function makeRoom(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const bigger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(bigger, 0, 0, at);
  scratch = bigger;
  scratchView = new DataView(bigger.buffer);
}
