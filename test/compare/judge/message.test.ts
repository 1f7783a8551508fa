/**
 * The truth table of the judge of messages (design §3.3). The replica was read at noon and the primary ten seconds
 * later unless a row says otherwise; both stand at modseq 50 and last UID 10.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  judgeMessage,
  type MailboxPairPosition,
  type MessageJudgement,
  recordDifferences,
} from "../../../src/compare/judge/message.ts";
import type { JudgeSettings } from "../../../src/compare/judge/order.ts";
import type { Message } from "../../../src/mail/message.ts";
import type { MessagePair } from "../../../src/mail/scan-facts.ts";
import { ALL_FIELDS, expunged, guid, message, NOON, PROVED, position, positions, SETTINGS } from "../records.ts";

type Sides = Partial<MessagePair>;

function judged(sides: Sides, over: Partial<MailboxPairPosition> = {}, settings: JudgeSettings = SETTINGS): string[] {
  const uid = (sides.primary ?? sides.replica)?.uid ?? 5;
  const pair = { uid, primary: null, replica: null, primaryExpunged: null, replicaExpunged: null, ...sides };
  return judgeMessage(pair, positions(over), settings).map(wordsOf);
}

function wordsOf({ class: name, item, state, cause, ageSeconds, side, rule }: MessageJudgement): string {
  const what = item === undefined ? name : `${name}(${item})`;
  const age = ageSeconds === undefined ? "" : ` ${ageSeconds}s`;
  return [what, cause === undefined ? state : `${state}:${cause}${age}`, side, rule].join(" ");
}

interface Row {
  readonly when: string;
  readonly sides: Sides;
  readonly at?: Partial<MailboxPairPosition>;
  readonly settings?: JudgeSettings;
  readonly is: readonly string[];
}

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const { when, sides, at, settings, is } of rows) {
      it(when, () => assert.deepEqual(judged(sides, at, settings), is));
    }
  });
}

const bothAt = (primary: Parameters<typeof position>[0], replica: Parameters<typeof position>[0]) => ({
  primary: position(primary),
  replica: position(replica),
});
/** The primary has gone on: later UIDs and modseqs than the replica has. */
const primaryOn = bothAt({ lastUid: 12, highestModseq: 60n }, {});
const replicaOn = bothAt({}, { lastUid: 12, highestModseq: 60n });
/** Both hosts wrote: each is past what the other had in common with it. */
const ageOf = (seconds: number): Partial<Message> => ({ lastUpdated: NOON - seconds });
/** The primary was read a minute before the replica. */
const primaryFirst = { times: { primaryMs: (NOON - 60) * 1000, replicaMs: NOON * 1000 } };

table("judgeMessage(): live on the primary, nothing on the replica", [
  {
    when: "UID above the replica's last, an hour old: lag",
    sides: { primary: message({ uid: 12, modseq: 60n, ...ageOf(3600) }) },
    at: primaryOn,
    is: ["message-missing in-flight:lag 3600s replica uid-above-last"],
  },
  {
    when: "UID above the replica's last, younger than the replica's read: race",
    sides: { primary: message({ uid: 12, modseq: 60n, lastUpdated: NOON + 3 }) },
    at: primaryOn,
    is: ["message-missing in-flight:race replica uid-above-last"],
  },
  {
    when: "UID above the replica's last with a modseq that the replica has passed: existence goes by UID",
    sides: { primary: message({ uid: 12, modseq: 40n, ...ageOf(60) }) },
    at: primaryOn,
    is: ["message-missing in-flight:lag 60s replica uid-above-last"],
  },
  {
    when: "UID at the replica's last: lost there",
    sides: { primary: message({ uid: 10 }) },
    is: ["message-missing diverged replica uid-lost"],
  },
  {
    when: "UID below the replica's last, changed on the primary since: still lost there",
    sides: { primary: message({ uid: 5, modseq: 60n, ...ageOf(60) }) },
    at: primaryOn,
    is: ["message-missing diverged replica uid-lost"],
  },
  {
    when: "purged on the replica above the primary's point, before the primary was read: split brain",
    sides: { primary: message() },
    at: bothAt({}, { highestModseq: 60n, deletedModseq: 55n, lastRepackTime: NOON - 600 }),
    is: ["message-missing diverged replica replica-ahead"],
  },
  {
    when: "purged on the replica above the primary's point, after the primary was read: race",
    sides: { primary: message() },
    at: {
      ...bothAt({}, { highestModseq: 60n, deletedModseq: 55n, lastRepackTime: NOON - 30 }),
      ...primaryFirst,
    },
    is: ["message-missing in-flight:race primary replica-ahead"],
  },
  {
    when: "purged there above the primary's point, nobody knows when: by the replica's files: race",
    sides: { primary: message() },
    at: { ...bothAt({}, { highestModseq: 60n, deletedModseq: 55n, filesMtime: NOON - 30 }), ...primaryFirst },
    is: ["message-missing in-flight:race primary replica-ahead"],
  },
  {
    when: "purged on the replica at a modseq that the primary has reached: lost",
    sides: { primary: message() },
    at: bothAt({}, { deletedModseq: 50n, lastRepackTime: NOON - 30 }),
    is: ["message-missing diverged replica uid-lost"],
  },
  {
    when: "the same, after the primary was read: it may have been expunged at a lowered modseq: race",
    sides: { primary: message() },
    at: { ...bothAt({}, { deletedModseq: 50n, lastRepackTime: NOON - 30 }), ...primaryFirst },
    is: ["message-missing in-flight:race primary replica-ahead"],
  },
  {
    when: "the same, and the primary proved to be read later: lost",
    sides: { primary: message() },
    at: { ...bothAt({}, { deletedModseq: 50n, lastRepackTime: NOON - 30 }), ...primaryFirst },
    settings: PROVED,
    is: ["message-missing diverged replica uid-lost"],
  },
]);

