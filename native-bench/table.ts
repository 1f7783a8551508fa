import type { Measurements } from "./rounds.ts";
import type { MissingRow, Row, RowId } from "./row.ts";
import { NOISE_LIMIT, noisyRows, type TargetResult } from "./targets.ts";

/** The row that ratios refer to: spooldiff's own, or the C program where that is missing. */
const BASES: readonly RowId[] = ["full", "roof-full", "md5sum"];

/** One tree's measurements as a table of at most 80 columns. */
export function formatMeasurements(rows: readonly Row[], { summaries }: Measurements): string {
  const base = BASES.find((id) => summaries.has(id));
  const baseSeconds = base === undefined ? undefined : summaries.get(base)?.wallSeconds.median;
  const head = `${"seconds".padEnd(30)}${"median".padStart(8)}${"min".padStart(8)}${"max".padStart(8)}`;
  const lines = [`${head}${"CPU".padStart(8)}${"MB".padStart(6)}${`x ${base ?? ""}`.padStart(12)}`];
  for (const row of rows) {
    const summary = summaries.get(row.id);
    if (summary === undefined) continue;
    const { wallSeconds: wall, cpuSeconds: cpu, maxRssBytes } = summary;
    const seconds = [wall.median, wall.min, wall.max, cpu.median].map((value) => value.toFixed(2).padStart(8)).join("");
    const megabytes = (maxRssBytes.median / 2 ** 20).toFixed(0).padStart(6);
    const ratio = baseSeconds === undefined ? "" : (wall.median / baseSeconds).toFixed(2);
    lines.push(`${row.label.padEnd(30)}${seconds}${megabytes}${ratio.padStart(12)}`);
  }
  return lines.join("\n");
}

/** The rows that are not in the table, a line for each reason. */
export function formatMissing(missing: readonly MissingRow[]): string {
  const byReason = Map.groupBy(missing, ({ reason }) => reason);
  return [...byReason]
    .map(([reason, rows]) => `left out: ${rows.map(({ id }) => id).join(", ")}: ${reason}\n`)
    .join("");
}

/** The targets of one tree, and whether there is a verdict on them. */
export function formatTargets(results: readonly TargetResult[], measurements: Measurements): string {
  const lines = results.map(({ target, value, verdict }) => {
    const bound = "atLeast" in target.bound ? `>= ${target.bound.atLeast}` : `<= ${target.bound.atMost}`;
    const measured = value === null ? "-" : value.toFixed(target.unit === "MB" ? 0 : 2);
    const figures = `${measured.padStart(8)} ${target.unit.padEnd(2)}  ${bound.padEnd(8)}`;
    return `${target.says.padEnd(34)}${figures}  ${verdict === "noisy" ? "-" : verdict}`;
  });
  const noisy = noisyRows(measurements.summaries);
  if (noisy.length > 0) {
    lines.push(`noisy, no verdict: max/min above ${NOISE_LIMIT} in ${noisy.join(", ")}`);
  }
  return lines.join("\n");
}
