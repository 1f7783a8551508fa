import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Findings } from "../../src/compare/variance.ts";
import { byteString } from "../../src/mail/name.ts";
import { csvFormat } from "../../src/report/csv.ts";
import { comparisonReport, findingsOf, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import * as cases from "./cases.ts";

/** Reads RFC 4180 as its grammar has it, and refuses anything else. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    assert.ok(found !== null, "not RFC 4180");
    row.push(found[1] === undefined ? (found[2] ?? "") : found[1].replaceAll('""', '"'));
    if (found[3] === ",") continue;
    rows.push(row);
    row = [];
  }
  assert.deepEqual(row, [], "the last row has no end");
  return rows;
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
  }
});

test("csvFormat.comparison() gives every text back as the grammar reads it, on one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (explain) => {
      const text = render(findingsOf([variance({ explain })]));
      assert.equal(parse(text).length, 2);
      assert.equal(text.split(/[\r\n\u2028\u2029]+/).length, 3);
    }),
  );
});