table("judgeMessage(): live on the primary, expunged on the replica", [
  {
    when: "expunged above the primary's point and older than its read: split brain",
    sides: { primary: message(), replicaExpunged: expunged({ modseq: 60n, lastUpdated: NOON - 600 }) },
    at: replicaOn,
    is: ["message-missing diverged replica replica-ahead"],
  },
  {
    when: "expunged above the primary's point after the primary was read: race",
    sides: { primary: message(), replicaExpunged: expunged({ modseq: 60n, lastUpdated: NOON - 30 }) },
    at: { ...replicaOn, ...primaryFirst },
    is: ["message-missing in-flight:race primary replica-ahead"],
  },
  {
    when: "the same, but the primary is proved to be read later: split brain",
    sides: { primary: message(), replicaExpunged: expunged({ modseq: 60n, lastUpdated: NOON - 30 }) },
    at: { ...replicaOn, ...primaryFirst },
    settings: PROVED,
    is: ["message-missing diverged replica replica-ahead"],
  },
  {
    when: "expunged at a modseq that the primary has reached: not followed",
    sides: { primary: message(), replicaExpunged: expunged({ modseq: 50n }) },
    is: ["message-missing diverged replica expunge-not-followed"],
  },
  {
    when: "expunged at a lowered modseq after the primary was read: race",
    sides: { primary: message(), replicaExpunged: expunged({ modseq: 45n, lastUpdated: NOON - 30 }) },
    at: primaryFirst,
    is: ["message-missing in-flight:race primary replica-ahead"],
  },
  {
    when: "expunged there, and another message live here: conflict",
    sides: { primary: message(), replicaExpunged: expunged({ modseq: 45n, guid: guid(2) }) },
    is: ["message-conflict diverged replica guid-conflict"],
  },
  {
    when: "expunged before, and changed on the primary since: not followed",
    sides: { primary: message({ modseq: 60n, ...ageOf(60) }), replicaExpunged: expunged({ modseq: 40n }) },
    at: primaryOn,
    is: ["message-missing diverged replica expunge-not-followed"],
  },
  {
    when: "each side ahead of the other: as the replica's change",
    sides: { primary: message({ modseq: 60n }), replicaExpunged: expunged({ modseq: 70n, lastUpdated: NOON - 600 }) },
    at: bothAt({ highestModseq: 60n }, { highestModseq: 70n }),
    is: ["message-missing diverged replica replica-ahead"],
  },
]);

