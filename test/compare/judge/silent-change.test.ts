import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import {
  contradictsRecords,
  explainsDiscrepancy,
  headerRemembersFiles,
  recordCrc,
  type SilentChange,
} from "../../../src/compare/judge/silent-change.ts";
import { canonicalFlags, flagNames } from "../../../src/mail/flags.ts";
import type { Counters } from "../../../src/mail/mailbox.ts";
import { type Message, NOT_LOOKED_AT } from "../../../src/mail/message.ts";
import { recordSyncCrc } from "../../../src/store/cyrus/sync-crc.ts";
import { guid, message } from "../records.ts";

const u32 = fc.nat(2 ** 32 - 1);
const flag = fc.constantFrom(
  "\\Seen",
  "\\Answered",
  "\\Flagged",
  "\\Deleted",
  "\\Draft",
  "$Forwarded",
  "Work",
  "work2",
);
const record: fc.Arbitrary<Message> = fc
  .record({
    uid: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    modseq: fc.bigInt(0n, 2n ** 63n - 1n),
    lastUpdated: u32,
    internalDate: u32,
    guid: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    flags: fc.array(flag, { maxLength: 5 }).map(canonicalFlags),
  })
  .map((fields) => message(fields));

describe("recordCrc()", () => {
  it("is what the store computes of the same record", () => {
    fc.assert(
      fc.property(record, (m) => {
        const modseq = m.modseq ?? 0n;
        const fields = {
          ...{ uid: m.uid, lastUpdated: m.lastUpdated, internalDate: m.internalDate },
          ...{ modseqHigh: Number(modseq >> 32n), modseqLow: Number(modseq & 0xffff_ffffn) },
          flagCrc: flagNames(m.flags).reduce((sum, name) => (sum ^ crc32(name)) >>> 0, 0),
        };
        assert.equal(recordCrc(m), recordSyncCrc(fields, Buffer.from(m.guid ?? []), 0));
      }),
    );
  });

  it("takes a record without a modseq as one of zero", () => {
    assert.equal(recordCrc(message({ modseq: null })), recordCrc(message({ modseq: 0n })));
  });

  it("takes a record without a GUID as one of zeros", () => {
    assert.equal(recordCrc(message({ guid: null })), recordCrc(message({ guid: new Uint8Array(20) })));
  });
});

