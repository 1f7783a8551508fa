import { CHECK_OF_CLASS, type Check, type State, type VarianceClass } from "./classes.ts";
import type { Variance } from "./variance.ts";

/** Counts of a whole comparison. */
export class Tally {
  readonly byClass: Partial<Record<VarianceClass, number>> = {};
  readonly byState: Partial<Record<State, number>> = {};
  /** Checks that some finding belongs to, and those that some unproven finding leaves open. */
  readonly differing = new Set<Check>();
  readonly open = new Set<Check>();
  /** In-flight findings older than the greatest lag that is allowed. */
  stalled = 0;
  oldestLagSeconds = 0;
  /** Findings that were accepted: they differ, and count towards no verdict. */
  accepted = 0;
  notes = 0;
  mailboxes = { compared: 0, differing: 0, onlyPrimary: 0, onlyReplica: 0, notChecked: 0 };
  messages = { compared: 0, differing: 0 };
  readonly #maxLagSeconds: number;

  constructor(maxLagSeconds: number) {
    this.#maxLagSeconds = maxLagSeconds;
  }

  add(variance: Variance): void {
    if (variance.accepted === undefined) {
      this.byClass[variance.class] = (this.byClass[variance.class] ?? 0) + 1;
      this.byState[variance.state] = (this.byState[variance.state] ?? 0) + 1;
    } else this.accepted++;
    (variance.state === "unproven" ? this.open : this.differing).add(CHECK_OF_CLASS[variance.class]);
    this.messages.differing += variance.messages ?? (variance.subject.uid === undefined ? 0 : 1);
    // In no pair whose messages are counted, and differing all the same: a share of all needs them on both sides of it.
    if (variance.class === "mailbox-missing" || variance.class === "mailbox-recreated") {
      this.messages.compared += variance.messages ?? 0;
    }
    if (variance.accepted !== undefined) return;
    if (variance.state !== "in-flight" || variance.ageSeconds === undefined) return;
    this.oldestLagSeconds = Math.max(this.oldestLagSeconds, variance.ageSeconds);
    if (variance.ageSeconds > this.#maxLagSeconds) this.stalled++;
  }

  addNote(): void {
    this.notes++;
  }

  count(state: State): number {
    return this.byState[state] ?? 0;
  }
}
