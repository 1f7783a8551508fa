import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  cpSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { unpackMessage, unpackStat } from "../../../src/mail/packed-messages.ts";
import type { AheadLimits } from "../../../src/scan/ahead/ahead-task.ts";
import { type AheadFiles, LookAhead } from "../../../src/scan/ahead/look-ahead.ts";
import { workIn } from "../../../src/scan/batches.ts";
import { createBrakes } from "../../../src/scan/brake.ts";
import { createScanPool, type ScanPool } from "../../../src/scan/scan-pool.ts";
import type { MailboxOutcome, ScanItem, ScanSettings } from "../../../src/scan/scan-task.ts";
import type { MailboxRef } from "../../../src/store/mail-store.ts";
import { mailboxReaderFor } from "../../../src/store/reader-registry.ts";
import { ARCHIVED } from "../../support/index-writer.ts";
import { messages, type TestMessage, TestSpool } from "../test-spool.ts";

const WORK_OF = workIn(mailboxReaderFor("cyrus"), "full");
const LIMITS: AheadLimits = { aboveMessages: 5, waitingMessages: 0, rangeFiles: 3, rangeBytes: 1 << 20, settledMs: 0 };
/** Longer than a tick of the file system's clock. */
const TICK_MS = 20;
const MAIL = messages(1, 2, 3, 4, 5, 6, 7, 8);
const OLD: TestMessage = { uid: 9, body: "Subject: old\r\n", flags: ARCHIVED, inArchive: true };
const ALL = [...MAIL, OLD];

let spool: TestSpool;
let ref: MailboxRef;
beforeEach(() => {
  spool = new TestSpool();
  ref = spool.add("user.a", ALL);
});
afterEach(() => spool.remove());

/** What happens to the mailbox behind a look ahead, and how many reads of files it costs then: wrong ones take two. */
const CHANGES: readonly (readonly [what: string, reads: number, change: () => void])[] = [
  ["nothing", 0, () => {}],
  ["a file rewritten in place", 2, () => writeFileSync(path(3), bodyOf(3).toUpperCase())],
  [
    "a file rewritten in place with its old mtime",
    2,
    () => withOldMtime(() => writeFileSync(path(3), bodyOf(3).toUpperCase())),
  ],
  ["a file replaced by one of the same size", 2, () => replace(3, bodyOf(3).toUpperCase())],
  ["a file replaced by a copy of it with its mtime", 1, () => withOldMtime(() => replace(3, bodyOf(3)))],
  ["a file that has grown", 2, () => writeFileSync(path(3), `${bodyOf(3)}!`)],
  ["a file that was cut", 2, () => writeFileSync(path(3), "")],
  ["a file that is gone", 0, () => rmSync(path(3))],
  ["a file that has another name too", 1, () => linkSync(path(3), path(33))],
  ["a link instead of a file", 0, () => linkInstead()],
  ["a message more", 1, () => writeMailbox([...ALL, ...messages(10)], [10])],
  ["a file that no record accounts for", 0, () => writeFileSync(path(44), "x")],
  ["a message expunged", 0, () => expunge()],
  ["a message expunged with its file left", 0, () => writeMailbox(without(3))],
  ["a record of another GUID", 1, () => writeMailbox(changed(3, bodyOf(3).toUpperCase()))],
  ["a record of another size", 2, () => writeMailbox(changed(3, "other"))],
  ["a file moved to the archive", 1, () => archiveWithRecord()],
  ["a file in the archive though its record says otherwise", 1, () => moveToArchive()],
  ["an archived file rewritten", 2, () => writeFileSync(`${spool.archive}/user/a/9.`, "Subject: new\r\n")],
  ["a directory made anew", 8, () => makeAnew()],
  ["a directory that is gone", 0, () => rmSync(directory(), { recursive: true })],
  ["a link to a copy of the directory elsewhere", 0, () => linkElsewhere()],
  ["another mailbox in its place", 0, () => spool.write({ ...ref, uniqueId: "another" }, MAIL)],
  ["other messages of another UIDVALIDITY", 4, () => writeRenumbered()],
  ["an index that is none", 0, () => writeFileSync(ref.indexFile, "no index")],
];

