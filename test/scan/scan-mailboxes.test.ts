import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { createFileDigester, type DigestTechnique } from "../../src/hash/create-digester.ts";
import { unpackMessage, unpackStat } from "../../src/mail/packed-messages.ts";
import { NO_BRAKE } from "../../src/scan/brake.ts";
import { MessageFiles } from "../../src/scan/files/message-files.ts";
import { readMailboxes } from "../../src/scan/scan-mailboxes.ts";
import type { MailboxOutcome } from "../../src/scan/scan-task.ts";
import type { MailboxRef } from "../../src/store/mail-store.ts";
import { mailboxReaderFor } from "../../src/store/reader-registry.ts";
import { messages, type TestMessage, TestSpool } from "./test-spool.ts";

/** More than are read side by side, and so many messages that several batches are digested in between. */
const MAILBOXES = 70;

let spool: TestSpool;
let refs: MailboxRef[];
beforeEach(() => {
  spool = new TestSpool();
  refs = Array.from({ length: MAILBOXES }, (_, i) => spool.add(`user.u${String(i).padStart(2, "0")}`, mailOf(i)));
});
afterEach(() => spool.remove());

test("readMailboxes() finds the same by lanes and one by one, in the quick way and the other, together and alone", async () => {
  damage();
  const plain = await files("plain", false);
  const expected = refs.flatMap((ref) => withoutTimes(read([ref], plain)));
  assert.deepEqual(withoutTimes(read(refs, await files("plain"))), expected);
  assert.deepEqual(withoutTimes(read(refs, await files("plain"))), expected);
  assert.deepEqual(withoutTimes(read(refs, await files("lanes", false))), expected);
  assert.deepEqual(withoutTimes(read(refs, await files("lanes"))), expected);
  const lanes = await files("lanes");
  assert.deepEqual(
    refs.flatMap((ref) => withoutTimes(read([ref], lanes))),
    expected,
  );
  const kinds = new Set(expected.map(({ kind }) => kind));
  assert.deepEqual(kinds, new Set(["reading", "elsewhere"]));
});

test("readMailboxes() gives each message the digests of its own file", async () => {
  const outcomes = read(refs, await files("lanes"));
  for (const [i, outcome] of outcomes.entries()) {
    assert.ok(outcome.kind === "reading");
    for (let row = 0; row < outcome.reading.messages.count; row++) {
      const { uid, file } = unpackMessage(outcome.reading.messages, row);
      const body = readFileSync(`${refs[i]!.messageDirectories[0]}/${uid}.`);
      assert.equal(hex(file.md5), createHash("md5").update(body).digest("hex"));
      assert.equal(hex(file.sha1), createHash("sha1").update(body).digest("hex"));
    }
  }
});

test("readMailboxes() counts what was read by mailbox, though they are read side by side", async () => {
  for (const outcome of read(refs, await files("lanes"))) {
    assert.ok(outcome.kind === "reading");
    const { messages: packed, filesRead, bytesRead } = outcome.reading;
    const sizes = Array.from({ length: packed.count }, (_, row) => unpackMessage(packed, row).sizeBytes);
    assert.equal(filesRead, packed.count);
    assert.equal(
      bytesRead,
      sizes.reduce((a, b) => a + b, 0n),
    );
  }
});

test("readMailboxes() reads an inode once that has names in several mailboxes of one batch", async () => {
  const [first, ...others] = refs as [MailboxRef, ...MailboxRef[]];
  const one = messages(1);
  spool.write(first, one);
  for (const ref of others) {
    rmSync(ref.messageDirectories[0]!, { recursive: true });
    spool.write(
      ref,
      one.map((message) => ({ ...message, file: null })),
    );
    linkSync(`${first.messageDirectories[0]}/1.`, `${ref.messageDirectories[0]}/1.`);
  }
  rmSync(`${first.messageDirectories[0]}/2.`, { force: true });
  const outcomes = read(refs, await files("lanes"));
  const readings = outcomes.map((outcome) => (outcome.kind === "reading" ? outcome.reading : assert.fail()));
  assert.equal(
    readings.reduce((sum, { filesRead }) => sum + filesRead, 0),
    1,
  );
  for (const reading of readings) {
    assert.deepEqual(unpackMessage(reading.messages, 0).file, unpackMessage(readings[0]!.messages, 0).file);
  }
});

