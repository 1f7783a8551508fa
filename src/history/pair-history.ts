/** The history of one pair: what earlier comparisons found, and what the present one adds. */
import type { Thing } from "../mail/thing.ts";
import type { Database, Statement } from "../sqlite/database.ts";
import { FindingRows } from "./finding-rows.ts";
import { ProgressRows } from "./progress-rows.ts";
import type {
  ComparisonCoverage,
  CountedPair,
  EarlierSighting,
  FindingAge,
  Measures,
  OpenFinding,
  Outcome,
  RunTotals,
  SeenFinding,
  SideCoverage,
  Standing,
} from "./records.ts";
import { standingOf } from "./standing.ts";
import { guardState } from "./state-error.ts";
import { type OpeningOptions, openStateFile } from "./state-file.ts";
import * as sql from "./statements.ts";

/** For a caller that looks at findings only. */
const NOTHING_MEASURED: Measures = { users: [], lagMedian: null, lagP95: null };

/**
 * A state file in the hands of one comparison. Nothing of the file changes before {@link record}, and then all of it in
 * one transaction; a comparison that does not count changes nothing at all.
 */
export class PairHistory {
  readonly path: string;
  readonly standing: Standing;
  readonly #db: Database;
  readonly #pair: CountedPair;
  readonly #rows: FindingRows;

  /**
   * Opens or makes the state file `path` for the comparison of `pair`, and keeps other comparisons out until it is
   * recorded or closed.
   *
   * @throws {StateFileError} when the file cannot be used, belongs to another pair, or is in use for too long
   */
  static open(path: string, pair: CountedPair, options: OpeningOptions = {}): PairHistory {
    const db = openStateFile(path, options);
    try {
      return guardState(path, () => new PairHistory(db, path, pair));
    } catch (error) {
      if (db.inTransaction) db.exec("ROLLBACK");
      db.close();
      throw error;
    }
  }

  private constructor(db: Database, path: string, pair: CountedPair) {
    this.path = path;
    this.#db = db;
    this.#pair = pair;
    this.standing = standingOf(db, path, pair);
    this.#rows = new FindingRows(db, this.standing.comparison);
    if (this.standing.notCounted !== null) db.exec("ROLLBACK");
  }

  /** Where an unbroken row of comparisons up to the last one has seen this thing with just these values. */
  sightingOf(thing: Thing, values: Uint8Array): EarlierSighting | null {
    return guardState(this.path, () => this.#rows.sightingOf(thing, values, this.#pair.primary.instance));
  }

  /**
   * Adds the present comparison: what it found, and of what it did not find whether it would have.
   *
   * @param reexamined true where the present comparison would have made the finding again if it still stood
   * @param measures asked for only where the comparison counts
   * @returns null for a comparison that does not count
   */
  record(
    findings: Iterable<SeenFinding>,
    outcome: Outcome,
    reexamined: (finding: OpenFinding) => boolean,
    measures: () => Measures = () => NOTHING_MEASURED,
  ): RunTotals | null {
    if (this.standing.notCounted !== null) return null;
    return guardState(this.path, () => {
      this.#insertComparison(outcome);
      for (const finding of findings) this.#rows.seen(finding, outcome.level);
      const progress = new ProgressRows(this.#db, this.standing.comparison, readMs(this.#pair));
      this.#rows.settleUnseen(
        (finding) => !this.standing.swapped && reexamined(finding),
        (finding) => progress.cleared(finding),
      );
      progress.write(measures());
      this.#rows.forget(readMs(this.#pair));
      const totals = this.#rows.totals;
      this.#statement(sql.UPDATE_TOTALS).run({ ...totals, id: this.standing.comparison });
      this.#db.exec("COMMIT");
      return totals;
    });
  }

  /** How old a finding is; null where it is in no comparison that counted. */
  ageOf(finding: Pick<SeenFinding, "thing" | "class" | "side">): FindingAge | null {
    return guardState(this.path, () => this.#rows.ageOf(finding));
  }

  /** When the hosts of the last complete comparison had been read, one just recorded included; null: there is none. */
  lastCompleteMs(): number | null {
    return guardState(this.path, () => {
      const row = this.#statement(sql.SELECT_LAST_COMPLETE).get() as { read_ms: number } | undefined;
      return row?.read_ms ?? null;
    });
  }

  close(): void {
    // What was not recorded never was.
    if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
    this.#db.close();
  }

  #insertComparison(outcome: Outcome): void {
    const { primary, replica } = this.#pair;
    this.#statement(sql.INSERT_COMPARISON).run({
      id: this.standing.comparison,
      compared_at_ms: outcome.comparedAtMs,
      primary_instance: primary.instance,
      primary_host: primary.host,
      primary_manifest: primary.id,
      primary_from_ms: primary.startedAtMs,
      primary_to_ms: primary.finishedAtMs,
      replica_instance: replica.instance,
      replica_host: replica.host,
      replica_manifest: replica.id,
      replica_from_ms: replica.startedAtMs,
      replica_to_ms: replica.finishedAtMs,
      swapped: this.standing.swapped ? 1 : 0,
      level: outcome.level,
      narrowed: JSON.stringify(outcome.narrowed),
      verdict: outcome.verdict,
      exit_code: outcome.exitCode,
      complete: outcome.complete ? 1 : 0,
      counts: JSON.stringify(outcome.counts),
      ...{ appeared: 0, persisting: 0, reopened: 0, cleared: 0, unexamined: 0 },
    });
    this.#statement(sql.INSERT_COVERAGE).run(coverageValues(this.standing.comparison, outcome.coverage));
  }

  #statement(text: string): Statement {
    return this.#db.prepare(text);
  }
}

function coverageValues(comparison: number, coverage: ComparisonCoverage): Record<string, number | null> {
  const { mailboxes, mailboxesUnchecked, messages, primary, replica } = coverage;
  const side = (name: string, { bytes, read, carried, oldestMs }: SideCoverage) => ({
    [`${name}_bytes`]: bytes,
    [`${name}_read`]: read,
    [`${name}_carried`]: carried,
    [`${name}_oldest_ms`]: oldestMs,
  });
  return {
    ...{ comparison, mailboxes, mailboxes_unchecked: mailboxesUnchecked, messages },
    ...side("primary", primary),
    ...side("replica", replica),
  };
}

/** When both hosts had been read. */
function readMs({ primary, replica }: CountedPair): number {
  return Math.max(primary.finishedAtMs, replica.finishedAtMs);
}
