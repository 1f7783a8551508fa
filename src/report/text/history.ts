import type { HistorySummary, Variance } from "../../compare/variance.ts";
import { openOf } from "../../trend/series.ts";
import type { Trend } from "../../trend/trend.ts";
import { terminalText } from "../escape.ts";
import { count, counted } from "../figures.ts";

/** What the history of the pair says of a comparison, for the head of its report. */
export function historyLines(history: HistorySummary | undefined): string[] {
  if (history === undefined) return [];
  const { comparison, since, notCounted, swapped, findings } = history;
  if (notCounted !== null) return [`not counted, nothing is remembered of it: ${terminalText(notCounted)}`];
  const first = comparison === 1 || since === null;
  const lines = [
    first
      ? "starts now: no earlier comparison of this pair is known"
      : `comparison ${count(comparison)} of this pair since ${seconds(since)}`,
  ];
  if (swapped) lines.push("the hosts have changed roles since the last one: nothing is cleared");
  if (findings === null || first) return lines;
  const { new: fresh, persisting, reopened, cleared, notReExamined } = findings;
  const numbers = [`${count(fresh)} new`, `${count(persisting)} persisting`, `${count(cleared)} cleared`];
  if (reopened > 0) numbers.push(`${count(reopened)} back again`);
  lines.push(numbers.join(", "));
  if (notReExamined > 0) {
    const open = counted(notReExamined, "earlier finding");
    lines.push(`${open} not re-examined: open as far as anybody knows`);
  }
  return lines;
}

/** Comparisons whose open findings stand beside the trend's word. */
const RUNS_SHOWN = 7;

/** The trend's word with its reason, and how many findings the last comparisons left open. */
export function trendLines(trend: Trend | undefined): string[] {
  if (trend === undefined || trend.points.length < 2) return [];
  const open = trend.points.slice(-RUNS_SHOWN).map((point) => count(openOf(point)));
  return [
    `${trend.verdict}: ${terminalText(trend.reason)}`,
    `open after the last ${counted(open.length, "comparison")}: ${open.join(", ")}`,
  ];
}

/** How old a finding is, where an earlier comparison has seen it. */
export function timesSeen({ firstSeen, runs, course }: Variance): string[] {
  if (firstSeen === undefined || runs === undefined || runs < 2) return [];
  const back = course === "reopened" ? "back again, " : "";
  return [`${back}seen in ${counted(runs, "run")}, first ${seconds(firstSeen)}`];
}

/** Milliseconds are for programs. */
function seconds(iso: string): string {
  return terminalText(iso.replace(/\.\d+Z$/, "Z"));
}