table("judgeMessage(): live on the replica, nothing on the primary", [
  {
    when: "UID above the primary's last, older than the primary's read: split brain",
    sides: { replica: message({ uid: 12, modseq: 60n, ...ageOf(600) }) },
    at: replicaOn,
    is: ["message-missing diverged primary replica-ahead"],
  },
  {
    when: "UID above the primary's last, after the primary was read: race",
    sides: { replica: message({ uid: 12, modseq: 60n, ...ageOf(30) }) },
    at: { ...replicaOn, ...primaryFirst },
    is: ["message-missing in-flight:race primary replica-ahead"],
  },
  {
    when: "the same within the clock skew before the primary's read, to the end of that second: race",
    sides: { replica: message({ uid: 12, modseq: 60n, ...ageOf(65) }) },
    at: { ...replicaOn, ...primaryFirst },
    is: ["message-missing in-flight:race primary replica-ahead"],
  },
  {
    when: "just beyond the clock skew: split brain",
    sides: { replica: message({ uid: 12, modseq: 60n, ...ageOf(66) }) },
    at: { ...replicaOn, ...primaryFirst },
    is: ["message-missing diverged primary replica-ahead"],
  },
  {
    when: "after the primary was read by its clock, which is proved wrong by --after: split brain",
    sides: { replica: message({ uid: 12, modseq: 60n, ...ageOf(30) }) },
    at: { ...replicaOn, ...primaryFirst },
    settings: PROVED,
    is: ["message-missing diverged primary replica-ahead"],
  },
  {
    when: "UID at the primary's last: lost on the primary",
    sides: { replica: message({ uid: 10 }) },
    is: ["message-missing diverged primary uid-lost"],
  },
  {
    when: "purged on the primary above the replica's point: lag, since the last repack",
    sides: { replica: message() },
    at: bothAt({ highestModseq: 60n, deletedModseq: 55n, lastRepackTime: NOON - 120 }, {}),
    is: ["message-missing in-flight:lag 120s replica expunge-ahead"],
  },
  {
    when: "purged on the primary above the replica's point, nobody knows when: lag, by the primary's files",
    sides: { replica: message() },
    at: bothAt({ highestModseq: 60n, deletedModseq: 55n, filesMtime: NOON - 130 }, {}),
    is: ["message-missing in-flight:lag 130s replica expunge-ahead"],
  },
  {
    when: "purged on the primary at a modseq that the replica has reached: lost on the primary",
    sides: { replica: message() },
    at: bothAt({ highestModseq: 60n, deletedModseq: 50n, lastRepackTime: NOON - 120 }, {}),
    is: ["message-missing diverged primary uid-lost"],
  },
  {
    when: "purged on the primary, and changed on the replica since: as the replica's change",
    sides: { replica: message({ modseq: 70n, ...ageOf(600) }) },
    at: bothAt({ highestModseq: 60n, deletedModseq: 75n, lastRepackTime: NOON - 120 }, { highestModseq: 70n }),
    is: ["message-missing diverged primary replica-ahead"],
  },
]);

table("judgeMessage(): live on the replica, expunged on the primary", [
  {
    when: "expunged above the replica's point: lag",
    sides: { replica: message(), primaryExpunged: expunged({ modseq: 60n, lastUpdated: NOON - 120 }) },
    at: primaryOn,
    is: ["message-missing in-flight:lag 120s replica expunge-ahead"],
  },
  {
    when: "expunged above the replica's point after the replica was read: race",
    sides: { replica: message(), primaryExpunged: expunged({ modseq: 60n, lastUpdated: NOON + 2 }) },
    at: primaryOn,
    is: ["message-missing in-flight:race replica expunge-ahead"],
  },
  {
    when: "expunged at a modseq that the replica has reached: not followed",
    sides: { replica: message(), primaryExpunged: expunged({ modseq: 50n }) },
    is: ["message-missing diverged primary expunge-not-followed"],
  },
  {
    when: "each side ahead of the other: as the replica's change",
    sides: {
      replica: message({ modseq: 55n, ...ageOf(600) }),
      primaryExpunged: expunged({ modseq: 70n, lastUpdated: NOON - 60 }),
    },
    at: bothAt({ highestModseq: 50n }, { highestModseq: 55n }),
    is: ["message-missing diverged primary replica-ahead"],
  },
]);

table("judgeMessage(): another message live on the replica than the primary expunged", [
  {
    when: "is a conflict: the replica refuses the expunge",
    sides: { replica: message(), primaryExpunged: expunged({ modseq: 60n, guid: guid(2) }) },
    at: primaryOn,
    is: ["message-conflict diverged replica guid-conflict"],
  },
  {
    when: "is none where one of them has no GUID",
    sides: { replica: message(), primaryExpunged: expunged({ modseq: 60n, lastUpdated: NOON - 120, guid: null }) },
    at: primaryOn,
    is: ["message-missing in-flight:lag 120s replica expunge-ahead"],
  },
]);

