import { displayName } from "../../mail/name.ts";
import { openOf, type Point } from "../../trend/series.ts";
import type { Trend, UserTrend } from "../../trend/trend.ts";
import type { Sink } from "../format.ts";
import { jsonLine } from "../json.ts";
import type { TrendContext, TrendCoverage, TrendSideCoverage } from "./context.ts";

/** The trend as NDJSON: the pair first, then a line for each user, in name order. Fields are only ever added. */
export function writeTrendJson(trend: Trend, context: TrendContext, sink: Sink): void {
  const { verdict, reason, judged, ageSeconds, stale, estimate, points } = trend;
  sink(
    jsonLine({
      type: "trend",
      schema: "spooldiff.trend/1",
      verdict,
      reason,
      primary: context.primary,
      replica: context.replica,
      scope: { level: context.level, narrowedBy: context.narrowedBy },
      ageSeconds,
      stale,
      comparisons: {
        all: points.length,
        judged: judged.complete.length,
        leftOut: judged.leftOut,
        incomplete: points.filter(({ complete }) => !complete).length,
      },
      last: judged.newest === null ? null : pointFields(judged.newest),
      notReExamined: context.notReExamined,
      coverage: coverageFields(context.coverage ?? null),
      accepted: context.accepted ?? 0,
      estimate,
      worst: trend.worst.map(({ user, last }) => ({ ...userName(user), lag: lagFields(last) })),
      series: points.map(pointFields),
    }),
  );
  for (const user of trend.users) sink(jsonLine(userFields(user)));
}

/** The names are those of a comparison's own report. */
function coverageFields(coverage: TrendCoverage | null): Record<string, unknown> | null {
  if (coverage === null) return null;
  const side = ({ bytes, read, carried, oldestMs }: TrendSideCoverage) => ({
    bytes: String(bytes),
    bytesReadNow: String(read),
    bytesCarried: String(carried),
    oldestCarried: oldestMs === null ? null : new Date(oldestMs).toISOString(),
  });
  return {
    mailboxes: { compared: coverage.mailboxes, notChecked: coverage.mailboxesUnchecked },
    messages: { compared: coverage.messages },
    primary: side(coverage.primary),
    replica: side(coverage.replica),
  };
}

function userFields({ user, verdict, reason, last }: UserTrend): Record<string, unknown> {
  return { type: "user", ...userName(user), verdict, reason, ...pointFields(last) };
}

/** Null stands for shared mailboxes. */
function userName(user: string): Record<string, unknown> {
  if (user === "") return { user: null };
  const { text, base64 } = displayName(user);
  return base64 === null ? { user: text } : { user: text, userBytes: base64 };
}

function pointFields(point: Point): Record<string, unknown> {
  const { damaged, diverged, inFlight, unproven } = point;
  return {
    comparison: point.comparison,
    read: new Date(point.readMs).toISOString(),
    complete: point.complete,
    swapped: point.swapped,
    open: { all: openOf(point), damaged, diverged, "in-flight": inFlight, unproven },
    lasting: point.lasting,
    waiting: point.waiting,
    oldestSeconds: point.oldestSeconds,
    new: point.appeared,
    cleared: point.cleared,
    lag: lagFields(point),
    modseq: { primary: point.primaryModseq, replica: point.replicaModseq },
  };
}

function lagFields({ lagMessages, lagBytes, lagSeconds, lagMedian, lagP95 }: Point): Record<string, unknown> {
  const spread = lagMedian === null ? {} : { median: lagMedian, p95: lagP95 };
  return { messages: lagMessages, bytes: lagBytes, seconds: lagSeconds, ...spread };
}