describe("explainsDiscrepancy()", () => {
  const flagged = (own: Message): SilentChange => ({
    own,
    partner: { ...own, flags: canonicalFlags([...flagNames(own.flags), "z", "\\Flagged"]) },
  });
  const lost = (partner: Message): SilentChange => ({ own: null, partner });
  const change = fc.oneof(record.map(flagged), record.map(lost));

  /** The sums of a header that remembers, of the changes named, the partner's records, and of the records as they are. */
  function sums(changes: readonly SilentChange[], guilty: readonly boolean[]): [Counters, Counters] {
    return [
      countersOf(changes.map(({ own, partner }, i) => (guilty[i] ? partner : own))),
      countersOf(changes.map(({ own }) => own)),
    ];
  }

  it("finds the records that together make up for it", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(change, fc.boolean()), { minLength: 1, maxLength: 12 }), (records) => {
        const changes = records.map(([one]) => one);
        const guilty = records.map(([, is]) => is);
        const [stored, counted] = sums(changes, guilty);
        const found = explainsDiscrepancy(changes, stored, counted);
        // Changes of the same flags often give equal CRCs: then there may be no telling which, or several sets will do.
        if (found.length === 0 && !independent(changes)) return;
        const proved = sums(
          changes,
          changes.map((_, i) => found.includes(i)),
        );
        assert.deepEqual(proved[0], stored);
        if (!guilty.includes(true)) assert.deepEqual(found, []);
      }),
      { numRuns: 200 },
    );
  });

  it("finds all of however many", () => {
    const changes = Array.from({ length: 100 }, (_, i) => flagged(message({ uid: i + 1, lastUpdated: i * i })));
    const all = changes.map((_, i) => i);
    assert.deepEqual(
      explainsDiscrepancy(
        changes,
        ...sums(
          changes,
          changes.map(() => true),
        ),
      ),
      all,
    );
  });

  it("goes by the counters where the CRCs cancel out, or there are none", () => {
    // Texts of one length whose flags alone change: both changes have one CRC.
    const changes = [1, 2].map((uid) => ({
      own: message({ uid, flags: "\\seen" }),
      partner: message({ uid, flags: "\\answered" }),
    }));
    const [stored, counted] = sums(changes, [true, true]);
    assert.deepEqual(explainsDiscrepancy(changes, stored, counted), [0, 1]);
    const without = { syncCrcBasic: null };
    assert.deepEqual(explainsDiscrepancy(changes, { ...stored, ...without }, { ...counted, ...without }), [0, 1]);
  });

  it("leaves out what no header adds up", () => {
    const saved: SilentChange = { own: message({ saveDate: 1 }), partner: message() };
    const changes = [saved, flagged(message({ uid: 6 }))];
    assert.deepEqual(explainsDiscrepancy(changes, ...sums(changes, [false, true])), [1]);
    assert.deepEqual(explainsDiscrepancy([saved], ...sums(changes, [false, true])), []);
  });

  it("finds none where a side has no sums, or there is but a CRC to go by for more than twenty", () => {
    const changes = [flagged(message()), lost(message({ uid: 6 }))];
    const [stored, counted] = sums(changes, [true, false]);
    assert.deepEqual(explainsDiscrepancy(changes, null, counted), []);
    assert.deepEqual(explainsDiscrepancy(changes, stored, null), []);
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => flagged(message({ uid: i + 1, lastUpdated: i * i })));
    const two = (count: number) => many(count).map((_, i) => i === 1 || i === 2);
    assert.deepEqual(explainsDiscrepancy(many(20), ...sums(many(20), two(20))), [1, 2]);
    assert.deepEqual(explainsDiscrepancy(many(21), ...sums(many(21), two(21))), []);
    // Without a CRC one of two that change the same counters may be guilty, and two of four cannot be told.
    const without = { syncCrcBasic: null };
    const [s, c] = sums(many(4), two(4));
    assert.deepEqual(explainsDiscrepancy(many(4), { ...s, ...without }, { ...c, ...without }), []);
  });

  it("finds any set of twelve", () => {
    const changes = Array.from({ length: 12 }, (_, i) => flagged(message({ uid: i + 1, lastUpdated: i * i * 977 })));
    assert(independent(changes));
    for (let set = 1; set < 2 ** 12; set += 13) {
      const guilty = changes.map((_, i) => ((set >>> i) & 1) === 1);
      const found = explainsDiscrepancy(changes, ...sums(changes, guilty));
      assert.deepEqual(
        found,
        guilty.flatMap((is, i) => (is ? [i] : [])),
      );
    }
  });

  it("finds the one of many that makes up for it", () => {
    const changes = Array.from({ length: 30 }, (_, i) => flagged(message({ uid: i + 1, lastUpdated: i * i })));
    const guilty = changes.map((_, i) => i === 7);
    assert.deepEqual(explainsDiscrepancy(changes, ...sums(changes, guilty)), [7]);
  });

  it("finds none where they do not", () => {
    const changes = [flagged(message()), lost(message({ uid: 6 }))];
    const [stored, counted] = sums(changes, [true, false]);
    assert.deepEqual(explainsDiscrepancy(changes, stored, counted), [0]);
    for (const wrong of [{ answered: 3 }, { quotaUsed: 1n }, { syncCrcBasic: 12345 }, { exists: 9 }]) {
      assert.deepEqual(explainsDiscrepancy(changes, { ...stored, ...wrong }, counted), []);
    }
    assert.deepEqual(explainsDiscrepancy(changes, counted, counted), []);
    assert.deepEqual(explainsDiscrepancy([], stored, counted), []);
  });
});

