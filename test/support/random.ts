/** Random choices that a seed repeats. */
export interface Random {
  readonly seed: number;
  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Each item with the given probability, in order. */
  some<T>(items: readonly T[], probability: number): T[];
}

/** @see mulberry32, a 32-bit generator: small, and good enough to choose test data */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const integer = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    seed,
    integer,
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError("Cannot pick from nothing");
      return items[integer(0, items.length - 1)] as (typeof items)[number];
    },
    some: (items, probability) => items.filter(() => next() < probability),
  };
}

/** The seed in `SPOOLDIFF_SEED`, or a new one. Tests print it, so that a failure can be repeated. */
export function chosenSeed(): number {
  const given = process.env.SPOOLDIFF_SEED;
  if (given === undefined || given === "") return Math.floor(Math.random() * 0x1_0000_0000);
  const seed = Number(given);
  if (!Number.isInteger(seed) || seed < 0)
    throw new RangeError(`Cannot use SPOOLDIFF_SEED "${given}": no whole number`);
  return seed;
}
