import type { Sample } from "./timing.ts";

/** A series of one quantity. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** All rounds of one row. */
export interface RowSummary {
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
  readonly maxRssBytes: Spread;
}

/** @throws {RangeError} if there are no values */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const min = sorted[0];
  const max = sorted.at(-1);
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new RangeError("No values to summarize");
  }
  return { median: (low + high) / 2, min, max };
}

export function summarize(samples: readonly Sample[]): RowSummary {
  return {
    wallSeconds: spreadOf(samples.map((sample) => sample.wallSeconds)),
    cpuSeconds: spreadOf(samples.map((sample) => sample.cpuSeconds)),
    maxRssBytes: spreadOf(samples.map((sample) => sample.maxRssBytes)),
  };
}
