/** `--state`: what the comparison tells the history of its pair, and what that says of the findings. */
import type { EarlierFinding, HistoryView } from "../../compare/history-view.ts";
import { LagTally } from "../../compare/lag.ts";
import { thingOf, valuesOf } from "../../compare/thing.ts";
import type { HistorySummary, Summary, Variance } from "../../compare/variance.ts";
import type { FindingStore } from "../../findings/store.ts";
import { PairHistory } from "../../history/pair-history.ts";
import type { RunTotals, SeenFinding } from "../../history/records.ts";
import type { ByteString } from "../../mail/name.ts";
import type { StoredManifestPair } from "../../manifest/pair.ts";
import { coverageOf, measuresOf } from "../measures.ts";
import { checkOutsideServer } from "../worklist/server-place.ts";
import { checkNotState, type ReportTarget } from "./report-targets.ts";

/** The state file of a comparison under way. */
export class PairState {
  readonly view: HistoryView;
  readonly #history: PairHistory;
  readonly #pair: StoredManifestPair;
  #reexamined: (finding: EarlierFinding) => boolean = () => false;
  #lag = new LagTally();
  #version: { readonly mailbox: string; readonly version: number | null } | null = null;

  /** Opens or makes the file. Other comparisons wait for this one until it is recorded or closed. */
  static open(path: string, pair: StoredManifestPair, targets: readonly ReportTarget[]): PairState {
    checkNotState(targets, path);
    checkOutsideServer(path);
    const [primary, replica] = [pair.primary.facts, pair.replica.facts];
    const secondLook = primary.only !== undefined || replica.only !== undefined;
    return new PairState(PairHistory.open(path, { primary, replica, secondLook }), pair);
  }

  private constructor(history: PairHistory, pair: StoredManifestPair) {
    this.#history = history;
    this.#pair = pair;
    this.view = { sightingOf: (thing, values) => history.sightingOf(thing, values) };
  }

  /** Takes what the comparison says of findings that it has not made. */
  examined(reexamined: (finding: EarlierFinding) => boolean): void {
    this.#reexamined = reexamined;
  }

  /** Takes how far the comparison found the replica to be behind. */
  measured(lag: LagTally): void {
    this.#lag = lag;
  }

  /**
   * Adds the finished comparison to the history, and to its summary what came of that.
   *
   * What is accepted is no finding of the history: it is not open, and what was open of it no longer is.
   *
   * @param inScope whether a mailbox name is in the scope of the comparison
   */
  record(
    findings: Pick<FindingStore, "variances" | "isAccepted">,
    summary: Summary,
    nowMs: number,
    inScope: (name: ByteString) => boolean,
  ): Summary {
    const outcome = {
      comparedAtMs: nowMs,
      level: summary.scope.level,
      narrowed: summary.scope.narrowedBy,
      verdict: summary.verdict,
      exitCode: summary.exitCode,
      complete: summary.incomplete.length === 0,
      counts: summary.counts,
      coverage: coverageOf(summary, this.#pair),
    };
    const totals = this.#history.record(
      this.#seen(findings.variances()),
      outcome,
      (finding) => findings.isAccepted(finding.thing, finding.class) || this.#reexamined(finding),
      () => measuresOf(this.#pair, this.#lag, inScope),
    );
    return { ...summary, history: this.#summary(totals) };
  }

  /** The findings with their age. */
  *aged(variances: Iterable<Variance>): Generator<Variance> {
    for (const variance of variances) {
      const age =
        variance.accepted !== undefined
          ? null
          : this.#history.ageOf({ thing: thingOf(variance), class: variance.class, side: variance.side });
      if (age === null) yield variance;
      else {
        const { firstSeenMs, runs, course, standing } = age;
        yield { ...variance, firstSeen: iso(firstSeenMs), runs, course, standing };
      }
    }
  }

  close(): void {
    this.#history.close();
  }

  #summary(totals: RunTotals | null): HistorySummary {
    const { comparison, sinceMs, notCounted, swapped } = this.#history.standing;
    const lastCompleteMs = this.#history.lastCompleteMs();
    return {
      file: this.#history.path,
      comparison,
      since: sinceMs === null ? null : iso(sinceMs),
      notCounted,
      swapped,
      lastComplete: lastCompleteMs === null ? null : iso(lastCompleteMs),
      findings:
        totals === null
          ? null
          : {
              new: totals.appeared - totals.reopened,
              persisting: totals.persisting,
              reopened: totals.reopened,
              cleared: totals.cleared,
              notReExamined: totals.unexamined,
            },
    };
  }

  *#seen(variances: Iterable<Variance>): Generator<SeenFinding> {
    for (const variance of variances) {
      if (variance.accepted !== undefined) continue;
      const { class: is, state, side, cause, rule, subject } = variance;
      yield {
        thing: thingOf(variance),
        name: subject.mailbox,
        ...{ class: is, state, side, cause: cause ?? null, rule },
        indexVersion: subject.uniqueId === null ? null : this.#indexVersion(subject.uniqueId),
        values: valuesOf(variance),
      };
    }
  }

  /** The lower index version of the two sides of a mailbox; null where one of them has none. */
  #indexVersion(uniqueId: string): number | null {
    if (this.#version?.mailbox === uniqueId) return this.#version.version;
    const versions = [this.#pair.primary, this.#pair.replica].map((view) => {
      const id = view.listedByUniqueId(uniqueId);
      return id === null ? null : (view.mailbox(id).header?.minorVersion ?? null);
    });
    const version = versions.includes(null) ? null : Math.min(...versions.map(Number));
    this.#version = { mailbox: uniqueId, version };
    return version;
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
