import assert from "node:assert/strict";
import { test } from "node:test";
import { junitFormat } from "../../src/report/junit.ts";
import { comparisonReport, inspectionReport } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import * as cases from "./cases.ts";

const OPTIONS = { colour: false, limit: 1, allMailboxes: false };

/** How often each element is opened. */
function elements(xml: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, name = ""] of xml.matchAll(/<(\w+)/g)) found.set(name, (found.get(name) ?? 0) + 1);
  return found;
}

function assertTotals(xml: string): void {
  const counted = elements(xml);
  const total = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(xml)?.[1]);
  assert.equal(total("tests"), counted.get("testcase") ?? 0);
  assert.equal(total("failures"), counted.get("failure") ?? 0);
  assert.equal(total("errors"), counted.get("error") ?? 0);
  assert.equal(total("skipped"), counted.get("skipped") ?? 0);
}

for (const [name, findings] of Object.entries(cases.COMPARISONS)) {
  test(`junitFormat.comparison() of ${name} is as the golden file, and its totals are those of its cases`, () => {
    const xml = comparisonReport(junitFormat, findings, OPTIONS);
    assertGolden(`report-junit-${name}.xml`, xml);
    assertTotals(xml);
  });
}

test("junitFormat.inspection() of one host is as the golden file, and its totals are those of its cases", () => {
  const xml = inspectionReport(junitFormat, cases.inspected, OPTIONS);
  assertGolden("inspect-junit.xml", xml);
  assertTotals(xml);
});
