import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import type { Findings } from "../../src/compare/variance.ts";
import { byteString } from "../../src/mail/name.ts";
import type { ReportOptions } from "../../src/report/format.ts";
import { textFormat } from "../../src/report/text.ts";
import { displayWidth } from "../../src/report/width.ts";
import type { Trend } from "../../src/trend/trend.ts";
import {
  allChecks,
  comparisonReport,
  findingsOf,
  inspectionOf,
  inspectionReport,
  mailboxResult,
  note,
  replicaSummary,
  sideSummary,
  variance,
} from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import * as cases from "./cases.ts";
import { TRENDS } from "./trend-cases.ts";

const PLAIN: ReportOptions = { colour: false, limit: 3, allMailboxes: false };

const render = (findings: Findings, over: Partial<ReportOptions> = {}): string =>
  comparisonReport(textFormat, findings, { ...PLAIN, ...over });

for (const [name, findings] of Object.entries(cases.COMPARISONS)) {
  test(`textFormat.comparison() of ${name} is as the golden file`, () => {
    assertGolden(`report-text-${name}.txt`, render(findings));
  });
}

test("textFormat.inspection() of one host is as the golden file", () => {
  assertGolden("inspect-text.txt", inspectionReport(textFormat, cases.inspected, { ...PLAIN, allMailboxes: true }));
});

test("textFormat.comparison() begins with the verdict", () => {
  for (const findings of [cases.inSync, cases.lagging, cases.damaged, cases.incomplete]) {
    assert.match(render(findings), new RegExp(`^${findings.summary.verdict.toUpperCase()}  `));
  }
});

test("textFormat.comparison() shows `limit` findings of a class and state, and counts the others", () => {
  const many = Array.from({ length: 315 }, (_, i) => variance({ subject: { uid: i + 1 } }));
  const text = render(findingsOf(many), { limit: 3 });
  assert.match(text, /damaged {2}file-corrupt {2}315 findings\n/);
  assert.match(text, /uid 3, .*\n {2}and 312 more\n/);
  assert.doesNotMatch(text, /uid 4\b/);
});

test("textFormat.comparison() says one sentence once for findings in a row", () => {
  const text = render(cases.lagging);
  assert.equal(text.split("had not reached it").length, 2);
});

test("textFormat.comparison() tells hosts apart that are labelled alike", () => {
  const same = findingsOf([variance({ side: "replica" }), variance({ side: "primary" })], {
    summary: { primary: sideSummary({ host: "mx" }), replica: replicaSummary({ host: "mx" }) },
  });
  assert.match(render(same), /^DAMAGED {2}mx \(primary\) against mx \(replica\): 2 damaged\n/);
  assert.match(render(same), /user\.alice {2}mx \(replica\), rule/);
  assert.match(render(same), /user\.alice {2}mx \(primary\), rule/);
});

test("textFormat.comparison() counts mailboxes that one side alone has among all that there are", () => {
  const { counts } = cases.damaged.summary;
  const mailboxes = { compared: 19, differing: 22, onlyPrimary: 2, onlyReplica: 1, notChecked: 0 };
  const text = render(findingsOf([variance({})], { summary: { counts: { ...counts, mailboxes } } }));
  assert.match(text, / 22 of 22 mailboxes; 2 only on \S+; 1 only\s+on\s+\S+\n/);
});

test("textFormat.comparison() shows every mailbox with --all, each with its checks and the numbers of both hosts", () => {
  const replica = { messages: 11, unseen: null, uidvalidity: 7, uidnext: 12, highestmodseq: null };
  const mailboxes = [
    mailboxResult(),
    mailboxResult({ mailbox: "user.bob", checks: { ...allChecks("same"), uids: "differs", acl: "unknown" }, replica }),
    mailboxResult({ mailbox: "user.zoe", otherMailbox: "user.zoë", replica: null, findings: { damaged: 2 } }),
  ];
  const findings = findingsOf([variance()], { mailboxes });
  assert.doesNotMatch(render(findings), /^Mailboxes$/m);
  const text = render(findings, { allMailboxes: true, limit: 1 }).replace(/\s+/g, " ");
  assert.match(text, / Mailboxes user\.alice same both 12 messages, 3 unseen, UIDVALIDITY 1795504922, UIDNEXT 13, /);
  assert.match(
    text,
    /user\.bob differs: uids; unknown: acl mx1\S+ 12 messages, .* mx2\S+ 11 messages, UIDVALIDITY 7, /,
  );
  assert.match(text, /user\.zoe user\.zo\S+ on mx2\S+, same, 2 damaged mx1\S+ 12 .* mx2\S+ has no such mailbox/);
  for (const odd of [cases.hostile, cases.damaged]) assertPage(render(odd, { allMailboxes: true }));
});

test("textFormat.comparison() of a few names shows those that differ, `limit` of them, and no way to narrow it", () => {
  const scope = { ...cases.damaged.summary.scope, narrowedBy: ["--include user.*"] };
  const many = Array.from({ length: 9 }, (_, i) => variance({ subject: { mailbox: `user.u${i}` } }));
  const text = render(findingsOf(many, { summary: { scope } }), { limit: 2 });
  assert.match(
    text,
    /\nMailboxes that differ\n {2}user\.u0 .*\n(?: {4}.*\n)+ {2}user\.u1 .*\n(?: {4}.*\n)+ {2}and 7 more\n/,
  );
  assert.doesNotMatch(text, /--include user\.u0/);
});