describe("contradictsRecords()", () => {
  const counters = countersOf([message()]);

  it("is true where a sum that both have is not alike", () => {
    assert.equal(contradictsRecords(counters, counters), false);
    for (const wrong of [{ exists: 9 }, { unseen: 9 }, { quotaUsed: 1n }, { syncCrcBasic: 1 }]) {
      assert.equal(contradictsRecords({ ...counters, ...wrong }, counters), true);
      assert.equal(contradictsRecords(counters, { ...counters, ...wrong }), true);
    }
  });
  it("is false where one side has no such sum, or none at all", () => {
    for (const without of [{ unseen: null }, { syncCrcBasic: null }]) {
      assert.equal(contradictsRecords({ ...counters, ...without }, counters), false);
      assert.equal(contradictsRecords(counters, { ...counters, ...without }), false);
    }
    assert.equal(contradictsRecords(null, counters), false);
    assert.equal(contradictsRecords(counters, null), false);
    assert.equal(contradictsRecords(null, null), false);
  });
});

describe("headerRemembersFiles()", () => {
  const file = (over: Partial<Message["file"]>) => ({ ...NOT_LOOKED_AT, ...over });
  /** A record of which the GUID was changed, its header still adding up what its file is. */
  const spoilt = message({ file: file({ sizeBytes: 100n, sha1: guid(2) }) });
  const grown = message({ sizeBytes: 90n, file: file({ sizeBytes: 100n }) });
  const remembered = (own: Message) =>
    countersOf([message({ ...own, guid: own.file.sha1 ?? own.guid, sizeBytes: 100n })]);

  it("is true where the header adds up what the files are", () => {
    for (const own of [spoilt, grown]) {
      assert.equal(headerRemembersFiles([own], remembered(own), countersOf([own])), true);
      assert.equal(headerRemembersFiles([own], countersOf([own]), countersOf([own])), false);
    }
  });
  it("is false where something else is wrong too", () => {
    const stored = remembered(spoilt);
    assert.equal(headerRemembersFiles([spoilt], { ...stored, exists: 3 }, countersOf([spoilt])), false);
    assert.equal(headerRemembersFiles([spoilt], { ...stored, syncCrcAnnot: 3 }, countersOf([spoilt])), false);
    assert.equal(headerRemembersFiles([message({ file: NOT_LOOKED_AT })], stored, countersOf([spoilt])), false);
  });
  it("goes by the record where nobody looked at the file", () => {
    const half = message({ file: file({ sha1: guid(2) }) });
    assert.equal(
      headerRemembersFiles([half], countersOf([message({ ...half, guid: guid(2) })]), countersOf([half])),
      true,
    );
  });
});

function countersOf(records: readonly (Message | null)[]): Counters {
  const live = records.filter((r) => r !== null);
  const having = (name: string) => live.filter(({ flags }) => flagNames(flags).includes(name)).length;
  return {
    exists: live.length,
    unseen: live.length - having("\\seen"),
    answered: having("\\answered"),
    flagged: having("\\flagged"),
    deleted: having("\\deleted"),
    quotaUsed: live.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n),
    syncCrcBasic: live.reduce((sum, r) => (sum ^ recordCrc(r)) >>> 0, 0),
    syncCrcAnnot: null,
  };
}

/** True when no two sets of the changes have one CRC. */
function independent(changes: readonly SilentChange[]): boolean {
  const sums = new Set([0]);
  for (const { own, partner } of changes) {
    const change = [own, partner].reduce((sum, r) => (r === null ? sum : sum ^ recordCrc(r)), 0);
    for (const sum of [...sums]) sums.add((sum ^ change) >>> 0);
  }
  return sums.size === 2 ** changes.length;
}
