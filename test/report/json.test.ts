import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Findings, Variance } from "../../src/compare/variance.ts";
import { byteString } from "../../src/mail/name.ts";
import { jsonFormat, jsonLine } from "../../src/report/json.ts";
import { comparisonReport, findingsOf, inspectionReport, mailboxResult, note, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import * as cases from "./cases.ts";

type Line = Record<string, unknown>;

const OPTIONS = { colour: true, limit: 1, allMailboxes: false };

const render = (findings: Findings, allMailboxes = false): string =>
  comparisonReport(jsonFormat, findings, { ...OPTIONS, allMailboxes });

function parse(text: string): Line[] {
  assert.ok(text.endsWith("\n"));
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

function only(over: Parameters<typeof variance>[0]): Line {
  const line = parse(render(findingsOf([variance(over)]))).find(({ type }) => type === "variance");
  assert.ok(line !== undefined);
  return line;
}

for (const [name, findings] of Object.entries(cases.COMPARISONS)) {
  test(`jsonFormat.comparison() of ${name} is as the golden file`, () => {
    const text = render(findings);
    assertGolden(`report-json-${name}.ndjson`, text);
    parse(text);
  });
}

test("jsonFormat.inspection() of one host is as the golden file", () => {
  const text = inspectionReport(jsonFormat, cases.inspected, { ...OPTIONS, allMailboxes: true });
  assertGolden("inspect-json.ndjson", text);
  const last = parse(text).at(-1);
  assert.deepEqual([last?.type, last?.schema], ["summary", "spooldiff.inspect/1"]);
});

test("jsonFormat.comparison() writes mailboxes, variances, notes, and the summary last, whatever the limit", () => {
  const lines = parse(render(cases.damaged));
  const types = lines.map(({ type }) => type);
  assert.deepEqual([...new Set(types)], ["mailbox", "variance", "note", "summary"]);
  assert.equal(types.filter((type) => type === "variance").length, [...cases.damaged.variances()].length);
  assert.equal(types.filter((type) => type === "summary").length, 1);
});

test("jsonFormat.comparison() writes mailboxes that agree only when all are asked for", () => {
  const findings = findingsOf([], { mailboxes: [mailboxResult(), mailboxResult({ mailbox: "user.bob" })] });
  assert.deepEqual(parse(render(findings)).length, 1);
  assert.deepEqual(
    parse(render(findings, true)).map(({ mailbox }) => mailbox),
    ["user.alice", "user.bob", undefined],
  );
});

test("jsonFormat.comparison() puts the subject's fields beside the finding's own", () => {
  const line = only({
    cause: "lag",
    ageSeconds: 7,
    messages: 2,
    absorbed: { "flags-differ": 2 },
    subject: { uid: 9, item: "unseen", owner: "bob", key: "k", otherMailbox: "user.b", path: "/a/9." },
  });
  assert.deepEqual(line, {
    type: "variance",
    class: "file-corrupt",
    state: "damaged",
    side: "replica",
    mailbox: "user.alice",
    otherMailbox: "user.b",
    uniqueid: "6b2e8a",
    uid: 9,
    item: "unseen",
    owner: "bob",
    key: "k",
    path: "/a/9.",
    primary: null,
    replica: null,
    rule: "own-side",
    explain: variance().explain,
    repair: null,
    cause: "lag",
    ageSeconds: 7,
    messages: 2,
    absorbed: { "flags-differ": 2 },
  });
});

test("jsonFormat.comparison() adds bytes in base64 only to names that are not UTF-8", () => {
  const line = only({ subject: { mailbox: "caf\xe9", path: byteString("/spool/café/1."), key: "\xff" } });
  assert.equal(line.mailbox, "caf\ufffd");
  assert.equal(line.mailboxBytes, Buffer.from("caf\xe9", "latin1").toString("base64"));
  assert.equal(line.path, "/spool/café/1.");
  assert.ok(!("pathBytes" in line));
  assert.equal(line.keyBytes, "/w==");
});

test("jsonFormat.comparison() lets the bytes of every name be had back", () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString("latin1"));
  fc.assert(
    fc.property(bytes, (name) => {
      const line = only({ subject: { mailbox: name } });
      const back =
        "mailboxBytes" in line ? Buffer.from(String(line.mailboxBytes), "base64") : Buffer.from(String(line.mailbox));
      assert.equal(back.toString("latin1"), name);
    }),
  );
});

test("jsonLine() is one line without control or format characters, and parses to the same text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const line = jsonLine({ text });
      assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.deepEqual(JSON.parse(line), { text });
    }),
  );
});

test("jsonFormat.comparison() writes each line as one chunk", () => {
  const chunks: string[] = [];
  const variances: Variance[] = [variance(), variance()];
  const findings = findingsOf(variances, { notes: [note()] });
  const report = jsonFormat.comparison(findings, OPTIONS, (chunk) => chunks.push(chunk));
  for (const finding of variances) report.finding(finding);
  report.end();
  for (const chunk of chunks) assert.equal(chunk.indexOf("\n"), chunk.length - 1);
});
