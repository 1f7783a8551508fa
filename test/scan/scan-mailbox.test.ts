import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { Worker } from "node:worker_threads";
import { createFileDigester } from "../../src/hash/create-digester.ts";
import type { Level, Message } from "../../src/mail/message.ts";
import { unpackMessage, unpackStat } from "../../src/mail/packed-messages.ts";
import { NO_BRAKE } from "../../src/scan/brake.ts";
import { MessageFiles } from "../../src/scan/files/message-files.ts";
import type { ScanTools } from "../../src/scan/scan-mailbox.ts";
import { readMailboxes } from "../../src/scan/scan-mailboxes.ts";
import type { MailboxOutcome, ScanItem } from "../../src/scan/scan-task.ts";
import type { MailboxReader, MailboxRef } from "../../src/store/mail-store.ts";
import { mailboxReaderFor } from "../../src/store/reader-registry.ts";
import { ARCHIVED, EXPUNGED } from "../support/index-writer.ts";
import { bytes, messages, sha1Of, TestSpool } from "./test-spool.ts";

const cyrus = mailboxReaderFor("cyrus");
let spool: TestSpool;
beforeEach(() => {
  spool = new TestSpool();
});
afterEach(() => spool.remove());

test("scanMailbox() digests every live message at level full", async () => {
  const ref = spool.add("user.alice", messages(1, 2, 9));
  const found = readingOf(scanOne(await tools("full"), item(ref)));
  assert.equal(found.reading.status, "read");
  assert.deepEqual(
    found.messages.map(({ uid }) => uid),
    [1, 2, 9],
  );
  for (const [i, { body }] of messages(1, 2, 9).entries()) {
    const { file } = found.messages[i]!;
    assert.equal(file.problem, null);
    assert.equal(file.sizeBytes, BigInt(body.length));
    assert.equal(hex(file.md5), createHash("md5").update(body).digest("hex"));
    assert.equal(hex(file.sha1), sha1Of(body));
    assert.equal(file.xxh64?.length, 8);
  }
  assert.equal(found.reading.filesRead, 3);
  const stat = unpackStat(found.reading.messages, 0);
  assert.ok(stat !== null && stat.inode > 0n && stat.ctimeNs > 0n && stat.readAtMs !== null);
});

test("scanMailbox() reads as deep as the level asks and no deeper", async () => {
  const ref = spool.add("user.alice", messages(1));
  const at = async (level: Level) => readingOf(scanOne(await tools(level), item(ref)));
  const index = await at("index");
  assert.deepEqual(index.messages[0]!.file, { problem: null, sizeBytes: null, md5: null, sha1: null, xxh64: null });
  const stat = await at("stat");
  assert.ok(stat.messages[0]!.file.sizeBytes !== null && stat.messages[0]!.file.xxh64 === null);
  assert.equal(unpackStat(stat.reading.messages, 0)?.readAtMs, null);
  assert.equal(stat.reading.bytesRead, 0n);
  const quick = await at("quick");
  assert.ok(quick.messages[0]!.file.xxh64 !== null && quick.messages[0]!.file.md5 === null);
});

test("scanMailbox() says what stands where a message should be, and waits for none of it", async () => {
  const ref = spool.add("user.alice", [...messages(1, 2, 3, 4, 5, 6, 7)]);
  const directory = ref.messageDirectories[0]!;
  for (const uid of [2, 3, 4, 5, 6]) rmSync(`${directory}/${uid}.`);
  execFileSync("mkfifo", [`${directory}/2.`]);
  mkdirSync(`${directory}/3.`);
  symlinkSync("1.", `${directory}/4.`);
  // A test that fails must not leave the process waiting for it.
  const server = createServer().unref();
  await new Promise<void>((resolve) => server.listen(`${directory}/5.`, resolve));
  for (const level of ["stat", "quick", "full"] as const) {
    const found = readingOf(scanOne(await tools(level), item(ref)));
    assert.deepEqual(
      found.messages.map(({ file }) => file.problem),
      [null, "not-regular", "not-regular", "not-regular", "not-regular", "missing", null],
    );
    assert.deepEqual(
      found.reading.problems.map(({ uid, found: text }) => `${uid} ${text.split(" stands")[0]}`),
      ["2 a FIFO", "3 a directory", "4 a symbolic link", "5 a socket"],
    );
  }
  await new Promise((resolve) => server.close(resolve));
});

