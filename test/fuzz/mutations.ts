/**
 * Changes to a sound input, as data: fast-check makes them up from a seed, {@link mutate} applies them. Places are
 * fractions, so that one change fits every input.
 */
import fc from "fast-check";
import type { FuzzTarget, Structure } from "./target.ts";

/** One change. `at`, `to` and `size` are fractions of the input, or of the list of fields, blocks or tokens. */
export type Mutation =
  | { readonly kind: "bit"; readonly at: number; readonly bit: number }
  | { readonly kind: "byte"; readonly at: number; readonly value: number }
  | { readonly kind: "number" | "field"; readonly at: number; readonly width: Width; readonly value: FuzzNumber }
  | { readonly kind: "pointer"; readonly at: number; readonly to: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "extend"; readonly bytes: Uint8Array }
  | { readonly kind: "erase"; readonly at: number; readonly size: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "repeat" | "repeat-block"; readonly at: number; readonly size: number; readonly times: number }
  | { readonly kind: "swap" | "copy" | "swap-blocks"; readonly at: number; readonly to: number; readonly size: number }
  | { readonly kind: "splice"; readonly at: number; readonly other: number; readonly to: number }
  | { readonly kind: "digits"; readonly at: number; readonly text: string }
  | { readonly kind: "token"; readonly at: number; readonly token: number };

type Width = 1 | 2 | 4 | 8;

/** A number as such, or one next to what stands there, to the input's length, to its own place or to that of a block. */
interface FuzzNumber {
  readonly from: "zero" | "old" | "length" | "place" | "block";
  /** Which block, as a fraction of their list. */
  readonly block: number;
  readonly add: bigint;
  readonly littleEndian: boolean;
}

/** One case: an input of the corpus and what is done to it. */
export interface FuzzCase {
  readonly sample: number;
  readonly mutations: readonly Mutation[];
  readonly reseal: boolean;
}

/** Longer inputs only take longer. */
const LONGEST_INPUT = 256 * 1024;

/** Evenly spread: a double that fast-check draws is nearly always next to 0. */
const place = fc.noBias(fc.nat(0x3fff_ffff)).map((n) => n / 0x4000_0000);
const size = fc.oneof(
  place.map((fraction) => fraction / 1000),
  place.map((fraction) => fraction / 20),
  place,
);
const width = fc.constantFrom<Width>(1, 2, 4, 4, 8);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const EDGES = [0n, 1n, 2n, 7n, 8n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n];
const HUGE = [(1n << 53n) - 1n, (1n << 53n) + 1n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n];
const value: fc.Arbitrary<FuzzNumber> = fc.record({
  from: fc.constantFrom("zero", "zero", "old", "length", "place", "block", "block"),
  block: place,
  add: fc.oneof(fc.constant(0n), fc.constantFrom(...EDGES, ...HUGE), fc.bigInt(-16n, 16n), fc.bigInt(0n, 1n << 20n)),
  littleEndian: fc.constantFrom(false, false, false, true),
});
const digits = fc.oneof(
  fc.constantFrom("", "0", "-1", "00", "4294967295", "4294967296", "9007199254740993", "18446744073709551616", "1e9"),
  fc.integer({ min: 1, max: 400 }).map((count) => "9".repeat(count)),
  fc.nat().map(String),
);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("bit"), at: place, bit: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("byte"), at: place, value: fc.nat(255) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("number"), at: place, width, value }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("field"), at: place, width, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pointer"), at: place, to: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cut"), at: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("extend"), bytes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("erase"), at: place, size }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("insert"), at: place, bytes }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("repeat", "repeat-block"),
      at: place,
      size,
      times: fc.oneof(...[4, 300, LONGEST_INPUT].map((max) => fc.integer({ min: 1, max }))),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("swap", "copy", "swap-blocks"), at: place, to: place, size }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("splice"), at: place, other: place, to: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("digits"), at: place, text: digits }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("token"), at: place, token: place }) },
);

/** How many cases one draw of fast-check makes. */
const BATCH = 128;

/** The cases of a seed, which has one for every number: each can be made again by itself. */
export class FuzzCases {
  /** The sound inputs that the cases begin with. */
  readonly corpus: readonly Buffer[];
  readonly #target: FuzzTarget;
  readonly #seed: number;
  readonly #any: fc.Arbitrary<FuzzCase>;
  #batch: { readonly number: number; readonly cases: readonly FuzzCase[] } = { number: -1, cases: [] };

  constructor(target: FuzzTarget, seed: number) {
    this.corpus = target.corpus();
    this.#target = target;
    this.#seed = seed;
    this.#any = fc.record({
      sample: fc.nat(this.corpus.length - 1),
      mutations: fc.array(mutation, { minLength: 1, maxLength: 5 }),
      reseal: target.reseal === undefined ? fc.constant(false) : fc.boolean(),
    });
  }

  of(number: number): FuzzCase {
    const batch = Math.floor(number / BATCH);
    if (this.#batch.number !== batch) {
      const seed = (this.#seed + Math.imul(batch, 0x9e3779b1)) | 0;
      this.#batch = { number: batch, cases: fc.sample(this.#any, { seed, numRuns: BATCH }) };
    }
    const found = this.#batch.cases[number % BATCH];
    if (found === undefined) throw new RangeError(`there is no case ${number}`);
    return found;
  }

  /** The input that a case stands for. */
  inputOf({ sample, mutations, reseal }: FuzzCase): Buffer {
    let input: Buffer = Buffer.from(this.corpus[sample] ?? "");
    for (const each of mutations) input = this.#mutate(input, each);
    if (reseal) this.#target.reseal?.(input);
    return input;
  }

  /** Applies one change to an input, which it may alter. */
  #mutate(input: Buffer, mutation: Mutation): Buffer {
    const around = {
      structure: this.#target.structure?.(input) ?? { fields: [], blocks: [] },
      tokens: this.#target.tokens ?? [],
      corpus: this.corpus,
    };
    return changedBytes(input, mutation, around).subarray(0, LONGEST_INPUT);
  }
}