test("textFormat.comparison() says how to look closer, in commands that a shell takes", () => {
  const hint = (mailbox: string) =>
    /\nTo look closer\n(?: {2}.*\n)+/.exec(render(findingsOf([variance({ subject: { mailbox } })])))?.[0];
  assert.match(
    hint("user.alice") ?? "",
    /compare mx1\.db mx2\.db --include user\.alice --all\n {2}spooldiff explain file-corrupt\n/,
  );
  assert.match(hint("user.a b") ?? "", /--include 'user\.a b' --all/);
  for (const odd of ["user.*", "user.\x1b[2J", "user.caf\xe9", "user.it's", `user.${"n".repeat(300)}`, "user.$(id)"]) {
    assert.match(hint(byteString(odd)) ?? "", /--include NAME --all/);
  }
  assert.equal(hint("") === undefined, false);
  assert.doesNotMatch(render(cases.inSync), /look closer/);
});

test("textFormat.comparison() with a history gives the trend's word, and what the last comparisons left open", () => {
  const { trend } = (TRENDS.diverging as () => { trend: Trend })();
  const text = render(cases.damaged, { trend });
  assert.match(
    text,
    /\ntrend {6}diverging: .*\n(?: {11}.*\n)*? {11}open after the last 7 comparisons: (?:\d+, ){6}\d+\n/,
  );
  assert.match(text, /\nvariance /);
  const history = { file: "pair.db", comparison: 2, since: "2026-02-01T00:00:00Z", notCounted: null, swapped: false };
  const summary = { history: { ...history, lastComplete: null, findings: null } };
  assert.match(render(findingsOf([variance()], { summary })), /\n {2}spooldiff trend pair\.db --chart\n/);
});

test("textFormat.comparison() with colour is the same text with colour codes in it", () => {
  for (const findings of [cases.damaged, cases.inSync, cases.hostile]) {
    const coloured = render(findings, { colour: true });
    assert.notEqual(coloured, render(findings));
    assert.equal(stripVTControlCharacters(coloured), render(findings));
  }
});

test("textFormat.comparison() and textFormat.inspection() keep to 80 columns and hold no control character", () => {
  for (const findings of Object.values(cases.COMPARISONS)) {
    assertPage(render(findings, { limit: 1000 }));
  }
  assertPage(inspectionReport(textFormat, cases.inspected, { ...PLAIN, allMailboxes: true }));
});

test("textFormat.comparison() is neither slow nor long for names of absurd length", () => {
  const name = "x\x1b ".repeat(400_000);
  const text = render(oddFindings(name, `y${name}`, name, `y${name}`));
  assertPage(text);
  assert.ok(text.split("\n").length < 600, `${text.split("\n").length} lines`);
});

test("textFormat.comparison() lets no text or byte string put a control character into the report", () => {
  fc.assert(
    fc.property(odd, odd, bytes, bytes, (text, other, name, otherName) => {
      assertPage(render(oddFindings(text, other, name, otherName)));
    }),
    { numRuns: 150 },
  );
});

test("textFormat.inspection() lets no text or byte string put a control character into the report", () => {
  fc.assert(
    fc.property(odd, bytes, (text, name) => {
      const unread = {
        uniqueId: null,
        messages: null,
        unseen: null,
        uidvalidity: null,
        uidnext: null,
        highestmodseq: null,
      };
      const inspection = inspectionOf([variance({ subject: { mailbox: name, path: name }, explain: text })], {
        side: sideSummary({ host: text, file: text, store: text, level: text, role: text, manifest: text }),
        incomplete: [text],
        notes: [note({ mailbox: name, explain: text })],
        mailboxes: [{ ...unread, mailbox: name, partition: text, status: "unreadable", bytes: text }],
      });
      assertPage(inspectionReport(textFormat, inspection, { ...PLAIN, allMailboxes: true }));
    }),
    { numRuns: 100 },
  );
});

const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: fc.constantFrom("\x1b", "\n", "\u009b", "\u202e", "\u0301", "邮", " ", "\\", "\ud800", "a") }),
);
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array).toString("latin1"));

/** The odd values at every place that a manifest can fill; `next` is ours. */
function oddFindings(text: string, other: string, name: string, otherName: string): Findings {
  const subject = { mailbox: name, otherMailbox: otherName, path: name, owner: otherName, key: name, item: text };
  const coverage = {
    ...sideSummary().coverage,
    bytes: text,
    bytesReadNow: other,
    bytesCarried: `1${text}`,
    oldestCarried: text,
  };
  const side = { host: text, store: text, level: text, scannedFrom: text, scannedTo: other, coverage };
  return findingsOf(
    [
      variance({
        subject,
        explain: text,
        repair: other,
        primary: { [text]: other, n: null },
        replica: { l: [text, other] },
      }),
      variance({ subject: { mailbox: null, path: name }, explain: other, repair: text }),
    ],
    {
      notes: [note({ class: text, mailbox: name, explain: other }), note({ class: other, mailbox: null })],
      mailboxes: [mailboxResult({ mailbox: name, otherMailbox: otherName, findings: { damaged: 1 } })],
      summary: {
        primary: sideSummary(side),
        replica: replicaSummary({ ...side, host: other }),
        incomplete: [text],
        scope: { level: text, checks: [], outside: [text], notComparable: [other], narrowedBy: [text, other] },
      },
    },
  );
}

function assertPage(text: string): void {
  assert.ok(text.endsWith("\n"));
  for (const line of text.split("\n")) {
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    assert.ok(displayWidth(line) <= 80, `${displayWidth(line)} columns: ${line}`);
  }
}