for (const [what, reads, change] of CHANGES) {
  test(`a look ahead changes nothing in what is found of ${what}`, async () => {
    const { ahead, after, plain } = await bothWays("full", change);
    assert.equal(ahead?.counts.filesRead, ALL.length, "all was read ahead");
    assert.deepEqual(factsOf(after), factsOf(plain));
    if (after.kind === "reading") assert.equal(after.reading.filesRead, reads);
  });
}

test("a look ahead changes nothing in what is found at level quick", async () => {
  for (const [what, , change] of CHANGES) {
    spool.remove();
    spool = new TestSpool();
    ref = spool.add("user.a", ALL);
    const { ahead, after, plain } = await bothWays("quick", change);
    assert.equal(ahead?.counts.filesRead, ALL.length);
    assert.deepEqual(factsOf(after), factsOf(plain), what);
  }
});

test("a look ahead keeps when each file was read, and its bytes are counted once", async () => {
  const { ahead, after, plain } = await bothWays("full", () => {});
  assert.ok(after.kind === "reading" && plain.kind === "reading");
  for (let row = 0; row < ALL.length; row++) {
    const { readAtMs } = unpackStat(after.reading.messages, row)!;
    assert.ok(readAtMs !== null && readAtMs < after.reading.readAtMs);
  }
  assert.equal(BigInt(ahead!.counts.bytesRead), plain.reading.bytesRead);
  assert.equal(after.reading.bytesRead, 0n);
});

test("a look ahead brings nothing of files that are not sound, or were changed just before", async () => {
  writeMailbox(
    [{ ...MAIL[0]!, file: bodyOf(1).toUpperCase() }, { ...MAIL[1]!, file: "short" }, ...ALL.slice(2)],
    [1, 2],
  );
  linkSync(path(4), path(44));
  rmSync(path(5));
  const uidsOf = ({ known }: AheadFiles) => [...known.uids].filter((_, row) => unpackStat(known, row) !== null);
  const settled = await bothWays("full", () => {});
  assert.deepEqual(uidsOf(settled.ahead!), [3, 6, 7, 8, 9]);
  assert.deepEqual(factsOf(settled.after), factsOf(settled.plain));
  const fresh = await bothWays("full", () => {}, { ...LIMITS, settledMs: 3_600_000 });
  assert.deepEqual(uidsOf(fresh.ahead!), []);
  assert.deepEqual(factsOf(fresh.after), factsOf(fresh.plain));
});

test("a look ahead reads files of any length, but for long ones of several names", async () => {
  const body = "0123456789abcdef".repeat(300_000);
  ref = spool.add("user.long", [{ uid: 1, body }, ...messages(2), { uid: 3, body }, { ...OLD, body: `${body}!` }]);
  linkSync(path(3), path(33));
  const { ahead, after, plain } = await bothWays("full", () => {});
  assert.equal(ahead!.counts.bytesRead, 2 * body.length + 1 + messages(2)[0]!.body.length);
  assert.deepEqual(factsOf(after), factsOf(plain));
  assert.ok(after.kind === "reading" && after.reading.filesRead === 1);
});

test("what is known by a look ahead is good for the directories alone that it looked into", async () => {
  const { pool, settings, item } = tools("full");
  await new LookAhead({ pool, settings, workOf: WORK_OF }, LIMITS).around(item, async (ahead) => {
    const { known, directories } = ahead!;
    const [same] = await pool.scan({ settings, items: [{ ...item, known, knownIn: directories }] });
    const [other] = await pool.scan({ settings, items: [{ ...item, known, knownIn: "1:2 3:4" }] });
    assert.ok(same?.kind === "reading" && other?.kind === "reading");
    assert.deepEqual([same.reading.filesRead, other.reading.filesRead], [0, ALL.length]);
  });
});

