import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { includesUid, symmetricDifference, uidRanges, uidsOf } from "../../src/compare/uid-sets.ts";

describe("uidRanges()", () => {
  it("decodes UIDs and ranges of them", () => {
    assert.deepEqual(uidRanges("1:3,7"), [
      [1, 3],
      [7, 7],
    ]);
    assert.deepEqual(uidRanges(""), []);
  });
  it("knows what is no sequence", () => {
    for (const text of ["sha1:00ff", "1:", "*", "1,,2", "1 2"]) assert.equal(uidRanges(text), null, text);
  });
});

describe("symmetricDifference()", () => {
  it("has just the UIDs that one set has and the other has not", () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 6 }));
    const sequence = fc
      .array(range, { maxLength: 8 })
      .map((ranges) => ranges.map(([first, more]) => `${first}:${first + more}`).join(","));
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        const [ra, rb] = [uidRanges(a) ?? [], uidRanges(b) ?? []];
        const difference = symmetricDifference(ra, rb);
        const expected = Array.from({ length: 60 }, (_, i) => i).filter(
          (n) => includesUid(ra, n) !== includesUid(rb, n),
        );
        assert.deepEqual([...uidsOf(difference)], expected);
      }),
    );
  });
});
