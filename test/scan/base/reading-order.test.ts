import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KnownFiles } from "../../../src/mail/known-files.ts";
import { CORE_BYTES, type PackedRecords, STAT_BYTES } from "../../../src/mail/packed-messages.ts";
import { readingOrder } from "../../../src/scan/base/reading-order.ts";

interface Known {
  readonly uid: number;
  readonly inode: bigint;
  readonly due: boolean;
}

function recordsOf(uids: readonly number[]): PackedRecords {
  const core = new Uint8Array(uids.length * CORE_BYTES);
  const view = new DataView(core.buffer);
  for (const [row, uid] of uids.entries()) view.setUint32(row * CORE_BYTES, uid, true);
  return { count: uids.length, core, ext: new Uint8Array(), flagTexts: [] };
}

function knownOf(files: readonly Known[]): KnownFiles {
  const stat = new Uint8Array(files.length * STAT_BYTES);
  const view = new DataView(stat.buffer);
  for (const [at, { inode }] of files.entries()) view.setBigUint64(at * STAT_BYTES + 2, inode);
  const uids = Uint32Array.from(files, ({ uid }) => uid);
  return { uids, content: new Uint8Array(), stat, due: Uint8Array.from(files, ({ due }) => (due ? 1 : 0)) };
}

test("readingOrder() has every record once: first those that are not read again, then the others by inode", () => {
  const uids = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((some) => some.sort((a, b) => a - b));
  const file = fc.record({ inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), due: fc.boolean() });
  fc.assert(
    fc.property(uids, uids, fc.array(file, { minLength: 60, maxLength: 60 }), (records, known, facts) => {
      const files = known.map((uid, i) => ({ uid, inode: facts[i]?.inode ?? 0n, due: facts[i]?.due ?? false }));
      const order = readingOrder(recordsOf(records), knownOf(files));
      if (order === null) return assert.ok(files.every(({ due }) => !due));
      const dueOf = new Map(files.filter(({ due }) => due).map(({ uid, inode }) => [uid, inode]));
      const inOrder = [...order].map((row) => records[row] ?? 0);
      const first = inOrder.filter((uid) => !dueOf.has(uid));
      const again = inOrder.filter((uid) => dueOf.has(uid));
      assert.deepEqual(inOrder, [...first, ...again]);
      assert.deepEqual(
        first,
        records.filter((uid) => !dueOf.has(uid)),
      );
      assert.deepEqual(
        again.map((uid) => dueOf.get(uid)),
        records.flatMap((uid) => dueOf.get(uid) ?? []).sort((a, b) => (a < b ? -1 : 1)),
      );
    }),
  );
});
