/** Decoders with the faults that the harness is there to find. Each is sound on its corpus. */
import { crc32 } from "node:zlib";
import { CorruptStoreError } from "../../src/errors.ts";
import { type FuzzTarget, sound } from "./target.ts";

/** `COUNT u32, COUNT numbers u32, CRC-32 of what comes before it`. */
function write(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * numbers.length + 4);
  bytes.writeUInt32BE(numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 + 4 * i);
  reseal(bytes);
  return bytes;
}

function reseal(bytes: Buffer): void {
  if (bytes.length >= 4) bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
}

/** What a decoder of this format leaves out. */
interface Omissions {
  readonly checksum?: boolean;
  readonly length?: boolean;
}

function read(bytes: Buffer, without: Omissions): number[] {
  if (bytes.length < 8) throw new CorruptStoreError("/numbers", "the file is too short");
  const count = bytes.readUInt32BE(0);
  if (!without.length && 8 + 4 * count !== bytes.length) throw new CorruptStoreError("/numbers", "the count is wrong");
  if (!without.checksum && bytes.readUInt32BE(bytes.length - 4) !== crc32(bytes.subarray(0, -4))) {
    throw new CorruptStoreError("/numbers", "the checksum is wrong");
  }
  return Array.from({ length: (bytes.length - 8) >> 2 }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
}

function target(name: string, decode: (bytes: Buffer) => unknown): FuzzTarget {
  return {
    name,
    corpus: () => [write([1, 2, 3]), write([7]), write(Array.from({ length: 50 }, (_, i) => i))],
    refusals: [CorruptStoreError],
    read: (bytes) => sound(decode(bytes)),
    structure: () => ({ fields: [0, 4, 8].map((at) => ({ at, width: 4 })), blocks: [] }),
    reseal,
    sealedBytes: (bytes) => bytes.length,
  };
}

export const targets: readonly FuzzTarget[] = [
  target("faultless", (bytes) => read(bytes, {})),
  target("throws", (bytes) => {
    const count = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
    return Array.from({ length: Math.min(count, 1000) }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  }),
  target("hangs", (bytes) => {
    const numbers = read(bytes, {});
    // A pointer to the number that is next: nothing says that the chain ends.
    for (let i = 0; numbers[i] === 0xffffffff; ) i += 0;
    return numbers;
  }),
  target("allocates", (bytes) => {
    const numbers = read(bytes, { length: true });
    const count = Math.min(bytes.readUInt32BE(0), 64 * 1024 * 1024);
    return Buffer.alloc(count).length === 0 ? [] : numbers;
  }),
  target("takes its time", (bytes) => {
    const numbers = read(bytes, { length: true });
    // Far from the limit on either side of it, so that a case that took too long does so again on any machine.
    let sum = 0;
    for (let left = numbers.length > 500 ? 1_000_000_000 : 0; left > 0; left--) sum = (sum + Math.imul(left, sum)) | 0;
    return [...numbers, sum];
  }),
  target("ignores the checksum", (bytes) => read(bytes, { checksum: true })),
  target("writes into its input", (bytes) => {
    const numbers = read(bytes, {});
    if (numbers.length > 0) bytes.fill(0, 4, 8);
    return numbers;
  }),
  target("takes the process with it", (bytes) => {
    const numbers = read(bytes, {});
    if (numbers.some((number) => number > 0x7fffffff)) process.abort();
    return numbers;
  }),
];