table("judgeMessage(): live on both, with other flags", [
  {
    when: "primary ahead: lag",
    sides: { primary: message({ flags: "\\seen", modseq: 60n, ...ageOf(120) }), replica: message() },
    at: primaryOn,
    is: ["flags-differ in-flight:lag 120s replica state-ahead"],
  },
  {
    when: "primary ahead, changed after the replica was read: race",
    sides: { primary: message({ flags: "\\seen", modseq: 60n, lastUpdated: NOON + 1 }), replica: message() },
    at: primaryOn,
    is: ["flags-differ in-flight:race replica state-ahead"],
  },
  {
    when: "replica ahead, older than the primary's read: split brain",
    sides: { primary: message(), replica: message({ flags: "\\seen", modseq: 60n, ...ageOf(600) }) },
    at: replicaOn,
    is: ["flags-differ diverged replica replica-ahead"],
  },
  {
    when: "replica ahead, after the primary was read: race",
    sides: { primary: message(), replica: message({ flags: "\\seen", modseq: 60n, ...ageOf(30) }) },
    at: { ...replicaOn, ...primaryFirst },
    is: ["flags-differ in-flight:race primary replica-ahead"],
  },
  {
    when: "replica ahead, and the primary proved to be read later: split brain",
    sides: { primary: message(), replica: message({ flags: "\\seen", modseq: 60n, ...ageOf(30) }) },
    at: { ...replicaOn, ...primaryFirst },
    settings: PROVED,
    is: ["flags-differ diverged replica replica-ahead"],
  },
  {
    when: "each ahead of the other: as the replica's change",
    sides: {
      primary: message({ flags: "\\flagged", modseq: 60n, ...ageOf(60) }),
      replica: message({ flags: "\\seen", modseq: 61n, ...ageOf(600) }),
    },
    at: bothAt({ highestModseq: 60n }, { highestModseq: 59n }),
    is: ["flags-differ diverged replica replica-ahead"],
  },
  {
    when: "both past it, but changed after the primary was read: lowered in a batch: race",
    sides: { primary: message(), replica: message({ flags: "\\seen", modseq: 45n, ...ageOf(30) }) },
    at: primaryFirst,
    is: ["flags-differ in-flight:race primary replica-ahead"],
  },
  {
    when: "the same, and the primary proved to be read later: diverged",
    sides: { primary: message(), replica: message({ flags: "\\seen", modseq: 45n, ...ageOf(30) }) },
    at: primaryFirst,
    settings: PROVED,
    is: ["flags-differ diverged replica both-reached"],
  },
  {
    when: "the same, changed again in the second that the primary has: race",
    sides: { primary: message(ageOf(58)), replica: message({ flags: "\\seen", modseq: 45n, ...ageOf(58) }) },
    at: primaryFirst,
    is: ["flags-differ in-flight:race primary replica-ahead"],
  },
  {
    when: "both past it, and the primary's is the younger: diverged",
    sides: { primary: message(ageOf(57)), replica: message({ flags: "\\seen", modseq: 45n, ...ageOf(58) }) },
    at: primaryFirst,
    is: ["flags-differ diverged replica both-reached"],
  },
  {
    when: "both past it: diverged, with one modseq",
    sides: { primary: message({ flags: "\\seen" }), replica: message() },
    is: ["flags-differ diverged replica both-reached"],
  },
  {
    when: "both past it: diverged, with the primary's modseq higher",
    sides: { primary: message({ flags: "\\seen", modseq: 50n }), replica: message({ modseq: 40n }) },
    is: ["flags-differ diverged replica both-reached"],
  },
]);

table("judgeMessage(): another GUID at one UID", [
  {
    when: "is a conflict, whoever is ahead",
    sides: { primary: message({ guid: guid(2), modseq: 60n, ...ageOf(60) }), replica: message() },
    at: primaryOn,
    is: ["message-conflict diverged replica guid-conflict"],
  },
  {
    when: "is a conflict, also when flags differ beside it",
    sides: { primary: message({ guid: guid(2), flags: "\\seen" }), replica: message() },
    is: ["message-conflict diverged replica guid-conflict"],
  },
  {
    when: "is nothing where the primary has none",
    sides: { primary: message({ guid: null }), replica: message() },
    is: [],
  },
  {
    when: "is nothing where the replica has none",
    sides: { primary: message(), replica: message({ guid: null }) },
    is: [],
  },
]);

