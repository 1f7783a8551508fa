import assert from "node:assert/strict";
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { MailboxItem, UnreadMailboxItems } from "../../src/mail/item.ts";
import type { MailboxReading, PendingName, ReadProblem, Tombstone } from "../../src/mail/mailbox.ts";
import { planScan } from "../../src/scan/plan.ts";
import { runScan } from "../../src/scan/scan.ts";
import type { ScanEvents, ScanOptions, ScanProgress } from "../../src/scan/scan-options.ts";
import { openCyrusStore } from "../../src/store/cyrus/store.ts";
import type { MailStore } from "../../src/store/mail-store.ts";
import { type FixtureName, unpackFixture } from "../support/fixtures.ts";
import { ARCHIVED } from "../support/index-writer.ts";
import { bytes, messages, TestSpool } from "./test-spool.ts";

let spool: TestSpool;
beforeEach(() => {
  spool = new TestSpool();
});
afterEach(() => spool.remove());

const OPTIONS: ScanOptions = { level: "full", workers: 0, niceIncrement: 0, includes: () => true, findUnlisted: true };

test("runScan() hands over every mailbox in order of names, and all else that the store says", async () => {
  for (const name of ["user.b", "user.a.Sent", "user.a", "user.caf\xe9"]) spool.add(name, messages(1, 2));
  const tombstone = {
    name: "user.z",
    uniqueId: "z",
    reason: "deleted",
    foldermodseq: 3n,
    uidValidity: 1,
    mtime: 1,
  } as const;
  spool.tombstones = [tombstone];
  spool.pending = [{ type: "MAILBOX", name: "user.a", log: "log" }];
  const got = await scan(spool.store());
  assert.deepEqual(got.names, ["user.a", "user.a.Sent", "user.b", "user.caf\xe9"]);
  assert.deepEqual([got.tombstones, got.pending, got.problems], [[tombstone], spool.pending, []]);
  const { status, listed, matched, mailboxes, filesRead } = got.outcome;
  assert.deepEqual(
    { status, listed, matched, read: mailboxes.read, filesRead },
    {
      status: "finished",
      listed: 4,
      matched: 4,
      read: 4,
      filesRead: 8,
    },
  );
});

test("runScan() reads only what is included, and counts it", async () => {
  for (const name of ["user.a", "user.b"]) spool.add(name, messages(1));
  const got = await scan(spool.store(), { includes: (name) => name === "user.b" });
  assert.deepEqual([got.names, got.outcome.listed, got.outcome.matched], [["user.b"], 2, 1]);
});

test("runScan() makes one problem of a partition root that is missing or empty", async () => {
  for (const name of ["user.a", "user.b", "user.c"]) spool.add(name, messages(1));
  renameSync(spool.spool, `${spool.base}/unmounted`);
  for (const state of ["missing", "empty"]) {
    // Cyrus makes its staging directory even where nothing is mounted.
    if (state === "empty") mkdirSync(`${spool.spool}/stage.`, { recursive: true });
    const got = await scan(spool.store());
    assert.deepEqual(
      got.problems.map(({ what, path }) => [what, path]),
      [["partition", spool.spool]],
      state,
    );
    assert.deepEqual(got.statuses, { "user.a": "not-checked", "user.b": "not-checked", "user.c": "not-checked" });
  }
});

test("runScan() makes one problem of an empty archive that messages should be in", async () => {
  const archived = { ...messages(1)[0]!, flags: ARCHIVED, file: null };
  for (const name of ["user.a", "user.b"]) spool.add(name, [archived]);
  spool.add("user.c", messages(1));
  const got = await scan(spool.store());
  assert.deepEqual(got.names, ["user.a", "user.b", "user.c"]);
  assert.deepEqual(
    got.problems.map(({ path }) => path),
    [spool.archive],
  );
  assert.deepEqual(got.statuses, { "user.a": "not-checked", "user.b": "not-checked", "user.c": "read" });
});

