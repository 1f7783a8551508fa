/**
 * XXH3 with 64 bits, seed 0 and the default secret: the checksum of twom databases. Written for records of some hundred
 * bytes; files of mail are digested elsewhere.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/v0.8.2/doc/xxhash_spec.md, "XXH3 Algorithm Description"
 */

const P32_1 = 0x9e3779b1n;
const P32_2 = 0x85ebca77n;
const P32_3 = 0xc2b2ae3dn;
const P64_1 = 0x9e3779b185ebca87n;
const P64_2 = 0xc2b2ae3d27d4eb4fn;
const P64_3 = 0x165667b19e3779f9n;
const P64_4 = 0x85ebca77c2b2ae63n;
const P64_5 = 0x27d4eb2f165667c5n;
const PRIME_MX1 = 0x165667919e3779f9n;
const PRIME_MX2 = 0x9fb21c651e98df25n;

const STRIPE_BYTES = 64;
const LANES = 8;
const MASK = 0xffff_ffff_ffff_ffffn;

const SECRET = Buffer.from(
  "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221" +
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8" +
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb" +
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e",
  "hex",
);

/** The 64-bit hash of all of `bytes`. */
export function xxh3(bytes: Uint8Array): bigint {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (input.length <= 16) return ofUpTo16(input);
  if (input.length <= 128) return ofUpTo128(input);
  if (input.length <= 240) return ofUpTo240(input);
  return ofLong(input);
}

function ofUpTo16(input: Buffer): bigint {
  const length = input.length;
  if (length > 8) {
    const low = word(input, 0) ^ word(SECRET, 24) ^ word(SECRET, 32);
    const high = word(input, length - 8) ^ word(SECRET, 40) ^ word(SECRET, 48);
    return avalanche(add(BigInt(length) + swapped(low) + high, folded(low, high)));
  }
  if (length >= 4) {
    const combined = BigInt(input.readUInt32LE(length - 4)) + (BigInt(input.readUInt32LE(0)) << 32n);
    return rrmxmx(combined ^ word(SECRET, 8) ^ word(SECRET, 16), BigInt(length));
  }
  if (length === 0) return avalanche64(word(SECRET, 56) ^ word(SECRET, 64));
  const [first = 0, middle = 0, last = 0] = [input[0], input[length >> 1], input[length - 1]];
  const combined = (BigInt(first) << 16n) | (BigInt(middle) << 24n) | BigInt(last) | (BigInt(length) << 8n);
  return avalanche64(combined ^ BigInt((SECRET.readUInt32LE(0) ^ SECRET.readUInt32LE(4)) >>> 0));
}

function ofUpTo128(input: Buffer): bigint {
  const length = input.length;
  let sum = BigInt(length) * P64_1;
  // From the middle outwards, as many pairs as the length needs.
  for (let i = Math.floor((length - 1) / 32); i >= 0; i--) {
    sum += mixed(input, 16 * i, 32 * i) + mixed(input, length - 16 * (i + 1), 32 * i + 16);
  }
  return avalanche(sum & MASK);
}

function ofUpTo240(input: Buffer): bigint {
  const length = input.length;
  let sum = BigInt(length) * P64_1;
  for (let i = 0; i < 8; i++) sum += mixed(input, 16 * i, 16 * i);
  sum = avalanche(sum & MASK);
  for (let i = 8; i < Math.floor(length / 16); i++) sum += mixed(input, 16 * i, 16 * (i - 8) + 3);
  return avalanche((sum + mixed(input, length - 16, 136 - 17)) & MASK);
}

function ofLong(input: Buffer): bigint {
  const lanes = BigUint64Array.of(P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1);
  const stripesPerBlock = (SECRET.length - STRIPE_BYTES) / 8;
  // The last stripe is taken from the end, whether or not it overlaps the one before it.
  const stripes = Math.floor((input.length - 1) / STRIPE_BYTES);
  for (let i = 0; i < stripes; i++) {
    const inBlock = i % stripesPerBlock;
    accumulate(lanes, input, i * STRIPE_BYTES, 8 * inBlock);
    if (inBlock === stripesPerBlock - 1) scramble(lanes);
  }
  accumulate(lanes, input, input.length - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7);
  let sum = BigInt(input.length) * P64_1;
  for (let i = 0; i < LANES; i += 2) {
    sum += folded(lane(lanes, i) ^ word(SECRET, 11 + 8 * i), lane(lanes, i + 1) ^ word(SECRET, 19 + 8 * i));
  }
  return avalanche(sum & MASK);
}

function accumulate(lanes: BigUint64Array, input: Buffer, at: number, secretAt: number): void {
  for (let i = 0; i < LANES; i++) {
    const value = word(input, at + 8 * i);
    const keyed = value ^ word(SECRET, secretAt + 8 * i);
    // A BigUint64Array keeps the low 64 bits of what is put into it.
    lanes[i ^ 1] = lane(lanes, i ^ 1) + value;
    lanes[i] = lane(lanes, i) + (keyed & 0xffff_ffffn) * (keyed >> 32n);
  }
}

function scramble(lanes: BigUint64Array): void {
  for (let i = 0; i < LANES; i++) {
    const value = lane(lanes, i);
    lanes[i] = (value ^ (value >> 47n) ^ word(SECRET, SECRET.length - STRIPE_BYTES + 8 * i)) * P32_1;
  }
}

function mixed(input: Buffer, at: number, secretAt: number): bigint {
  return folded(word(input, at) ^ word(SECRET, secretAt), word(input, at + 8) ^ word(SECRET, secretAt + 8));
}

/** The two halves of the 128-bit product, one on the other. */
function folded(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

function avalanche(value: bigint): bigint {
  const mixed = ((value ^ (value >> 37n)) * PRIME_MX1) & MASK;
  return mixed ^ (mixed >> 32n);
}

function avalanche64(value: bigint): bigint {
  const first = ((value ^ (value >> 33n)) * P64_2) & MASK;
  const second = ((first ^ (first >> 29n)) * P64_3) & MASK;
  return second ^ (second >> 32n);
}

function rrmxmx(value: bigint, length: bigint): bigint {
  let h = value ^ rotated(value, 49n) ^ rotated(value, 24n);
  h = (h * PRIME_MX2) & MASK;
  h ^= (h >> 35n) + length;
  h = (h * PRIME_MX2) & MASK;
  return h ^ (h >> 28n);
}

function rotated(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function swapped(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE();
}

function add(a: bigint, b: bigint): bigint {
  return (a + b) & MASK;
}

function word(bytes: Buffer, at: number): bigint {
  return bytes.readBigUInt64LE(at);
}

function lane(lanes: BigUint64Array, i: number): bigint {
  return lanes[i] ?? 0n;
}
