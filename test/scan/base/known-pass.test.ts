import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createFileDigester } from "../../../src/hash/create-digester.ts";
import type { MailboxReading } from "../../../src/mail/mailbox.ts";
import { type PackedMessages, uidsOf, unpackMessage } from "../../../src/mail/packed-messages.ts";
import { NO_BRAKE } from "../../../src/scan/brake.ts";
import { MessageFiles } from "../../../src/scan/files/message-files.ts";
import type { ScanTools } from "../../../src/scan/scan-mailbox.ts";
import { readMailboxes } from "../../../src/scan/scan-mailboxes.ts";
import type { ScanItem } from "../../../src/scan/scan-task.ts";
import { mailboxReaderFor } from "../../../src/store/reader-registry.ts";
import { messages, sha1Of, TestSpool } from "../test-spool.ts";

let spool: TestSpool;
beforeEach(() => {
  spool = new TestSpool();
});
afterEach(() => spool.remove());

const BODY = "Subject: before\r\n";
const WRITTEN = "Subject: behind\r\n";

/** Reads files again such that `meanwhile` happens to each after its stat was taken and before its bytes are read. */
async function againWith(meanwhile: (path: string) => void): Promise<MessageFiles> {
  const after = new MessageFiles(await createFileDigester("quick"));
  const again = new MessageFiles(await createFileDigester("quick"));
  const look = again.look.bind(again);
  again.look = (path, wish, done) =>
    look(path, wish, ({ stat, ...rest }) => {
      meanwhile(path);
      after.look(path, wish, ({ file }) => done({ ...rest, stat, file }));
      after.flush();
    });
  return again;
}

async function read(item: ScanItem, again: MessageFiles | null): Promise<MailboxReading> {
  const files = new MessageFiles(await createFileDigester("full"));
  const tools: ScanTools = { reader: mailboxReaderFor("cyrus"), level: "full", files, brake: NO_BRAKE };
  const base = again === null ? {} : { base: { again, brake: NO_BRAKE, depth: "full" as const } };
  const [outcome] = readMailboxes({ ...tools, ...base }, [item]);
  assert.ok(outcome?.kind === "reading");
  return outcome.reading;
}

/** All that a reading says of its files, as a base whose every file has its turn to be read again. */
function knownOf(packed: PackedMessages): NonNullable<ScanItem["known"]> {
  const uids = uidsOf(packed);
  return {
    uids,
    content: Uint8Array.from(packed.content ?? []),
    stat: Uint8Array.from(packed.stat ?? []),
    due: new Uint8Array(uids.length).fill(1),
  };
}

test("KnownPass takes a file that was written while it was read again for what it is, and not for rot", async () => {
  const ref = spool.add("user.a", [...messages(1), { uid: 2, body: BODY }]);
  const item: ScanItem = { ref, listed: true, contradiction: null };
  const known = knownOf((await read(item, null)).messages);
  // Longer than a tick of the file system's clock.
  await setTimeout(20);
  const again = await againWith((path) => {
    if (path.endsWith("/2.")) writeFileSync(path, WRITTEN);
  });
  const found = await read({ ...item, known }, again);
  assert.deepEqual(found.problems, []);
  const sha1 = Buffer.from(unpackMessage(found.messages, 1).file.sha1 ?? []).toString("hex");
  assert.equal(sha1, sha1Of(WRITTEN));
});
