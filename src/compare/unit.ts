import { levelReaches } from "../mail/message.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { CHECK_OF_CLASS, CHECKS, type Check, type CheckResult, type Side, type State } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import { statusNumbers } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import { withPartner } from "./partner-evidence.ts";
import type { MailboxResult } from "./variance.ts";

/** One line of the comparison: a pair of mailboxes, or one that only one side has. Counts what is found in it. */
export class Unit {
  readonly primary: MailboxFacts | null;
  readonly replica: MailboxFacts | null;
  readonly #comparison: Comparison;
  readonly #findings: Partial<Record<State, number>> = {};
  readonly #differs = new Set<Check>();
  readonly #unknown = new Set<Check>();
  readonly #skipped = new Set<Check>();
  #reported = false;

  constructor(comparison: Comparison, primary: MailboxFacts | null, replica: MailboxFacts | null) {
    this.#comparison = comparison;
    this.primary = primary;
    this.replica = replica;
  }

  /** Reports one finding of this mailbox. */
  emit(draft: Draft): void {
    if (!this.#comparison.isAskedFor(draft)) return;
    const { state, accepted } = this.#comparison.emit(withPartner(this.#comparison, this, draft));
    this.#reported = true;
    if (accepted === undefined) this.#findings[state] = (this.#findings[state] ?? 0) + 1;
    (state === "unproven" ? this.#unknown : this.#differs).add(CHECK_OF_CLASS[draft.class]);
  }

  /** A check that another finding absorbed still differs, though nothing more is reported of it. */
  differs(check: Check): void {
    this.#differs.add(check);
    this.#comparison.tally.differing.add(check);
  }

  /** Checks that could not be made, because a side could not be read. */
  unknown(...checks: readonly Check[]): void {
    for (const check of checks) this.#unknown.add(check);
  }

  /** Checks that were not asked for here. */
  skip(...checks: readonly Check[]): void {
    for (const check of checks) this.#skipped.add(check);
  }

  /** True also where all of them were accepted: they are differences all the same. */
  get hasFindings(): boolean {
    return this.#reported;
  }

  /** Hands the line over; called once, when all that there is to say has been said. */
  close(): void {
    const { primary, replica } = this;
    const named = primary ?? replica;
    if (named === null) return;
    const differs = this.hasFindings || this.#differs.size > 0;
    const numbersDiffer = this.#differs.has("status");
    if (primary !== null && replica !== null && (numbersDiffer || this.#unknown.size > 0)) {
      this.#comparison.openChecks.set(primary.id, { unknown: this.#unknown, numbersDiffer });
    }
    if (differs) this.#comparison.tally.mailboxes.differing++;
    const result: MailboxResult = {
      type: "mailbox",
      mailbox: named.name,
      ...(primary !== null && replica !== null && primary.name !== replica.name ? { otherMailbox: replica.name } : {}),
      uniqueId: named.uniqueId,
      checks: Object.fromEntries(CHECKS.map((check) => [check, this.#check(check)])) as Record<Check, CheckResult>,
      primary: primary === null ? null : statusNumbers(primary),
      replica: replica === null ? null : statusNumbers(replica),
      findings: this.#findings,
    };
    this.#comparison.mailbox(result, differs || this.#unknown.size > 0);
  }

  #check(check: Check): CheckResult {
    if (this.#differs.has(check)) return "differs";
    if (this.#unknown.has(check)) return "unknown";
    if (this.#skipped.has(check)) return "not-checked";
    if (check === "content" && !this.#bothRead()) return "not-checked";
    return "same";
  }

  #bothRead(): boolean {
    const sides: Side[] = ["primary", "replica"];
    return sides.every((side) => levelReaches(this.#comparison.view(side).facts.level, "quick"));
  }
}
