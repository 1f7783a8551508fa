import assert from "node:assert/strict";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import type { Reread } from "../../../src/mail/known-files.ts";
import type { MailboxReading } from "../../../src/mail/mailbox.ts";
import { CONTENT_BYTES, STAT_BYTES, uidOf } from "../../../src/mail/packed-messages.ts";
import { ManifestReader } from "../../../src/manifest/reader.ts";
import { verifyManifest } from "../../../src/manifest/verify.ts";
import type { MailboxRef } from "../../../src/store/mail-store.ts";
import { compareFiles, inspectFile } from "../../support/pipeline.ts";
import { messages, sha1Of, type TestMessage } from "../test-spool.ts";
import { BasedSpool, contentsOf, type Scanned } from "./based-spool.ts";

let spool: BasedSpool;
beforeEach(() => {
  spool = new BasedSpool();
});
afterEach(() => spool.remove());

const fileOf = (ref: MailboxRef, uid: number) => `${ref.messageDirectories[0]}/${uid}.`;

/** Scans with `base` and without, and proves that both say the same; returns the one with. */
async function rescan(base: Scanned, spec: Parameters<BasedSpool["scan"]>[0] = {}): Promise<Scanned> {
  const based = await spool.scan({ base: base.path, ...spec });
  const anew = await spool.scan(spec.level === undefined ? {} : { level: spec.level });
  assert.deepEqual(contentsOf(based.path), contentsOf(anew.path));
  return based;
}

test("a scan with a base reads nothing of what has not changed, in this thread and in others", async () => {
  spool.add("user.a", messages(1, 2, 9));
  spool.add("user.b", messages(5));
  const first = await spool.scan();
  assert.equal(first.facts.bytesCarried, 0n);
  assert.equal(first.facts.oldestCarriedAtMs, null);
  for (const workers of [0, 2]) {
    const second = await rescan(first, { workers });
    assert.deepEqual(second.read, []);
    assert.equal(second.facts.bytesRead, 0n);
    assert.equal(second.facts.bytesCarried, second.facts.messageBytes);
    assert.equal(second.facts.oldestCarriedAtMs, Math.min(...[...first.messages.values()].map(readAt)));
  }
});

test("a scan with a base reads what was rewritten, replaced, linked, or whose inode was used again", async () => {
  const ref = spool.add("user.a", messages(...Array(9).keys()).slice(1));
  const first = await spool.scan();
  const other = (uid: number) => readFileSync(fileOf(ref, uid), "utf8").replace("Subject", "tcejbuS");
  // In place, with its old mtime restored.
  const { atime, mtime } = statSync(fileOf(ref, 1));
  writeFileSync(fileOf(ref, 1), other(1));
  utimesSync(fileOf(ref, 1), atime, mtime);
  // Another file under its name, with its mtime.
  writeFileSync(`${fileOf(ref, 2)}new`, other(2));
  utimesSync(`${fileOf(ref, 2)}new`, statSync(fileOf(ref, 2)).atime, statSync(fileOf(ref, 2)).mtime);
  renameSync(`${fileOf(ref, 2)}new`, fileOf(ref, 2));
  // One more link moves ctime only.
  linkSync(fileOf(ref, 3), `${spool.base}/link`);
  // Gone and made anew: ext4 gives the inode again.
  const fourth = other(4);
  unlinkSync(fileOf(ref, 4));
  writeFileSync(fileOf(ref, 4), fourth);
  rmSync(fileOf(ref, 5));
  rmSync(fileOf(ref, 6));
  mkdirSync(fileOf(ref, 6));
  const second = await rescan(first);
  assert.deepEqual(
    second.read.map((key) => Number(key.split("/")[1])),
    [1, 2, 3, 4],
  );
  assert.equal(inspectFile(second.path).variances.length, 5);
});

