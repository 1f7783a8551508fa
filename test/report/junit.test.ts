import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parse as readJunit, type TestSuites } from "junit2json";
import { terminalText } from "../../src/report/escape.ts";
import { junitFormat } from "../../src/report/junit.ts";
import { comparisonReport, findingsOf, inspectionReport, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import { judgesFor } from "../support/judges.ts";
import * as cases from "./cases.ts";

const OPTIONS = { colour: false, limit: 1, allMailboxes: false };

/** How often each element is opened. */
function elements(xml: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, name = ""] of xml.matchAll(/<(\w+)/g)) found.set(name, (found.get(name) ?? 0) + 1);
  return found;
}

const SCHEMA = fileURLToPath(new URL("../fixtures/junit/junit.xsd", import.meta.url));

/** Holds a report against the schema; what is wrong with it, or null. Undefined where there is no judge. */
function invalidity(context: TestContext, xml: string): string | null | undefined {
  const judged = judgesFor(context)?.run("xmllint", ["--nonet", "--noout", "--schema", SCHEMA, "-"], xml);
  return judged === undefined ? undefined : judged.status === 0 ? null : judged.stderr;
}

/** What a program that reads JUnit has of a report: each case with how it ends. */
async function readCases(xml: string): Promise<string[]> {
  const { testsuite = [] } = (await readJunit(xml)) as TestSuites;
  return testsuite.flatMap(({ testcase = [] }) =>
    testcase.map(({ classname, name, failure, error, skipped }) => {
      const end = failure ? "failure" : error ? "error" : skipped ? "skipped" : "passed";
      return `${end} ${classname} ${name} ${(failure ?? error ?? skipped ?? [])[0]?.message ?? ""}`;
    }),
  );
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
  test(`junitFormat.comparison() of ${name} is as the golden file, valid, and read as it was meant`, async (context) => {
    const xml = comparisonReport(junitFormat, findings, OPTIONS);
    assertGolden(`report-junit-${name}.xml`, xml);
    assertTotals(xml);
    assert.equal(invalidity(context, xml) ?? null, null);
    const cases = await readCases(xml);
    const endOf = { damaged: "failure", diverged: "failure", "in-flight": "skipped", unproven: "error" };
    for (const { class: is, state, explain, repair } of findings.variances()) {
      const message = terminalText(repair === null ? explain : `${explain} ${repair}`);
      const found = cases.find((one) => one.startsWith(`${endOf[state]} spooldiff.${is} `) && one.endsWith(message));
      assert.ok(found !== undefined, `${state} ${is}: ${message}`);
    }
    assert.equal(cases.length, elements(xml).get("testcase") ?? 0);
  });
}

test("junitFormat.comparison() is well-formed and valid whatever names and texts hold", (context) => {
  const odd = fc.oneof(fc.string({ unit: "binary", maxLength: 30 }), fc.constantFrom("]]>", "&#0;", "<!--", "\ufffe"));
  const bytes = fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array).toString("latin1"));
  const some = fc.sample(fc.tuple(odd, odd, bytes), { numRuns: 120, seed: 5 });
  const variances = some.map(([explain, item, mailbox]) =>
    variance({ explain, subject: { mailbox, item, key: mailbox } }),
  );
  const incomplete = some.map(([text]) => text);
  const xml = comparisonReport(junitFormat, findingsOf(variances, { summary: { incomplete } }), OPTIONS);
  assert.equal(invalidity(context, xml) ?? null, null);
  assertTotals(xml);
});

test("the schema refuses what Ant or Jenkins would", (context) => {
  const xml = comparisonReport(junitFormat, cases.damaged, OPTIONS);
  for (const [from, to] of [
    [' hostname="', ' host="'],
    ["<failure ", "<fault "],
    [' tests="', ' tests="many '],
    ["    <system-err></system-err>\n", ""],
    [/timestamp="([^"]*)"/, 'timestamp="$1Z"'],
    [/ type="damaged"/, ""],
  ] as const) {
    const wrong = xml.replace(from, to);
    assert.notEqual(wrong, xml);
    assert.notEqual(invalidity(context, wrong), null, String(from));
  }
});

test("junitFormat.inspection() of one host is as the golden file, valid, and its totals are those of its cases", (context) => {
  const xml = inspectionReport(junitFormat, cases.inspected, OPTIONS);
  assertGolden("inspect-junit.xml", xml);
  assertTotals(xml);
  assert.equal(invalidity(context, xml) ?? null, null);
});
