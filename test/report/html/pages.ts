/** Every page that the tests look at, by name: reports of comparisons and of trends. */
import type { Findings, HistorySummary, Variance } from "../../../src/compare/variance.ts";
import type { ReportOptions } from "../../../src/report/format.ts";
import { htmlFormat } from "../../../src/report/html/comparison.ts";
import { writeTrendHtml } from "../../../src/report/html/trend.ts";
import type { TrendContext } from "../../../src/report/trend/context.ts";
import { type Trend, trendOf } from "../../../src/trend/trend.ts";
import { comparisonReport, findingsOf, textOf, variance } from "../../support/findings.ts";
import { DAY, HOUR, SimulatedPair } from "../../trend/simulated-pair.ts";
import * as cases from "../cases.ts";

/** ESC, newline, markup, a formula, bytes that are no UTF-8, a bidi override; and names that are very long. */
const HOSTILE_USERS = [
  "al\x1b[31mice\n|x=1;2",
  "\xff\xfe=cmd|'/c calc'!A0",
  "\xe2\x80\xaebob<script>alert(1)</script>",
  "n".repeat(300),
  `"><img src=x onerror=alert(1)>`,
  "a&quot; b&amp;",
  "</svg></style></title><b>",
  "",
];

/** Nights of a pair that gets further and further behind and then finds two faults. */
function nights(users: readonly string[], count: number): Trend {
  const pair = new SimulatedPair(7, users);
  for (let night = 0; night < count; night++) {
    pair.deliver(30);
    pair.pass(DAY - 2 * HOUR);
    if (night % 6 !== 4) pair.replicate(24);
    if (night > count - 4) pair.fault(night % 2 === 0 ? "diverged" : "damaged", users[0] ?? "");
    pair.deliver(night % 5);
    pair.pass(2 * HOUR);
    pair.compare({ complete: night % 9 !== 3 });
  }
  return trendOf(pair.series(), { nowMs: pair.nowMs + HOUR * 1000, maxAgeSeconds: null });
}

/** A pair whose replica is a few changes behind, and catches up. */
function calm(): Trend {
  const pair = new SimulatedPair(3);
  for (let night = 0; night < 8; night++) {
    pair.deliver(8);
    pair.pass(DAY);
    pair.replicate();
    if (night < 7) pair.deliver(7 - night);
    pair.pass(HOUR);
    pair.compare();
  }
  return trendOf(pair.series(), { nowMs: pair.nowMs + HOUR * 1000, maxAgeSeconds: null });
}

/** Five comparisons in one day. */
function hours(): Trend {
  const pair = new SimulatedPair(5);
  for (let i = 0; i < 5; i++) {
    pair.deliver(6 - i);
    pair.pass(3 * HOUR);
    pair.replicate(4);
    pair.compare();
  }
  return trendOf(pair.series(), { nowMs: pair.nowMs + HOUR * 1000, maxAgeSeconds: null });
}

const HISTORY: HistorySummary = {
  file: "pair.db",
  comparison: 27,
  since: "2026-02-02T03:01:44Z",
  notCounted: null,
  swapped: false,
  lastComplete: "2026-03-01T03:01:44Z",
  findings: { new: 5, persisting: 9, reopened: 1, cleared: 31, notReExamined: 2 },
};

/** The findings of `damaged` and many more, each with the age that a history gives it. */
function aged(): Findings {
  const more = Array.from({ length: 60 }, (_, i) =>
    variance({
      class: "message-missing",
      state: "in-flight",
      cause: "lag",
      ageSeconds: 40 + i ** 3,
      rule: "uid-above-last",
      subject: { mailbox: `user.user${i % 17}.Lists.announce`, uid: 1000 + i },
      primary: { size: 8411 + i, modseq: `${90 + i}` },
      explain: "mx1.example.org has the message, mx2.example.org had not reached it when it was read.",
    }),
  );
  const old: Variance[] = [...cases.damaged.variances()].map((one, i) =>
    i % 3 === 0
      ? { ...one, firstSeen: "2026-03-01T03:01:44Z", runs: 1, course: "new", standing: 1 }
      : { ...one, firstSeen: `2026-02-${10 + i}T03:01:44Z`, runs: 2 + i, course: "persisting", standing: 2 },
  );
  const order = ["damaged", "diverged", "in-flight", "unproven"];
  const all = [...old, ...more].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const { scope, next } = cases.damaged.summary;
  return findingsOf(all, {
    notes: [...cases.damaged.notes()],
    summary: {
      scope,
      next,
      history: HISTORY,
      exposure: {
        messages: 64,
        bytes: "5382440",
        users: 18,
        oldest: "2026-02-27T22:10:00Z",
        betweenScans: 3,
        exact: true,
      },
      lag: { messages: 61, bytes: "5182440", seconds: 205_419, median: 24_429, p95: 185_233 },
    },
  });
}

const PLAIN: ReportOptions = { colour: false, limit: 20, allMailboxes: false };

function comparison(findings: Findings, over: Partial<ReportOptions> = {}): () => string {
  return () => comparisonReport(htmlFormat, findings, { ...PLAIN, ...over });
}

function trendPage(trend: Trend, over: Partial<TrendContext> = {}): () => string {
  const none = { narrowedBy: [], notReExamined: 0, standing: [] };
  const context = { primary: "mx1.example.org", replica: "mx2.example.org", level: "full", lastVerdict: "diverged" };
  return () => textOf((sink) => writeTrendHtml(trend, { ...context, ...none, coverage: COVERAGE, ...over }, sink));
}

const COVERAGE: NonNullable<TrendContext["coverage"]> = {
  ...{ mailboxes: 4100, mailboxesUnchecked: 2, messages: 1_234_567 },
  primary: { bytes: 98_765_432_100, read: 3_300_000_000, carried: 95_465_432_100, oldestMs: Date.UTC(2025, 11, 14, 2) },
  replica: { bytes: 98_765_000_000, read: 98_765_000_000, carried: 0, oldestMs: null },
};

const hostileContext: Partial<TrendContext> = {
  ...{
    primary: "mx\x1b]0;1\x07<b>|a=1",
    replica: "mx2\n</title><script>",
    level: `fu\x1bll"'>`,
    narrowedBy: ["\u202e<i>"],
  },
  ...{ lastVerdict: "fi\x1b<u>ne", notReExamined: 2 },
};

/** Each builds its page anew. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "comparison-damaged": comparison(aged(), { trend: nights(["alice", "bob", "carol", "dora", "erin"], 30) }),
  "comparison-lagging": comparison(cases.lagging, { trend: calm() }),
  "comparison-in-sync": comparison(cases.inSync),
  "comparison-incomplete": comparison(cases.incomplete),
  "comparison-hostile": comparison(cases.hostile, { trend: nights(HOSTILE_USERS, 12) }),
  "trend-diverging": trendPage(nights(["alice", "bob", "carol", "dora", "erin"], 40)),
  "trend-converging": trendPage(calm(), { lastVerdict: "lagging" }),
  "trend-one": trendPage(nights(["alice", "bob"], 1)),
  "trend-hours": trendPage(hours()),
  "trend-hostile": trendPage(nights(HOSTILE_USERS, 12), hostileContext),
  "trend-none": trendPage(trendOf(new SimulatedPair(1).series(), { nowMs: 0, maxAgeSeconds: null }), {
    ...{ primary: null, replica: null, level: null, lastVerdict: null, coverage: null },
  }),
};
