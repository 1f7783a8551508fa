/**
 * What an earlier comparison of the same two hosts adds to a judgement. Design §3.3 rule 4 and §3.4: where nothing on
 * disk says when something changed, that it was there before is the only time there is.
 */
import type { State } from "../classes.ts";
import type { JudgeSettings, ReadTimes } from "./order.ts";
import type { RuleId } from "./rules.ts";

/** The first of an unbroken row of comparisons that saw a thing with the very values that it has now. */
export interface Sighting {
  /** When each side had been read then, in milliseconds since 1970. */
  readonly primaryReadMs: number;
  readonly replicaReadMs: number;
  /** As the last comparison of the row judged it. */
  readonly cause: string | null;
  readonly side: string;
  readonly rule: string;
}

/** A judgement of the present comparison by itself. */
export interface Decided {
  readonly state: State;
  readonly rule: RuleId;
  readonly side: "primary" | "replica" | "both" | "unknown";
  readonly cause?: "lag" | "race";
}

/** What the judgement becomes; of an in-flight finding it may only be that it has an age now. */
export interface Reconsidered {
  readonly state: "in-flight" | "diverged";
  readonly rule: RuleId;
  readonly ageSeconds?: number;
}

/**
 * Judges again what was seen before. Null: the earlier comparison adds nothing.
 *
 * @param begun when the present scan of each side began
 * @param newestEqual H: how far replication has demonstrably come for the owner, in seconds on the primary's clock
 */
export function reconsider(
  decided: Decided,
  earlier: Sighting,
  begun: ReadTimes,
  newestEqual: number | null,
  settings: JudgeSettings,
): Reconsidered | null {
  if (decided.state !== "in-flight") return null;
  if (hasNoTime(decided)) return withoutTime(decided, earlier, begun, newestEqual, settings);
  return primaryStillLacks(decided, earlier, begun, settings);
}

/** Nothing says since when it is so, or what says so is about something else that keeps changing. */
function hasNoTime({ rule, side }: Decided): boolean {
  return rule === "no-order" || (rule === "within-settle" && side === "unknown");
}

/**
 * Diverged when the replica was read again, more than the settle time later, and replication has passed the first
 * sighting meanwhile. While replication stands still it is lag, and at least as old as the sighting.
 */
function withoutTime(
  { rule }: Decided,
  earlier: Sighting,
  begun: ReadTimes,
  newestEqual: number | null,
  settings: JudgeSettings,
): Reconsidered | null {
  const seenMs = Math.max(earlier.primaryReadMs, earlier.replicaReadMs);
  const waited = begun.replicaMs - seenMs > settings.settleSeconds * 1000;
  const passed = newestEqual !== null && newestEqual * 1000 > earlier.primaryReadMs;
  if (waited && passed) return { state: "diverged", rule: "outlived-replication" };
  if (rule !== "no-order") return null;
  const ageSeconds = Math.floor((begun.replicaMs - earlier.primaryReadMs) / 1000);
  return ageSeconds > 0 ? { state: "in-flight", rule, ageSeconds } : null;
}

/**
 * The replica had it when it was read the first time, and the primary, read after that, still has not: so it cannot have
 * come from the primary after the primary's first reading, which is what excused it.
 */
function primaryStillLacks(
  { side, cause, rule }: Decided,
  earlier: Sighting,
  begun: ReadTimes,
  settings: JudgeSettings,
): Reconsidered | null {
  if (cause !== "race" || side !== "primary" || rule === "within-settle") return null;
  const wasExcused = earlier.rule === "primary-still-lacks" || (earlier.cause === "race" && earlier.side === "primary");
  if (!wasExcused || begun.primaryMs - earlier.replicaReadMs <= settings.skewSeconds * 1000) return null;
  return { state: "diverged", rule: "primary-still-lacks" };
}
