/** Bytes behind a file that are overwritten. */
export const PADDING_BYTES = 72;

export const BLOCK_BYTES = 64;
/** What MD5 and SHA-1 put behind a file: a bit, zeros, and in the last eight bytes its length in bits. */
export const LENGTH_BYTES = 8;
/** Bits of a sort key that are a file's number; the rest are its blocks. */
const NUMBER_BITS = 10;

/** Most files of one batch. */
export const MOST_FILES = 1 << NUMBER_BITS;

/**
 * Files in the memory of the kernels, to be digested together. Column by column, without an object for each: those cost
 * as much as a tenth of the digests.
 */
export class LaneBatch {
  count = 0;
  /** Divisible by 64. */
  readonly addresses = new Int32Array(MOST_FILES);
  readonly lengths = new Int32Array(MOST_FILES);
  /** 64-byte blocks, with the padding; at least one. */
  readonly blocks = new Int32Array(MOST_FILES);
  /** Where each file's digests are written: 16 bytes of MD5, then 20 of SHA-1. */
  readonly outputs: DataView[] = [];
  readonly outputsAt = new Int32Array(MOST_FILES);
  /** Numbers of the files, longest first. */
  readonly order = new Int32Array(MOST_FILES);
  readonly #keys = new Uint32Array(MOST_FILES);

  /** Adds a file that lies at `address`. There must be room for one more, and {@link PADDING_BYTES} behind it. */
  add(address: number, length: number, output: DataView, outputAt: number): void {
    const number = this.count++;
    this.addresses[number] = address;
    this.lengths[number] = length;
    this.blocks[number] = Math.ceil((length + 1 + LENGTH_BYTES) / BLOCK_BYTES);
    this.outputs[number] = output;
    this.outputsAt[number] = outputAt;
  }

  /** Where the digest of the file `number` that begins `within` its digests is written. */
  outputAt(number: number, within: number): number {
    return (this.outputsAt[number] ?? 0) + within;
  }

  clear(): void {
    // What is held here would keep the rows of whole mailboxes alive.
    this.outputs.length = 0;
    this.count = 0;
  }

  /** Puts {@link order} in order. */
  sort(): void {
    const { count, order } = this;
    const keys = this.#keys.subarray(0, count);
    for (let i = 0; i < count; i++) keys[i] = ((this.blocks[i] ?? 0) << NUMBER_BITS) | i;
    keys.sort();
    for (let i = 0; i < count; i++) order[i] = (keys[count - 1 - i] ?? 0) & (MOST_FILES - 1);
  }
}
