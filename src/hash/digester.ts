/**
 * Digests of many message files, one after another, in one thread.
 *
 * The caller asks for room, reads a file into it and hands it in; the digests come back through a callback, at the
 * latest when {@link FileDigester.flush} returns. So an implementation may collect files and digest several at once.
 */

/** `quick`: xxHash64 only. `full`: MD5 and SHA-1 as well. */
export type DigestDepth = "quick" | "full";

/** Digests of one file. */
export interface Digests {
  /** 16 bytes; null at depth `quick`. */
  readonly md5: Uint8Array | null;
  /** 20 bytes; null at depth `quick`. */
  readonly sha1: Uint8Array | null;
  /** 8 bytes, big-endian. */
  readonly xxh64: Uint8Array;
}

/** Takes the digests of one file. It must not call the digester; the digests are its to keep. */
export type DigestsDone = (digests: Digests) => void;

export interface FileDigester {
  /** One line for people about why it is slower than it could be; null where it is not. */
  readonly notice: string | null;
  readonly depth: DigestDepth;
  /** What {@link roomAt} gives addresses in; another one after each of its calls. */
  readonly arena: Uint8Array<ArrayBuffer>;
  /**
   * Where the next file is to be read into: a view of exactly `bytes` bytes, valid until the next call of any method.
   *
   * @throws RangeError when `bytes` is above {@link WHOLE_FILE_BYTES} plus one; such files are for {@link stream}
   */
  room(bytes: number): Uint8Array;
  /** As {@link room}, without making a view: where in {@link arena} it begins. */
  roomAt(bytes: number): number;
  /**
   * Digests the first `bytes` bytes of the room that was asked for last. `done` is called once: by this call, by a
   * later one of `room` or `add`, or by `flush`.
   */
  add(bytes: number, done: DigestsDone): void;
  /**
   * As {@link add}, but the digests are written to `output` from `at` on, nobody is called: 16 bytes of MD5, 20 of SHA-1
   * (both left alone at depth `quick`), 8 of xxHash64. They are there at the latest when {@link flush} returns.
   */
  place(bytes: number, output: DataView, at: number): void;
  /** Calls what is left of the `done`s. They are called in the order of `add`. */
  flush(): void;
  /** Digests of a file of any length, handed in piece by piece. */
  stream(): StreamDigests;
}

export interface StreamDigests {
  update(piece: Uint8Array): void;
  digest(): Digests;
}

/** Files up to this size are read and digested whole, longer ones in pieces. */
export const WHOLE_FILE_BYTES = 4 << 20;