test("runScan() does not ask anything of an empty partition without mailboxes", async () => {
  spool.add("user.a", messages(1));
  mkdirSync(`${spool.base}/news`);
  const roots = [...spool.roots(), { partition: "news", kind: "spool", directory: `${spool.base}/news` } as const];
  const got = await scan(spool.store(roots));
  assert.deepEqual([got.problems, got.statuses], [[], { "user.a": "read" }]);
});

test("runScan() reports as orphans only what is one still at its end", async () => {
  const ref = spool.add("user.a", messages(1, 5));
  const directory = ref.messageDirectories[0]!;
  for (const uid of [3, 6, 7, 8]) writeFileSync(`${directory}/${uid}.`, `file ${uid}`);
  const began = Date.now();
  const got = await scan(spool.store(), {}, ({ phase }) => {
    if (phase !== "second-looks") return;
    // Meanwhile the delivery of 6 is done, and what was to be cleaned up is gone.
    spool.writeIndex(ref, messages(1, 5, 6), { header: { lastUid: 6, highestModseq: 9 } });
    rmSync(`${directory}/8.`, { force: true });
  });
  assert.ok(Date.now() - began >= 2000, "looked again after two seconds");
  const [reading] = got.readings;
  assert.deepEqual(
    reading?.orphans.map(({ uid, sizeBytes, md5 }) => [uid, sizeBytes, md5?.length]),
    [
      [3, 6n, 16],
      [7, 6n, 16],
    ],
  );
  assert.equal(reading?.messages.count, 2, "the messages are those of the first snapshot");
});

test("runScan() accepts an index whose counters are wrong for good, after a second", async () => {
  spool.add("user.a", messages(1, 2), { header: { flagged: 7 } });
  spool.add("user.b", messages(1));
  const began = Date.now();
  const got = await scan(spool.store());
  assert.ok(Date.now() - began >= 1000);
  assert.deepEqual(got.names, ["user.b", "user.a"]);
  const reading = got.readings[1];
  assert.deepEqual([reading?.status, reading?.stored?.flagged, reading?.counted?.flagged], ["read", 7, 0]);
  assert.equal(reading?.filesRead, 2);
});

test("runScan() finds an index corrupt only where it stays so", async () => {
  const bad = spool.add("user.bad", messages(1));
  const torn = spool.add("user.torn", messages(1));
  for (const ref of [bad, torn]) writeFileSync(ref.indexFile, "no index");
  const got = await scan(spool.store(), {}, ({ phase }) => {
    if (phase === "second-looks") spool.writeIndex(torn, messages(1));
  });
  assert.deepEqual(got.statuses, { "user.bad": "index-corrupt", "user.torn": "read" });
});

test("runScan() follows mailboxes that are renamed or deleted after the list was read", async () => {
  spool.add("user.a", messages(1));
  const old = spool.add("user.old", messages(1, 2));
  const doomed = spool.add("user.doomed", messages(1));
  spool.add("user.lost", messages(1));
  const tombstone = {
    name: "user.doomed",
    uniqueId: "d",
    reason: "deleted",
    foldermodseq: 9n,
    uidValidity: 1,
    mtime: 1,
  } as const;
  spool.afterListRead = (reads) => {
    if (reads > 1) return;
    renameSync(`${spool.spool}/user/old`, `${spool.spool}/user/new`);
    for (const name of ["doomed", "lost"]) rmSync(`${spool.spool}/user/${name}`, { recursive: true });
    spool.list.delete(old.name);
    spool.list.delete(doomed.name);
    spool.list.set("user.new", spool.place("user.new", old.uniqueId ?? ""));
    spool.tombstones = [tombstone];
  };
  const got = await scan(spool.store());
  assert.deepEqual(got.statuses, { "user.a": "read", "user.lost": "directory-missing", "user.new": "read" });
  assert.deepEqual([got.outcome.deletedMeanwhile, got.tombstones], [1, [tombstone]]);
  assert.ok(got.readings.every(({ listed }) => listed));
});

