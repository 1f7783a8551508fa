import { type DigestsDone, type FileDigester, type StreamDigests, WHOLE_FILE_BYTES } from "./digester.ts";
import { KERNEL_PAGE_BYTES } from "./kernel-layout.ts";
import { blocksOf, digestBatch, type LaneFile, PADDING_BYTES } from "./lane-batch.ts";
import { Lanes } from "./lanes.ts";
import { createStreamDigests } from "./stream-digests.ts";
import type { XxHash64 } from "./xxhash64.ts";

/** Room for 300 messages of 75 KB: fewer than that leave lanes idle. Only what is used of it counts as resident. */
const ARENA_BYTES = 24 << 20;
const PAGE_BYTES = 65536;

/** Files are digested when there are this many bytes *and* this many files: enough for all lanes until near the end. */
const BATCH_BYTES = 768 << 10;
const BATCH_FILES = 128;
/** … or this many files, however short. */
const MOST_FILES = 1024;

/** MD5, SHA-1 and xxHash64 of a file, in this order. */
const OUTPUT_BYTES = 16 + 20 + 8;

interface PendingFile extends LaneFile {
  readonly done: DigestsDone;
}

/** Collects files in the memory of the SIMD kernels and digests many at once. Depth `full` only. */
export class LaneDigester implements FileDigester {
  readonly notice = null;
  readonly #xxhash: XxHash64;
  readonly #memory = new WebAssembly.Memory({ initial: ARENA_BYTES / PAGE_BYTES });
  readonly #lanes = new Lanes(this.#memory);
  readonly #arena = new Uint8Array(this.#memory.buffer);
  readonly #output = new DataView(new ArrayBuffer(MOST_FILES * OUTPUT_BYTES));
  #files: PendingFile[] = [];
  #used = KERNEL_PAGE_BYTES;

  constructor(xxhash: XxHash64) {
    this.#xxhash = xxhash;
  }

  room(bytes: number): Uint8Array {
    if (bytes > WHOLE_FILE_BYTES + 1) throw new RangeError(`no room for ${bytes} bytes`);
    if (this.#used + bytes + PADDING_BYTES > ARENA_BYTES) this.flush();
    return this.#arena.subarray(this.#used, this.#used + bytes);
  }

  add(length: number, done: DigestsDone): void {
    const address = this.#used;
    const outputAt = this.#files.length * OUTPUT_BYTES;
    // Now, while its bytes are in the processor's nearest cache, and before they are padded.
    this.#xxhash.write(this.#arena.subarray(address, address + length), this.#output, outputAt + 36);
    this.#files.push({ address, length, blocks: blocksOf(length), outputAt, done });
    this.#used = Math.ceil((address + length + PADDING_BYTES) / 64) * 64;
    const isBatch = this.#used - KERNEL_PAGE_BYTES >= BATCH_BYTES && this.#files.length >= BATCH_FILES;
    if (isBatch || this.#files.length === MOST_FILES) this.flush();
  }

  flush(): void {
    const files = this.#files;
    if (files.length === 0) return;
    this.#files = [];
    this.#used = KERNEL_PAGE_BYTES;
    digestBatch(this.#lanes, this.#arena, files, this.#output);
    // A copy for each batch: its digests may be kept, whereas the output is written again.
    const digests = new Uint8Array(this.#output.buffer.slice(0, files.length * OUTPUT_BYTES));
    for (const { outputAt, done } of files) {
      done({
        md5: digests.subarray(outputAt, outputAt + 16),
        sha1: digests.subarray(outputAt + 16, outputAt + 36),
        xxh64: digests.subarray(outputAt + 36, outputAt + 44),
      });
    }
  }

  stream(): StreamDigests {
    return createStreamDigests("full", this.#xxhash);
  }
}
