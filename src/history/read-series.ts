/** Reads what a state file says over time, without writing anything: also for who may only read the file. */
import type {
  ComparisonCoverage,
  SideCoverage,
  StandingFindings,
  StoredComparison,
  StoredProgress,
  StoredSeries,
} from "./records.ts";
import { guardState } from "./state-error.ts";
import { openStateForReading } from "./state-file.ts";
import * as sql from "./statements.ts";

/** Comparisons that are looked at, from the last one back: a year of nights. */
export const SERIES_COMPARISONS = 366;

/** Values as SQLite gives them; the file's CHECKs, which opening it has verified, hold for each. */
type Row = Readonly<Record<string, string | number | Buffer | null>>;

/**
 * The comparisons of a state file, oldest first, and what is open after the last one.
 *
 * @param persist of open findings, how many stand since so many comparisons is counted
 * @throws {StateFileError} when the file is no sound state file; it is never changed
 */
export function readSeries(path: string, persist: number): StoredSeries {
  const db = openStateForReading(path);
  if (db === null) return { comparisons: [], users: [], standing: [] };
  try {
    return guardState(path, () => ({
      comparisons: (db.prepare(sql.SELECT_SERIES).all(SERIES_COMPARISONS) as Row[]).map(comparisonOf),
      users: (db.prepare(sql.SELECT_USER_PROGRESS).all() as Row[]).map(progressOf),
      standing: db.prepare(sql.SELECT_STANDING).all({ persist }) as StandingFindings[],
    }));
  } finally {
    db.close();
  }
}

function comparisonOf(row: Row): StoredComparison {
  return {
    ...progressOf(row),
    readMs: Number(row.read_ms),
    primaryHost: String(row.primary_host),
    replicaHost: String(row.replica_host),
    swapped: row.swapped === 1,
    level: String(row.level),
    scope: String(row.narrowed),
    verdict: String(row.verdict),
    complete: row.complete === 1,
    accepted: Number(row.accepted),
    unexamined: Number(row.unexamined),
    coverage: coverageOf(row),
  };
}

function coverageOf(row: Row): ComparisonCoverage | null {
  if (row.compared === null) return null;
  const side = (name: "primary" | "replica"): SideCoverage => ({
    bytes: Number(row[`${name}_bytes`]),
    read: Number(row[`${name}_read`]),
    carried: Number(row[`${name}_carried`]),
    oldestMs: numberOrNull(row[`${name}_oldest_ms`]),
  });
  return {
    mailboxes: Number(row.compared),
    mailboxesUnchecked: Number(row.mailboxes_unchecked),
    messages: Number(row.messages),
    primary: side("primary"),
    replica: side("replica"),
  };
}

function progressOf(row: Row): StoredProgress {
  return {
    comparison: Number(row.comparison),
    owner: Buffer.isBuffer(row.owner) ? row.owner.toString("latin1") : "",
    mailboxes: Number(row.mailboxes),
    primaryModseq: textOrNull(row.primary_modseq),
    replicaModseq: textOrNull(row.replica_modseq),
    damaged: Number(row.damaged),
    diverged: Number(row.diverged),
    inFlight: Number(row.in_flight),
    unproven: Number(row.unproven),
    lasting: Number(row.lasting),
    waiting: Number(row.waiting),
    oldestSeconds: numberOrNull(row.oldest_seconds),
    appeared: Number(row.appeared),
    cleared: Number(row.cleared),
    lagMessages: Number(row.lag_messages),
    lagBytes: Number(row.lag_bytes),
    lagSeconds: numberOrNull(row.lag_seconds),
    lagMedian: numberOrNull(row.lag_median),
    lagP95: numberOrNull(row.lag_p95),
  };
}

function textOrNull(value: Row[string] | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function numberOrNull(value: Row[string] | undefined): number | null {
  return typeof value === "number" ? value : null;
}
