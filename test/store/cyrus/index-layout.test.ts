import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { INDEX_LAYOUTS, type IndexLayout, indexLayout, PREAMBLE_BYTES } from "../../../src/store/cyrus/index-layout.ts";

const EIGHT_BYTES = new Set([
  "quotaUsed",
  "highestModseq",
  "deletedModseq",
  "createdModseq",
  "modseq",
  "cid",
  "baseCid",
]);
const TIMES = new Set([
  "lastAppendDate",
  "pop3LastLogin",
  "lastRepackTime",
  "recentTime",
  "pop3ShowAfter",
  "internalDate",
  "lastUpdated",
  "saveDate",
]);

function widthOf(layout: IndexLayout, field: string): number {
  if (field === "guid") return layout.guidBytes;
  if (field === "userFlags") return 16;
  if (EIGHT_BYTES.has(field)) return 8;
  return layout.wide && (TIMES.has(field) || field === "size") ? 8 : 4;
}

function assertApart(layout: IndexLayout, offsets: object, from: number, to: number): void {
  const fields = Object.entries(offsets)
    .filter(([, at]) => at !== null)
    .map(([field, at]) => ({ field, at: at as number, end: (at as number) + widthOf(layout, field) }))
    .sort((a, b) => a.at - b.at);
  let end = from;
  for (const { field, at, end: fieldEnd } of fields) {
    assert.ok(at >= end, `version ${layout.minorVersion}: ${field} at ${at} begins before ${end}`);
    end = fieldEnd;
  }
  assert.ok(end <= to, `version ${layout.minorVersion}: fields end at ${end}, after ${to}`);
}

describe("indexLayout()", () => {
  it("knows the versions that Cyrus released or developed, and no other", () => {
    const known = Array.from({ length: 40 }, (_, version) => version).filter(
      (version) => indexLayout(version) !== null,
    );
    assert.deepEqual(known, [6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it("places no two fields over each other, nor over the checksum", () => {
    for (const layout of INDEX_LAYOUTS) {
      const crc = layout.checksums ? 4 : 0;
      assertApart(layout, layout.header, PREAMBLE_BYTES, layout.startOffset - crc);
      assertApart(layout, layout.record, 0, layout.recordSize - crc);
    }
  });
});
