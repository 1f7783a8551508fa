/** Whether a comparison belongs into a history, and where. */
import type { Database } from "../sqlite/database.ts";
import type { CountedPair, CountedScan, Standing } from "./records.ts";
import { refuseState } from "./state-error.ts";
import * as sql from "./statements.ts";

/** One row of `comparison`, as far as the next one must know it. */
interface CountedRow {
  readonly id: number;
  readonly primary_instance: string;
  readonly primary_manifest: string;
  readonly primary_to_ms: number;
  readonly replica_manifest: string;
  readonly replica_to_ms: number;
}

const SECOND_LOOK = "a second look (scan --only) is no comparison of the pair";

/**
 * Says which comparison of the pair this one is, and whether it counts: a pair of manifests counts once, and only if
 * both hosts were read after the comparison that was counted last. A file without a history becomes that of the pair.
 *
 * @throws {StateFileError} when the file belongs to another pair
 */
export function standingOf(db: Database, path: string, pair: CountedPair): Standing {
  checkPair(db, path, pair);
  const first = db.prepare(sql.SELECT_FIRST_COMPARISON).get() as CountedRow | undefined;
  const last = db.prepare(sql.SELECT_LAST_COMPARISON).get() as CountedRow | undefined;
  if (first === undefined || last === undefined) {
    const sinceMs = Math.max(pair.primary.finishedAtMs, pair.replica.finishedAtMs);
    if (pair.secondLook) return { comparison: 0, sinceMs: null, notCounted: SECOND_LOOK, swapped: false };
    return { comparison: 1, sinceMs, notCounted: null, swapped: false };
  }
  const notCounted = pair.secondLook ? SECOND_LOOK : reasonNotToCount(db, last, pair);
  return {
    comparison: notCounted === null ? last.id + 1 : last.id,
    sinceMs: Math.max(first.primary_to_ms, first.replica_to_ms),
    notCounted,
    swapped: last.primary_instance !== pair.primary.instance,
  };
}

function checkPair(db: Database, path: string, { primary, replica }: CountedPair): void {
  const [a, b] = primary.instance < replica.instance ? [primary, replica] : [replica, primary];
  if (a.instance === b.instance) {
    refuseState(
      path,
      "both manifests are of one and the same store, and a history is of two",
      "Compare a host with itself without --state",
    );
  }
  const known = db.prepare(sql.SELECT_PAIR).get() as
    | { instance_a: string; instance_b: string; host_a: string; host_b: string }
    | undefined;
  if (known === undefined) {
    db.prepare(sql.INSERT_PAIR).run(a.instance, b.instance, a.host, b.host);
    return;
  }
  if (known.instance_a === a.instance && known.instance_b === b.instance) return;
  refuseState(
    path,
    `it is the history of ${known.host_a} and ${known.host_b}, and these manifests are of ${primary.host} and ${replica.host}`,
    "Give each pair of stores a state file of its own; a store that moved to another machine or path is another one",
  );
}

function reasonNotToCount(db: Database, last: CountedRow, { primary, replica }: CountedPair): string | null {
  const same = db.prepare(sql.SELECT_COMPARISON_OF).get({ a: primary.id, b: replica.id }) as { id: number } | undefined;
  if (same !== undefined) return `these two manifests were counted as comparison ${same.id}`;
  return notReadAfter(last, primary) ?? notReadAfter(last, replica);
}

/** Each host is held against its own clock. */
function notReadAfter(last: CountedRow, scan: CountedScan): string | null {
  const wasPrimary = last.primary_instance === scan.instance;
  const manifest = wasPrimary ? last.primary_manifest : last.replica_manifest;
  if (manifest === scan.id) return `the manifest of ${scan.host} was counted with another one; scan both hosts`;
  const readMs = wasPrimary ? last.primary_to_ms : last.replica_to_ms;
  if (scan.startedAtMs >= readMs) return null;
  return `the scan of ${scan.host} began ${iso(scan.startedAtMs)}, before the one that was counted last had ended (${iso(readMs)})`;
}

function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `at ${ms} ms` : date.toISOString();
}
