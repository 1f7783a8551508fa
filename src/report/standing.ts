/** Open findings in groups, by what they alarm for: for monitoring, which counts findings and names none. */
import type { RuleId } from "../compare/judge/rules.ts";
import type { Variance } from "../compare/variance.ts";

/** Comparisons after which what is still there alarms. */
export const DEFAULT_PERSIST = 2;

/** Open findings of one class, state and rule; how many of them have persisted. */
export interface StandingFindings {
  readonly state: string;
  readonly class: string;
  readonly rule: string;
  readonly findings: number;
  readonly lasting: number;
}

/** Rules by which the replica has what the primary has not, or both have something else: no second run will mend it. */
const SPLIT_BRAIN: ReadonlySet<string> = new Set<RuleId>([
  "replica-ahead",
  "primary-still-lacks",
  "guid-conflict",
  "rename-cycle",
]);

/** What alarms at once, without a second comparison. */
export const URGENT_REASONS = ["damaged", "guid-conflict", "split-brain"] as const;
export type UrgentReason = (typeof URGENT_REASONS)[number];

/** Why findings alarm at once; null where they only do if they persist. */
export function urgencyOf({
  state,
  class: is,
  rule,
}: Pick<StandingFindings, "state" | "class" | "rule">): UrgentReason | null {
  if (state === "damaged") return "damaged";
  if (state !== "diverged") return null;
  if (is === "message-conflict" || rule === "guid-conflict") return "guid-conflict";
  return SPLIT_BRAIN.has(rule) ? "split-brain" : null;
}

/** How many findings there are in all of these groups. */
export function sumOf(standing: readonly StandingFindings[]): number {
  return standing.reduce((sum, { findings }) => sum + findings, 0);
}

/** Groups findings, one by one. */
export class StandingTally {
  readonly #groups = new Map<string, { -readonly [Name in keyof StandingFindings]: StandingFindings[Name] }>();
  readonly #persist: number;

  /** @param persist comparisons after which a finding has persisted */
  constructor(persist: number) {
    this.#persist = persist;
  }

  /** Without a history a finding has stood for the present comparison alone. What was accepted alarms nobody. */
  add({ class: is, state, rule, accepted, standing = 1 }: Variance): void {
    if (accepted !== undefined) return;
    const key = `${state} ${is} ${rule}`;
    const group = this.#groups.get(key) ?? { state, class: is, rule, findings: 0, lasting: 0 };
    this.#groups.set(key, group);
    group.findings++;
    if (standing >= this.#persist) group.lasting++;
  }

  groups(): readonly StandingFindings[] {
    return [...this.#groups.values()];
  }
}