const unordered = (over: Partial<MailboxPairPosition> = {}) => ({
  ...over,
  ordered: false,
  fields: { ...ALL_FIELDS, seen: false, saveDate: false, createdModseq: false, cid: false },
});

table("judgeMessage(): below version 12, where modseqs are no order", [
  {
    when: "UID above the replica's last: lag",
    sides: { primary: message({ uid: 12, ...ageOf(3600) }) },
    at: unordered(primaryOn),
    is: ["message-missing in-flight:lag 3600s replica uid-above-last"],
  },
  {
    when: "UID at the replica's last: gone there",
    sides: { primary: message({ uid: 10, ...ageOf(3600) }) },
    at: unordered(primaryOn),
    is: ["message-missing diverged replica older-than-settle"],
  },
  {
    when: "UID at the primary's last: gone there",
    sides: { replica: message({ uid: 10, ...ageOf(3600) }) },
    at: unordered(replicaOn),
    is: ["message-missing diverged primary older-than-settle"],
  },
  {
    when: "UID above the primary's last, older than its read: split brain",
    sides: { replica: message({ uid: 12, ...ageOf(3600) }) },
    at: unordered(replicaOn),
    is: ["message-missing diverged primary replica-ahead"],
  },
  {
    when: "gone on the replica, whose files are older than --settle: diverged",
    sides: { primary: message() },
    at: unordered(bothAt({}, { filesMtime: NOON - 1000 })),
    is: ["message-missing diverged replica older-than-settle"],
  },
  {
    when: "gone on the replica, whose files changed within --settle, whatever those of the primary did: lag of the primary",
    sides: { primary: message() },
    at: unordered(bothAt({ filesMtime: NOON - 5000 }, { filesMtime: NOON - 100 })),
    is: ["message-missing in-flight:lag 110s primary within-settle"],
  },
  {
    when: "expunged on the replica within --settle, whatever its files did: lag of the primary",
    sides: { primary: message(), replicaExpunged: expunged({ lastUpdated: NOON - 100 }) },
    at: unordered(bothAt({}, { filesMtime: NOON - 5000 })),
    is: ["message-missing in-flight:lag 110s primary within-settle"],
  },
  {
    when: "expunged on the primary within --settle, whatever its files did: lag",
    sides: { replica: message(), primaryExpunged: expunged({ lastUpdated: NOON - 100 }) },
    at: unordered(bothAt({ filesMtime: NOON - 5000 }, {})),
    is: ["message-missing in-flight:lag 100s replica within-settle"],
  },
  {
    when: "expunged on the primary long ago: diverged",
    sides: { replica: message(), primaryExpunged: expunged({ lastUpdated: NOON - 5000 }) },
    at: unordered(bothAt({ filesMtime: NOON - 100 }, {})),
    is: ["message-missing diverged primary older-than-settle"],
  },
  {
    when: "gone on the primary, whose files changed within --settle: lag",
    sides: { replica: message() },
    at: unordered(bothAt({ filesMtime: NOON - 100 }, {})),
    is: ["message-missing in-flight:lag 100s replica within-settle"],
  },
  {
    when: "gone on the primary, whose files are of an unknown age: unproven",
    sides: { replica: message() },
    at: unordered(bothAt({ filesMtime: null }, {})),
    is: ["message-missing unproven primary no-age"],
  },
  {
    when: "other flags, changed within --settle on the primary: lag",
    sides: { primary: message({ flags: "\\flagged", ...ageOf(100) }), replica: message() },
    at: unordered(),
    is: ["flags-differ in-flight:lag 100s replica within-settle"],
  },
  {
    when: "other flags, changed within --settle on the replica: lag of the primary",
    sides: { primary: message(), replica: message({ flags: "\\flagged", ...ageOf(100) }) },
    at: unordered(),
    is: ["flags-differ in-flight:lag 110s primary within-settle"],
  },
  {
    when: "other flags, changed in one second on both: as the primary's",
    sides: { primary: message({ flags: "\\flagged", ...ageOf(100) }), replica: message(ageOf(100)) },
    at: unordered(),
    is: ["flags-differ in-flight:lag 100s replica within-settle"],
  },
  {
    when: "other flags, with no time in the records: by the primary's files",
    sides: { primary: message({ flags: "\\flagged", lastUpdated: 0 }), replica: message({ lastUpdated: 0 }) },
    at: unordered(bothAt({ filesMtime: NOON - 100 }, { filesMtime: NOON - 5000 })),
    is: ["flags-differ in-flight:lag 100s replica within-settle"],
  },
  {
    when: "other flags, changed after the replica was read: race",
    sides: { primary: message({ flags: "\\flagged", lastUpdated: NOON + 3 }), replica: message() },
    at: unordered(),
    is: ["flags-differ in-flight:race replica within-settle"],
  },
  {
    when: "other flags, changed long ago: diverged",
    sides: { primary: message({ flags: "\\flagged", ...ageOf(900) }), replica: message() },
    at: unordered(),
    is: ["flags-differ diverged replica older-than-settle"],
  },
  {
    when: "\\Seen does not lie in the index",
    sides: { primary: message({ flags: "\\seen", ...ageOf(100) }), replica: message(ageOf(100)) },
    at: unordered(),
    is: [],
  },
]);

