import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VARIANCE_CLASSES } from "../../src/compare/classes.ts";
import type { Variance } from "../../src/compare/variance.ts";
import { UsageError } from "../../src/errors.ts";
import { OnlyFilter } from "../../src/mail/only-scope.ts";
import { recheckEnd, recheckHead, recheckLine } from "../../src/worklist/recheck-list.ts";
import { Recheck } from "../../src/worklist/recheck-outcome.ts";
import { isAskedFor, keptRecheckList, parseRecheckList } from "../../src/worklist/recheck-scope.ts";
import { mailbox } from "../compare/records.ts";
import { HOSTILE_NAMES } from "../report/cases.ts";
import { variance } from "../support/findings.ts";

function listOf(...variances: readonly Variance[]): Buffer {
  const text = recheckHead("p", "r") + variances.map(recheckLine).join("") + recheckEnd(variances.length);
  return Buffer.from(text);
}

const names = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 30 }).map((bytes) => String.fromCharCode(...bytes)),
);

const findings = fc.record({
  class: fc.constantFrom(...VARIANCE_CLASSES),
  state: fc.constantFrom("damaged", "diverged", "in-flight", "unproven" as const),
  side: fc.constantFrom("primary", "replica", "both", "unknown" as const),
  subject: fc.record(
    {
      mailbox: fc.option(names),
      uniqueId: fc.option(fc.stringMatching(/^[0-9a-z]{24}$/)),
      uid: fc.integer({ min: 1, max: 0xffff_ffff }),
      item: fc.string({ maxLength: 20 }),
      owner: names,
      key: names,
    },
    { requiredKeys: ["mailbox", "uniqueId"] },
  ),
});

test("parseRecheckList() reads what recheckLine() wrote, whatever the names are", () => {
  fc.assert(
    fc.property(fc.array(findings, { maxLength: 5 }), (all) => {
      const { entries, scope } = parseRecheckList(listOf(...all.map((over) => variance(over))), "list");
      assert.deepEqual(
        entries.map(({ class: name, state, side, subject }) => ({ class: name, state, side, subject })),
        all
          .map((each) => variance(each))
          .map(({ class: name, state, side, subject }) => ({ class: name, state, side, subject })),
      );
      assert.deepEqual(keptRecheckList(scope.lines, "m").scope, scope);
    }),
  );
});

test("parseRecheckList() names the line that is wrong", () => {
  const good = listOf(variance({ subject: { uid: 5 } }))
    .toString()
    .split("\n");
  const wrong = (line: number, text: string) =>
    Buffer.from(good.map((old, i) => (i === line - 1 ? text : old)).join("\n"));
  const finding = '{"class":"file-corrupt","state":"damaged","side":"replica","mailbox":"a","uniqueid":null,';
  for (const [line, text] of [
    [1, '{"type":"other"}'],
    [1, '{"type":"recheck","version":2}'],
    [2, "not json"],
    [2, "[]"],
    [2, "null"],
    [2, '{"class":"no-such-class"}'],
    [2, `${finding}"uid":0}`],
    [2, `${finding}"uid":4294967296}`],
    [2, `${finding}"uid":"5"}`],
    [2, `${finding}"surprise":1}`],
    [2, `${finding}"__proto__":{"uid":5}}`],
    [2, `${finding}"mailboxBytes":"%"}`],
    [2, `${finding}"item":"${"x".repeat(3000)}"}`],
    [2, finding.replace('"a"', `"${"x".repeat(20_000)}"`)],
  ] as const) {
    assert.throws(
      () => parseRecheckList(wrong(line, text), "bad.list"),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.ok(error.message.startsWith(`Cannot use "bad.list", line ${line}: `), `${text}: ${error.message}`);
        return true;
      },
    );
  }
});

test("parseRecheckList() refuses a list that was cut off anywhere, and random bytes, with UsageError", () => {
  const whole = listOf(variance(), variance({ subject: { uid: 7 } }));
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => parseRecheckList(whole.subarray(0, length), "list"), UsageError, `${length} bytes`);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.throws(() => parseRecheckList(Buffer.from(bytes), "list"), UsageError);
    }),
  );
});

