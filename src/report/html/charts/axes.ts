/** What the axes of several charts have in common. */
import type { Point } from "../../../trend/series.ts";
import { count } from "../../figures.ts";
import type { PlotOptions } from "./canvas.ts";

const HALF_DAY_MS = 43_200_000;

/** Time, in UTC, over all comparisons; a single one stands in the middle of its day. */
export function timeAxis(points: readonly Point[]): NonNullable<PlotOptions["x"]> {
  const times = points.map(({ readMs }) => readMs);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const domain = first === last ? [first - HALF_DAY_MS, last + HALF_DAY_MS] : [first, last];
  return { type: "utc", domain: domain.map((ms) => new Date(ms)), label: null, ticks: 5, insetLeft: 6, insetRight: 6 };
}

/** Whole numbers from nothing up. */
export function countAxis(least: number, most: number): NonNullable<PlotOptions["y"]> {
  const ticks = Math.min(4, Math.max(1, most - least));
  const tickFormat = (value: number) => (Number.isInteger(value) ? compact(Math.abs(value)) : "");
  return { domain: [least, Math.max(1, most)], nice: ticks, ticks, tickFormat, label: null, grid: true };
}

/** A number in at most six characters. */
function compact(value: number): string {
  if (value < 10_000) return count(value);
  return new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "days"],
  [3600, "hours"],
  [60, "minutes"],
  [1, "seconds"],
];

/** The unit in which a length of time is a small number: its seconds, and its name. */
export function unitOf(seconds: number): readonly [number, string] {
  return UNITS.find(([unit]) => seconds >= 2 * unit) ?? [1, "seconds"];
}
