import assert from "node:assert/strict";
import { test } from "node:test";
import { isReportFormat, REPORT_FORMATS, type ReportFormatName } from "../../src/report/reporter.ts";
import { comparisonReport } from "../support/findings.ts";
import { damaged } from "./cases.ts";

test("REPORT_FORMATS writes a report in every format", async () => {
  for (const name of Object.keys(REPORT_FORMATS) as ReportFormatName[]) {
    const format = await REPORT_FORMATS[name]();
    const text = comparisonReport(format, damaged, { colour: false, limit: 10, allMailboxes: false });
    assert.match(text, /damaged/i);
  }
});

test("isReportFormat() knows formats and nothing that every object has", () => {
  assert.ok(isReportFormat("text"));
  assert.ok(!isReportFormat("toString"));
  assert.ok(!isReportFormat("yaml"));
});
