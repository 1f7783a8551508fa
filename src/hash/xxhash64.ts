/**
 * xxHash64 with seed 0, as 8 bytes big-endian (the order in which the algorithm's own tools print it).
 *
 * @see https://github.com/Cyan4973/xxHash/blob/v0.8.2/doc/xxhash_spec.md, "XXH64 algorithm description"
 */
import xxhash, { type XXHash } from "xxhash-wasm";

export interface XxHash64 {
  /** Digest of all of `bytes`. */
  of(bytes: Uint8Array): Uint8Array;
  /** Writes the digest of all of `bytes` to offset `at` of `output`. */
  write(bytes: Uint8Array, output: DataView, at: number): void;
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
  const stream = () => streamOf(create64());
  const value = (bytes: Uint8Array): bigint => {
    if (bytes.length <= XXHASH_WHOLE_BYTES) return h64Raw(bytes);
    const state = create64();
    updateInPieces(state, bytes);
    return state.digest();
  };
  return {
    of: (bytes) => bigEndian(value(bytes)),
    write: (bytes, output, at) => output.setBigUint64(at, value(bytes)),
    stream,
  };
}

type State = XXHash<bigint>;

function streamOf(state: State): XxHash64Stream {
  return {
    update: (piece) => updateInPieces(state, piece),
    digest: () => bigEndian(state.digest()),
  };
}

/** The stream interface copies its piece in the same way as the whole one. */
function updateInPieces(state: State, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += XXHASH_WHOLE_BYTES) {
    state.update(bytes.subarray(at, at + XXHASH_WHOLE_BYTES));
  }
}

function bigEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
