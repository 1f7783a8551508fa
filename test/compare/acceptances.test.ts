/** Which findings an entry of accepted differences covers, and what is said of one that covers none. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { Acceptances, type AcceptedDifference } from "../../src/compare/acceptances.ts";
import { STATES } from "../../src/compare/classes.ts";
import { Tally } from "../../src/compare/tally.ts";
import { byteString } from "../../src/mail/name.ts";
import { urgencyOf } from "../../src/report/standing.ts";
import { variance } from "../support/findings.ts";

const NOW = Date.parse("2026-11-26T12:00:00Z");

function entry(over: Partial<AcceptedDifference> = {}): AcceptedDifference {
  return {
    class: "acl-differs",
    ...{ mailbox: null, owner: null, key: null, uid: null },
    reason: "ticket 4711",
    expires: "2027-03-31",
    place: "ignore.toml, line 1",
    ...over,
  };
}

function acceptances(...entries: readonly AcceptedDifference[]): Acceptances {
  return new Acceptances(entries, NOW, (found) => urgencyOf(found) !== null);
}

const ACL = variance({
  class: "acl-differs",
  state: "diverged",
  rule: "values",
  subject: { mailbox: "user.anna.Sent" },
});
const CORRUPT = variance({ class: "file-corrupt", state: "damaged", subject: { mailbox: "user.anna", uid: 7 } });

suite("of()", () => {
  test("covers the class, whatever it is about, where an entry names nothing else", () => {
    const accepted = acceptances(entry());
    assert.deepEqual(accepted.of(ACL), { reason: "ticket 4711", expires: "2027-03-31" });
    assert.equal(accepted.of({ ...ACL, class: "sieve-differs" }), null);
    assert.deepEqual([...accepted.notes()], []);
  });

  test("covers what has every name that is given", () => {
    const found = variance({
      class: "message-annotation-differs",
      state: "in-flight",
      subject: { mailbox: "user.anna", uid: 7, owner: "ben", key: "/comment" },
    });
    const of = (over: Partial<AcceptedDifference>) =>
      acceptances(entry({ class: "message-annotation-differs", ...over })).of(found) !== null;
    assert.ok(of({ mailbox: "user.*", owner: "be?", key: "/comment", uid: 7 }));
    for (const wrong of [{ mailbox: "user.ben" }, { owner: "anna" }, { key: "/" }, { uid: 8 }, { mailbox: "user" }]) {
      assert.ok(!of(wrong), JSON.stringify(wrong));
    }
  });

  test("covers nothing by a name that the finding has not", () => {
    const quota = variance({ class: "quota-differs", state: "diverged", subject: { mailbox: null, key: "user.anna" } });
    assert.equal(acceptances(entry({ class: "quota-differs", mailbox: "*" })).of(quota), null);
    assert.notEqual(acceptances(entry({ class: "quota-differs", key: "user.*" })).of(quota), null);
  });

  test("covers until the end of the day that it names, UTC", () => {
    for (const [expires, covered] of [
      ["2026-11-25", false],
      ["2026-11-26", true],
    ] as const) {
      assert.equal(acceptances(entry({ expires })).of(ACL) !== null, covered, expires);
    }
  });

  test("never covers what could not be told", () => {
    const accepted = acceptances(entry({ mailbox: "user.anna.Sent" }));
    assert.equal(accepted.of({ ...ACL, state: "unproven" }), null);
    const [note] = [...accepted.notes()];
    assert.equal(note?.class, "acceptance-refused");
    assert.equal(note?.count, 1);
  });

  test("covers damage and split brain only where the entry names that one thing in full", () => {
    const split = variance({
      class: "message-missing",
      state: "diverged",
      rule: "replica-ahead",
      subject: { mailbox: "user.anna", uid: 7 },
    });
    for (const found of [CORRUPT, split]) {
      const of = (over: Partial<AcceptedDifference>) => acceptances(entry({ class: found.class, ...over })).of(found);
      assert.notEqual(of({ mailbox: "user.anna", uid: 7 }), null);
      for (const broad of [{}, { mailbox: "user.anna" }, { uid: 7 }, { mailbox: "user.ann?", uid: 7 }]) {
        assert.equal(of(broad), null, `${found.class} ${JSON.stringify(broad)}`);
      }
    }
  });

  test("takes a mailbox whose name has a star for named where it is named", () => {
    const subject = { mailbox: byteString("user.ä*"), uid: 7 };
    const found = variance({ class: "file-corrupt", state: "damaged", subject });
    assert.notEqual(acceptances(entry({ class: "file-corrupt", mailbox: "user.ä*", uid: 7 })).of(found), null);
    assert.equal(acceptances(entry({ class: "file-corrupt", mailbox: "user.*", uid: 7 })).of(found), null);
  });

  test("gives the first of the entries that cover a finding, and calls none of them unused", () => {
    const accepted = acceptances(
      entry({ expires: "2020-01-01" }),
      entry({ reason: "first" }),
      entry({ reason: "second" }),
    );
    assert.equal(accepted.of(ACL)?.reason, "first");
    assert.deepEqual(
      [...accepted.notes()].map((note) => note.class),
      ["acceptance-expired"],
    );
  });

  test("never covers what is unproven, or damage by a pattern, whatever an entry says", () => {
    const text = fc.constantFrom("user.anna", "user.*", "*", "user.ann?", "anna");
    const names = {
      mailbox: fc.option(text),
      owner: fc.option(text),
      key: fc.option(text),
      uid: fc.option(fc.constant(7)),
    };
    fc.assert(
      fc.property(fc.record(names), fc.constantFrom(...STATES), (given, state) => {
        const found = { ...CORRUPT, state };
        const covered = acceptances(entry({ class: "file-corrupt", ...given })).of(found) !== null;
        if (!covered) return;
        assert.notEqual(state, "unproven");
        if (state === "damaged") assert.deepEqual([given.mailbox, given.uid], ["user.anna", 7]);
      }),
    );
  });
});

suite("notes()", () => {
  test("says of an expired entry how many findings count again", () => {
    const accepted = acceptances(entry({ expires: "2026-01-01" }));
    accepted.of(ACL);
    accepted.of(ACL);
    const [note, ...others] = [...accepted.notes()];
    assert.deepEqual(others, []);
    assert.equal(note?.class, "acceptance-expired");
    assert.match(
      note?.explain ?? "",
      /ignore\.toml, line 1 until 2026-01-01 \(ticket 4711\), has expired: 2 findings count/,
    );
  });

  test("says of an entry that it covers nothing", () => {
    const [note] = [...acceptances(entry()).notes()];
    assert.equal(note?.class, "acceptance-unused");
    assert.match(note?.explain ?? "", /covers no finding of this run$/);
  });
});

test("Tally counts what was accepted apart, and its check as differing", () => {
  const tally = new Tally(60);
  const accepted = { reason: "old", expires: "2027-01-01" };
  tally.add({ ...ACL, accepted });
  tally.add({ ...ACL, state: "in-flight", ageSeconds: 3600, accepted });
  assert.deepEqual([tally.byClass, tally.byState, tally.accepted, tally.stalled], [{}, {}, 2, 0]);
  assert.ok(tally.differing.has("acl"));
});
