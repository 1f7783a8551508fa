import assert from "node:assert/strict";
import { test } from "node:test";
import type { Findings, RecheckedFinding } from "../../src/compare/variance.ts";
import { byteString } from "../../src/mail/name.ts";
import { jsonFormat } from "../../src/report/json.ts";
import { textFormat } from "../../src/report/text.ts";
import { displayWidth, PAGE_WIDTH } from "../../src/report/width.ts";
import { jsonLines } from "../support/command-line.ts";
import { comparisonReport, findingsOf, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import { HOSTILE_NAMES } from "./cases.ts";

const OPTIONS = { colour: false, limit: 1000, allMailboxes: false };

function rechecked(over: Partial<RecheckedFinding> = {}): RecheckedFinding {
  const subject = { mailbox: "user.alice", uniqueId: "6b2e8a", uid: 5 };
  return { class: "file-corrupt", state: "damaged", side: "replica", subject, outcome: "cleared", now: null, ...over };
}

/** A second look at findings of every outcome, and of every hostile name. */
function secondLook(): Findings {
  const now = { class: "file-missing", state: "damaged", side: "replica" } as const;
  const same = { class: "file-corrupt", state: "damaged", side: "replica" } as const;
  const findings = [
    rechecked({ outcome: "confirmed", now: same }),
    rechecked({ outcome: "confirmed", now }),
    rechecked(),
    rechecked({ outcome: "not-re-examined", subject: { mailbox: null, uniqueId: null, path: "/srv/imap/\x1b[2J" } }),
    rechecked({ subject: { mailbox: null, uniqueId: null, owner: "bob", key: byteString("user.\u202ealice") } }),
    ...HOSTILE_NAMES.map((mailbox) =>
      rechecked({ subject: { mailbox, uniqueId: null, uid: 7, item: "\x1b]0;x\x07" } }),
    ),
  ];
  const counts = { confirmed: 2, cleared: HOSTILE_NAMES.length + 2, notReExamined: 1 };
  const exposure = {
    messages: 41_204,
    bytes: "9400000000",
    users: 12,
    oldest: "2026-03-01T00:10:05Z",
    betweenScans: 3,
    exact: false,
  };
  return {
    ...findingsOf([{ ...variance({ subject: { uid: 5 } }), confirmed: true }], {
      summary: { exposure, recheck: counts },
    }),
    recheck: { findings, counts },
  };
}

test("textFormat.comparison() says what a second look made of each finding, and what would be lost with the primary", () => {
  const text = comparisonReport(textFormat, secondLook(), OPTIONS);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  for (const line of text.split("\n")) assert.ok(displayWidth(line) <= PAGE_WIDTH, line);
  assertGolden("report-text-second-look.txt", text);
});

test("textFormat.comparison() shows so many findings of each outcome as are asked for, and counts all", () => {
  const text = comparisonReport(textFormat, secondLook(), { ...OPTIONS, limit: 1 });
  assert.match(text, new RegExp(`2 confirmed, ${HOSTILE_NAMES.length + 2} cleared, 1 not re-examined`));
  assert.match(text, new RegExp(`and ${HOSTILE_NAMES.length + 1} more`));
});

test("textFormat.comparison() says nothing of a loss where there is none", () => {
  const exposure = { messages: 0, bytes: "0", users: 0, oldest: null, betweenScans: 0, exact: true };
  const text = comparisonReport(textFormat, findingsOf([], { summary: { exposure } }), OPTIONS);
  assert.doesNotMatch(text, /were lost now/);
});

test("jsonFormat.comparison() marks findings that are confirmed, and has a line for each that was looked at again", () => {
  const text = comparisonReport(jsonFormat, secondLook(), OPTIONS);
  const lines = jsonLines(text);
  assert.equal(lines.find(({ type }) => type === "variance")?.confirmed, true);
  const outcomes = lines.filter(({ type }) => type === "recheck");
  assert.equal(outcomes.length, HOSTILE_NAMES.length + 5);
  assert.deepEqual(lines.at(-1)?.recheck, { confirmed: 2, cleared: HOSTILE_NAMES.length + 2, notReExamined: 1 });
  assertGolden("report-json-second-look.ndjson", text);
});