test("a scope names mailboxes by name and uniqueid, and the messages whose files are read", () => {
  const { scope } = parseRecheckList(
    listOf(
      variance({ subject: { mailbox: "user.a", uniqueId: "id-a", uid: 5 } }),
      variance({ subject: { mailbox: "user.a", uniqueId: "id-a", uid: 3 } }),
      variance({ class: "mailbox-missing", subject: { mailbox: "user.b", uniqueId: "id-b" } }),
      variance({ class: "index-corrupt", subject: { mailbox: "user.c", uniqueId: "id-c" } }),
      variance({
        class: "mailbox-recreated",
        replica: { uniqueid: "id-e" },
        subject: { mailbox: "user.d", uniqueId: "id-d" },
      }),
      variance({
        class: "subscription-differs",
        subject: { mailbox: null, uniqueId: null, owner: "sam", key: "user.a" },
      }),
    ),
    "list",
  );
  const filter = new OnlyFilter(scope);
  assert.deepEqual(filter.uidsOf("user.a", null), [3, 5]);
  assert.deepEqual(filter.uidsOf("renamed", "id-a"), [3, 5]);
  assert.deepEqual(filter.uidsOf("user.b", "id-b"), [], "no file of it is read");
  assert.equal(filter.uidsOf("user.c", "id-c"), null, "it could not be read: all of it is");
  assert.ok(filter.hasMailbox("elsewhere", "id-e"), "the replica's mailbox of that name too");
  assert.ok(!filter.hasMailbox("user.z", "id-z"));
  assert.ok(filter.hasOwner("sam"));
  assert.ok(scope.items);
});

test("isAskedFor() leaves out messages and items that no finding was about", () => {
  const { scope, entries } = parseRecheckList(
    listOf(variance({ subject: { mailbox: "user.a", uniqueId: "i", uid: 5 } })),
    "l",
  );
  const filter = new OnlyFilter(scope);
  const { things } = new Recheck(entries);
  const asked = (over: Parameters<typeof variance>[0]) => {
    const { class: name, subject } = variance({
      ...over,
      subject: { mailbox: "user.a", uniqueId: "i", ...over?.subject },
    });
    return isAskedFor(name, subject, filter, things);
  };
  assert.ok(asked({ subject: { uid: 5 } }));
  assert.ok(asked({ class: "flags-differ", subject: { uid: 5 } }), "the message has another fault by now");
  assert.ok(!asked({ class: "message-missing", subject: { uid: 6 } }));
  assert.ok(asked({ class: "index-corrupt" }), "the mailbox itself is in doubt");
  assert.ok(!asked({ class: "mailbox-annotation-differs", subject: { owner: "", key: "/comment" } }));
});

test("Recheck says what is confirmed, what is cleared, and what was not looked at", () => {
  const at = (uid: number, over: Parameters<typeof variance>[0] = {}) =>
    variance({ ...over, subject: { mailbox: "user.a", uniqueId: "i", uid, ...over?.subject } });
  const earlier = [
    at(1),
    at(2),
    at(3, { class: "flags-differ", state: "diverged" }),
    at(4, { subject: { mailbox: "user.b", uniqueId: "j" } }),
  ];
  const { entries } = parseRecheckList(listOf(...earlier), "list");
  const outcomes = (found: readonly Variance[], level: "full" | "stat", status: "read" | "unreadable") => {
    const recheck = new Recheck(entries);
    const marked = found.map((each) => recheck.add(each).confirmed ?? false);
    const unread = mailbox({ uniqueId: "j", status });
    const result = recheck.result(level, ({ uniqueId }) => (uniqueId === "j" ? [unread] : [mailbox()]));
    return { marked, outcomes: result.findings.map(({ outcome }) => outcome), counts: result.counts };
  };
  const missing = at(1, { class: "file-missing" });
  const other = at(9);
  assert.deepEqual(outcomes([missing, other], "full", "read"), {
    marked: [true, false],
    outcomes: ["confirmed", "cleared", "cleared", "cleared"],
    counts: { confirmed: 1, cleared: 3, notReExamined: 0 },
  });
  assert.deepEqual(outcomes([], "full", "unreadable").outcomes, ["cleared", "cleared", "cleared", "not-re-examined"]);
  // A scan that reads no file has not seen whether its content is right now.
  assert.deepEqual(outcomes([], "stat", "read").outcomes, [
    "not-re-examined",
    "not-re-examined",
    "cleared",
    "not-re-examined",
  ]);
  // A list that cannot be read now says nothing of what it said then.
  const gone = parseRecheckList(listOf(at(5, { class: "mailbox-missing" }), at(6)), "list").entries;
  const later = new Recheck(gone);
  later.add(
    variance({ class: "mailbox-list-unreadable", state: "unproven", subject: { mailbox: null, uniqueId: null } }),
  );
  const { findings } = later.result("full", () => [mailbox()]);
  assert.deepEqual(
    findings.map(({ outcome }) => outcome),
    ["not-re-examined", "cleared"],
  );
  const unproven = at(1, { class: "file-unreadable", state: "unproven" });
  assert.equal(outcomes([unproven], "full", "read").outcomes[0], "not-re-examined");
});
