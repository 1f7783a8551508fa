import type { MissingRow, Row, RowId } from "./row.ts";
import { type RowSummary, summarize } from "./statistics.ts";
import { measure, type Sample } from "./timing.ts";

/** The measurements of one tree. */
export interface Measurements {
  /** In the order of the rows. */
  readonly samples: ReadonlyMap<RowId, readonly Sample[]>;
  readonly summaries: ReadonlyMap<RowId, RowSummary>;
  /** Rows that failed on the way: no figure of theirs is kept. */
  readonly failed: readonly MissingRow[];
}

/**
 * Runs every row once per round, round after round (A B C, A B C, …), so that a disturbance meets all of them alike.
 * A round before them is not counted: it fills the page cache and finds the rows that do not work.
 *
 * @param say told what runs, for people who wait
 */
export function runRounds(
  rows: readonly Row[],
  rounds: number,
  scratchFile: string,
  say: (line: string) => void,
): Measurements {
  const samples = new Map<RowId, Sample[]>(rows.map((row) => [row.id, []]));
  const failed: MissingRow[] = [];
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? "Warming up" : `Round ${round} of ${rounds}`);
    for (const row of rows) {
      const soFar = samples.get(row.id);
      if (soFar === undefined) continue;
      const outcome = runRow(row, scratchFile);
      if (typeof outcome === "string") {
        failed.push({ id: row.id, reason: outcome });
        samples.delete(row.id);
      } else if (round > 0) {
        soFar.push(outcome);
      }
    }
  }
  return { samples, failed, summaries: new Map([...samples].map(([id, series]) => [id, summarize(series)])) };
}

/** One run: its sample, or why it does not count. */
function runRow(row: Row, scratchFile: string): Sample | string {
  row.prepare?.();
  const run = measure(row.command, scratchFile, row.objection !== undefined);
  if (run.status === "failed") return run.reason;
  return row.objection?.(run.output) ?? run.sample;
}
