import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FILE_PROBLEMS } from "../../src/mail/message.ts";
import { type FileResult, FileResults } from "../../src/scan/files/file-results.ts";

const digest = (length: number) => fc.option(fc.uint8Array({ minLength: length, maxLength: length }), { nil: null });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const nanoseconds = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const result: fc.Arbitrary<FileResult> = fc
  .record({
    problem: fc.option(fc.constantFrom(...FILE_PROBLEMS), { nil: null }),
    size: u64,
    hasSize: fc.boolean(),
    digests: fc.record({ md5: digest(16), sha1: digest(20), xxh64: digest(8) }),
    stat: fc.option(
      fc.record({
        root: fc.constantFrom(0 as const, 1 as const),
        inode: u64,
        mtimeNs: nanoseconds,
        ctimeNs: nanoseconds,
        readAtMs: fc.option(fc.nat(), { nil: null }),
      }),
      { nil: null },
    ),
    same: fc.nat({ max: 9 }),
    looks: fc.nat({ max: 9 }),
    remark: fc.option(fc.record({ path: fc.string(), errno: fc.constant(null), found: fc.string() }), { nil: null }),
  })
  .map(({ problem, size, hasSize, digests, stat, same, looks, remark }) => ({
    // A file that was stat'ed has a size, and the same one in both places.
    file: { problem, sizeBytes: hasSize || stat !== null ? size : null, ...digests },
    stat: stat === null ? null : { ...stat, sizeBytes: size },
    same,
    looks,
    remark,
  }));

test("FileResults gives back what was last set, for every UID", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 150 }), fc.option(result, { nil: null })), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(steps, (changes) => {
      const results = new FileResults();
      const expected = new Map<number, FileResult>();
      for (const [uid, value] of changes) {
        if (value === null) {
          results.delete(uid);
          expected.delete(uid);
        } else {
          results.set(uid, value);
          expected.set(uid, value);
        }
      }
      for (let uid = 1; uid <= 150; uid++) {
        assert.deepEqual(plain(results.get(uid)), plain(expected.get(uid) ?? null));
        assert.equal(results.has(uid), expected.has(uid));
      }
    }),
    { numRuns: 60 },
  );
});

test("FileResults.clear() forgets everything", () => {
  const results = new FileResults();
  const value = fc.sample(result, 1)[0]!;
  results.set(7, value);
  results.clear();
  assert.equal(results.get(7), null);
});

/** A Buffer and a Uint8Array of the same bytes are the same here. */
function plain(value: FileResult | null): FileResult | null {
  return structuredClone(value);
}