test("runScan() reads each mailbox once, whatever names mailboxes take from others while it runs", async () => {
  const at = (name: string) => `${spool.spool}/${name.replaceAll(".", "/")}`;
  const uniqueIdOf = (name: string) => spool.list.get(name)?.uniqueId ?? "";
  const remove = (name: string) => {
    rmSync(at(name), { recursive: true });
    spool.list.delete(name);
  };
  const rename = (from: string, to: string) => {
    const uniqueId = uniqueIdOf(from);
    renameSync(at(from), at(to));
    spool.list.delete(from);
    spool.list.set(to, spool.place(to, uniqueId));
  };
  for (const name of ["user.a", "user.b", "user.c", "user.x", "user.y", "user.z"]) spool.add(name, messages(1));
  // So long that each is a task of its own, and keeps those after it from being read before those before it are here.
  const long = messages(...Array.from({ length: 400 }, (_, i) => i + 1));
  for (const name of ["user.m1", "user.m2", "user.m3"]) spool.add(name, long);
  const ids = { replacer: uniqueIdOf("user.x"), swapped: uniqueIdOf("user.y"), moved: uniqueIdOf("user.c") };
  const every = [...spool.list.values()].map(({ uniqueId }) => uniqueId ?? "");
  const gone = uniqueIdOf("user.z");
  let moved = false;
  const got = await scan(spool.store(), {}, ({ mailboxesDone }) => {
    if (mailboxesDone < 3 || moved) return;
    moved = true;
    // One takes the name of one that was read and is gone.
    remove("user.a");
    rename("user.x", "user.a");
    // One that was read and one that was not take each other's names.
    rename("user.b", "user.t");
    rename("user.y", "user.b");
    rename("user.t", "user.y");
    // One that was read takes the name of one that was not, and is gone.
    remove("user.z");
    rename("user.c", "user.z");
  });
  const read = got.readings.filter(({ status }) => status === "read").map(({ uniqueId }) => uniqueId ?? "");
  assert.deepEqual(read.sort(), every.filter((id) => id !== gone).sort());
  const nameOf = (id: string) => got.readings.find(({ uniqueId }) => uniqueId === id)?.name;
  assert.deepEqual([ids.replacer, ids.swapped, ids.moved].map(nameOf), ["user.a", "user.b", "user.c"]);
  assert.deepEqual([got.readings.length, got.outcome.deletedMeanwhile], [every.length - 1, 1]);
});

test("runScan() does not take the mailbox that stands in its place for the one in the list", async () => {
  const ref = spool.add("user.a", messages(1));
  spool.write({ ...ref, uniqueId: "another" }, messages(1));
  const got = await scan(spool.store());
  assert.deepEqual(got.statuses, { "user.a": "header-corrupt" });
});

test("runScan() does not take a mailbox for lost that had just been deleted, and made again, at each look", async () => {
  const directory = `${spool.spool}/user/phoenix`;
  const life = (n: number) => spool.place("user.phoenix", `life-${n}`);
  spool.list.set("user.phoenix", life(1));
  spool.add("user.gone", messages(1));
  rmSync(`${spool.spool}/user/gone`, { recursive: true });
  spool.afterListRead = (reads) => {
    rmSync(directory, { recursive: true, force: true });
    if (reads < 5) spool.list.set("user.phoenix", life(reads + 1));
    else spool.write(life(reads), messages(1));
  };
  const got = await scan(spool.store());
  assert.deepEqual(got.statuses, { "user.gone": "directory-missing", "user.phoenix": "read" });
  assert.equal(got.readings.find(({ name }) => name === "user.phoenix")?.uniqueId, "life-5");
});

