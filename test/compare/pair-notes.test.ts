import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { counterNote, pairNotes } from "../../src/compare/pair-notes.ts";
import type { MailboxFacts } from "../../src/mail/scan-facts.ts";
import { mailbox } from "./records.ts";

const HOSTS = { primary: "mx1", replica: "mx2" };
const changed = (header: Partial<NonNullable<MailboxFacts["header"]>>) => {
  const facts = mailbox();
  assert.ok(facts.header !== null);
  return { ...facts, header: { ...facts.header, ...header } };
};
const classes = (p: MailboxFacts, r: MailboxFacts, agree = true) =>
  pairNotes(p, r, HOSTS, agree).map((note) => note.class);

describe("pairNotes()", () => {
  it("makes one note of all that sessions have moved", () => {
    const here = changed({ recentUid: 7, recentTime: 1_700_000_000, pop3LastLogin: 1_700_000_060, pop3ShowAfter: 0 });
    const there = changed({ recentUid: 5, recentTime: 1_700_000_000, pop3LastLogin: 0, pop3ShowAfter: 0 });
    const [note, ...others] = pairNotes(here, there, HOSTS, true);
    assert.equal(others.length, 0);
    assert.deepEqual([note?.class, note?.mailbox, note?.side], ["session-fields-differ", here.name, "both"]);
    assert.equal(
      note?.explain,
      "recentuid is 7 on mx1, 5 on mx2; pop3_last_login is 2023-11-14T22:14:20Z on mx1, 1970-01-01T00:00:00Z on mx2",
    );
  });

  it("says nothing of what is alike, or what one version does not have", () => {
    assert.deepEqual(classes(mailbox(), mailbox()), []);
    assert.deepEqual(
      classes(changed({ recentUid: 7, pop3ShowAfter: 9 }), changed({ recentUid: null, pop3ShowAfter: null })),
      [],
    );
  });

  it("speaks of the time of the last append only where no message is on its way", () => {
    const pair = [changed({ lastAppendDate: 5 }), changed({ lastAppendDate: 6 })] as const;
    assert.deepEqual(classes(...pair, true), ["session-fields-differ"]);
    assert.deepEqual(classes(...pair, false), []);
  });

  it("tells of sync CRCs over annotations that differ though each side's is its own records'", () => {
    const counters = { exists: 1, unseen: 0, answered: 0, flagged: 0, deleted: 0, quotaUsed: 1n, syncCrcBasic: 3 };
    const having = (stored: number | null, counted = stored) =>
      mailbox({ stored: { ...counters, syncCrcAnnot: stored }, counted: { ...counters, syncCrcAnnot: counted } });
    assert.deepEqual(classes(having(1), having(2)), ["sync-crc-differs"]);
    assert.deepEqual(classes(having(1), having(2), false), []);
    for (const other of [having(1), having(null), having(2, 1)]) assert.deepEqual(classes(having(1), other), []);
  });
});

describe("counterNote()", () => {
  const item = (value: string) => ({
    ...({ kind: "modseq-counter", owner: "alice", key: "", value, mtime: null, modseq: null } as const),
    ...{ mailboxId: null, uniqueId: null, mailbox: null },
  });

  it("says how far the replica is behind or ahead", () => {
    const behind = counterNote({ primary: item("158"), replica: item("150") }, HOSTS);
    assert.match(behind?.explain ?? "", /of alice is 158 on mx1 and 150 on mx2: mx2 is 8 behind/);
    assert.equal(behind?.side, "replica");
    assert.match(counterNote({ primary: item("9"), replica: item("10") }, HOSTS)?.explain ?? "", /mx2 is 1 ahead/);
  });

  it("says nothing where they agree, or one side has none", () => {
    assert.equal(counterNote({ primary: item("9"), replica: item("9") }, HOSTS), null);
    assert.equal(counterNote({ primary: item("9"), replica: null }, HOSTS), null);
    assert.equal(counterNote({ primary: null, replica: item("9") }, HOSTS), null);
  });
});
