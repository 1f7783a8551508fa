/** What the kernels have in common: lanes loaded and turned into vectors of words, state carried over the blocks. */
import { KERNEL_LAYOUT as LAYOUT } from "../../src/hash/kernel-layout.ts";
import { type Code, i32, i32x4, Locals, repeatWhile, v128 } from "./assembler.ts";

export interface KernelSpec {
  /** Vectors of four lanes that are worked on at once, so that one set's instructions fill the other's latencies. */
  readonly sets: number;
  /** Words of the state: `a`, `b`, `c` … */
  readonly stateWords: number;
  readonly bigEndian: boolean;
  /** All rounds over one block of every lane. */
  rounds(kernel: Kernel): Code;
}

/** Bytes of two vectors that make one: halves and quarters of a transposition of 4 × 4 words. */
const LOW_WORDS = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH_WORDS = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];
const LOW_PAIRS = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_PAIRS = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];
const SWAPPED = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];

/** A kernel under construction. Values of set `s` are locals called by a letter and `s`. */
export class Kernel {
  readonly sets: readonly number[];
  readonly #spec: KernelSpec;
  readonly #locals = new Locals();
  readonly #stateNames: readonly string[];

  constructor(spec: KernelSpec) {
    this.#spec = spec;
    this.sets = Array.from({ length: spec.sets }, (_, set) => set);
    this.#stateNames = [..."abcde"].slice(0, spec.stateWords);
    for (let lane = 0; lane < 4 * spec.sets; lane++) this.#locals.declare(`pointer${lane}`, "i32");
    const perSet = [...this.#stateNames, ...this.#stateNames.map((name) => `old_${name}`), "sum"];
    for (const set of this.sets) for (const name of perSet) this.#locals.declare(name + set, "v128");
    const scratch = ["rotated", "constant", "row0", "row1", "row2", "row3", "low0", "low1", "high0", "high1"];
    for (const name of scratch) this.#locals.declare(name, "v128");
  }

  get(name: string): Code {
    return this.#locals.get(name);
  }

  set(name: string, value: Code): Code {
    return this.#locals.set(name, value);
  }

  /** Loads round constant `index` into all lanes of `constant`. */
  loadConstant(index: number): Code {
    return this.set("constant", v128.load32Splat(LAYOUT.constants + 4 * index));
  }

  /** Word `index` (0-15) of the blocks of set `set`, and how to replace it. */
  word(set: number, index: number): Code {
    return v128.load(wordAt(set, index));
  }

  setWord(set: number, index: number, value: Code): Code {
    return v128.store(wordAt(set, index), value);
  }

  rotateLeft(value: Code, bits: number): Code {
    const kept = this.#locals.tee("rotated", value);
    return v128.or(i32x4.shl(kept, bits), i32x4.shrU(this.get("rotated"), 32 - bits));
  }

  /** The function's code. */
  finish(): Code {
    const countDown = this.#locals.tee("n", i32.sub(this.get("n"), i32.const(1)));
    const block = [
      ...this.sets.flatMap((set) => [0, 1, 2, 3].flatMap((quarter) => this.#loadQuarter(set, quarter))),
      ...this.#eachState((name) => this.set(`old_${name}`, this.get(name))),
      ...this.#spec.rounds(this),
      ...this.#eachState((name) => this.set(name, i32x4.add(this.get(name), this.get(`old_${name}`)))),
      ...this.#eachPointer((name) => this.set(name, i32.add(this.get(name), i32.const(64)))),
    ];
    return this.#locals.functionBody([
      ...this.#eachPointer((name, at) => this.set(name, i32.load(at))),
      ...this.#eachState((name, at) => this.set(name, v128.load(at))),
      ...repeatWhile(block, countDown),
      ...this.#eachPointer((name, at) => i32.store(at, this.get(name))),
      ...this.#eachState((name, at) => v128.store(at, this.get(name))),
    ]);
  }

  /** Loads 16 bytes of four lanes and stores them as four vectors, of one word of each lane. */
  #loadQuarter(set: number, quarter: number): Code {
    const get = (name: string) => this.get(name);
    const rows = [0, 1, 2, 3].flatMap((lane) => {
      const bytes = v128.load(16 * quarter, get(`pointer${4 * set + lane}`));
      return this.set(`row${lane}`, this.#spec.bigEndian ? v128.shuffle(SWAPPED, bytes, bytes) : bytes);
    });
    const halves = [
      ...this.set("low0", v128.shuffle(LOW_WORDS, get("row0"), get("row1"))),
      ...this.set("high0", v128.shuffle(HIGH_WORDS, get("row0"), get("row1"))),
      ...this.set("low1", v128.shuffle(LOW_WORDS, get("row2"), get("row3"))),
      ...this.set("high1", v128.shuffle(HIGH_WORDS, get("row2"), get("row3"))),
    ];
    return [
      ...rows,
      ...halves,
      ...this.setWord(set, 4 * quarter, v128.shuffle(LOW_PAIRS, get("low0"), get("low1"))),
      ...this.setWord(set, 4 * quarter + 1, v128.shuffle(HIGH_PAIRS, get("low0"), get("low1"))),
      ...this.setWord(set, 4 * quarter + 2, v128.shuffle(LOW_PAIRS, get("high0"), get("high1"))),
      ...this.setWord(set, 4 * quarter + 3, v128.shuffle(HIGH_PAIRS, get("high0"), get("high1"))),
    ];
  }

  #eachPointer(code: (name: string, at: number) => Code): Code {
    const lanes = Array.from({ length: 4 * this.#spec.sets }, (_, lane) => lane);
    return lanes.flatMap((lane) => code(`pointer${lane}`, LAYOUT.pointers + 4 * lane));
  }

  #eachState(code: (name: string, at: number) => Code): Code {
    return this.#stateNames.flatMap((name, word) =>
      this.sets.flatMap((set) => code(name + set, LAYOUT.state + 16 * (word * this.#spec.sets + set))),
    );
  }
}

function wordAt(set: number, index: number): number {
  return LAYOUT.words + 16 * (16 * set + index);
}
