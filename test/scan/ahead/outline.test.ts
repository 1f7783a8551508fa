import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CORE_BYTES } from "../../../src/mail/packed-messages.ts";
import { AHEAD_LIMITS, outlineBuffers } from "../../../src/scan/ahead/ahead-task.ts";
import { cutRanges } from "../../../src/scan/ahead/outline.ts";

/** Records of these sizes, of which every third is archived; all other bytes tell them apart. */
function recordsOf(sizes: readonly bigint[]) {
  const core = new Uint8Array(sizes.length * CORE_BYTES);
  const view = new DataView(core.buffer);
  for (const [row, size] of sizes.entries()) {
    core.fill(row, row * CORE_BYTES, (row + 1) * CORE_BYTES);
    view.setBigUint64(row * CORE_BYTES + 9, size, true);
  }
  return { count: sizes.length, core, archived: Uint8Array.from(sizes, (_, row) => (row % 3 === 0 ? 1 : 0)) };
}

test("cutRanges() gives each record once, in order, and ranges within both limits but for a file that is above", () => {
  const sizes = fc.array(fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, 2n ** 63n)), { maxLength: 60 });
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 90 }),
      (all, rangeFiles, rangeBytes) => {
        const records = recordsOf(all);
        const ranges = [...cutRanges(records, { rangeFiles, rangeBytes })];
        assert.deepEqual(joined(ranges.map(({ core }) => core)), records.core);
        assert.deepEqual(joined(ranges.map(({ archived }) => archived)), records.archived);
        let next = 0;
        for (const { firstRow, count, core } of ranges) {
          assert.equal(firstRow, next);
          next += count;
          const bytes = all.slice(firstRow, next).reduce((a, b) => a + b, 0n);
          assert.ok(count > 0 && count <= rangeFiles);
          assert.ok(count === 1 || bytes <= rangeBytes);
          assert.equal(core.byteLength, core.buffer.byteLength, "it can be handed over by itself");
        }
        assert.equal(next, all.length);
      },
    ),
  );
});

test("cutRanges() makes no range smaller than it has to be", () => {
  const cut = (sizes: bigint[]) =>
    [...cutRanges(recordsOf(sizes), { rangeFiles: 3, rangeBytes: 10 })].map(({ count }) => count);
  assert.deepEqual(cut(Array(7).fill(0n)), [3, 3, 1]);
  assert.deepEqual(cut([5n, 5n, 1n, 99n, 1n, 2n]), [2, 1, 1, 2]);
  assert.deepEqual(cut([]), []);
});

test("outlineBuffers() are as many for a mailbox of large messages, each of them a range of its own, as for any", () => {
  const buffersOf = (sizes: bigint[]) => {
    const live = recordsOf(sizes);
    assert.equal([...cutRanges(live, AHEAD_LIMITS)].length, sizes.length);
    return outlineBuffers({ directories: "", uids: new Uint32Array(sizes.length), live });
  };
  assert.equal(buffersOf(Array(1000).fill(2n ** 62n)).length, buffersOf([1n]).length);
});

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
