/** When a monitoring system is told to wake somebody. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Findings, HistorySummary } from "../../src/compare/variance.ts";
import {
  type Alarm,
  AlarmTally,
  type NAGIOS_CODES,
  nagiosFormat,
  nagiosStatus,
  writeNagios,
  writeNagiosFailure,
} from "../../src/report/nagios.ts";
import { comparisonReport, findingsOf, textOf, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import { COMPARISONS, damaged, inSync, lagging } from "./cases.ts";

const QUIET: Alarm = {
  ...{ primary: "mx1", replica: "mx2", standing: [], untold: null, stalled: null, stale: false, verdict: null },
  figures: [],
};
const one = (state: string, is: string, rule: string, lasting = 0) => ({
  state,
  class: is,
  rule,
  findings: 1,
  lasting,
});
const flying = (lasting: number) => one("in-flight", "message-missing", "uid-above-last", lasting);
const flags = (lasting: number) => one("diverged", "flags-differ", "both-reached", lasting);
const corrupt = one("damaged", "file-corrupt", "own-records");

const TABLE: readonly (readonly [string, Partial<Alarm>, keyof typeof NAGIOS_CODES])[] = [
  ["nothing open", {}, "OK"],
  ["in flight, for the first time", { standing: [flying(0)] }, "OK"],
  ["in flight, and still there", { standing: [flying(1)] }, "WARNING"],
  ["a replica that stands still", { standing: [flying(0)], stalled: "it stands still" }, "CRITICAL"],
  ["damage at once", { standing: [corrupt] }, "CRITICAL"],
  ["GUID conflict at once", { standing: [one("diverged", "message-conflict", "guid-conflict")] }, "CRITICAL"],
  ["split brain at once", { standing: [one("diverged", "message-missing", "replica-ahead")] }, "CRITICAL"],
  ["other divergence", { standing: [flags(0)] }, "WARNING"],
  ["other divergence that is still there", { standing: [flags(1)] }, "CRITICAL"],
  ["something unproven", { standing: [one("unproven", "mailbox-unreadable", "not-read")] }, "UNKNOWN"],
  ["an incomplete comparison", { untold: "a mailbox was not checked" }, "UNKNOWN"],
  ["an incomplete comparison, and lag", { untold: "not checked", standing: [flying(1)] }, "UNKNOWN"],
  ["an incomplete comparison, and damage", { untold: "not checked", standing: [corrupt] }, "CRITICAL"],
  ["a comparison that is too old, whatever it found", { stale: true, standing: [corrupt] }, "UNKNOWN"],
];

suite("nagiosStatus()", () => {
  for (const [name, alarm, status] of TABLE) {
    test(`is ${status} for ${name}`, () => assert.equal(nagiosStatus({ ...QUIET, ...alarm }).status, status));
  }
});

suite("AlarmTally of one comparison", () => {
  const statusOf = (findings: Findings, persist = 2) => {
    const tally = new AlarmTally(findings.summary, persist);
    for (const finding of findings.variances()) tally.add(finding);
    return nagiosStatus(tally.alarm()).status;
  };

  test("is that of its worst finding", () => {
    assert.deepEqual(
      [inSync, lagging, damaged].map((findings) => statusOf(findings)),
      ["OK", "OK", "CRITICAL"],
    );
  });

  test("lets in-flight findings alarm when the history has them for long enough", () => {
    const seen = (standing: number) =>
      findingsOf([variance({ class: "message-missing", state: "in-flight", cause: "lag", standing, runs: 9 })]);
    assert.deepEqual(
      [1, 2, 3].map((standing) => statusOf(seen(standing), 3)),
      ["OK", "OK", "WARNING"],
    );
  });

  test("is CRITICAL beyond --max-lag and UNKNOWN where something was not read", () => {
    const summary = (over: object) => ({ ...lagging, summary: { ...lagging.summary, ...over } });
    assert.equal(statusOf(summary({ verdict: "stalled" })), "CRITICAL");
    assert.equal(statusOf(summary({ incomplete: ["1 mailbox was not checked"] })), "UNKNOWN");
  });

  test("is UNKNOWN where an earlier finding was not looked at again, and never OK", () => {
    const counts = { new: 0, persisting: 0, reopened: 0, cleared: 0 };
    const history = (notReExamined: number): HistorySummary => ({
      ...{ file: "pair.db", comparison: 3, since: null, notCounted: null, swapped: false, lastComplete: null },
      findings: { ...counts, notReExamined },
    });
    assert.equal(statusOf(findingsOf([], { summary: { history: history(0) } })), "OK");
    assert.equal(statusOf(findingsOf([], { summary: { history: history(2) } })), "UNKNOWN");
  });
});

suite("nagiosFormat.comparison()", () => {
  for (const [name, findings] of Object.entries(COMPARISONS)) {
    test(`of ${name} is as the golden file: one line, and no more than a monitoring system takes`, () => {
      const line = comparisonReport(nagiosFormat, findings, { colour: false, limit: 1, allMailboxes: false });
      assertGolden(`report-nagios-${name}.txt`, line);
      assert.match(line, /^SPOOLDIFF (?:OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+\|(?:\w+=\d+[sB]?;;;0 ?)+\n$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
      assert.doesNotMatch(line.slice(0, -1), /[\x00-\x1f\x7f-\x9f\u202e]/);
      assert.ok(line.length < 4096, `${line.length} characters`);
    });
  }
});

suite("writeNagios()", () => {
  test("writes one line with figures after the only |", () => {
    const line = textOf((sink) => writeNagios({ ...QUIET, primary: "a|b\n\x1b", standing: [flying(1)] }, sink));
    const figures = "damaged=0;;;0 diverged=0;;;0 in_flight=1;;;0 unproven=0;;;0";
    const words = "a\\x7cb\\n\\x1b against mx2: 1 in flight for several comparisons; 1 in flight";
    assert.equal(line, `SPOOLDIFF WARNING - ${words}|${figures}\n`);
  });

  test("leaves room for the figures, however much there is to say", () => {
    const line = textOf((sink) => writeNagios({ ...QUIET, untold: "邮件 could not be read; ".repeat(900) }, sink));
    assert.ok(Buffer.byteLength(line) < 4096);
    assert.match(line, /^SPOOLDIFF UNKNOWN - .*…\|damaged=0;;;0 .*unproven=0;;;0\n$/);
  });

  test("writeNagiosFailure() is UNKNOWN, on one line", () => {
    const line = textOf((sink) => writeNagiosFailure(`Cannot use "a|b\n"`, sink));
    assert.equal(line, 'SPOOLDIFF UNKNOWN - Cannot use "a\\x7cb\\n"\n');
  });
});
