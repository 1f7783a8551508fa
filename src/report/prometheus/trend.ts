import { TREND_VERDICTS } from "../../trend/judge.ts";
import type { Trend } from "../../trend/trend.ts";
import type { Sink } from "../format.ts";
import type { TrendContext } from "../trend/context.ts";
import { findingFamilies, type Gauges, lagFamilies } from "./common.ts";
import { type Family, stateSet, writeFamilies } from "./exposition.ts";

/** The trend as gauges for node_exporter's textfile collector. Users are counted by their words, and never named. */
export function writeTrendPrometheus(trend: Trend, context: TrendContext, sink: Sink): void {
  const labels = { command: "trend", primary: context.primary ?? "", replica: context.replica ?? "" };
  const gauges = gaugesOf(trend, context);
  const shared = gauges === null ? [] : [...findingFamilies(gauges), ...lagFamilies(gauges)];
  writeFamilies([...verdictFamilies(trend), ...shared, ...courseFamilies(trend)], labels, sink);
}

/** Null before the first comparison: then there is nothing to measure, and the word is `unknown`. */
function gaugesOf({ judged, points }: Trend, context: TrendContext): Gauges | null {
  const { newest } = judged;
  if (newest === null) return null;
  const complete = points.findLast((point) => point.complete);
  const { lagMessages, lagBytes, lagSeconds, lagMedian, lagP95 } = newest;
  const none = lagMessages === 0 ? 0 : null;
  return {
    verdict: context.lastVerdict ?? "",
    complete: newest.complete,
    standing: context.standing,
    unexamined: context.notReExamined,
    accepted: context.accepted ?? 0,
    readSeconds: newest.readMs / 1000,
    lastCompleteSeconds: complete === undefined ? null : complete.readMs / 1000,
    lag: {
      messages: lagMessages,
      bytes: lagBytes,
      oldest: lagSeconds ?? none,
      median: lagMedian ?? none,
      p95: lagP95 ?? none,
    },
  };
}

function verdictFamilies({ verdict, users }: Trend): Family[] {
  const numbers = Map.groupBy(users, (user) => user.verdict);
  return [
    {
      name: "trend_verdict",
      help: "The trend's word on the pair: 1 for the one that holds, 0 for the others.",
      samples: stateSet("verdict", TREND_VERDICTS, verdict),
    },
    {
      name: "trend_users",
      help: "Users, shared mailboxes as one of them, by the trend's word on each.",
      samples: TREND_VERDICTS.map((word) => [{ verdict: word }, numbers.get(word)?.length ?? 0]),
    },
  ];
}

function courseFamilies({ judged, estimate }: Trend): Family[] {
  const { newest } = judged;
  return [
    {
      name: "oldest_finding_age_seconds",
      help: "Age of the oldest open finding: of the change where that is known, else since it was first seen.",
      samples: [[{}, newest === null ? null : (newest.oldestSeconds ?? 0)]],
    },
    {
      name: "appeared_findings",
      help: "Findings that the last comparison was the first to see.",
      samples: [[{}, newest?.appeared ?? null]],
    },
    {
      name: "cleared_findings",
      help: "Findings that the last comparison cleared.",
      samples: [[{}, newest?.cleared ?? null]],
    },
    {
      name: "estimated_clearance_seconds",
      help: "Estimated time until nothing is open, where the slope of open findings says so.",
      samples: [[{}, estimate === null || estimate.daysToZero === null ? null : estimate.daysToZero * 86_400]],
    },
  ];
}