test("runScan() reads a mailbox by a newer list where another one has its directory at each look", async () => {
  const place = spool.add("user.phoenix", messages(1));
  let life = 1;
  spool.afterListRead = (reads) => {
    // A new one is made after each of the first lists was read, and between any two looks at it.
    if (reads < 5) spool.write({ ...place, uniqueId: `life-${++life}` }, messages(1));
    spool.list.set("user.phoenix", { ...place, uniqueId: `life-${life}` });
  };
  const remaking = setInterval(() => {
    if (life < 5) spool.write({ ...place, uniqueId: `life-${life}-${Date.now()}` }, messages(1));
  }, 20);
  const began = Date.now();
  // In a thread, since a look puts its own to sleep.
  const got = await scan(spool.store(), { workers: 1 }).finally(() => clearInterval(remaking));
  assert.deepEqual(got.statuses, { "user.phoenix": "read" });
  assert.equal(got.readings[0]?.uniqueId, "life-5");
  assert.ok(Date.now() - began < 20_000, "it was not looked at for half a minute by a list that is out of date");
});

test("runScan() without a list does not take a mailbox that was made again for one with a wrong header", async () => {
  spool.unread = { what: "unread-list", path: "mailboxes.db", uid: null, errno: null, found: "of an unknown kind" };
  const write = (life: string) => {
    spool.write({ ...spool.place("user.phoenix"), uniqueId: life }, messages(1));
    spool.idsOnDisk.set("user.phoenix", life);
  };
  write("life-1");
  const got = await scan(spool.store(), {}, ({ phase }) => {
    if (phase === "mailboxes" && spool.idsOnDisk.get("user.phoenix") === "life-1") write("life-2");
  });
  assert.deepEqual(got.statuses, { "user.phoenix": "read" });
  assert.equal(got.readings[0]?.uniqueId, "life-2");
});

test("runScan() reads directories that the list does not know", async () => {
  spool.add("user.a", messages(1));
  spool.write(spool.place("user.a.stray", "unlisted-id"), messages(1, 2));
  mkdirSync(`${spool.spool}/stage./1`, { recursive: true });
  writeFileSync(`${spool.spool}/stage./1/cyrus.index`, "");
  const got = await scan(spool.store());
  assert.deepEqual(
    got.readings.map(({ name, listed, listing, messages: { count } }) => [name, listed, listing === null, count]),
    [
      ["user.a", true, false, 1],
      ["user.a.stray", false, true, 2],
    ],
  );
  assert.equal(got.outcome.unlisted, 1);
  assert.deepEqual((await scan(spool.store(), { findUnlisted: false })).names, ["user.a"]);
});

test("runScan() does not call a mailbox unlisted that was made while it ran", async () => {
  spool.add("user.a", messages(1));
  spool.afterListRead = (reads) => {
    if (reads === 1) spool.add("user.new", messages(1));
  };
  const got = await scan(spool.store());
  assert.deepEqual(
    got.readings.map(({ name, listed }) => [name, listed]),
    [
      ["user.a", true],
      ["user.new", true],
    ],
  );
});

test("runScan() gives the same with worker threads as without", async () => {
  for (const name of ["a-legacy-insync", "c-damaged-legacy"] as FixtureName[]) {
    const fixture = unpackFixture(name);
    try {
      const store = () =>
        openCyrusStore({ configFile: join(fixture.root, "replica/imapd.conf"), partitions: [], configDirectory: null });
      const alone = await scan(await store());
      const threads = await scan(await store(), { workers: 2, niceIncrement: 5 });
      assert.ok(alone.readings.length > 30);
      assert.deepEqual(threads.readings.map(timeless), alone.readings.map(timeless), name);
      assert.deepEqual(threads.problems, alone.problems);
    } finally {
      fixture.cleanup();
    }
  }
});

