/** One word for a series. The definitions are those of the README; the first that holds is the answer. */
import { lastingKindOf, openOf, type Point } from "./series.ts";

export const TREND_VERDICTS = ["converged", "converging", "steady", "stalled", "diverging", "unknown"] as const;
export type TrendVerdict = (typeof TREND_VERDICTS)[number];

/** A verdict, and in a sentence what it rests on. */
export interface TrendJudgement {
  readonly verdict: TrendVerdict;
  readonly reason: string;
}

/** Lag of less than this is on its way: the pair does not stand still for it before a second comparison has seen it. */
const STANDSTILL_SECONDS = 900;

/** The part of a series that is judged: roles and scope are those of the last complete comparison. */
export interface JudgedSeries {
  /** Complete comparisons, oldest first. */
  readonly complete: readonly Point[];
  /** The last comparison of all, complete or not. */
  readonly newest: Point | null;
  /** Complete comparisons that are left out since they are of another scope, or of the time before roles changed. */
  readonly leftOut: number;
}

/** Takes the comparisons of a series that can be held against each other. */
export function judgedSeries(points: readonly Point[]): JudgedSeries {
  const since = points.findLastIndex(({ swapped }) => swapped);
  const present = since < 0 ? points : points.slice(since);
  const last = present.findLast(({ complete }) => complete);
  const complete = present.filter((point) => point.complete && point.scope === last?.scope);
  const all = points.filter((point) => point.complete).length;
  return { complete, newest: present.at(-1) ?? null, leftOut: all - complete.length };
}

/**
 * Judges the pair, or one user.
 *
 * @param whole true for the pair: that all of it stands still says more than that one user does
 */
export function judgeSeries({ complete, newest, leftOut }: JudgedSeries, whole: boolean): TrendJudgement {
  const last = complete.at(-1);
  const before = complete.at(-2);
  if (last === undefined || before === undefined || newest === null) return tooFew(complete.length, leftOut);
  if (openOf(newest) > 0 && openOf(newest) === newest.unproven) {
    return { verdict: "unknown", reason: "all that is open could not be read or judged" };
  }
  if (openOf(last) === 0 && openOf(newest) === 0) {
    return { verdict: "converged", reason: "the last complete comparison left no finding open" };
  }
  return (
    diverging(newest, newest === last ? before : last) ??
    stalled(complete, last, whole) ??
    converging(last, before, newest) ?? { verdict: "steady", reason: "findings neither grow old nor go away" }
  );
}

function tooFew(complete: number, leftOut: number): TrendJudgement {
  const found = complete === 0 ? "no complete comparison yet" : "one complete comparison, and two are needed";
  const others = leftOut === 0 ? "" : "; the others have another scope or other roles";
  return { verdict: "unknown", reason: found + others };
}

function diverging(newest: Point, before: Point): TrendJudgement | null {
  if (newest.lasting > 0) {
    return { verdict: "diverging", reason: "something damaged or diverged is open for more than one comparison" };
  }
  const [now, then] = [lastingKindOf(newest), lastingKindOf(before)];
  if (now <= then) return null;
  return { verdict: "diverging", reason: `what is damaged or diverged has grown from ${then} to ${now}` };
}

/** The replica's modseqs are where they were, and the primary has moved on since they came there. */
function stalled(complete: readonly Point[], last: Point, whole: boolean): TrendJudgement | null {
  if (last.inFlight === 0 || last.replicaModseq === null) return null;
  const aged = whole && (last.lagSeconds ?? 0) >= STANDSTILL_SECONDS;
  if (last.waiting === 0 && !aged) return null;
  const moved = complete.findLastIndex(({ replicaModseq }) => replicaModseq !== last.replicaModseq);
  const still = complete[moved + 1];
  if (still === undefined || still === last || still.primaryModseq === last.primaryModseq) return null;
  const since = new Date(still.readMs).toISOString().slice(0, 16);
  return { verdict: "stalled", reason: `no modseq of the replica has moved since ${since}Z, the primary's have` };
}

function converging(last: Point, before: Point, newest: Point): TrendJudgement | null {
  const fewer = openOf(last) < openOf(before) && openOf(newest) <= openOf(last);
  if (!fewer || (last.oldestSeconds ?? 0) >= (before.oldestSeconds ?? 0)) return null;
  return { verdict: "converging", reason: "open findings have become fewer, and the oldest of them younger" };
}
