import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FlagSets } from "../../../src/store/cyrus/flag-sets.ts";
import { decodeIndex } from "../../../src/store/cyrus/index-file.ts";
import { MAX_FAULTS, surveyIndex } from "../../../src/store/cyrus/index-survey.ts";
import { EXPUNGED, type IndexSpec, sealRecord, writeIndex } from "../../support/index-writer.ts";

const survey = (bytes: Buffer) => surveyIndex(decodeIndex(bytes, "cyrus.index"), new FlagSets([]));
const faultsOf = (spec: IndexSpec) => survey(writeIndex(spec)).faults.map(({ uid, found }) => `${uid} ${found}`);

describe("surveyIndex()", () => {
  it("counts live records only", () => {
    const records = [
      { uid: 1, flags: 1 | 16, size: 10 },
      { uid: 2, flags: 2, size: 20 },
      { uid: 3, flags: EXPUNGED | 4, size: 40 },
      { uid: 9, flags: 4, size: 80 },
    ];
    const { syncCrcBasic, syncCrcAnnot: _, ...counted } = survey(writeIndex({ records })).counted;
    assert.deepEqual(counted, { exists: 3, unseen: 2, answered: 1, flagged: 1, deleted: 1, quotaUsed: 110n });
    assert.notEqual(syncCrcBasic, 0);
  });

  it("adds up sizes beyond 32 bits", () => {
    const records = [1, 2, 3].map((uid) => ({ uid, size: 0xffff_ffff }));
    assert.equal(survey(writeIndex({ version: 17, records })).counted.quotaUsed, 3n * 0xffff_ffffn);
    const wide = [1, 2].map((uid) => ({ uid, size: 2n ** 40n + 0xffff_ffffn }));
    assert.equal(survey(writeIndex({ version: 20, records: wide })).counted.quotaUsed, 2n ** 41n + 2n * 0xffff_ffffn);
  });

  it("leaves counters that the version lacks unknown", () => {
    assert.equal(survey(writeIndex({ version: 13, records: [{ uid: 1 }] })).counted.unseen, null);
  });

  it("finds records out of order, and a UID of zero", () => {
    assert.deepEqual(faultsOf({ records: [{ uid: 5 }, { uid: 5 }, { uid: 4 }], header: { lastUid: 5 } }), [
      "5 has a UID that does not come in ascending order",
      "4 has a UID that does not come in ascending order",
    ]);
    assert.equal(faultsOf({ records: [{ uid: 0 }] }).length, 1);
  });

  it("finds records above the header's marks", () => {
    assert.deepEqual(faultsOf({ records: [{ uid: 5 }], header: { lastUid: 4 } }), [
      "5 has a UID above the header's last UID",
    ]);
    const modseq = 2n ** 40n + 1n;
    assert.deepEqual(faultsOf({ records: [{ uid: 5, modseq }], header: { highestModseq: modseq - 1n } }), [
      "5 has a modseq above the header's highest",
    ]);
    assert.deepEqual(faultsOf({ records: [{ uid: 5, modseq }], header: { highestModseq: modseq } }), []);
  });

  it("finds numbers that no manifest can hold", () => {
    const header = { highestModseq: 2n ** 63n - 1n, quotaUsed: 0 };
    assert.deepEqual(faultsOf({ records: [{ uid: 5, modseq: 2n ** 63n }], header }), [
      "5 has a modseq of 2^63 or more",
    ]);
    const huge = { uid: 5, size: 2n ** 63n };
    assert.deepEqual(faultsOf({ version: 20, records: [huge], header }), ["5 has a size of 2^63 or more"]);
  });

  it("finds every record that fails its checksum, and digests which", () => {
    const records = Array.from({ length: 50 }, (_, i) => ({ uid: i + 1 }));
    const flipped = (...which: number[]) => {
      const bytes = writeIndex({ records });
      for (const i of which) bytes[160 + i * 112 + 30]! ^= 4;
      return survey(bytes);
    };
    assert.equal(flipped(3).faults[0]?.offset, 160 + 3 * 112);
    assert.equal(flipped(3).faultDigest, flipped(3).faultDigest);
    assert.notEqual(flipped(3).faultDigest, flipped(4).faultDigest);
    const all = flipped(...records.keys());
    assert.deepEqual([all.faultCount, all.faults.length], [50, MAX_FAULTS]);
    const good = writeIndex({ records });
    good[160 + 30]! ^= 4;
    assert.equal(survey(sealRecord(good, 0)).faultCount, 0);
  });
});
