/** Trends of simulated pairs that reports are tried on. */
import type { StandingFindings } from "../../src/report/standing.ts";
import type { TrendContext } from "../../src/report/trend/context.ts";
import { type Trend, trendOf } from "../../src/trend/trend.ts";
import { DAY, HOUR, SimulatedPair } from "../trend/simulated-pair.ts";

/** ESC, newline, `|`, markup, a formula, bytes that are no UTF-8, a bidi override; and a name that is very long. */
const HOSTILE = ["al\x1b[31mice\n|x=1;2", "\xff\xfe=cmd|'/c calc'!A0", "\xe2\x80\xaebob<script>", "n".repeat(300)];

function reportedOf(pair: SimulatedPair, over: Partial<TrendContext> = {}): { trend: Trend; context: TrendContext } {
  const trend = trendOf(pair.series(), { nowMs: pair.nowMs + 3_600_000, maxAgeSeconds: 26 * HOUR });
  const none = { narrowedBy: [], notReExamined: 0, standing: [] };
  const context = { primary: "mx1", replica: "mx2", level: "full", lastVerdict: "diverged", ...none, ...over };
  return { trend, context };
}

function diverging(users?: readonly string[]): SimulatedPair {
  const pair = new SimulatedPair(7, users);
  for (let night = 0; night < 12; night++) {
    pair.deliver(30);
    pair.pass(DAY - 2 * HOUR);
    pair.replicate();
    if (night > 7) pair.fault("diverged", users?.[0] ?? "alice");
    pair.deliver(4);
    pair.pass(2 * HOUR);
    pair.compare({ complete: night !== 3 });
  }
  return pair;
}

const STANDING: readonly StandingFindings[] = [
  { state: "diverged", class: "flags-differ", rule: "both-reached", findings: 4, lasting: 3 },
  { state: "in-flight", class: "message-missing", rule: "uid-above-last", findings: 4, lasting: 0 },
];

const hostileContext: Partial<TrendContext> = {
  ...{ primary: "mx\x1b]0;1\x07|a=1", replica: "mx2\n|", level: "fu\x1bll", narrowedBy: ["\u202e|\n"] },
  ...{ lastVerdict: "fi\x1bne", notReExamined: 2 },
  standing: [{ state: "damaged", class: "file|\ncorrupt", rule: "\x1b", findings: 1, lasting: 0 }],
};

const COVERAGE: TrendContext["coverage"] = {
  ...{ mailboxes: 4100, mailboxesUnchecked: 2, messages: 1_234_567 },
  primary: { bytes: 98_765_432_100, read: 3_300_000_000, carried: 95_465_432_100, oldestMs: Date.UTC(2025, 11, 14, 2) },
  replica: { bytes: 98_765_000_000, read: 98_765_000_000, carried: 0, oldestMs: null },
};

/** All of them by name. */
export const TRENDS: Readonly<Record<string, () => { trend: Trend; context: TrendContext }>> = {
  diverging: () => reportedOf(diverging(), { standing: STANDING, coverage: COVERAGE }),
  hostile: () => reportedOf(diverging(HOSTILE), hostileContext),
  none: () => reportedOf(new SimulatedPair(1), { primary: null, replica: null, level: null, lastVerdict: null }),
};
