import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Variance } from "../../src/compare/variance.ts";
import { REPORT_FORMATS } from "../../src/report/reporter.ts";
import { findingsOf, variance } from "../support/findings.ts";

const FINDINGS = 1_000_000;
/** Far less than a million findings take when they are kept, even as one reference each. */
const GROWTH_ALLOWED = 4 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

for (const [name, load] of Object.entries(REPORT_FORMATS)) {
  test(`format ${name} streams a million findings in constant memory`, async () => {
    const format = await load();
    const options = { colour: false, limit: 1000, allMailboxes: false };
    const readings: number[] = [];
    let written = 0;
    const report = format.comparison(findingsOf([]), options, (chunk) => {
      written += chunk.length;
    });
    for (const finding of generated(readings)) report.finding(finding);
    report.end();
    assert.ok(written > 0);
    const [first, ...later] = readings;
    assert.ok(first !== undefined && later.length > 0);
    assert.ok(Math.max(...later) - first < GROWTH_ALLOWED, `heap grew: ${readings.join(", ")}`);
  });
}

/** Findings that exist only while they are looked at; notes the live heap four times on the way. */
function* generated(readings: number[]): Generator<Variance> {
  const base = variance();
  for (let i = 0; i < FINDINGS; i++) {
    if (i % (FINDINGS / 4) === 1000) {
      collectGarbage();
      readings.push(process.memoryUsage().heapUsed);
    }
    yield { ...base, subject: { mailbox: `user.u${i >> 4}`, uniqueId: null, uid: i } };
  }
  collectGarbage();
  readings.push(process.memoryUsage().heapUsed);
}
