/** What the axes of several charts have in common. */
import type { Point } from "../../../trend/series.ts";
import { count } from "../../figures.ts";
import type { PlotOptions } from "./canvas.ts";

/** Below this a day is shown by its hours. */
const FEW_DAYS_MS = 3 * 86_400_000;

/** Time, in UTC, over all comparisons. */
export function timeAxis(points: readonly Point[]): NonNullable<PlotOptions["x"]> {
  const times = points.map(({ readMs }) => readMs);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const hours = last - first < FEW_DAYS_MS ? { tickFormat: hourOf } : {};
  const domain = [new Date(first), new Date(last)];
  return { type: "utc", domain, label: null, ticks: 5, insetLeft: 6, insetRight: 6, ...hours };
}

/** The hour of a tick; at the first one and at midnight with the day below it. */
function hourOf(time: Date, index: number): string {
  const hour = time.toISOString().slice(11, 16);
  return index === 0 || hour === "00:00" ? `${hour}\n${time.toISOString().slice(5, 10)}` : hour;
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
