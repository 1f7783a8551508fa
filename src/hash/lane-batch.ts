import { hash } from "node:crypto";
import { KERNEL_LANES } from "./kernel-layout.ts";
import type { LaneJob, Lanes } from "./lanes.ts";

/** A file in the memory of the kernels, at an address divisible by 64. */
export interface LaneFile extends LaneJob {
  readonly length: number;
}

/** Bytes behind a file that are overwritten. */
export const PADDING_BYTES = 72;

const BLOCK_BYTES = 64;
/** What MD5 and SHA-1 put behind a file: a bit, zeros, and in the last eight bytes its length in bits. */
const LENGTH_BYTES = 8;

/**
 * Digests `files`: at its place in `output` each gets 16 bytes of MD5 and 20 of SHA-1. What lies behind each file in
 * `memory` is overwritten.
 */
export function digestBatch(lanes: Lanes, memory: Uint8Array, files: readonly LaneFile[], output: DataView): void {
  const longestFirst = files.toSorted((a, b) => b.length - a.length);
  for (const file of longestFirst) pad(memory, file);
  const view = new DataView(memory.buffer);

  for (const file of longestFirst) putLength(view, file, true);
  const md5Outliers = outliersOf(longestFirst, KERNEL_LANES.md5x12);
  digestAlone("md5", memory, longestFirst.slice(0, md5Outliers), output);
  lanes.md5(longestFirst.slice(md5Outliers), output);

  for (const file of longestFirst) putLength(view, file, false);
  const sha1Outliers = outliersOf(longestFirst, KERNEL_LANES.sha1x4);
  const sha1Output = new DataView(output.buffer, output.byteOffset + 16);
  digestAlone("sha1", memory, longestFirst.slice(0, sha1Outliers), sha1Output);
  lanes.sha1(longestFirst.slice(sha1Outliers), sha1Output);
}

/** Blocks of a file of `length` bytes with its padding. */
export function blocksOf(length: number): number {
  return Math.ceil((length + 1 + LENGTH_BYTES) / BLOCK_BYTES);
}

/**
 * How many of the first of `longestFirst` are so long that the other lanes would idle for most of their time. OpenSSL,
 * which is faster than one lane, has them done sooner.
 */
function outliersOf(longestFirst: readonly LaneFile[], lanes: number): number {
  let rest = 0;
  for (const { blocks } of longestFirst) rest += blocks;
  let outliers = 0;
  for (const { blocks } of longestFirst) {
    rest -= blocks;
    const next = longestFirst[outliers + 1]?.blocks ?? 0;
    if (blocks <= 2 * Math.max(next, rest / lanes)) break;
    outliers++;
  }
  return outliers;
}

function digestAlone(
  algorithm: "md5" | "sha1",
  memory: Uint8Array,
  files: readonly LaneFile[],
  output: DataView,
): void {
  for (const { address, length, outputAt } of files) {
    const digest = hash(algorithm, memory.subarray(address, address + length), "buffer");
    new Uint8Array(output.buffer, output.byteOffset + outputAt).set(digest);
  }
}

function pad(memory: Uint8Array, { address, length, blocks }: LaneFile): void {
  memory[address + length] = 0x80;
  memory.fill(0, address + length + 1, address + blocks * BLOCK_BYTES);
}

function putLength(view: DataView, { address, length, blocks }: LaneFile, littleEndian: boolean): void {
  view.setBigUint64(address + blocks * BLOCK_BYTES - LENGTH_BYTES, BigInt(length * 8), littleEndian);
}
