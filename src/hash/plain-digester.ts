import { hash } from "node:crypto";
import { type DigestDepth, type Digests, type FileDigester, type StreamDigests, WHOLE_FILE_BYTES } from "./digester.ts";
import { createStreamDigests } from "./stream-digests.ts";
import type { XxHash64 } from "./xxhash64.ts";

/** Digests each file as it comes, with OpenSSL and xxhash-wasm. */
export class PlainDigester implements FileDigester {
  readonly notice: string | null;
  readonly depth: DigestDepth;
  readonly #xxhash: XxHash64;
  // One byte more than the longest file, so that a read can notice that a file has grown past it.
  arena: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(64 << 10);

  constructor(depth: DigestDepth, xxhash: XxHash64, notice: string | null) {
    this.depth = depth;
    this.#xxhash = xxhash;
    this.notice = notice;
  }

  room(bytes: number): Uint8Array {
    this.roomAt(bytes);
    return this.arena.subarray(0, bytes);
  }

  roomAt(bytes: number): number {
    if (bytes > WHOLE_FILE_BYTES + 1) throw new RangeError(`no room for ${bytes} bytes`);
    if (bytes > this.arena.length) {
      const doubled = Math.max(bytes, this.arena.length * 2);
      this.arena = Buffer.allocUnsafeSlow(Math.min(doubled, WHOLE_FILE_BYTES + 1));
    }
    return 0;
  }

  add(bytes: number, done: (digests: Digests) => void): void {
    const file = this.arena.subarray(0, bytes);
    const full = this.depth === "full";
    done({
      md5: full ? oneShot("md5", file) : null,
      sha1: full ? oneShot("sha1", file) : null,
      xxh64: this.#xxhash.of(file),
    });
  }

  place(bytes: number, output: DataView, at: number): void {
    const file = this.arena.subarray(0, bytes);
    if (this.depth === "full") {
      const digests = new Uint8Array(output.buffer, output.byteOffset + at);
      digests.set(oneShot("md5", file));
      digests.set(oneShot("sha1", file), 16);
    }
    this.#xxhash.write(file, output, at + 36);
  }

  flush(): void {}

  stream(): StreamDigests {
    return createStreamDigests(this.depth, this.#xxhash);
  }
}

function oneShot(algorithm: "md5" | "sha1", bytes: Uint8Array): Uint8Array {
  // As hexadecimal text: measured 0.4-0.6 µs a call faster than asking for a Buffer.
  return Buffer.from(hash(algorithm, bytes, "hex"), "hex");
}
