/** The truth tables of the judge of whole mailboxes (design §3.2, §3.4). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  creationTime,
  type Deletion,
  deletionOf,
  headerFact,
  listFact,
  listNotRead,
  onlyOnPrimary,
  onlyOnReplica,
  otherUidValidity,
  recreated,
} from "../../../src/compare/judge/mailbox.ts";
import type { Judgement, JudgeSettings } from "../../../src/compare/judge/order.ts";
import type { MailboxFacts } from "../../../src/mail/scan-facts.ts";
import { headed, listed, mailbox, NOON, PROVED, SETTINGS } from "../records.ts";

const REPLICA_FIRST = { primaryMs: (NOON + 10) * 1000, replicaMs: NOON * 1000 };
const PRIMARY_FIRST = { primaryMs: (NOON - 60) * 1000, replicaMs: NOON * 1000 };

function wordsOf({ state, cause, ageSeconds, side, rule }: Judgement): string {
  const age = ageSeconds === undefined ? "" : ` ${ageSeconds}s`;
  return [cause === undefined ? state : `${state}:${cause}${age}`, side, rule].join(" ");
}

/** A mailbox made some seconds before noon, as its uidvalidity and its entry say. */
const madeBefore = (seconds: number) =>
  headed({ uidValidity: NOON - seconds }, listed({ uidValidity: NOON - seconds, mtime: NOON - seconds }));
/** One whose entry was written some seconds before noon, long after the time that is its uidvalidity. */
const remadeBefore = (seconds: number) => headed({ uidValidity: NOON - 80_000 }, listed({ mtime: NOON - seconds }));
const deleted = (foldermodseq: bigint | null, seconds: number): Deletion => ({ foldermodseq, mtime: NOON - seconds });

describe("onlyOnPrimary()", () => {
  const rows: readonly [string, MailboxFacts, Deletion | null, number | null, JudgeSettings, string][] = [
    [
      "made after all that came over: lag",
      madeBefore(60),
      null,
      NOON - 600,
      SETTINGS,
      "in-flight:lag 60s replica mailbox-new",
    ],
    [
      "made within --settle of it: lag",
      madeBefore(1499),
      null,
      NOON - 600,
      SETTINGS,
      "in-flight:lag 1499s replica mailbox-new",
    ],
    [
      "made --settle before it: diverged",
      madeBefore(1500),
      null,
      NOON - 600,
      SETTINGS,
      "diverged replica mailbox-older-than-replication",
    ],
    [
      "made anew under an old name after all that came over, with the next uidvalidity: lag",
      remadeBefore(60),
      null,
      NOON - 600,
      SETTINGS,
      "in-flight:lag 60s replica mailbox-new",
    ],
    [
      "made anew under an old name --settle before it: diverged",
      remadeBefore(1500),
      null,
      NOON - 600,
      SETTINGS,
      "diverged replica mailbox-older-than-replication",
    ],
    [
      "of a user of whom nothing came over: lag",
      madeBefore(90_000),
      null,
      null,
      SETTINGS,
      "in-flight:lag 90000s replica mailbox-new",
    ],
    [
      "made after the replica was read: race",
      headed({ uidValidity: NOON + 5 }, { readAtMs: (NOON + 10) * 1000 }),
      null,
      NOON - 600,
      SETTINGS,
      "in-flight:race replica mailbox-new",
    ],
    [
      "deleted on the replica long ago: split brain",
      mailbox(),
      deleted(9n, 600),
      NOON,
      SETTINGS,
      "diverged replica mailbox-deleted",
    ],
    [
      "deleted on both in one step: diverged",
      mailbox(),
      deleted(7n, 600),
      NOON,
      SETTINGS,
      "diverged replica mailbox-deleted",
    ],
    [
      "deleted there and made live again since: lag",
      listed({ foldermodseq: 11n, mtime: NOON - 30 }),
      deleted(9n, 600),
      NOON,
      SETTINGS,
      "in-flight:lag 30s replica mailbox-list-order",
    ],
    [
      "deleted there, in no order: split brain",
      listed({ foldermodseq: null }),
      deleted(null, 600),
      NOON,
      SETTINGS,
      "diverged replica mailbox-deleted",
    ],
  ];
  for (const [what, facts, deletion, newest, settings, is] of rows) {
    it(what, () => assert.equal(wordsOf(onlyOnPrimary(facts, deletion, newest, REPLICA_FIRST, settings)), is));
  }

  it("deleted on the replica after the primary was read: race, unless the order is proved", () => {
    const judge = (settings: JudgeSettings) =>
      wordsOf(onlyOnPrimary(mailbox(), deleted(9n, 30), NOON, PRIMARY_FIRST, settings));
    assert.equal(judge(SETTINGS), "in-flight:race primary mailbox-deleted");
    assert.equal(judge(PROVED), "diverged replica mailbox-deleted");
  });
});

