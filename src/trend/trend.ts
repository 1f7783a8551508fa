/** A series in, the verdict with its evidence out. */
import { type ByteString, compareNames } from "../mail/name.ts";
import { type JudgedSeries, judgedSeries, judgeSeries, type TrendJudgement, type TrendVerdict } from "./judge.ts";
import { openOf, type Point, type Series } from "./series.ts";
import { estimateSlope, type SlopeEstimate } from "./statistics.ts";

/** Complete comparisons from which on a slope is estimated, and of which at most. */
const RUNS_FOR_ESTIMATE = 10;
const MOST_RUNS = 30;
const WORST_USERS = 10;
const DAY_MS = 86_400_000;

/** How far a clock may be ahead before a comparison is from the future. */
const FUTURE_SECONDS = 300;

/** What a caller asks of a trend. */
export interface TrendSettings {
  readonly nowMs: number;
  /** A state whose last complete comparison is older says nothing; null: any age will do. */
  readonly maxAgeSeconds: number | null;
}

/** One user's word, with what he has open and lacks. */
export interface UserTrend extends TrendJudgement {
  /** Empty: shared mailboxes. */
  readonly user: ByteString;
  readonly last: Point;
}

/** How fast open findings go away, from ten complete comparisons on. */
export interface TrendEstimate extends SlopeEstimate {
  readonly runs: number;
  /** Findings cleared a day. */
  readonly clearedPerDay: number;
  /** Days until nothing is open, where the slope says so; with the bounds, null where one of them never ends. */
  readonly daysToZero: number | null;
  readonly daysToZeroFrom: number | null;
  readonly daysToZeroTo: number | null;
}

/** The verdict on a pair, with everything that it rests on. */
export interface Trend extends TrendJudgement {
  /** Every comparison of the series, oldest first. */
  readonly points: readonly Point[];
  readonly judged: JudgedSeries;
  /** Age of the last complete comparison; null: there is none. */
  readonly ageSeconds: number | null;
  readonly stale: boolean;
  readonly estimate: TrendEstimate | null;
  /** Users that the last comparison saw, in name order. */
  readonly users: readonly UserTrend[];
  /** Those who lag most, worst first. */
  readonly worst: readonly UserTrend[];
}

/** Judges a pair and each of its users. */
export function trendOf({ points, users }: Series, { nowMs, maxAgeSeconds }: TrendSettings): Trend {
  const judged = judgedSeries(points);
  const last = judged.complete.at(-1) ?? null;
  const ageSeconds = last === null ? null : Math.floor((nowMs - last.readMs) / 1000);
  const late = ageSeconds !== null && maxAgeSeconds !== null && ageSeconds > maxAgeSeconds;
  const early = ageSeconds !== null && maxAgeSeconds !== null && ageSeconds < -FUTURE_SECONDS;
  const stale: TrendJudgement | null = late
    ? { verdict: "unknown", reason: "the last complete comparison is older than --max-age" }
    : early
      ? { verdict: "unknown", reason: "the last complete comparison is from the future; check the clocks" }
      : null;
  const comparable = new Set([...judged.complete, ...(judged.newest === null ? [] : [judged.newest])].map(idOf));
  const userTrends = users
    .flatMap(({ user, points }) =>
      userTrend(
        user,
        points.filter((point) => comparable.has(idOf(point))),
        judged.newest,
        stale,
      ),
    )
    .sort((a, b) => compareNames(a.user, b.user));
  return {
    ...(stale ?? withUsers(judgeSeries(judged, true), userTrends)),
    points,
    judged,
    ageSeconds,
    stale: stale !== null,
    estimate: estimate(judged.complete),
    users: userTrends,
    worst: worstOf(userTrends),
  };
}

function idOf({ comparison }: Point): number {
  return comparison;
}

function userTrend(
  user: ByteString,
  points: readonly Point[],
  newest: Point | null,
  stale: TrendJudgement | null,
): UserTrend[] {
  const last = points.at(-1);
  // A user whom the last comparison has not seen and who has nothing open is not there any more.
  if (last === undefined || last.comparison !== newest?.comparison) return [];
  return [{ user, last, ...(stale ?? judgeSeries(judgedSeries(points), false)) }];
}

/** A broken mailbox stops all of its user, and with him the pair is not what it should be. */
function withUsers(judgement: TrendJudgement, users: readonly UserTrend[]): TrendJudgement {
  if (judgement.verdict !== "converging" && judgement.verdict !== "steady") return judgement;
  const stalled = users.filter(({ verdict }) => verdict === "stalled").length;
  if (stalled === 0) return judgement;
  const who = stalled === 1 ? "one user stands" : `${stalled} users stand`;
  return {
    verdict: "stalled",
    reason: `the replica moves, but with its modseqs ${who} still and the primary's moved on`,
  };
}

function worstOf(users: readonly UserTrend[]): UserTrend[] {
  const lag = ({ last }: UserTrend) => last.lagSeconds ?? -1;
  return users
    .filter(({ last }) => last.inFlight > 0 || last.lagMessages > 0)
    .toSorted((a, b) => lag(b) - lag(a) || b.last.lagMessages - a.last.lagMessages || b.last.inFlight - a.last.inFlight)
    .slice(0, WORST_USERS);
}

function estimate(complete: readonly Point[]): TrendEstimate | null {
  if (complete.length < RUNS_FOR_ESTIMATE) return null;
  const points = complete.slice(-MOST_RUNS);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return null;
  const days = points.map(({ readMs }) => (readMs - first.readMs) / DAY_MS);
  // Comparisons of one moment have no slope between them.
  if (days.some((day, i) => i > 0 && day <= (days[i - 1] ?? 0))) return null;
  const slope = estimateSlope(days, points.map(openOf));
  if (slope === null) return null;
  const open = openOf(last);
  const zero = (perDay: number) => (open === 0 ? 0 : perDay < 0 ? open / -perDay : null);
  const cleared = points.slice(1).reduce((sum, point) => sum + point.cleared, 0);
  return {
    ...slope,
    runs: points.length,
    clearedPerDay: cleared / (days.at(-1) ?? 1),
    daysToZero: zero(slope.slope),
    daysToZeroFrom: zero(slope.lower),
    daysToZeroTo: zero(slope.upper),
  };
}

/** True for a verdict that ends with exit code 1. */
export function isAlarm(verdict: TrendVerdict): boolean {
  return verdict === "stalled" || verdict === "diverging";
}