test("scanMailbox() does not read a file that is far longer than it should be", async () => {
  const ref = spool.add("user.alice", messages(1, 2));
  truncateSync(`${ref.messageDirectories[0]}/1.`, 2 ** 40);
  const began = Date.now();
  const found = readingOf(scanOne(await tools("full"), item(ref)));
  assert.ok(Date.now() - began < 2000);
  assert.equal(found.messages[0]!.file.sizeBytes, 2n ** 40n);
  assert.equal(found.messages[0]!.file.md5, null);
  assert.match(found.reading.problems[0]!.found, /1099511627776 bytes long/);
  assert.notEqual(found.messages[1]!.file.md5, null);
});

test("scanMailbox() streams long files to the same digests", async () => {
  const body = "0123456789abcdef".repeat(400_000);
  const ref = spool.add("user.alice", [{ uid: 1, body }]);
  const found = readingOf(scanOne(await tools("full"), item(ref)));
  assert.equal(hex(found.messages[0]!.file.sha1), sha1Of(body));
  assert.equal(found.reading.bytesRead, BigInt(body.length));
});

test("scanMailbox() looks in both directories, whichever the record names", async () => {
  const [one, two, three] = messages(1, 2, 3);
  const ref = spool.add("user.alice", [
    { ...one!, flags: ARCHIVED, inArchive: true },
    { ...two!, flags: ARCHIVED },
    { ...three!, inArchive: true },
  ]);
  const found = readingOf(scanOne(await tools("full"), item(ref)));
  assert.deepEqual(
    found.messages.map(({ file }) => file.problem),
    [null, null, null],
  );
  assert.deepEqual(
    [0, 1, 2].map((row) => unpackStat(found.reading.messages, row)?.root),
    [1, 0, 1],
  );
});

test("scanMailbox() blames the archive, not each message, when the whole archive is empty", async () => {
  const ref = spool.add("user.alice", [{ ...messages(1)[0]!, flags: ARCHIVED, file: null }, ...messages(2)]);
  const outcome = scanOne(await tools("full"), item(ref));
  assert.deepEqual(outcome, { kind: "root-lost", root: spool.archive, state: { status: "empty" } });
  mkdirSync(`${spool.archive}/user`);
  const used = readingOf(scanOne(await tools("full"), item(ref)));
  assert.equal(used.messages[0]!.file.problem, "missing");
});

test("scanMailbox() leaves expunged messages alone and gives what nothing accounts for", async () => {
  const all = [
    ...messages(1, 3),
    { ...messages(5)[0]!, flags: EXPUNGED },
    { ...messages(6)[0]!, flags: EXPUNGED, file: null },
  ];
  const ref = spool.add("user.alice", all);
  const directory = ref.messageDirectories[0]!;
  for (const name of ["2.", "7.", "012.", "0.", "12", "cyrus.cache", "3.NEW", ".nfs0001", "99999999999."]) {
    writeFileSync(`${directory}/${name}`, "x");
  }
  const { reading, candidates } = readingOf(scanOne(await tools("full"), item(ref)));
  assert.deepEqual(
    reading.expunged.map(({ uid }) => uid),
    [5, 6],
  );
  assert.deepEqual(
    candidates.map(({ uid }) => uid),
    [2, 7],
  );
  assert.equal(reading.filesRead, 2);
});

test("scanMailbox() takes a newer index when a message is expunged while its file is looked for", async () => {
  const ref = spool.add("user.alice", messages(1, 2, 3));
  const reader = hooked({
    beforeFileName: (uid, calls) => {
      if (uid !== 2 || calls > 1) return;
      rmSync(`${ref.messageDirectories[0]}/2.`);
      spool.writeIndex(ref, messages(1, 3), { header: { lastUid: 4, highestModseq: 9 } });
    },
  });
  const { messages: found, reading } = readingOf(scanOne(await tools("full", reader), item(ref)));
  assert.deepEqual(
    found.map(({ uid, file }) => [uid, file.problem]),
    [
      [1, null],
      [3, null],
    ],
  );
  assert.equal(reading.filesRead, 2, "what was read already is not read again");
});

