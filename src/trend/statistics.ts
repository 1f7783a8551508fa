/**
 * Robust statistics of a short series. Written here: of the two packages that were looked at, ml-regression-theil-sen 3.0
 * gives a slope without bounds, and simple-statistics 7.12 a normal distribution of four digits and no Mann-Kendall test.
 * What is left of them is a median of slopes, for which six packages would run with the right to read mail. Tests hold
 * the slope and the probability against both.
 */

/** A straight line through a series, by the median of all slopes, and whether the series goes anywhere at all. */
export interface SlopeEstimate {
  /** Change per unit of x; with its 95 % confidence bounds, the ranks of which are rounded outwards. */
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
  /** Mann–Kendall: later values that are higher, minus those that are lower. */
  readonly s: number;
  /** How likely such an `s`, or a greater one, is where there is no trend (two-sided, corrected for ties). */
  readonly p: number;
}

/** The 97.5th percentile of the normal distribution. */
const Z_95 = 1.959964;

/**
 * Theil–Sen slope with Sen's confidence bounds, and the Mann–Kendall test.
 *
 * @param x ascending, without repetitions
 * @returns null for fewer than three values
 * @see Sen, Estimates of the Regression Coefficient Based on Kendall's Tau, JASA 63 (1968)
 */
export function estimateSlope(x: readonly number[], y: readonly number[]): SlopeEstimate | null {
  if (x.length < 3) return null;
  const slopes: number[] = [];
  let s = 0;
  for (const [j, xj] of x.entries()) {
    for (let i = 0; i < j; i++) {
      const rise = (y[j] ?? 0) - (y[i] ?? 0);
      s += Math.sign(rise);
      slopes.push(rise / (xj - (x[i] ?? 0)));
    }
  }
  slopes.sort((a, b) => a - b);
  const deviation = Math.sqrt(varianceOf(y));
  const reach = Z_95 * deviation;
  const at = (rank: number) => slopes[Math.max(0, Math.min(slopes.length - 1, rank))] ?? 0;
  const z = s === 0 || deviation === 0 ? 0 : (Math.abs(s) - 1) / deviation;
  return {
    slope: (at(Math.floor((slopes.length - 1) / 2)) + at(Math.floor(slopes.length / 2))) / 2,
    lower: at(Math.floor((slopes.length - reach) / 2) - 1),
    upper: at(Math.ceil((slopes.length + reach) / 2)),
    s,
    p: Math.min(1, 2 * (1 - normal(z))),
  };
}

/** Variance of Mann–Kendall's S, less by what equal values take from it. */
function varianceOf(y: readonly number[]): number {
  const term = (n: number) => n * (n - 1) * (2 * n + 5);
  const ties = [...Map.groupBy(y, (value) => value).values()].map(({ length }) => term(length));
  return (term(y.length) - ties.reduce((sum, tie) => sum + tie, 0)) / 18;
}

/** The normal distribution to seven digits; Abramowitz & Stegun 26.2.17, for z >= 0. */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