test("a scan with a base reads a file whose ctime, mtime, size or inode is another one, older ones too", async () => {
  const ref = spool.add("user.a", messages(1, 2, 3, 4, 5, 6));
  const at = { inode: 2, mtimeNs: 18, ctimeNs: 26 };
  const shifts: [uid: number, at: number, by: bigint][] = [
    [1, at.ctimeNs, 1n],
    [2, at.ctimeNs, -1n],
    [3, at.mtimeNs, 1n],
    // The two lie 2^53 + 1 apart and would be equal as numbers.
    [4, at.inode, 1n << 53n],
  ];
  const first = await spool.scan({
    alter: altered((view, row, uid) => {
      for (const [of, field, by] of shifts) {
        if (of !== uid) continue;
        const little = field !== at.inode;
        view.setBigInt64(row * STAT_BYTES + field, view.getBigInt64(row * STAT_BYTES + field, little) + by, little);
      }
    }),
  });
  const second = await rescan(first);
  assert.deepEqual(second.read, ["user.a/1", "user.a/2", "user.a/3", "user.a/4"]);
  assert.equal(fileOf(ref, 1).endsWith("/1."), true);
});

test("a scan with a base follows a mailbox by its uniqueid, but not to another partition or into the archive", async () => {
  const renamed = spool.add("user.a", messages(1, 2));
  const moved = spool.add("user.b", messages(1));
  const archived = spool.add("user.c", messages(1, 2));
  const first = await spool.scan();
  const to = spool.place("user.z", renamed.uniqueId ?? "");
  renameSync(renamed.messageDirectories[0] ?? "", to.messageDirectories[0] ?? "");
  spool.list.delete("user.a");
  spool.list.set("user.z", to);
  spool.list.set("user.b", { ...moved, listing: { ...moved.listing, partition: "other" } });
  mkdirSync(archived.messageDirectories[1] ?? "", { recursive: true });
  renameSync(fileOf(archived, 2), `${archived.messageDirectories[1]}/2.`);
  const second = await rescan(first);
  assert.deepEqual(second.read, ["user.b/1", "user.c/2"]);
});

test("a scan with a base reads what had changed just before it was read, and what a clock ahead of time had read", async () => {
  spool.add("user.a", messages(1, 2));
  const first = await spool.scan();
  // The rule as it is: two seconds.
  const fresh = await rescan(first, { settledMs: 2000 });
  assert.equal(fresh.read.length, 2);
  const ahead = await spool.scan({
    alter: altered((view, row) => view.setBigInt64(row * STAT_BYTES + 34, BigInt(Date.now() + 3_600_000), true)),
  });
  assert.equal((await rescan(ahead)).read.length, 2);
});

test("--reread finds rot under an unchanged stat when its turn comes: all of it, or the oldest first", async () => {
  const rotten: TestMessage = { uid: 2, body: "Subject: sound\r\n", file: "Subject: s0und\r\n" };
  spool.add("user.a", [...messages(1), rotten, ...messages(3)]);
  const alter = altered(() => {}, rotten);
  const first = await spool.scan({ alter });
  assert.deepEqual(inspectFile(first.path).variances, []);
  const blind = await spool.scan({ base: first.path });
  assert.deepEqual([blind.read, inspectFile(blind.path).variances], [[], []]);
  const all = await rescanRot(first.path, { kind: "all" });
  assert.deepEqual(all.read, ["user.a/1", "user.a/2", "user.a/3"]);
  assert.equal(all.facts.bytesCarried, 0n);
  const some = await rescanRot(first.path, { kind: "bytes", bytes: 10 ** 12 });
  assert.equal(some.read.length, 3);
});

test("rot in a file that no GUID vouches for is a finding of its host, and at level quick, where none is computed", async () => {
  const rotten: TestMessage = { uid: 2, body: "Subject: sound\r\n", file: "Subject: s0und\r\n" };
  spool.add("user.a", [...messages(1), rotten]);
  const first = await spool.scan({ level: "quick", alter: altered(() => {}, rotten) });
  const second = await spool.scan({ level: "quick", base: first.path, reread: { kind: "all" } });
  assert.deepEqual(
    inspectFile(second.path).variances.map(({ class: name, state, subject }) => [name, state, subject.uid]),
    [["file-content-differs", "damaged", 2]],
  );
});