describe("judgeMessage()", () => {
  it("says nothing of a message that both have expunged", () => {
    assert.deepEqual(judged({ primaryExpunged: expunged(), replicaExpunged: expunged({ modseq: 40n }) }), []);
  });
});

describe("recordDifferences()", () => {
  const kinds = (over: Partial<Message>, fields = ALL_FIELDS) =>
    recordDifferences(message(over), message(), fields).map((k) => (k.item ? `${k.class}(${k.item})` : k.class));

  it("names each field that both sides can say", () => {
    assert.deepEqual(kinds({ flags: "work" }), ["flags-differ"]);
    assert.deepEqual(kinds({ internalDate: 1 }), ["internaldate-differs"]);
    assert.deepEqual(kinds({ sizeBytes: 1n }), ["message-metadata-differs(size)"]);
    assert.deepEqual(kinds({ saveDate: 1 }), ["message-metadata-differs(savedate)"]);
    assert.deepEqual(kinds({ createdModseq: 1n }), ["message-metadata-differs(createdmodseq)"]);
    assert.deepEqual(kinds({ cid: new Uint8Array(8) }), ["message-metadata-differs(cid)"]);
    assert.deepEqual(kinds({ baseCid: new Uint8Array(8) }), ["message-metadata-differs(basecid)"]);
    assert.deepEqual(kinds({ lastUpdated: 1 }), ["message-metadata-differs(last_updated)"]);
    assert.deepEqual(kinds({}), []);
  });

  it("takes a modseq for a difference only where nothing else is one", () => {
    assert.deepEqual(kinds({ modseq: 11n }), ["modseq-differs"]);
    assert.deepEqual(kinds({ modseq: 11n, lastUpdated: 1 }), ["modseq-differs"]);
    assert.deepEqual(kinds({ modseq: 11n, flags: "work" }), ["flags-differ"]);
  });

  it("compares conversation ids by their bytes", () => {
    const cid = (byte: number) => ({ cid: new Uint8Array(8).fill(byte), baseCid: new Uint8Array(8).fill(byte) });
    assert.deepEqual(recordDifferences(message(cid(1)), message(cid(1)), ALL_FIELDS), []);
    assert.equal(recordDifferences(message(cid(1)), message(cid(2)), ALL_FIELDS).length, 1);
  });

  it("leaves out what a side cannot supply", () => {
    const none = { ...ALL_FIELDS, modseq: false, saveDate: false, createdModseq: false, cid: false };
    assert.deepEqual(kinds({ modseq: 11n, saveDate: 1, createdModseq: 1n, cid: new Uint8Array(8) }, none), []);
  });

  it("takes \\Seen out of a set of flags wherever it stands", () => {
    const unseen = { ...ALL_FIELDS, seen: false };
    const pairs = ["\\seen", "\\answered \\seen", "\\seen work", "\\answered \\seen work"];
    for (const flags of pairs) {
      const others = flags.split(" ").filter((flag) => flag !== "\\seen");
      assert.deepEqual(recordDifferences(message({ flags }), message({ flags: others.join(" ") }), unseen), []);
    }
    assert.equal(recordDifferences(message({ flags: "\\seenx" }), message(), unseen).length, 1);
  });
});
