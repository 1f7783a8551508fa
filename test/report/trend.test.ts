/** Reports of a trend: golden texts, also with hostile names in every field, and what holds for all of them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { alarmOfTrend, writeNagios } from "../../src/report/nagios.ts";
import { ASCII_INK, bar, UNICODE_INK } from "../../src/report/trend/chart.ts";
import type { TrendContext } from "../../src/report/trend/context.ts";
import { writeTrendJson } from "../../src/report/trend/json.ts";
import { writeTrendText } from "../../src/report/trend/text.ts";
import { displayWidth, PAGE_WIDTH } from "../../src/report/width.ts";
import type { Trend } from "../../src/trend/trend.ts";
import { jsonLines } from "../support/command-line.ts";
import { textOf } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import { TRENDS } from "./trend-cases.ts";

function nagiosOf({ trend, context }: { trend: Trend; context: TrendContext }): string {
  const hosts = { primary: context.primary ?? "?", replica: context.replica ?? "?" };
  return textOf((sink) => writeNagios(alarmOfTrend(trend, hosts, context.standing), sink));
}

suite("reports of a trend", () => {
  for (const [name, make] of Object.entries(TRENDS)) {
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