/** Scans again, and expects that the rot in message 2 is found, judged and said. */
async function rescanRot(base: string, reread: Reread) {
  const scanned = await spool.scan({ base, reread });
  const { variances } = inspectFile(scanned.path);
  assert.deepEqual(
    variances.map(({ class: name, side, subject }) => [name, side, subject.uid]),
    [["file-corrupt", "primary", 2]],
  );
  const db = new BetterSqlite3(scanned.path, { readonly: true });
  const problems = db.prepare("SELECT what, uid, found FROM problem").all() as { what: string; uid: number }[];
  db.close();
  assert.deepEqual(
    problems.map(({ what, uid }) => [what, uid]),
    [["rot", 2]],
  );
  return scanned;
}

test("--reread 1/N has read every byte again after N scans, the oldest first", async () => {
  const parts = 4;
  const names = Array.from({ length: 24 }, (_, i) => `user.m${String(i).padStart(2, "0")}`);
  for (const [i, name] of names.entries()) spool.add(name, messages(i + 1));
  let scanned = await spool.scan();
  const began = scanned.facts.finishedAtMs;
  const counts: number[] = [];
  for (let run = 1; run <= parts; run++) {
    const before = scanned;
    scanned = await spool.scan({ base: before.path, reread: { kind: "share", parts } });
    counts.push(scanned.read.length);
    // What was left alone was not older than what was read.
    const oldestLeft = Math.min(
      ...[...before.messages].filter(([key]) => !scanned.read.includes(key)).map(([, m]) => readAt(m)),
    );
    for (const key of scanned.read) assert.ok(readAt(before.messages.get(key)) <= oldestLeft);
    const { bytesRead, bytesCarried, messageBytes } = scanned.facts;
    assert.equal(bytesRead + bytesCarried, messageBytes);
  }
  for (const message of scanned.messages.values()) assert.ok(readAt(message) >= began);
  assert.ok((counts[0] ?? 0) < names.length, `the first run read ${counts[0]}`);
});

test("a scan at level quick carries over from one at level full just what it would read itself", async () => {
  spool.add("user.a", messages(1, 2, 3));
  const full = await spool.scan();
  const quick = await rescan(full, { level: "quick" });
  assert.deepEqual(quick.read, []);
  assert.equal(
    [...quick.messages.values()].every(({ file }) => file.md5 === null && file.xxh64 !== null),
    true,
  );
});

test("a base of another host, store, partitions or a lower level is refused, each with its reason", async () => {
  spool.add("user.a", messages(1));
  const quick = await spool.scan({ level: "quick" });
  await assert.rejects(spool.scan({ base: quick.path }), /its level is quick, which lacks digests/);
  const stat = await spool.scan({ level: "stat" });
  await assert.rejects(spool.scan({ base: stat.path, level: "quick" }), /its level is stat/);
  const other = new BasedSpool();
  try {
    other.add("user.a", messages(1));
    const foreign = await other.scan();
    await assert.rejects(spool.scan({ base: foreign.path }), /made on another host or of another mail store/);
  } finally {
    other.remove();
  }
});

test("a base that is none, is cut, or was emptied of its stats is refused", async () => {
  spool.add("user.a", messages(1, 2));
  const { path } = await spool.scan();
  const spoiled = (name: string, spoil: (copy: string) => void) => {
    const copy = `${spool.base}/${name}.db`;
    copyFileSync(path, copy);
    spoil(copy);
    return copy;
  };
  const emptied = spoiled("emptied", (copy) => change(copy, "DELETE FROM file_stat"));
  await assert.rejects(spool.scan({ base: emptied }), /its table file_stat was emptied/);
  assert.equal(verified(emptied).withoutStats, true);
  assert.equal(verified(path).withoutStats, false);
  const thinned = spoiled("thinned", (copy) => change(copy, "DELETE FROM file_stat WHERE uid = 1"));
  await assert.rejects(spool.scan({ base: thinned }), /its table file_stat has 1 of 2 rows/);
  assert.throws(() => verified(thinned), /table file_stat/);
  const dropped = spoiled("dropped", (copy) => change(copy, "DROP TABLE file_stat"));
  await assert.rejects(spool.scan({ base: dropped }), /its schema is not that of a manifest/);
  const cut = spoiled("cut", (copy) => writeFileSync(copy, readFileSync(path).subarray(0, 8192)));
  await assert.rejects(spool.scan({ base: cut }), /Cannot (use|read)/);
  const text = spoiled("text", (copy) => writeFileSync(copy, "no manifest"));
  await assert.rejects(spool.scan({ base: text }), /Cannot (use|read)/);
});

