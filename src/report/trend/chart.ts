import { openOf, type Point } from "../../trend/series.ts";
import { count } from "../figures.ts";
import type { Page } from "../text/page.ts";

/** Comparisons that a chart shows. */
const SHOWN = 30;
const BAR_WIDTH = 44;

/** Which characters a terminal can show. */
export interface ChartInk {
  readonly full: string;
  /** Eighths of a character, from one to seven; none where there are none. */
  readonly parts: string;
}

export const UNICODE_INK: ChartInk = { full: "█", parts: "▏▎▍▌▋▊▉" };
export const ASCII_INK: ChartInk = { full: "#", parts: "" };

/** A bar of open findings for each of the last comparisons; of the worst length as wide as the page has room for. */
export function writeChart(page: Page, points: readonly Point[], ink: ChartInk): void {
  const shown = points.slice(-SHOWN);
  if (shown.length === 0) return;
  page.heading("Open findings after each comparison");
  const most = Math.max(1, ...shown.map(openOf));
  for (const point of shown) {
    const time = new Date(point.readMs).toISOString().slice(0, 16).replace("T", " ");
    const mark = point.swapped ? "roles changed" : point.complete ? "" : "incomplete";
    const figures = [count(openOf(point)), mark].filter((part) => part !== "").join(", ");
    page.line(`  ${time}  ${bar(openOf(point) / most, ink)} ${figures}`.trimEnd());
  }
}

/** A bar of this share of the width; never empty for something, never longer than the greatest. */
export function bar(share: number, { full, parts }: ChartInk): string {
  if (share <= 0) return "";
  const steps = parts.length + 1;
  const eighths = Math.min(BAR_WIDTH * steps, Math.max(1, Math.round(share * BAR_WIDTH * steps)));
  return full.repeat(Math.floor(eighths / steps)) + (parts[(eighths % steps) - 1] ?? "");
}
