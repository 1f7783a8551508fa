/** Reports of a trend: golden texts, also with hostile names in every field, and what holds for all of them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { alarmOfTrend, writeNagios } from "../../src/report/nagios.ts";
import type { StandingFindings } from "../../src/report/standing.ts";
import { ASCII_INK, bar, UNICODE_INK } from "../../src/report/trend/chart.ts";
import type { TrendContext } from "../../src/report/trend/context.ts";
import { writeTrendJson } from "../../src/report/trend/json.ts";
import { writeTrendText } from "../../src/report/trend/text.ts";
import { displayWidth, PAGE_WIDTH } from "../../src/report/width.ts";
import { type Trend, trendOf } from "../../src/trend/trend.ts";
import { jsonLines } from "../support/command-line.ts";
import { textOf } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
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

function nagiosOf({ trend, context }: { trend: Trend; context: TrendContext }): string {
  const hosts = { primary: context.primary ?? "?", replica: context.replica ?? "?" };
  return textOf((sink) => writeNagios(alarmOfTrend(trend, hosts, context.standing), sink));
}

suite("reports of a trend", () => {
  const cases = {
    diverging: () => reportedOf(diverging(), { standing: STANDING }),
    hostile: () => reportedOf(diverging(HOSTILE), hostileContext),
    none: () => reportedOf(new SimulatedPair(1), { primary: null, replica: null, level: null, lastVerdict: null }),
  };
  for (const [name, make] of Object.entries(cases)) {
    test(`are as their golden files have them: ${name}`, () => {
      const { trend, context } = make();
      const text = textOf((sink) => writeTrendText(trend, context, { colour: false, chart: UNICODE_INK }, sink));
      assertGolden(`trend-text-${name}.txt`, text);
      assertGolden(
        `trend-json-${name}.ndjson`,
        textOf((sink) => writeTrendJson(trend, context, sink)),
      );
      assertGolden(`trend-nagios-${name}.txt`, nagiosOf({ trend, context }));
    });

    test(`begin with the word, keep to 80 columns, and hold nothing that a terminal obeys: ${name}`, () => {
      const { trend, context } = make();
      for (const chart of [null, ASCII_INK, UNICODE_INK]) {
        const text = textOf((sink) => writeTrendText(trend, context, { colour: false, chart }, sink));
        assert.ok(text.startsWith(`${trend.verdict.toUpperCase()} `));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
        assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
        for (const line of text.split("\n")) assert.ok(displayWidth(line) <= PAGE_WIDTH, line);
      }
      const json = textOf((sink) => writeTrendJson(trend, context, sink));
      const [first, ...users] = jsonLines(json);
      assert.ok(json.startsWith(`{"type":"trend","schema":"spooldiff.trend/1","verdict":"${trend.verdict}",`));
      assert.equal(first?.verdict, trend.verdict);
      assert.ok(users.every(({ type, verdict }) => type === "user" && typeof verdict === "string"));
      const nagios = nagiosOf({ trend, context });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
      assert.match(nagios, /^SPOOLDIFF (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n\x00-\x1f]+\|[\w=;. ]+\n$/);
    });
  }

  test("bar() is nothing for nothing, something for anything, and longest for all", () => {
    for (const ink of [ASCII_INK, UNICODE_INK]) {
      assert.equal(bar(0, ink), "");
      assert.equal(displayWidth(bar(1e-9, ink)), 1);
      assert.equal(displayWidth(bar(1, ink)), 44);
    }
    assert.match(bar(0.5, ASCII_INK), /^#+$/);
  });
});