test("scanMailbox() finds a file that was moved to the archive under its hands", async () => {
  const ref = spool.add("user.alice", messages(1));
  const archive = ref.messageDirectories[1]!;
  mkdirSync(archive, { recursive: true });
  const reader = hooked({
    beforeIndex: (reads) => {
      if (reads === 2) writeFileSync(`${archive}/1.`, messages(1)[0]!.body);
    },
  });
  rmSync(`${ref.messageDirectories[0]}/1.`);
  const { messages: found } = readingOf(scanOne(await tools("full", reader), item(ref)));
  assert.equal(found[0]!.file.problem, null);
});

test("scanMailbox() believes a wrong file only when it is wrong twice", async () => {
  const ref = spool.add("user.alice", [
    // Of the right length: at another one it is left to a second way of looking, and asked for by name once more.
    { ...messages(1)[0]!, file: "x".repeat(messages(1)[0]!.body.length) },
    { ...messages(2)[0]!, file: "wrong for good" },
  ]);
  const reader = hooked({
    beforeFileName: (uid, calls) => {
      if (uid === 1 && calls === 2) writeFileSync(`${ref.messageDirectories[0]}/1.`, messages(1)[0]!.body);
    },
  });
  const { messages: found, reading } = readingOf(scanOne(await tools("full", reader), item(ref)));
  assert.equal(hex(found[0]!.file.sha1), sha1Of(messages(1)[0]!.body));
  assert.equal(hex(found[1]!.file.sha1), sha1Of("wrong for good"));
  assert.equal(reading.filesRead, 4);
});

test("scanMailbox() calls a file unstable that is another at each look", async () => {
  const ref = spool.add("user.alice", messages(1));
  const reader = hooked({
    beforeFileName: (_uid, calls) => writeFileSync(`${ref.messageDirectories[0]}/1.`, `state ${calls}`),
  });
  const { messages: found } = readingOf(scanOne(await tools("full", reader), item(ref)));
  assert.equal(found[0]!.file.problem, "unstable");
  assert.equal(found[0]!.file.sha1, null);
});

test("scanMailbox() never hands out digests of a size the file did not have", async () => {
  const ref = spool.add("user.alice", [{ uid: 1, body: "a".repeat(100_000) }]);
  const path = `${ref.messageDirectories[0]}/1.`;
  const grower = new Worker(
    `const fs = require("node:fs");
     const { workerData, parentPort } = require("node:worker_threads");
     fs.appendFileSync(workerData, "a");
     parentPort.postMessage("growing");
     for (;;) fs.appendFileSync(workerData, "a".repeat(97));`,
    { eval: true, workerData: path },
  );
  await new Promise((resolve) => grower.once("message", resolve));
  grower.unref();
  const outcome = scanOne(await tools("full"), item(ref));
  await grower.terminate();
  const { messages: found } = readingOf(outcome);
  const { file } = found[0]!;
  if (file.problem === null) assert.equal(hex(file.sha1), sha1Of("a".repeat(Number(file.sizeBytes))));
  else assert.equal(file.problem, "unstable");
});

test("scanMailbox() refuses a directory that was replaced by a link while it was read", async () => {
  const ref = spool.add("user.alice", messages(1, 2));
  const elsewhere = `${spool.base}/elsewhere`;
  mkdirSync(elsewhere);
  for (const { uid } of messages(1, 2)) writeFileSync(`${elsewhere}/${uid}.`, "secret");
  const directory = ref.messageDirectories[0]!;
  const reader = hooked({
    beforeFileName: (uid, calls) => {
      if (uid !== 2 || calls > 1) return;
      renameSync(directory, `${spool.base}/moved`);
      for (const name of ["cyrus.index", "cyrus.header"])
        linkSync(`${spool.base}/moved/${name}`, `${elsewhere}/${name}`);
      symlinkSync(elsewhere, directory);
    },
  });
  const { reading } = readingOf(scanOne(await tools("full", reader), item(ref)));
  assert.equal(reading.status, "unreadable");
  assert.equal(reading.messages.count, 0);
  assert.match(reading.found ?? "", /symbolic link/);
});

