import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import { annotationCrc, countAnnotationCrc } from "../../../src/store/cyrus/annotation-crc.ts";
import { FlagSets } from "../../../src/store/cyrus/flag-sets.ts";
import { decodeIndex } from "../../../src/store/cyrus/index-file.ts";
import { surveyIndex } from "../../../src/store/cyrus/index-survey.ts";
import { EXPUNGED, type RecordSpec, type WritableVersion, writeIndex } from "../../support/index-writer.ts";

const VENDOR = "/vendor/cmu/cyrus-imapd/";
const START = 12_345_678;
const shareOf = (records: readonly RecordSpec[], version: WritableVersion = 17) =>
  surveyIndex(decodeIndex(writeIndex({ version, records }), "i"), new FlagSets([])).annotationShare;
const xor = (start: number, ...texts: string[]) => texts.reduce((sum, text) => (sum ^ crc32(text)) >>> 0, start);

describe("countAnnotationCrc()", () => {
  const records = [
    { uid: 1, cid: 0xfedc_ba98_7654_3210n, saveDate: 1_700_000_000, createdModseq: 5 },
    { uid: 2, cid: 0xaaaa_0000_0000_0001n, flags: EXPUNGED, saveDate: 1 },
    { uid: 3 },
  ];
  const thread = `1 ${VENDOR}thrid  fedcba9876543210`;
  const saved = `1 ${VENDOR}savedate  1700000000`;
  const created = `1 ${VENDOR}createdmodseq  5`;

  it("adds up what the index of each version holds itself", () => {
    const count = (version: WritableVersion) => countAnnotationCrc(1, version, shareOf(records, version), []);
    assert.equal(count(13), xor(START, thread));
    assert.equal(count(14), xor(START, thread));
    assert.equal(count(15), xor(START, thread, saved));
    for (const version of [16, 17, 18, 19, 20] as const)
      assert.equal(count(version), xor(START, thread, saved, created));
    const wide = [{ uid: 7, internalDate: 9, internalDateNs: 250, baseCid: 0xcafe_0000_0000_0001n }];
    const texts = [`7 ${VENDOR}internaldate.nsec  250`, `7 ${VENDOR}basethrid  cafe000000000001`];
    assert.equal(countAnnotationCrc(1, 20, shareOf(wide, 20), []), xor(START, ...texts));
    const beyondDoubles = [{ uid: 7, createdModseq: 2n ** 62n + 1n, modseq: 2n ** 62n + 1n }];
    const text = `7 ${VENDOR}createdmodseq  ${2n ** 62n + 1n}`;
    assert.equal(countAnnotationCrc(1, 17, shareOf(beyondDoubles), []), xor(START, text));
  });

  it("adds annotations, but for entries that the index of this version holds itself", () => {
    const comment = annotationCrc(1, "/comment", "bob", "\xe9", false);
    const savedate = annotationCrc(1, `${VENDOR}savedate`, "", "12", false);
    const sum = (version: number) => countAnnotationCrc(1, version, shareOf([]), [comment, savedate]);
    const bytes = crc32(Buffer.from("1 /comment bob \xe9", "latin1"));
    assert.equal(sum(17), (START ^ bytes) >>> 0);
    assert.equal(sum(13), xor((START ^ bytes) >>> 0, `1 ${VENDOR}savedate  12`));
  });

  it("takes the sums of 2.5 and 3.0 for sound: they start at 0, and count annotations of nobody", () => {
    const nobodys = annotationCrc(1, "/comment", "", "x", true);
    const share = shareOf(records, 13);
    for (const stored of [
      xor(0, thread),
      xor(0, thread, "1 /comment  x"),
      xor(START, thread, "1 /comment  x"),
      xor(START, thread),
    ]) {
      assert.equal(countAnnotationCrc(stored, 13, share, [nobodys]), stored);
    }
    const wrong = xor(5, thread);
    assert.equal(countAnnotationCrc(wrong, 13, share, [nobodys]), xor(START, thread));
  });

  it("takes ids for sound that are padded with zeros, all of them or those that 3.13 wrote", () => {
    const short = [1, 2, 3].map((uid) => ({ uid, cid: BigInt(uid) << 40n }));
    const share = shareOf([...short, { uid: 4, cid: 4n, flags: EXPUNGED }], 19);
    const plain = short.map(({ uid, cid }) => `${uid} ${VENDOR}thrid  ${cid.toString(16)}`);
    const padded = short.map(({ uid, cid }) => `${uid} ${VENDOR}thrid  ${cid.toString(16).padStart(16, "0")}`);
    const left = [`4 ${VENDOR}thrid  4`, `4 ${VENDOR}thrid  0000000000000004`];
    for (const texts of [plain, padded, [plain[0]!, padded[1]!, plain[2]!], [...plain, ...left]]) {
      const stored = xor(START, ...texts);
      assert.equal(countAnnotationCrc(stored, 19, share, []), stored);
    }
    for (const wrong of [xor(START, ...plain.slice(1)), xor(START, ...plain, left[0]!), 77]) {
      assert.equal(countAnnotationCrc(wrong, 19, share, []), xor(START, ...plain));
    }
  });

  it("leaves open what so many ids could have made up that any sum is possible", () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ uid: i + 1, cid: 0x123n + BigInt(i) }));
    const stored = [1, 2, 3, 4, 5, 6].map((n) => countAnnotationCrc(n, 19, shareOf(many, 19), []));
    assert.ok(stored.every((counted, i) => counted === null || counted === i + 1));
  });
});
