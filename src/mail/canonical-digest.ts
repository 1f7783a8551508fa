/**
 * Digests over values in a canonical form, so that equal values give the same digest on every host: SHA-256 over each
 * value with its kind and length, and over what the digest is of.
 */
import { createHash, type Hash } from "node:crypto";

/** Version of the canonical forms; manifests of different versions have no comparable digests. */
export const CANON = 1;

/** Value kinds that SQLite knows, as better-sqlite3 takes and gives them. */
export type Value = number | bigint | string | Uint8Array | null;

/** SHA-256 over a list of values, each with its kind and length, so that no two lists give the same bytes. */
export function digestOf(kind: string, values: readonly Value[]): Buffer {
  const hash = beginDigest(kind);
  addValues(hash, values);
  return hash.digest();
}

/** A digest of one kind, to which bytes are still to be added. */
export function beginDigest(kind: string): Hash {
  return createHash("sha256").update(`spooldiff ${CANON} ${kind}\n`);
}

/** Values are gathered here and digested by the list: one call for a row, not one for each of its columns. */
let scratch = Buffer.allocUnsafeSlow(4096);
/** Of the same bytes. The Buffer's own method makes four more numbers of each that it writes. */
let scratchView = new DataView(scratch.buffer);

/** Adds values, in their canonical form. */
export function addValues(hash: Hash, values: readonly Value[]): void {
  let end = 0;
  for (const value of values) end = putValue(value, end);
  hash.update(scratch.subarray(0, end));
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
    const integer = BigInt(value);
    if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(`${value} has more than 64 bits`);
    scratchView.setBigInt64(at + 1, integer);
    return at + 9;
  }
  const length = typeof value === "string" ? Buffer.byteLength(value) : value.length;
  makeRoom(at, 9 + length);
  scratch[at] = typeof value === "string" ? KIND_TEXT : KIND_BYTES;
  scratch.writeUInt32BE(0, at + 1);
  scratch.writeUInt32BE(length, at + 5);
  if (typeof value === "string") scratch.write(value, at + 9, "utf8");
  else scratch.set(value, at + 9);
  return at + 9 + length;
}

const [KIND_NULL, KIND_INTEGER, KIND_TEXT, KIND_BYTES] = [0x6e, 0x69, 0x74, 0x62] as const;

function makeRoom(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const bigger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(bigger, 0, 0, at);
  scratch = bigger;
  scratchView = new DataView(bigger.buffer);
}