/**
 * Changes that move no whole record with its checksum to where another was. Where they meet checksums, the reader has to
 * notice; a copied record is as good as the original, and only its place can give it away.
 */
export function isPlain({ kind }: Mutation): boolean {
  return (
    kind === "bit" || kind === "byte" || kind === "number" || kind === "field" || kind === "pointer" || kind === "cut"
  );
}

/** What a change may draw on beside the input. */
interface Around {
  readonly structure: Structure;
  readonly tokens: readonly string[];
  readonly corpus: readonly Buffer[];
}

function changedBytes(input: Buffer, mutation: Mutation, { structure, tokens, corpus }: Around): Buffer {
  const at = "at" in mutation ? Math.floor(mutation.at * input.length) : 0;
  const length = "size" in mutation ? 1 + Math.floor(mutation.size * (input.length - at)) : 0;
  switch (mutation.kind) {
    case "bit":
    case "byte":
      if (input.length > 0)
        input[at] = mutation.kind === "bit" ? (input[at] ?? 0) ^ (1 << mutation.bit) : mutation.value;
      return input;
    case "number":
      return putNumber(input, { at: at - (at % 4), width: mutation.width }, mutation.value, structure);
    case "field": {
      const field = pick(structure.fields, mutation.at) ?? { at, width: mutation.width };
      return putNumber(input, field, mutation.value, structure);
    }
    case "pointer": {
      const pointer = pick(structure.pointers ?? [], mutation.at);
      const block = pick(structure.blocks, mutation.to);
      if (pointer !== undefined && block !== undefined && pointer + 8 <= input.length) {
        input.writeBigUInt64BE(BigInt(block.at), pointer);
      }
      return input;
    }
    case "cut":
      return input.subarray(0, at);
    case "extend":
      return Buffer.concat([input, mutation.bytes]);
    case "erase":
      return replaced(input, at, length, []);
    case "insert":
      return replaced(input, at, 0, [mutation.bytes]);
    case "repeat":
      return repeated(input, at, length, mutation.times);
    case "repeat-block": {
      const block = pick(structure.blocks, mutation.at) ?? { at, length };
      return repeated(input, block.at, block.length, mutation.times);
    }
    case "swap":
      return swapped(input, { at, length }, { at: Math.floor(mutation.to * input.length), length });
    case "swap-blocks": {
      const one = pick(structure.blocks, mutation.at) ?? { at, length };
      return swapped(input, one, pick(structure.blocks, mutation.to) ?? { at: 0, length });
    }
    case "copy":
      input.copy(input, Math.floor(mutation.to * input.length), at, at + length);
      return input;
    case "splice": {
      const other = pick(corpus, mutation.other) ?? input;
      return Buffer.concat([input.subarray(0, at), other.subarray(Math.floor(mutation.to * other.length))]);
    }
    case "digits": {
      const run = digitsFrom(input, at);
      return run === null ? input : replaced(input, run.at, run.length, [Buffer.from(mutation.text)]);
    }
    case "token":
      return replaced(input, at, 0, [Buffer.from(pick(tokens, mutation.token) ?? "", "latin1")]);
  }
}

function pick<T>(items: readonly T[], fraction: number): T | undefined {
  return items[Math.floor(fraction * items.length)];
}

function putNumber(
  input: Buffer,
  field: Structure["fields"][number],
  value: FuzzNumber,
  { blocks }: Structure,
): Buffer {
  const { at, width } = field;
  if (at + width > input.length) return input;
  const { from, block, add, littleEndian } = value;
  const old = Buffer.from(input.subarray(at, at + width));
  const base = {
    zero: 0,
    old: BigInt(`0x${(littleEndian ? old.reverse() : old).toString("hex")}`),
    length: input.length,
    place: at,
    block: pick(blocks, block)?.at ?? 0,
  }[from];
  const number = BigInt.asUintN(8 * width, BigInt(base) + add);
  const encoded = Buffer.from(number.toString(16).padStart(2 * width, "0"), "hex");
  input.set(littleEndian ? encoded.reverse() : encoded, at);
  return input;
}

function replaced(input: Buffer, at: number, length: number, middle: readonly Uint8Array[]): Buffer {
  return Buffer.concat([input.subarray(0, at), ...middle, input.subarray(at + length)]);
}

function repeated(input: Buffer, at: number, length: number, times: number): Buffer {
  const part = input.subarray(at, at + length);
  const fits = Math.floor((LONGEST_INPUT - input.length) / Math.max(part.length, 1));
  return replaced(input, at, 0, new Array<Buffer>(Math.max(0, Math.min(times, fits))).fill(part));
}

function swapped(input: Buffer, a: { at: number; length: number }, b: { at: number; length: number }): Buffer {
  const [first, second] = a.at <= b.at ? [a, b] : [b, a];
  const firstEnd = Math.min(first.at + first.length, second.at);
  return Buffer.concat([
    input.subarray(0, first.at),
    input.subarray(second.at, second.at + second.length),
    input.subarray(firstEnd, second.at),
    input.subarray(first.at, firstEnd),
    input.subarray(second.at + second.length),
  ]);
}

/** The first run of digits from `at` on, or from the start. */
function digitsFrom(input: Buffer, at: number): { at: number; length: number } | null {
  const match = /\d+/.exec(input.toString("latin1", at)) ?? /\d+/.exec(input.toString("latin1"));
  if (match === null) return null;
  const start = input.length - (match.input.length - match.index);
  return { at: start, length: match[0].length };
}