test("a look ahead at a directory that leads elsewhere reads nothing there", async () => {
  linkElsewhere();
  const { ahead, after, plain } = await bothWays("full", () => {});
  assert.deepEqual(ahead?.counts, { bytesRead: OLD.body.length, filesRead: 1 });
  assert.deepEqual(factsOf(after), factsOf(plain));
});

test("LookAhead goes on where ranges fail, does without where the index is not in order, and ends with the pool", async () => {
  const { pool, settings, item } = tools("full");
  let ranges = 0;
  const failing: ScanPool = {
    ...pool,
    window: 2,
    lookAtRange: async (task) => (++ranges === 2 ? Promise.reject(new Error("out of memory")) : pool.lookAtRange(task)),
  };
  const look = (by: ScanPool) =>
    new LookAhead({ pool: by, settings: settings, workOf: WORK_OF }, LIMITS).around(item, async (ahead) => ahead);
  const found = await look(failing);
  assert.equal(ranges, 3);
  assert.equal(found?.counts.filesRead, 6);
  const noOutline = { ...pool, outline: () => Promise.reject(new Error("out of memory")) };
  assert.equal(await look(noOutline), null);
  await assert.rejects(look({ ...failing, isDestroyed: () => true, outline: noOutline.outline }), /out of memory/);
  writeFileSync(ref.indexFile, "no index");
  assert.equal(await look(pool), null);
});

test("LookAhead is for listed mailboxes with many messages, where several threads read them as fast as they can", () => {
  const { pool, settings, item } = tools("quick");
  const isFor = (some: Partial<ScanItem>, set: Partial<ScanSettings> = {}, threads = 2, limits = LIMITS) =>
    new LookAhead({ pool: { ...pool, threads }, settings: { ...settings, ...set }, workOf: WORK_OF }, limits).isFor(
      { ...item, ...some },
      [],
    );
  assert.ok(isFor({}));
  assert.ok(isFor({}, { level: "full", brakes: createBrakes({ bytesPerSecond: null, filesPerSecond: null }) }));
  assert.equal(isFor({}, {}, 1), false);
  assert.equal(isFor({}, { level: "stat" }), false);
  assert.equal(isFor({}, { level: "index" }), false);
  assert.equal(isFor({}, { brakes: createBrakes({ bytesPerSecond: null, filesPerSecond: 500 }) }), false);
  assert.equal(isFor({ listed: false }), false);
  assert.equal(isFor({ onlyUids: [1] }), false);
  assert.equal(isFor({ contradiction: { signature: "x", reads: 1, sinceMs: 0 } }), false);
  assert.equal(isFor({}, {}, 2, { ...LIMITS, aboveMessages: 100 }), false);
});

test("LookAhead is for mailboxes behind which the other threads have not enough to do, or may not go on so far", () => {
  const { pool, settings, item } = tools("full");
  const other = { ...item, ref: spool.add("user.b", MAIL) };
  let looks = 0;
  const isFor = (threads: number, others: number, waitingMessages = 10_000) => {
    looks = 0;
    function* behind() {
      for (; looks < others; looks++) yield other;
    }
    return new LookAhead(
      { pool: { ...pool, threads }, settings, workOf: WORK_OF },
      { ...LIMITS, waitingMessages },
    ).isFor(item, behind());
  };
  assert.deepEqual(
    [0, 1, 2, 3].map((others) => isFor(2, others)),
    [true, true, false, false],
  );
  assert.ok(looks < 3, "no further than it must");
  assert.deepEqual([isFor(8, 7), isFor(8, 8)], [true, false]);
  assert.deepEqual([isFor(8, 100, 60), isFor(2, 100, 60)], [true, false]);
  assert.ok(!isFor(801, 990, 1e6) && isFor(1001, 1500, 1e6), "it does not look at too many");
});

function tools(level: "quick" | "full") {
  const settings: ScanSettings = { scanId: randomUUID(), kind: "cyrus", level };
  const item: ScanItem = { ref, listed: true, contradiction: null };
  return { pool: createScanPool(0, 0), settings, item };
}