test("runScan() stops within a second of its signal", async () => {
  const many = messages(...Array.from({ length: 300 }, (_, i) => i + 1));
  for (let i = 0; i < 60; i++) spool.add(`user.u${i}`, many);
  for (const workers of [0, 1]) {
    const controller = new AbortController();
    let stoppedAt = 0;
    const got = await scan(
      spool.store(),
      { workers },
      ({ mailboxesDone }) => {
        if (mailboxesDone < 3 || stoppedAt > 0) return;
        stoppedAt = Date.now();
        controller.abort();
      },
      controller.signal,
    );
    assert.equal(got.outcome.status, "stopped");
    assert.ok(Date.now() - stoppedAt < 1000);
    assert.ok(got.readings.length >= 3 && got.readings.length < 60, `${got.readings.length} read`);
  }
});

test("runScan() does nothing when it was stopped before it began", async () => {
  spool.add("user.a", messages(1));
  const got = await scan(spool.store(), {}, () => {}, AbortSignal.abort());
  assert.deepEqual([got.outcome.status, got.outcome.listReadAtMs, got.names], ["stopped", null, []]);
});

test("runScan() ends with the error of its sink", async () => {
  spool.add("user.a", messages(1));
  const nothing = { tombstone() {}, pending() {}, problem() {}, item() {}, unreadItems() {} };
  const sink = { ...nothing, mailbox: () => assert.fail("disk full") };
  await assert.rejects(
    runScan(spool.store(), OPTIONS, sink, { progress() {} }, new AbortController().signal),
    /disk full/,
  );
});

test("planScan() counts by the indexes and reads no message", async () => {
  const ref = spool.add("user.a", messages(1, 2));
  spool.add("user.b", messages(3));
  linkSync(ref.indexFile, `${spool.base}/kept`);
  rmSync(`${ref.messageDirectories[0]}/1.`);
  const plan = await planScan(spool.store(), OPTIONS);
  const expected = messages(1, 2, 3).reduce((sum, { body }) => sum + BigInt(body.length), 0n);
  assert.deepEqual(plan, {
    listed: 2,
    partitions: [{ partition: "default", mailboxes: 2, messages: 3, bytes: expected, unread: 0 }],
    problems: [],
  });
  rmSync(bytes(ref.indexFile));
  assert.equal((await planScan(spool.store(), OPTIONS)).partitions[0]?.unread, 1);
});

async function scan(
  store: MailStore,
  options: Partial<ScanOptions> = {},
  progress: (progress: ScanProgress) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
) {
  const readings: MailboxReading[] = [];
  const tombstones: Tombstone[] = [];
  const pending: PendingName[] = [];
  const problems: ReadProblem[] = [];
  const items: MailboxItem[] = [];
  const unread: UnreadMailboxItems[] = [];
  const sink = {
    item: (item: MailboxItem) => void items.push(item),
    unreadItems: (kind: UnreadMailboxItems) => void unread.push(kind),
    mailbox: (reading: MailboxReading) => void readings.push(reading),
    tombstone: (tombstone: Tombstone) => void tombstones.push(tombstone),
    pending: (name: PendingName) => void pending.push(name),
    problem: (problem: ReadProblem) => void problems.push(problem),
  };
  const events: ScanEvents = { progress };
  const outcome = await runScan(store, { ...OPTIONS, ...options }, sink, events, signal);
  const names = readings.map(({ name }) => name);
  const statuses = Object.fromEntries(readings.map(({ name, status }) => [name, status]));
  return { outcome, readings, names, statuses, tombstones, pending, problems, items, unread };
}

/** What two scans of the same spool must agree in: all but when they read, and what each thread found read already. */
function timeless(reading: MailboxReading) {
  const { readAtMs: _, bytesRead: __, filesRead: ___, trace: _trace, messages: packed, ...rest } = reading;
  const { stat: _stat, ...rows } = packed;
  // As it looks after crossing threads: a Buffer arrives as Uint8Array.
  return structuredClone({ ...rest, ...rows });
}
