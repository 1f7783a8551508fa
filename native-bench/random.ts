/** A stream of pseudo-random numbers: the same seed gives the same numbers, on every machine. */
export interface Random {
  /** In [0, 1). */
  uniform(): number;
  /** A whole number from `from` to `to`, both possible. */
  integer(from: number, to: number): number;
  /** Normally distributed: mean 0, standard deviation 1. */
  normal(): number;
}

/** Mulberry32: 32 bits of state, plenty for sizes and flags. Not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    integer: (from, to) => from + Math.floor(uniform() * (to - from + 1)),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