/** Messages of mailbox number `i`: few or none, of all sizes, one of them to be streamed. */
function mailOf(i: number): TestMessage[] {
  return Array.from({ length: (i * 5) % 13 }, (_, n) => {
    const bytes = i === 7 && n === 0 ? (4 << 20) + 77 : ((i + 1) * (n + 1) * 977) % 30_011;
    return {
      uid: n + 1,
      body: randomBytes(Math.ceil(bytes / 2))
        .toString("hex")
        .slice(0, bytes),
    };
  });
}

/** Things that go wrong, in the midst of what does not. */
function damage(): void {
  rmSync(`${refs[3]!.messageDirectories[0]}/1.`);
  rmSync(refs[11]!.messageDirectories[0]!, { recursive: true });
  rmSync(refs[20]!.indexFile);
  spool.write(refs[30]!, [{ uid: 1, body: "as it should be", file: "as it is instead" }]);
  spool.write(refs[31]!, [{ uid: 1, body: "same length", file: "SAME LENGTH" }]);
  // A link to somewhere else, a FIFO, a directory, and files that are longer and shorter than they should be.
  const odd = ["link", "FIFO", "directory", "long", "short", "sound"].map((body, i) => ({ uid: i + 1, body }));
  spool.write(refs[32]!, odd);
  const path = (uid: number) => `${refs[32]!.messageDirectories[0]}/${uid}.`;
  for (const uid of [1, 2, 3]) rmSync(path(uid));
  symlinkSync("/etc/hostname", path(1));
  execFileSync("mkfifo", [path(2)]);
  mkdirSync(path(3));
  appendFileSync(path(4), "er");
  truncateSync(path(5), 3);
  // Every length from 0 to 200, and those around which buffers end.
  const lengths = [
    ...Array(201).keys(),
    4095,
    4096,
    4097,
    65_535,
    65_536,
    65_537,
    (4 << 20) - 1,
    4 << 20,
    (4 << 20) + 1,
  ];
  spool.write(
    refs[33]!,
    lengths.map((length, i) => ({ uid: i + 1, body: "abcdefghijk".repeat(length / 11 + 1).slice(0, length) })),
  );
}

async function files(technique: DigestTechnique, quickWay = true): Promise<MessageFiles> {
  return new MessageFiles(await createFileDigester("full", technique), NO_BRAKE, quickWay);
}

function read(some: readonly MailboxRef[], from: MessageFiles): MailboxOutcome[] {
  const items = some.map((ref) => ({ ref, listed: true, contradiction: null }));
  return readMailboxes({ reader: mailboxReaderFor("cyrus"), level: "full", files: from, brake: NO_BRAKE }, items);
}

/** Outcomes with their messages unpacked, and without what says when they were read. */
function withoutTimes(outcomes: readonly MailboxOutcome[]) {
  return outcomes.map((outcome) => {
    if (outcome.kind !== "reading") return { kind: outcome.kind, what: outcome };
    const { messages: packed, readAtMs: _, trace: __, ...reading } = outcome.reading;
    const unpacked = Array.from({ length: packed.count }, (_, row) => {
      const stat = unpackStat(packed, row);
      return {
        ...unpackMessage(packed, row),
        stat: stat === null ? null : { ...stat, readAtMs: stat.readAtMs === null },
      };
    });
    return { kind: outcome.kind, what: { ...outcome, reading, unpacked } };
  });
}

function hex(digest: Uint8Array | null): string | null {
  return digest === null ? null : Buffer.from(digest).toString("hex");
}