/** Looks ahead, lets something happen, and reads the mailbox with and without what is known by that. */
async function bothWays(level: "quick" | "full", change: () => void, limits = LIMITS) {
  const { pool, settings, item } = tools(level);
  return new LookAhead({ pool, settings, workOf: WORK_OF }, limits).around(item, async (ahead) => {
    await setTimeout(TICK_MS);
    change();
    const known = ahead === null ? {} : { known: ahead.known, knownIn: ahead.directories };
    const [after] = await pool.scan({ settings, items: [{ ...item, ...known }] });
    const [plain] = await pool.scan({ settings: { ...settings, scanId: randomUUID() }, items: [item] });
    assert.ok(after !== undefined && plain !== undefined);
    return { ahead, after, plain };
  });
}

/** All that a reading says but when and how much was read for it. */
function factsOf(outcome: MailboxOutcome): unknown {
  if (outcome.kind !== "reading") return { ...outcome, contradiction: null };
  const { readAtMs: _, trace: __, bytesRead: ___, filesRead: ____, messages: packed, ...rest } = outcome.reading;
  const rows = Array.from({ length: packed.count }, (_, row) => {
    const stat = unpackStat(packed, row);
    return [unpackMessage(packed, row), stat === null ? null : { ...stat, readAtMs: stat.readAtMs === null }];
  });
  return { rest, rows, candidates: outcome.candidates };
}

function directory(): string {
  return `${spool.spool}/${ref.name.replaceAll(".", "/")}`;
}

function path(uid: number): string {
  return `${directory()}/${uid}.`;
}

function bodyOf(uid: number): string {
  return MAIL.find((message) => message.uid === uid)?.body ?? assert.fail();
}

function withOldMtime(change: () => void): void {
  const { atime, mtime } = statSync(path(3));
  change();
  utimesSync(path(3), atime, mtime);
}

function replace(uid: number, body: string): void {
  writeFileSync(`${path(uid)}new`, body);
  renameSync(`${path(uid)}new`, path(uid));
}

/** Writes the index, and the files of the messages named. */
function writeMailbox(mail: readonly TestMessage[], files: readonly number[] = []): void {
  for (const { uid, body, file } of mail) if (files.includes(uid)) writeFileSync(path(uid), file ?? body);
  spool.writeIndex(ref, mail);
}

function without(uid: number): TestMessage[] {
  return ALL.filter((message) => message.uid !== uid);
}

function changed(uid: number, body: string): TestMessage[] {
  return ALL.map((message) => (message.uid === uid ? { ...message, body } : message));
}

function moveToArchive(): void {
  renameSync(path(3), `${spool.archive}/user/a/3.`);
}

function linkInstead(): void {
  renameSync(path(3), path(33));
  symlinkSync("33.", path(3));
}

function expunge(): void {
  writeMailbox(without(3));
  rmSync(path(3));
}

function archiveWithRecord(): void {
  moveToArchive();
  writeMailbox(ALL.map((message) => (message.uid === 3 ? { ...message, flags: ARCHIVED } : message)));
}

function makeAnew(): void {
  rmSync(directory(), { recursive: true });
  spool.write(ref, MAIL);
}

/** Four messages under UIDs that stood for others before. */
function writeRenumbered(): void {
  const mail = messages(1, 2, 3, 4).map((message) => ({ ...message, body: `${message.body}other` }));
  for (const { uid } of MAIL) rmSync(path(uid));
  for (const { uid, body } of mail) writeFileSync(path(uid), body);
  spool.writeIndex(ref, mail, { header: { uidValidity: 1_800_000_000 } });
}

function linkElsewhere(): void {
  mkdirSync(`${spool.base}/elsewhere`);
  cpSync(directory(), `${spool.base}/elsewhere/a`, { recursive: true, preserveTimestamps: true });
  rmSync(directory(), { recursive: true });
  symlinkSync(`${spool.base}/elsewhere/a`, directory());
}