test("scanMailbox() refuses a directory below a link that leads out of its partition", async () => {
  const outside = new TestSpool();
  try {
    outside.add("user.alice", messages(1));
    const ref = spool.place("user.alice", outside.place("user.alice").uniqueId ?? "");
    symlinkSync(`${outside.spool}/user`, `${spool.spool}/user`);
    const { reading } = readingOf(scanOne(await tools("full"), item(ref)));
    assert.equal(reading.status, "unreadable");
    assert.match(reading.found ?? "", /leads out of its partition/);
  } finally {
    outside.remove();
  }
});

test("scanMailbox() reads an inode with several names once", async () => {
  const body = messages(1)[0]!.body;
  const ref = spool.add("user.alice", [
    { uid: 1, body },
    { uid: 2, body, file: null },
  ]);
  linkSync(`${ref.messageDirectories[0]}/1.`, `${ref.messageDirectories[0]}/2.`);
  const { messages: found, reading } = readingOf(scanOne(await tools("full"), item(ref)));
  assert.equal(reading.filesRead, 1);
  assert.deepEqual(found[1]!.file, found[0]!.file);
});

test("scanMailbox() reads directories whose names are not UTF-8 or hold a newline", async () => {
  for (const name of ["user.caf\xe9", "user.two\nlines", "user.esc\x1b[31m"]) {
    const ref = spool.add(name, messages(1));
    const { reading, messages: found } = readingOf(scanOne(await tools("full"), item(ref)));
    assert.equal(reading.name, name);
    assert.equal(found[0]!.file.problem, null);
  }
});

test("scanMailbox() says what is gone", async () => {
  const elsewhere = async (ref: MailboxRef, level: Level = "full") => {
    const outcome = scanOne(await tools(level), item(ref));
    return outcome.kind === "elsewhere" ? `${outcome.status}: ${outcome.found}` : outcome.kind;
  };
  const ref = spool.add("user.alice", messages(1));
  rmSync(ref.indexFile);
  assert.equal(await elsewhere(ref), "index-corrupt: cyrus.index is missing");
  rmSync(bytes(ref.messageDirectories[0]!), { recursive: true });
  assert.match(await elsewhere(ref), /^directory-missing/);
});

function scanOne(tools: ScanTools, item: ScanItem): MailboxOutcome {
  return readMailboxes(tools, [item])[0]!;
}

function item(ref: MailboxRef) {
  return { ref, listed: true, contradiction: null };
}

async function tools(level: Level, reader: MailboxReader = cyrus): Promise<ScanTools> {
  const digester = level === "full" || level === "quick" ? await createFileDigester(level) : null;
  return { reader, level, files: new MessageFiles(digester), brake: NO_BRAKE };
}

/** The real reader, with something happening at certain moments of a scan. */
function hooked(hooks: {
  beforeIndex?: (reads: number) => void;
  beforeFileName?: (uid: number, calls: number) => void;
}): MailboxReader {
  let reads = 0;
  const calls = new Map<number, number>();
  return {
    extentOf: cyrus.extentOf,
    messageUid: cyrus.messageUid,
    readIndex: (ref) => {
      hooks.beforeIndex?.(++reads);
      return cyrus.readIndex(ref);
    },
    messageFileName: (uid) => {
      calls.set(uid, (calls.get(uid) ?? 0) + 1);
      hooks.beforeFileName?.(uid, calls.get(uid) ?? 0);
      return cyrus.messageFileName(uid);
    },
  };
}

function readingOf(outcome: MailboxOutcome) {
  assert.ok(outcome.kind === "reading", outcome.kind);
  const { reading, candidates } = outcome;
  const found: Message[] = [];
  for (let row = 0; row < reading.messages.count; row++) found.push(unpackMessage(reading.messages, row));
  return { reading, candidates, messages: found };
}

function hex(digest: Uint8Array | null): string | null {
  return digest === null ? null : Buffer.from(digest).toString("hex");
}