test("of a mailbox of a base that is not what was sealed nothing is carried over", async () => {
  spool.add("user.a", messages(1, 2));
  spool.add("user.b", messages(3));
  const first = await spool.scan();
  change(first.path, "UPDATE message SET md5 = randomblob(16) WHERE uid = 2");
  for (const workers of [0, 2]) {
    const unsound: number[] = [];
    const second = await rescan(first, { workers, onUnsound: (mailboxes) => unsound.push(mailboxes) });
    assert.deepEqual(second.read, ["user.a/1", "user.a/2"]);
    assert.deepEqual(unsound, [1]);
  }
});

test("what is wrong with a file stays said, and is looked at again, while its stat stays", async () => {
  spool.add("user.a", [...messages(1), { uid: 2, body: "Subject: a\r\n", file: "Subject: b\r\n" }, ...messages(3)]);
  spool.add("user.b", [{ uid: 1, body: "Subject: long\r\n", file: "short" }, ...messages(2)]);
  const second = await rescan(await spool.scan());
  assert.deepEqual(second.read, ["user.a/2", "user.b/1"]);
  const third = await rescan(second);
  assert.deepEqual(
    inspectFile(third.path).variances.map(({ class: name }) => name),
    ["file-corrupt", "file-size-differs"],
  );
});

test("compare says of each side what was read and what was carried over", async () => {
  spool.add("user.a", messages(1, 2));
  const first = await spool.scan({ host: "mx1" });
  const second = await spool.scan({ base: first.path, host: "mx1" });
  const replica = await spool.scan({ host: "mx2" });
  const { primary, replica: other } = compareFiles(second.path, replica.path).summary;
  assert.deepEqual(primary.coverage, {
    level: "full",
    messages: 2,
    bytes: String(second.facts.messageBytes),
    bytesReadNow: "0",
    bytesCarried: String(second.facts.messageBytes),
    oldestCarried: new Date(second.facts.oldestCarriedAtMs ?? 0).toISOString(),
  });
  assert.deepEqual([other.coverage.bytesCarried, other.coverage.oldestCarried], ["0", null]);
});

function readAt(message: { readonly stat: { readonly readAtMs: number | null } | null } | undefined): number {
  return message?.stat?.readAtMs ?? Number.NaN;
}

/**
 * Writes other stats than were read; and of `sound`, whose file holds something else, what its own bytes would give: so
 * that the file has changed since, under one stat.
 */
function altered(change: (stat: DataView, row: number, uid: number) => void, sound?: TestMessage) {
  return (found: MailboxReading): MailboxReading => {
    // What its rows came to before they were changed.
    const { sums: _, ...reading } = found;
    const { content, stat } = reading.messages;
    const view = new DataView(stat.buffer, stat.byteOffset, stat.byteLength);
    for (let row = 0; row < reading.messages.count; row++) {
      const uid = uidOf(reading.messages, row);
      change(view, row, uid);
      if (sound?.uid !== uid) continue;
      const hasSha1 = ((content[row * CONTENT_BYTES + 1] ?? 0) & 4) !== 0;
      if (hasSha1) content.set(Buffer.from(sha1Of(sound.body), "hex"), row * CONTENT_BYTES + 26);
      content.fill(7, row * CONTENT_BYTES + 46, (row + 1) * CONTENT_BYTES);
    }
    return sound === undefined ? reading : { ...reading, problems: [] };
  };
}

function verified(path: string) {
  const reader = ManifestReader.open(path);
  try {
    return verifyManifest(reader);
  } finally {
    reader.close();
  }
}

function change(path: string, sql: string): void {
  const db = new BetterSqlite3(path);
  db.exec(sql);
  db.close();
}
