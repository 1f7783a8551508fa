import assert from "node:assert/strict";
import { test } from "node:test";
import { parse as csvRows } from "csv-parse/sync";
import fc from "fast-check";
import type { Findings } from "../../src/compare/variance.ts";
import { byteString } from "../../src/mail/name.ts";
import { csvFormat } from "../../src/report/csv.ts";
import { terminalText } from "../../src/report/escape.ts";
import { comparisonReport, findingsOf, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import * as cases from "./cases.ts";

/** Rows as a reader of RFC 4180 has them that others wrote; it refuses what the grammar does not have. */
function parse(text: string): string[][] {
  return csvRows(text, { recordDelimiter: "\r\n", relaxColumnCount: false, relaxQuotes: false });
}

const render = (findings: Findings): string =>
  comparisonReport(csvFormat, findings, { colour: false, limit: 1, allMailboxes: false });

for (const [name, findings] of Object.entries(cases.COMPARISONS)) {
  test(`csvFormat.comparison() of ${name} is as the golden file, one row for each finding`, () => {
    const text = render(findings);
    assertGolden(`report-csv-${name}.csv`, text);
    const rows = parse(text);
    assert.equal(rows.length, 1 + [...findings.variances()].length);
    assert.equal(text.split("\n").length, rows.length + 1, "every row is one line");
    for (const row of rows) assert.equal(row.length, rows[0]?.length);
  });
}

test("csvFormat.comparison() keeps a spreadsheet from running a name", () => {
  for (const sign of ["=", "+", "-", "@", "|", "%", "\uff1d", " =", "\u2003@"]) {
    const [header, row] = parse(render(findingsOf([variance({ subject: { mailbox: byteString(`${sign}cmd`) } })])));
    const cell = row?.[header?.indexOf("mailbox") ?? -1] ?? "";
    assert.doesNotMatch(cell, /^\s*[=+\-@|%\uff1d]/);
    // Where a semicolon ends a cell, that of the next one begins a cell too, and quotes within a cell are text.
    const text = render(findingsOf([variance({ subject: { mailbox: byteString(`a;${sign}cmd;${sign}x`) } })]));
    for (const part of text.split(/[;\r\n]+/)) assert.doesNotMatch(part, /^\s*[=+\-@|%\uff1d]/);
  }
});

test("csvFormat.comparison() gives every text back as the grammar reads it, on one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (explain) => {
      const text = render(findingsOf([variance({ explain })]));
      const rows = parse(text);
      assert.equal(rows.length, 2);
      const cell = rows[1]?.[rows[0]?.indexOf("explain") ?? -1] ?? "";
      assert.equal(cell.replaceAll("'", ""), terminalText(explain).replaceAll("'", ""));
      assert.equal(text.split(/[\r\n\u2028\u2029]+/).length, 3);
    }),
  );
});
