/** Findings that were accepted, in every report: there with their reason, and in no number but their own. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { csvFormat } from "../../src/report/csv.ts";
import { jsonFormat } from "../../src/report/json.ts";
import { junitFormat } from "../../src/report/junit.ts";
import { nagiosFormat } from "../../src/report/nagios.ts";
import { prometheusFormat } from "../../src/report/prometheus/comparison.ts";
import { textFormat } from "../../src/report/text.ts";
import { jsonLines } from "../support/command-line.ts";
import { comparisonReport, findingsOf, inspectionOf, inspectionReport, variance } from "../support/findings.ts";

const OPTIONS = { colour: false, limit: 2, allMailboxes: false };
const ACCEPTED = { reason: "known for long", expires: "2027-03-31" };

const known = [1, 2, 3].map((uid) => variance({ state: "damaged", subject: { uid }, accepted: ACCEPTED }));
const lag = variance({ class: "flags-differ", state: "in-flight", cause: "lag", ageSeconds: 60, subject: { uid: 9 } });

function head(text: string): string {
  return (text.split("\n\n")[0] ?? "").replace(/\s+/g, " ");
}

suite("text", () => {
  test("says in its first words what the verdict leaves out", () => {
    const report = comparisonReport(textFormat, findingsOf(known), OPTIONS);
    assert.match(
      head(report),
      /^IN-SYNC .*: in sync apart from 3 accepted differences$|^IN-SYNC .* in sync apart from 3 accepted differences$/,
    );
    const both = comparisonReport(textFormat, findingsOf([lag, ...known]), OPTIONS);
    assert.match(head(both), /^LAGGING .* 1 in flight, apart from 3 accepted differences$/);
    const inspected = inspectionReport(textFormat, inspectionOf(known), OPTIONS);
    assert.match(head(inspected), /nothing found wrong in what was read, apart from 3 accepted differences$/);
  });

  test("has them in a group of their own, as many as of any other, and still the check as differing", () => {
    const report = comparisonReport(textFormat, findingsOf([lag, ...known]), OPTIONS);
    assert.match(report, /\naccepted {2}3 findings, in no total and no verdict\n/);
    assert.equal(report.match(/accepted {2}until 2027-03-31: known for long/g)?.length, 2);
    assert.match(report, /\n {2}and 1 more\n/);
    assert.match(report, /size and content of every message +differs\n/);
    assert.doesNotMatch(report, /\n +total/);
  });

  test("says nothing of them where there are none", () => {
    assert.doesNotMatch(comparisonReport(textFormat, findingsOf([lag]), OPTIONS), /accepted/);
  });
});

test("nagios and prometheus alarm for none of them, and count them", () => {
  const line = comparisonReport(nagiosFormat, findingsOf(known), OPTIONS);
  assert.match(
    line,
    /^SPOOLDIFF OK - .*: in sync apart from 3 accepted differences\|damaged=0;;;0 .* accepted=3;;;0\n$/,
  );
  const gauges = comparisonReport(prometheusFormat, findingsOf(known), OPTIONS);
  assert.match(gauges, /^spooldiff_accepted_findings\{[^}]*\} 3$/m);
  assert.match(gauges, /^spooldiff_open_findings\{[^}]*state="damaged"[^}]*\} 0$/m);
});

test("junit skips them with their reason, and fails for none", () => {
  const xml = comparisonReport(junitFormat, findingsOf([lag, ...known]), OPTIONS);
  assert.match(xml, /failures="0" errors="0" skipped="4"/);
  assert.equal(xml.match(/<skipped message="accepted until 2027-03-31: known for long\. /g)?.length, 3);
});

test("whatever a reason holds, no report obeys it and JSON gives it back", () => {
  const reason = fc.oneof(
    fc.constantFrom("\u001b[2J", "=cmd()", "a\nb", '"><b>', "x|y", "\u202e\u0085", "%00"),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(reason, (text) => {
      const findings = findingsOf([variance({ accepted: { reason: text, expires: "2027-03-31" } })]);
      for (const format of [textFormat, csvFormat, junitFormat, nagiosFormat, jsonFormat]) {
        const report = comparisonReport(format, findings, OPTIONS);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
        assert.doesNotMatch(report, /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]/);
      }
      const [line] = jsonLines(comparisonReport(jsonFormat, findings, OPTIONS)).filter(
        ({ type }) => type === "variance",
      );
      assert.deepEqual(line?.accepted, { reason: text, expires: "2027-03-31" });
      const wide = comparisonReport(textFormat, findings, OPTIONS)
        .split("\n")
        .filter((each) => [...each].length > 80);
      assert.deepEqual(wide, []);
    }),
  );
});
