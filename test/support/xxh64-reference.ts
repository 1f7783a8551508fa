/**
 * xxHash64 written out from its specification, slow and plain: what the fast one is checked against.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/v0.8.2/doc/xxhash_spec.md
 */
const PRIME1 = 0x9e3779b185ebca87n;
const PRIME2 = 0xc2b2ae3d27d4eb4fn;
const PRIME3 = 0x165667b19e3779f9n;
const PRIME4 = 0x85ebca77c2b2ae63n;
const PRIME5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint) => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint) => u64((value << by) | (value >> (64n - by)));
const round = (lane: bigint, input: bigint) => u64(rotate(u64(lane + u64(input * PRIME2)), 31n) * PRIME1);
const merge = (hash: bigint, lane: bigint) => u64((hash ^ round(0n, lane)) * PRIME1 + PRIME4);

/** The digest of `bytes` with seed 0, 8 bytes big-endian. */
export function xxh64Reference(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    const lanes: [bigint, bigint, bigint, bigint] = [u64(PRIME1 + PRIME2), PRIME2, 0n, u64(-PRIME1)];
    for (; at + 32 <= bytes.length; at += 32) {
      for (const lane of [0, 1, 2, 3] as const) {
        lanes[lane] = round(lanes[lane], view.getBigUint64(at + 8 * lane, true));
      }
    }
    const [a, b, c, d] = lanes;
    hash = u64(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
    for (const lane of lanes) hash = merge(hash, lane);
  } else {
    hash = PRIME5;
  }
  return avalanche(takeTail(view, at, u64(hash + BigInt(bytes.length))));
}

function takeTail(view: DataView, from: number, start: bigint): bigint {
  let hash = start;
  let at = from;
  for (; at + 8 <= view.byteLength; at += 8) {
    hash = u64(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * PRIME1 + PRIME4);
  }
  if (at + 4 <= view.byteLength) {
    hash = u64(rotate(hash ^ u64(BigInt(view.getUint32(at, true)) * PRIME1), 23n) * PRIME2 + PRIME3);
    at += 4;
  }
  for (; at < view.byteLength; at++) hash = u64(rotate(hash ^ u64(BigInt(view.getUint8(at)) * PRIME5), 11n) * PRIME1);
  return hash;
}

function avalanche(value: bigint): Uint8Array {
  let hash = u64((value ^ (value >> 33n)) * PRIME2);
  hash = u64((hash ^ (hash >> 29n)) * PRIME3);
  hash ^= hash >> 32n;
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, hash);
  return out;
}
