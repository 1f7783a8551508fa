/**
 * xxHash64 with seed 0, as 8 bytes big-endian (the order in which the algorithm's own tools print it).
 *
 * @see https://github.com/Cyan4973/xxHash/blob/v0.8.2/doc/xxhash_spec.md, "XXH64 algorithm description"
 */
import xxhash from "xxhash-wasm";

export interface XxHash64 {
  /** Digest of all of `bytes`. */
  of(bytes: Uint8Array): Uint8Array;
  /** A digest that takes its bytes in pieces, in bounded memory. */
  stream(): XxHash64Stream;
}

export interface XxHash64Stream {
  update(piece: Uint8Array): void;
  digest(): Uint8Array;
}

/**
 * Longest input that is handed over whole. xxhash-wasm copies the input into WebAssembly memory, which grows to the
 * longest one and never shrinks.
 */
export const XXHASH_WHOLE_BYTES = 1 << 20;

/** Compiles the WebAssembly module; one instance serves a whole thread. */
export async function createXxHash64(): Promise<XxHash64> {
  const { h64Raw, create64 } = await xxhash();
  const stream = (): XxHash64Stream => {
    const state = create64();
    return {
      update: (piece) => {
        // The stream interface copies its piece in the same way as the whole one.
        for (let at = 0; at < piece.length; at += XXHASH_WHOLE_BYTES) {
          state.update(piece.subarray(at, at + XXHASH_WHOLE_BYTES));
        }
      },
      digest: () => bigEndian(state.digest()),
    };
  };
  const of = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length <= XXHASH_WHOLE_BYTES) return bigEndian(h64Raw(bytes));
    const pieces = stream();
    pieces.update(bytes);
    return pieces.digest();
  };
  return { of, stream };
}

const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

function bigEndian(value: bigint): Uint8Array {
  scratchView.setBigUint64(0, value);
  return scratch.slice();
}
