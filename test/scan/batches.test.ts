import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { batchesOf, taskLimits, workIn } from "../../src/scan/batches.ts";
import { UNBRAKED } from "../../src/scan/brake.ts";
import type { ScanItem } from "../../src/scan/scan-task.ts";
import type { MailboxExtent, MailboxReader, MailboxRef } from "../../src/store/mail-store.ts";
import { mailboxReaderFor } from "../../src/store/reader-registry.ts";

const MB = 1_000_000;

/** Mailboxes that hold as much, and what tells it. */
function mailboxes(extents: readonly MailboxExtent[]): { items: ScanItem[]; reader: MailboxReader } {
  const extentOf = ({ name }: MailboxRef) => extents[Number(name)] ?? { messages: 0, bytes: 0 };
  const items = extents.map((_, i) => ({ ref: { name: String(i) } as MailboxRef, listed: true, contradiction: null }));
  return { items, reader: { ...mailboxReaderFor("cyrus"), extentOf } };
}

function tasks(extents: readonly MailboxExtent[], threads: number, level: "full" | "stat" = "full"): number[][] {
  const { items, reader } = mailboxes(extents);
  const limits = taskLimits(UNBRAKED, { threads, mailboxes: items.length });
  return [...batchesOf(items, workIn(reader, level), limits)].map((batch) => {
    const task = batch.items.map(({ ref }) => Number(ref.name));
    const work = task.reduce((sum, i) => sum + workIn(reader, level)(batch.items[task.indexOf(i)]!.ref), 0);
    assert.equal(batch.isLong, work + task.length > 800);
    return task;
  });
}

test("batchesOf() gives every mailbox once and in order, in tasks within the limits", () => {
  const extent = fc.record({ messages: fc.nat(1000), bytes: fc.nat(200 * MB) });
  fc.assert(
    fc.property(fc.array(extent, { maxLength: 300 }), fc.integer({ min: 0, max: 16 }), (extents, threads) => {
      const found = tasks(extents, threads);
      assert.deepEqual(found.flat(), [...extents.keys()]);
      for (const task of found) {
        const messages = task.reduce((sum, i) => sum + (extents[i]?.messages ?? 0), 0);
        const bytes = task.reduce((sum, i) => sum + (extents[i]?.bytes ?? 0), 0);
        assert.ok(task.length === 1 || (task.length <= 64 && messages <= 400 && bytes <= 400 * 75_000));
      }
    }),
  );
});

test("batchesOf() leaves no thread without work where there are mailboxes enough for all", () => {
  const few = Array.from({ length: 8 }, () => ({ messages: 10, bytes: 90_000 }));
  assert.equal(tasks(few, 2).length, 8);
  assert.equal(tasks(few, 1).length, 4);
  assert.equal(
    tasks(
      Array.from({ length: 1000 }, () => ({ messages: 1, bytes: 9000 })),
      2,
    ).length,
    16,
  );
});

test("workIn() counts bytes only where they are read, and of large messages only", () => {
  const { items, reader } = mailboxes([
    { messages: 3, bytes: 300 * MB },
    { messages: 300, bytes: 3 * MB },
  ]);
  const work = (level: "full" | "quick" | "stat" | "index") => items.map(({ ref }) => workIn(reader, level)(ref));
  assert.deepEqual(work("full"), [4000, 300]);
  assert.deepEqual(work("quick"), [4000, 300]);
  assert.deepEqual(work("stat"), [3, 300]);
  assert.deepEqual(work("index"), [3, 300]);
});

test("taskLimits() keeps tasks under a brake to about a fifth of a second", () => {
  const shares = { threads: 2, mailboxes: 10_000 };
  assert.deepEqual(taskLimits(UNBRAKED, shares), { work: 400, mailboxes: 64 });
  assert.equal(taskLimits({ bytesPerSecond: null, filesPerSecond: 500 }, shares).work, 50);
  assert.equal(taskLimits({ bytesPerSecond: 50 * MB, filesPerSecond: null }, shares).work, 100);
  assert.equal(taskLimits({ bytesPerSecond: 1, filesPerSecond: 1 }, shares).work, 1);
});
