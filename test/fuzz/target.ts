/** What a decoder made of an input. */
export interface Reading {
  /** All that the program would take from it; compared with `isDeepStrictEqual`. */
  readonly value: unknown;
  /** It was read, and the reader says that something in it is wrong. */
  readonly marked: boolean;
}

/** Where the parts of a sound input lie, for mutations that know the format. */
export interface Structure {
  /** Numbers that mean something: lengths, counts, offsets, versions. */
  readonly fields: readonly { readonly at: number; readonly width: 1 | 2 | 4 | 8 }[];
  /** Where offsets of other blocks lie, in 8 bytes. */
  readonly pointers?: readonly number[];
  /** Records, lines: what can be left out, repeated or exchanged as a whole. */
  readonly blocks: readonly { readonly at: number; readonly length: number }[];
}

/** One decoder under test. */
export interface FuzzTarget {
  readonly name: string;
  /** Makes sound inputs, which {@link FuzzTarget.read} takes without complaint: each time the same. */
  corpus(): readonly Buffer[];
  /** Errors that stand for "this input is refused". Any other is a crash. */
  readonly refusals: readonly (abstract new (
    ...args: never[]
  ) => Error)[];
  /** Decodes as the program does, down to the last field. */
  read(bytes: Buffer): Reading;
  structure?(bytes: Buffer): Structure;
  /** Words of a text format, to be put in anywhere. */
  readonly tokens?: readonly string[];
  /** Makes the checksums of a changed input right again, so that what lies behind them is reached. In place. */
  reseal?(bytes: Buffer): void;
  /**
   * How many bytes from the start of a sound input have a checksum: whatever a change within them does, the input has
   * to be refused or marked. Further ones must at least not change what is read.
   */
  sealedBytes?(bytes: Buffer): number;
}

/** A reading without complaints. */
export function sound(value: unknown): Reading {
  return { value, marked: false };
}