describe("onlyOnReplica()", () => {
  const judge = (facts: MailboxFacts, deletion: Deletion | null, times = REPLICA_FIRST, settings = SETTINGS) =>
    wordsOf(onlyOnReplica(facts, deletion, times, settings));

  it("unknown to the primary: split brain", () => {
    assert.equal(judge(listed({ mtime: NOON - 600 }), null), "diverged primary replica-ahead");
  });
  it("made after the primary was read: race, unless the order is proved", () => {
    const made = listed({ mtime: NOON - 30 });
    assert.equal(judge(made, null, PRIMARY_FIRST), "in-flight:race primary replica-ahead");
    assert.equal(judge(made, null, PRIMARY_FIRST, PROVED), "diverged primary replica-ahead");
  });
  it("deleted on the primary: lag", () => {
    assert.equal(judge(mailbox(), deleted(9n, 120)), "in-flight:lag 120s replica mailbox-deleted");
    assert.equal(judge(mailbox(), deleted(9n, -3)), "in-flight:race replica mailbox-deleted");
    assert.equal(
      judge(listed({ foldermodseq: null }), deleted(null, 120)),
      "in-flight:lag 120s replica mailbox-deleted",
    );
  });
  it("deleted on the primary at one foldermodseq: not every deletion moves it, and the deletion is the later", () => {
    assert.equal(judge(mailbox(), deleted(7n, 120)), "in-flight:lag 120s replica mailbox-deleted");
  });
  it("deleted on the primary, and changed on the replica since: split brain", () => {
    assert.equal(
      judge(listed({ foldermodseq: 12n, mtime: NOON - 60 }), deleted(9n, 120)),
      "diverged primary replica-ahead",
    );
  });
});

describe("listFact()", () => {
  const judge = (p: MailboxFacts, r: MailboxFacts, times = REPLICA_FIRST, settings = SETTINGS) =>
    wordsOf(listFact(p, r, times, settings));

  it("is lag where the primary has the newer entry", () => {
    assert.equal(
      judge(listed({ foldermodseq: 9n, mtime: NOON - 40 }), mailbox()),
      "in-flight:lag 40s replica mailbox-list-order",
    );
    assert.equal(
      judge(listed({ foldermodseq: 9n, mtime: NOON + 4 }), mailbox()),
      "in-flight:race replica mailbox-list-order",
    );
  });
  it("is the replica's doing where it has the newer one, unless that may be younger than the primary's read", () => {
    const newer = listed({ foldermodseq: 9n, mtime: NOON - 40 });
    assert.equal(judge(mailbox(), newer), "diverged replica mailbox-list-order");
    assert.equal(judge(mailbox(), newer, PRIMARY_FIRST), "in-flight:race primary mailbox-list-order");
    assert.equal(judge(mailbox(), newer, PRIMARY_FIRST, PROVED), "diverged replica mailbox-list-order");
  });
  it("is diverged where both entries are of one foldermodseq", () => {
    assert.equal(judge(mailbox(), mailbox()), "diverged replica mailbox-list-same-order");
  });
  it("is in flight where such an entry is young: not every change of one moves it", () => {
    const young = listed({ mtime: NOON - 40 });
    assert.equal(judge(young, mailbox()), "in-flight:lag 40s replica mailbox-list-same-order");
    assert.equal(judge(listed({ mtime: NOON + 4 }), mailbox()), "in-flight:race replica mailbox-list-same-order");
    assert.equal(judge(mailbox(), young), "diverged replica mailbox-list-same-order");
    assert.equal(judge(mailbox(), young, PRIMARY_FIRST), "in-flight:race primary mailbox-list-same-order");
    assert.equal(judge(mailbox(), young, PRIMARY_FIRST, PROVED), "diverged replica mailbox-list-same-order");
  });
  it("goes by age where entries have none", () => {
    const aged = (seconds: number) => listed({ foldermodseq: null, mtime: NOON - seconds });
    assert.equal(judge(aged(60), aged(9000)), "in-flight:lag 60s replica within-settle");
    assert.equal(judge(aged(900), aged(9000)), "diverged replica older-than-settle");
    assert.equal(judge(listed({ foldermodseq: null, mtime: null }), aged(1)), "unproven replica no-age");
    assert.equal(judge(aged(60), mailbox()), "in-flight:lag 60s replica within-settle");
    assert.equal(judge(listed({ mtime: NOON - 60 }), aged(9000)), "in-flight:lag 60s replica within-settle");
  });
});

