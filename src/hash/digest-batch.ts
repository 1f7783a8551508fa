import { hash } from "node:crypto";
import { KERNEL_LANES } from "./kernel-layout.ts";
import { BLOCK_BYTES, type LaneBatch, LENGTH_BYTES } from "./lane-batch.ts";
import type { Lanes } from "./lanes.ts";

/** Where the SHA-1 stands in a file's digests, behind its MD5. */
const SHA1_AT = 16;

/**
 * Digests the files of a batch; their digests are where the batch says. What lies behind each file in `memory` is
 * overwritten.
 */
export function digestBatch(lanes: Lanes, memory: Uint8Array, batch: LaneBatch): void {
  batch.sort();
  const view = new DataView(memory.buffer);
  for (let i = 0; i < batch.count; i++) pad(memory, view, batch, i);
  const md5Outliers = outliersOf(batch, KERNEL_LANES.md5x12);
  digestAlone("md5", memory, batch, md5Outliers);
  lanes.md5(batch, md5Outliers, 0);

  for (let i = 0; i < batch.count; i++) putLength(view, batch, i, false);
  const sha1Outliers = outliersOf(batch, KERNEL_LANES.sha1x4);
  digestAlone("sha1", memory, batch, sha1Outliers);
  lanes.sha1(batch, sha1Outliers, SHA1_AT);
}

/**
 * How many of the first in order are so long that the other lanes would idle for most of their time. OpenSSL, which is
 * faster than one lane, has them done sooner.
 */
function outliersOf({ count, blocks, order }: LaneBatch, lanes: number): number {
  let rest = 0;
  for (let i = 0; i < count; i++) rest += blocks[i] ?? 0;
  for (let outliers = 0; outliers < count; outliers++) {
    const own = blocks[order[outliers] ?? 0] ?? 0;
    rest -= own;
    const next = outliers + 1 < count ? (blocks[order[outliers + 1] ?? 0] ?? 0) : 0;
    if (own <= 2 * Math.max(next, rest / lanes)) return outliers;
  }
  return count;
}

/** Digests the first `count` in order with OpenSSL. */
function digestAlone(algorithm: "md5" | "sha1", memory: Uint8Array, batch: LaneBatch, count: number): void {
  for (let i = 0; i < count; i++) {
    const number = batch.order[i] ?? 0;
    const address = batch.addresses[number] ?? 0;
    const output = batch.outputs[number];
    if (output === undefined) continue;
    const digest = hash(algorithm, memory.subarray(address, address + (batch.lengths[number] ?? 0)), "buffer");
    const at = batch.outputAt(number, algorithm === "md5" ? 0 : SHA1_AT);
    new Uint8Array(output.buffer, output.byteOffset + at).set(digest);
  }
}

function pad(memory: Uint8Array, view: DataView, batch: LaneBatch, i: number): void {
  const address = batch.addresses[i] ?? 0;
  const behind = address + (batch.lengths[i] ?? 0);
  memory[behind] = 0x80;
  memory.fill(0, behind + 1, address + (batch.blocks[i] ?? 0) * BLOCK_BYTES);
  putLength(view, batch, i, true);
}

/** Bits of a file: less than 2^32, since no file here is longer than a few megabytes. */
function putLength(view: DataView, { addresses, lengths, blocks }: LaneBatch, i: number, littleEndian: boolean): void {
  const at = (addresses[i] ?? 0) + (blocks[i] ?? 0) * BLOCK_BYTES - LENGTH_BYTES;
  const bits = (lengths[i] ?? 0) * 8;
  view.setUint32(at, littleEndian ? bits : 0, littleEndian);
  view.setUint32(at + 4, littleEndian ? 0 : bits, littleEndian);
}
