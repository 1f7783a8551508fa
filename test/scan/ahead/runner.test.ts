import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { BaseRows } from "../../../src/mail/base-rows.ts";
import { type PackedMessages, unpackMessage, unpackStat } from "../../../src/mail/packed-messages.ts";
import type { AheadLimits } from "../../../src/scan/ahead/ahead-task.ts";
import { LostRoots } from "../../../src/scan/lost-roots.ts";
import { MailboxRunner } from "../../../src/scan/mailbox-runner.ts";
import type { ScanBase } from "../../../src/scan/scan-options.ts";
import { createScanPool, type ScanPool } from "../../../src/scan/scan-pool.ts";
import type { MailboxOutcome, ScanItem } from "../../../src/scan/scan-task.ts";
import { messages, TestSpool } from "../test-spool.ts";

const AHEAD: AheadLimits = { aboveMessages: 6, waitingMessages: 0, rangeFiles: 2, rangeBytes: 1 << 20, settledMs: 0 };
const HUGE = messages(1, 2, 3, 4, 5, 6, 7, 8, 9);

let spool: TestSpool;
beforeEach(() => {
  spool = new TestSpool();
});
afterEach(() => spool.remove());

/** This thread in the place of several, with what it was asked for. */
function poolOf(some: Partial<ScanPool> = {}) {
  const inner = createScanPool(0, 0);
  const asked = { outlines: 0, ranges: 0, scans: [] as (readonly ScanItem[])[] };
  const pool: ScanPool = {
    ...inner,
    threads: 2,
    window: 6,
    outline: async (task) => {
      asked.outlines++;
      return inner.outline(task);
    },
    lookAtRange: async (task) => {
      asked.ranges++;
      await setImmediate();
      return inner.lookAtRange(task);
    },
    scan: async (task) => {
      asked.scans.push(task.items);
      return inner.scan(task);
    },
    ...some,
  };
  return { pool, asked };
}

async function read(pool: ScanPool, base?: ScanBase) {
  const settings = { scanId: randomUUID(), kind: "cyrus", level: "full" } as const;
  const options = { ahead: AHEAD, ...(base === undefined ? {} : { base }) };
  const runner = new MailboxRunner(pool, settings, new LostRoots(spool.roots()), options);
  const items = [...spool.list.values()].map((ref): ScanItem => ({ ref, listed: true, contradiction: null }));
  const outcomes: [string, MailboxOutcome][] = [];
  await runner.run(items, ({ item, outcome }) => outcomes.push([item.ref.name, outcome]));
  return outcomes.map(([name, outcome]) => {
    assert.ok(outcome.kind === "reading", name);
    return { name, files: outcome.reading.filesRead, count: outcome.reading.messages.count, reading: outcome.reading };
  });
}

test("MailboxRunner looks ahead at huge mailboxes, and gives all in their order with all that was read", async () => {
  const names = ["user.a", "user.b", "user.c", "user.d", "user.e", "user.f"];
  for (const [i, name] of names.entries()) spool.add(name, i % 2 === 0 ? HUGE : messages(1, 2));
  const { pool, asked } = poolOf();
  const found = await read(pool);
  assert.deepEqual(
    found.map(({ name, files, count }) => [name, files, count]),
    names.map((name, i) => [name, i % 2 === 0 ? 9 : 2, i % 2 === 0 ? 9 : 2]),
  );
  assert.deepEqual([asked.outlines, asked.ranges], [3, 15]);
  assert.equal(asked.scans.flat().filter(({ known }) => known !== undefined).length, 3);
});

test("MailboxRunner holds the files of no more than two mailboxes that were looked ahead at", async () => {
  for (let i = 0; i < 12; i++) spool.add(`user.u${String(i).padStart(2, "0")}`, HUGE);
  const { pool: inner } = poolOf();
  let held = 0;
  let most = 0;
  const { pool } = poolOf({
    outline: async (task) => {
      most = Math.max(most, ++held);
      return inner.outline(task);
    },
    scan: async (task) => {
      const outcomes = await inner.scan(task);
      held--;
      return outcomes;
    },
  });
  assert.equal((await read(pool)).length, 12);
  assert.equal(most, 2);
});

test("MailboxRunner reads a mailbox as any other where the look ahead, or reading it with what that brought, fails", async () => {
  spool.add("user.a", HUGE);
  const { pool: inner } = poolOf();
  let failed = 0;
  const fail = () => {
    failed++;
    return Promise.reject(new Error("out of memory"));
  };
  const failing: Partial<ScanPool>[] = [
    { outline: fail },
    { lookAtRange: fail },
    { scan: (task) => (task.items.some(({ known }) => known !== undefined) ? fail() : inner.scan(task)) },
  ];
  for (const some of failing) {
    const [found] = await read(poolOf(some).pool);
    assert.deepEqual([found?.reading.status, found?.count], ["read", 9]);
    assert.ok(found !== undefined && found.files >= 9);
  }
  assert.equal(failed, 1 + 5 + 1);
});

test("MailboxRunner looks ahead with a base at those mailboxes alone whose files that does not know", async () => {
  spool.add("user.a", HUGE);
  spool.add("user.b", HUGE);
  const [plain] = await read(poolOf().pool);
  const { content } = plain!.reading.messages;
  const rows = baseRowsOf(plain!.reading.messages);
  const { pool, asked } = poolOf();
  const base: ScanBase = {
    rowsOf: ({ name }) => (name === "user.a" ? rows : null),
    foundUnsound: () => assert.fail("the rows are sound"),
  };
  const found = await read(pool, base);
  assert.equal(asked.outlines, 1);
  assert.deepEqual(
    found.map(({ files }) => files),
    [0, 9],
  );
  assert.deepEqual([...found[0]!.reading.messages.content], [...content]);
});

test("MailboxRunner asks a base once for a mailbox, also where the look ahead brings nothing", async () => {
  spool.add("user.a", HUGE);
  let asked = 0;
  const rowsOf = () => {
    asked++;
    return null;
  };
  const base: ScanBase = { rowsOf, foundUnsound: () => {} };
  const { pool } = poolOf({ outline: () => Promise.resolve(null) });
  const [found] = await read(pool, base);
  assert.deepEqual([asked, found?.count, found?.files], [1, 9, 9]);
});

/** All files as a base has them, each to be carried over. */
function baseRowsOf(packed: PackedMessages): BaseRows {
  const hex = (value: bigint | number | null, digits: number) =>
    BigInt(value ?? 0)
      .toString(16)
      .padStart(digits, "0");
  const texts = Array.from({ length: packed.count }, (_, row) => {
    const { uid, file } = unpackMessage(packed, row);
    const stat = unpackStat(packed, row);
    assert.ok(stat !== null);
    const digests = [file.md5, file.sha1, file.xxh64].map((digest) => digest ?? new Uint8Array());
    const inode = Buffer.alloc(8);
    inode.writeBigUInt64BE(stat.inode);
    const times = [stat.mtimeNs, stat.ctimeNs, stat.readAtMs].map((time) => hex(time, 16)).join("");
    return {
      content: Buffer.concat([Buffer.from(`${hex(uid, 8)}f${hex(file.sizeBytes, 16)}`), ...digests]),
      stat: Buffer.concat([Buffer.from(`${hex(uid, 8)}0${times}`), inode]),
    };
  });
  const whole = (part: "content" | "stat") => Uint8Array.from(Buffer.concat(texts.map((text) => text[part])));
  const always = { presence: 0, readFromMs: -1e99, readToMs: 1e99, settledMs: -1e99, dueToMs: -1e99 };
  return { content: whole("content"), stat: whole("stat"), rollup: null, terms: always };
}