describe("headerFact()", () => {
  const judge = (p: MailboxFacts, r: MailboxFacts, times = REPLICA_FIRST) => wordsOf(headerFact(p, r, times, SETTINGS));
  const moved = (seconds: number) => headed({ highestModseq: 60n }, { filesMtimeMs: (NOON - seconds) * 1000 });

  it("goes by highestmodseq and the age of the files", () => {
    assert.equal(judge(moved(70), mailbox()), "in-flight:lag 70s replica state-ahead");
    assert.equal(judge(mailbox(), moved(70)), "diverged replica replica-ahead");
    assert.equal(judge(mailbox(), moved(30), PRIMARY_FIRST), "in-flight:race primary replica-ahead");
  });
  it("goes by the age of the files alone where both are at one", () => {
    assert.equal(judge(mailbox(), mailbox()), "diverged replica older-than-settle");
    const young = mailbox({ filesMtimeMs: (NOON - 10) * 1000 });
    assert.equal(judge(young, young), "in-flight:lag 10s replica within-settle");
  });
  it("is a race where both are at one and the replica's files were written after the primary was read", () => {
    const young = mailbox({ filesMtimeMs: (NOON - 30) * 1000 });
    assert.equal(judge(mailbox(), young, PRIMARY_FIRST), "in-flight:race primary replica-ahead");
    assert.equal(judge(mailbox(), young), "diverged replica older-than-settle");
  });
});

describe("recreated()", () => {
  const judge = (
    p: MailboxFacts,
    r: MailboxFacts,
    known: Deletion | null,
    times = REPLICA_FIRST,
    settings = SETTINGS,
  ) => wordsOf(recreated(p, r, known, times, settings));

  it("is lag where the primary remembers the replica's mailbox", () => {
    const made = listed({ mtime: NOON - 50 });
    assert.equal(judge(made, mailbox(), deleted(9n, 60)), "in-flight:lag 50s replica uniqueid-replaced");
  });
  it("is a race where the primary's may have been replaced after its list was read", () => {
    const replacing = listed({ mtime: NOON - 30 });
    assert.equal(judge(mailbox(), replacing, null, PRIMARY_FIRST), "in-flight:race primary uniqueid-replaced");
    assert.equal(judge(mailbox(), replacing, null, PRIMARY_FIRST, PROVED), "diverged replica uniqueid-replaced");
  });
  it("is split brain where the primary knows nothing of an older one", () => {
    assert.equal(judge(mailbox(), mailbox(), null), "diverged replica uniqueid-replaced");
    assert.equal(
      judge(mailbox(), listed({ mtime: NOON - 90 }), null, PRIMARY_FIRST),
      "diverged replica uniqueid-replaced",
    );
  });
});

