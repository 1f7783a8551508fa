import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { createFileDigester, type DigestTechnique } from "../../src/hash/create-digester.ts";
import { unpackMessage } from "../../src/mail/packed-messages.ts";
import { NO_BRAKE } from "../../src/scan/brake.ts";
import { MessageFiles } from "../../src/scan/message-files.ts";
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

test("readMailboxes() finds the same by lanes and one by one, together and alone", async () => {
  damage();
  const plain = await files("plain");
  const expected = refs.flatMap((ref) => withoutTimes(read([ref], plain)));
  assert.deepEqual(withoutTimes(read(refs, await files("plain"))), expected);
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
}

async function files(technique: DigestTechnique): Promise<MessageFiles> {
  return new MessageFiles(await createFileDigester("full", technique));
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
    const unpacked = Array.from({ length: packed.count }, (_, row) => unpackMessage(packed, row));
    return { kind: outcome.kind, what: { ...outcome, reading, unpacked } };
  });
}

function hex(digest: Uint8Array | null): string | null {
  return digest === null ? null : Buffer.from(digest).toString("hex");
}
