/**
 * Lag, race or divergence: who is ahead, and whether time explains it. Design §3.3; a healthy replica is an earlier
 * prefix of the primary's modseq order.
 */
import type { Side } from "../classes.ts";
import type { RuleId } from "./rules.ts";

export type { RuleId } from "./rules.ts";

/** Of what a comparison decides with, the part that is the same for every finding. */
export interface JudgeSettings {
  /** Seconds within which a difference may be in flight where the store has no order of its own. */
  readonly settleSeconds: number;
  /** Seconds that the clocks of the two hosts may be apart. */
  readonly skewSeconds: number;
  /** The primary's scan is proved to have begun after the replica's had ended. */
  readonly primaryReadAfterReplica: boolean;
}

/** When a side was read, in milliseconds since 1970. */
export interface ReadTimes {
  readonly primaryMs: number;
  readonly replicaMs: number;
}

/** What a rule made of a difference. */
export interface Judgement {
  readonly state: "in-flight" | "diverged" | "unproven";
  readonly rule: RuleId;
  readonly cause?: "lag" | "race";
  readonly ageSeconds?: number;
  /** Where it is to be looked for: for an in-flight difference the side that is behind. */
  readonly side: Side;
}

/**
 * The primary has what the replica lacks (rule 3): lag if it was so when the replica was read, else it came between.
 *
 * @param factSeconds when the primary's fact came about, in seconds; null if nothing says
 */
export function primaryAhead(rule: RuleId, factSeconds: number | null, times: ReadTimes): Judgement {
  if (factSeconds === null) return { state: "in-flight", rule, cause: "lag", side: "replica" };
  const ageSeconds = Math.floor(times.replicaMs / 1000) - factSeconds;
  if (ageSeconds < 0) return { state: "in-flight", rule, cause: "race", side: "replica" };
  return { state: "in-flight", rule, cause: "lag", ageSeconds, side: "replica" };
}

/**
 * The replica has what the primary lacks (rule 4): only a fact that may be younger than the primary's read can have
 * come from the primary; anything else was written on the replica.
 *
 * @param factSeconds when the replica's fact came about, in seconds; null if nothing says
 */
export function replicaAhead(factSeconds: number | null, times: ReadTimes, settings: JudgeSettings): Judgement {
  const mayBeYounger =
    !settings.primaryReadAfterReplica &&
    factSeconds !== null &&
    // A time in whole seconds stands for any moment of that second.
    (factSeconds + 1 + settings.skewSeconds) * 1000 > times.primaryMs;
  if (mayBeYounger) return { state: "in-flight", rule: "replica-ahead", cause: "race", side: "primary" };
  return { state: "diverged", rule: "replica-ahead", side: "replica" };
}

/**
 * No order to go by (rule 7): a difference counts as in flight while it was young when the other side was read.
 *
 * @param ahead which side has the newer state, as far as that is known
 */
export function bySettle(
  factSeconds: number | null,
  ahead: Side,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  const behind: Side = ahead === "primary" ? "replica" : "primary";
  if (factSeconds === null) return { state: "unproven", rule: "no-age", side: behind };
  const otherReadMs = ahead === "primary" ? times.replicaMs : times.primaryMs;
  const ageSeconds = Math.floor(otherReadMs / 1000) - factSeconds;
  if (ageSeconds >= settings.settleSeconds) return { state: "diverged", rule: "older-than-settle", side: behind };
  if (ageSeconds < 0) return { state: "in-flight", rule: "within-settle", cause: "race", side: behind };
  return { state: "in-flight", rule: "within-settle", cause: "lag", ageSeconds, side: behind };
}