describe("otherUidValidity()", () => {
  const judge = (p: number, r: number, newest: number | null, times = REPLICA_FIRST, mtime = NOON - 50_000) =>
    wordsOf(
      otherUidValidity(
        headed({ uidValidity: p }, { listing: null }),
        headed({ uidValidity: r }, { listing: null, filesMtimeMs: mtime * 1000 }),
        newest,
        times,
        SETTINGS,
      ),
    );

  it("higher on the primary: as a new mailbox", () => {
    assert.equal(judge(NOON - 60, NOON - 90_000, NOON - 600), "in-flight:lag 60s replica uidvalidity-order");
    assert.equal(judge(NOON - 6000, NOON - 90_000, NOON - 600), "diverged replica uidvalidity-order");
  });
  it("higher on the replica: its doing, unless its files changed after the primary was read", () => {
    assert.equal(judge(NOON - 90_000, NOON - 60, NOON), "diverged replica uidvalidity-order");
    assert.equal(
      judge(NOON - 90_000, NOON - 60, NOON, PRIMARY_FIRST, NOON - 30),
      "in-flight:race primary uidvalidity-order",
    );
  });
  it("goes by the uidvalidity where that is a time, however lately the files were written", () => {
    assert.equal(
      judge(NOON - 90_000, NOON - 6000, NOON, PRIMARY_FIRST, NOON - 30),
      "diverged replica uidvalidity-order",
    );
    assert.equal(judge(1, 2, NOON, PRIMARY_FIRST, NOON - 30), "in-flight:race primary uidvalidity-order");
  });
  it("takes a uidvalidity that is older than the entry for no time of its own", () => {
    const [old, young] = [NOON - 90_000, NOON - 89_999];
    const [unwritten, written] = [listed({ mtime: NOON - 80_000 }), listed({ mtime: NOON - 30 })];
    const judged = (p: MailboxFacts, r: MailboxFacts, times = REPLICA_FIRST) =>
      wordsOf(otherUidValidity(p, r, NOON - 600, times, SETTINGS));
    const onPrimary = [headed({ uidValidity: young }, written), headed({ uidValidity: old }, unwritten)] as const;
    assert.equal(judged(...onPrimary), "in-flight:lag 30s replica uidvalidity-order");
    const onReplica = [headed({ uidValidity: old }, unwritten), headed({ uidValidity: young }, written)] as const;
    assert.equal(judged(...onReplica, PRIMARY_FIRST), "in-flight:race primary uidvalidity-order");
    assert.equal(judged(...onReplica), "diverged replica uidvalidity-order");
  });
});

describe("creationTime()", () => {
  it("is the later of the uidvalidity, where that is a time between 1990 and the scan, and the entry's own", () => {
    const entry = NOON - 70_000;
    for (const uidValidity of [NOON - 69_999, NOON - 5, NOON]) {
      assert.equal(creationTime(headed({ uidValidity })), uidValidity);
    }
    for (const uidValidity of [1, 631_151_999, 631_152_000, NOON - 70_001, NOON + 1]) {
      assert.equal(creationTime(headed({ uidValidity })), entry, String(uidValidity));
    }
  });
  it("is the uidvalidity where a list gives no times", () => {
    assert.equal(creationTime(headed({ uidValidity: 631_152_000 }, { listing: null })), 631_152_000);
    assert.equal(creationTime(headed({ uidValidity: 631_151_999 }, { listing: null })), null);
  });
});

describe("listNotRead()", () => {
  it("leaves open what a list that was not read would say", () => {
    for (const side of ["primary", "replica"] as const) {
      assert.equal(wordsOf(listNotRead(side)), `unproven ${side} list-not-read`);
    }
  });
});

describe("deletionOf()", () => {
  it("takes a tombstone and an entry under a DELETED name alike", () => {
    const stone = {
      foldermodseq: 9n,
      mtime: NOON,
      name: "user.a",
      uniqueId: "x",
      reason: "deleted",
      uidValidity: 1,
    } as const;
    assert.deepEqual(deletionOf(stone), { foldermodseq: 9n, mtime: NOON });
    assert.deepEqual(deletionOf(listed({ foldermodseq: 9n, mtime: NOON })), { foldermodseq: 9n, mtime: NOON });
  });
});
