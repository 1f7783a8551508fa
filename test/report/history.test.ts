/** What reports say of the history of a pair, of the age of findings, and of pending work. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Findings, HistorySummary } from "../../src/compare/variance.ts";
import type { ReportFormat } from "../../src/report/format.ts";
import { jsonFormat } from "../../src/report/json.ts";
import { textFormat } from "../../src/report/text.ts";
import { comparisonReport, findingsOf, variance } from "../support/findings.ts";

const OPTIONS = { colour: false, limit: 1000, allMailboxes: false };

function render(format: ReportFormat, findings: Findings): string {
  return comparisonReport(format, findings, OPTIONS);
}

/** The lines beside "history" in the head of the text report. */
function head(history: Partial<HistorySummary>): string[] {
  const whole: HistorySummary = {
    ...{
      file: "pair.db",
      comparison: 3,
      since: "2026-11-20T02:00:11.250Z",
      notCounted: null,
      swapped: false,
      lastComplete: null,
    },
    findings: { new: 2, persisting: 1, reopened: 0, cleared: 4, notReExamined: 0 },
    ...history,
  };
  const text = render(textFormat, findingsOf([], { summary: { history: whole } }));
  const found = /^history {4}((?:.*\n)(?: {11}.*\n)*)/m.exec(text)?.[1] ?? "";
  return found
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
}

suite("textFormat.comparison() of a comparison with a history", () => {
  test("says that it starts now", () => {
    assert.deepEqual(head({ comparison: 1 }), ["starts now: no earlier comparison of this pair is known"]);
  });

  test("counts what became of the findings", () => {
    assert.deepEqual(head({}), [
      "comparison 3 of this pair since 2026-11-20T02:00:11Z",
      "2 new, 1 persisting, 4 cleared",
    ]);
    const findings = { new: 0, persisting: 0, reopened: 1, cleared: 0, notReExamined: 7 };
    assert.deepEqual(head({ swapped: true, findings }), [
      "comparison 3 of this pair since 2026-11-20T02:00:11Z",
      "the hosts have changed roles since the last one: nothing is cleared",
      "0 new, 0 persisting, 0 cleared, 1 back again",
      "7 earlier findings not re-examined: open as far as anybody knows",
    ]);
  });

  test("says why it does not count, whatever that says to a terminal", () => {
    assert.deepEqual(head({ notCounted: "\x1b[2Jmx is old", findings: null }), [
      "not counted, nothing is remembered of it: \\x1b[2Jmx is old",
    ]);
  });

  test("is silent without a state file", () => {
    assert.doesNotMatch(render(textFormat, findingsOf([variance()])), /history|seen in/);
  });
});

suite("a finding that was seen before", () => {
  const firstSeen = "2026-11-20T02:00:11.250Z";
  const findings = findingsOf([
    variance({ firstSeen, runs: 3, course: "persisting", pending: { names: "mailbox", log: "caf\xe9/log" } }),
    variance({ firstSeen, runs: 2, course: "reopened", subject: { uid: 7 } }),
    variance({ firstSeen, runs: 1, course: "new", subject: { uid: 8 } }),
  ]);

  test("has its age in text", () => {
    const words = render(textFormat, findings).replace(/\s+/g, " ");
    assert.deepEqual(words.match(/(?:back again, )?seen in [^,]*, first [^,\s]*/g), [
      "seen in 3 runs, first 2026-11-20T02:00:11Z",
      "back again, seen in 2 runs, first 2026-11-20T02:00:11Z",
    ]);
  });

  test("has its age, and the log that still names it, in JSON", () => {
    const [first, second] = render(jsonFormat, findings)
      .split("\n")
      .map((line) => JSON.parse(line || "{}"))
      .filter(({ type }) => type === "variance");
    assert.deepEqual(
      [first.firstSeen, first.runs, first.course, first.pending],
      [firstSeen, 3, "persisting", { names: "mailbox", log: "caf\ufffd/log", logBytes: "Y2Fm6S9sb2c=" }],
    );
    assert.equal("pending" in second, false);
  });
});
