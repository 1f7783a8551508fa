import { digestBatch } from "./digest-batch.ts";
import { type DigestsDone, type FileDigester, type StreamDigests, WHOLE_FILE_BYTES } from "./digester.ts";
import { KERNEL_PAGE_BYTES } from "./kernel-layout.ts";
import { LaneBatch, MOST_FILES, PADDING_BYTES } from "./lane-batch.ts";
import { Lanes } from "./lanes.ts";
import { createStreamDigests } from "./stream-digests.ts";
import type { XxHash64 } from "./xxhash64.ts";

/** Room for 300 messages of 75 KB: fewer than that leave lanes idle. Only what is used of it counts as resident. */
const ARENA_BYTES = 24 << 20;
const PAGE_BYTES = 65536;

/** Files are digested when there are this many bytes *and* this many files: enough for all lanes until near the end. */
const BATCH_BYTES = 768 << 10;
const BATCH_FILES = 128;

/** MD5, SHA-1 and xxHash64 of a file, in this order. */
const OUTPUT_BYTES = 16 + 20 + 8;
const XXH64_AT = 36;

/** Collects files in the memory of the SIMD kernels and digests many at once. Depth `full` only. */
export class LaneDigester implements FileDigester {
  readonly depth = "full";
  readonly notice = null;
  readonly arena: Uint8Array<ArrayBuffer>;
  readonly #xxhash: XxHash64;
  readonly #memory = new WebAssembly.Memory({ initial: ARENA_BYTES / PAGE_BYTES });
  readonly #lanes = new Lanes(this.#memory);
  readonly #batch = new LaneBatch();
  /** Digests of files whose caller wants to be called back, and those calls. */
  readonly #output = new DataView(new ArrayBuffer(MOST_FILES * OUTPUT_BYTES));
  readonly #owed: { readonly number: number; readonly done: DigestsDone }[] = [];
  #used = KERNEL_PAGE_BYTES;

  constructor(xxhash: XxHash64) {
    this.#xxhash = xxhash;
    this.arena = new Uint8Array(this.#memory.buffer);
  }

  room(bytes: number): Uint8Array {
    const at = this.roomAt(bytes);
    return this.arena.subarray(at, at + bytes);
  }

  roomAt(bytes: number): number {
    if (bytes > WHOLE_FILE_BYTES + 1) throw new RangeError(`no room for ${bytes} bytes`);
    if (this.#used + bytes + PADDING_BYTES > ARENA_BYTES) this.flush();
    return this.#used;
  }

  add(length: number, done: DigestsDone): void {
    const number = this.#batch.count;
    this.#owed.push({ number, done });
    this.place(length, this.#output, number * OUTPUT_BYTES);
  }

  place(length: number, output: DataView, at: number): void {
    const address = this.#used;
    // Now, while its bytes are in the processor's nearest cache, and before they are padded.
    this.#xxhash.write(this.arena.subarray(address, address + length), output, at + XXH64_AT);
    this.#batch.add(address, length, output, at);
    this.#used = Math.ceil((address + length + PADDING_BYTES) / 64) * 64;
    const { count } = this.#batch;
    const isBatch = this.#used - KERNEL_PAGE_BYTES >= BATCH_BYTES && count >= BATCH_FILES;
    if (isBatch || count === MOST_FILES) this.flush();
  }

  flush(): void {
    const { count } = this.#batch;
    if (count === 0) return;
    digestBatch(this.#lanes, this.arena, this.#batch);
    this.#batch.clear();
    this.#used = KERNEL_PAGE_BYTES;
    const owed = this.#owed.splice(0);
    for (const { number, done } of owed) {
      const at = number * OUTPUT_BYTES;
      // A copy: its digests may be kept, whereas the output is written again.
      const digests = new Uint8Array(this.#output.buffer.slice(at, at + OUTPUT_BYTES));
      done({ md5: digests.subarray(0, 16), sha1: digests.subarray(16, XXH64_AT), xxh64: digests.subarray(XXH64_AT) });
    }
  }

  stream(): StreamDigests {
    return createStreamDigests("full", this.#xxhash);
  }
}
