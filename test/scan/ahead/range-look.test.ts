import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { createFileDigester } from "../../../src/hash/create-digester.ts";
import { unpackStat } from "../../../src/mail/packed-messages.ts";
import { AHEAD_LIMITS, type RangeFiles } from "../../../src/scan/ahead/ahead-task.ts";
import { lookAtRange } from "../../../src/scan/ahead/look-ahead-tasks.ts";
import { cutRanges, outlineOf } from "../../../src/scan/ahead/outline.ts";
import { MessageFiles } from "../../../src/scan/files/message-files.ts";
import type { MailboxRef } from "../../../src/store/mail-store.ts";
import { mailboxReaderFor } from "../../../src/store/reader-registry.ts";
import { messages, TestSpool } from "../test-spool.ts";

const MAIL = messages(1, 2, 3, 4, 5);
const cyrus = mailboxReaderFor("cyrus");

let spool: TestSpool;
let ref: MailboxRef;
beforeEach(() => {
  spool = new TestSpool();
  ref = spool.add("user.a", MAIL);
});
afterEach(() => spool.remove());

/** Looks at all files of the mailbox; `before` is called before each. */
async function look(before: (uid: number) => void, first = () => {}) {
  const outline = outlineOf(cyrus, ref) ?? assert.fail();
  const [range, ...others] = cutRanges(outline.live, AHEAD_LIMITS);
  assert.ok(range !== undefined && others.length === 0);
  first();
  const messageFileName = (uid: number) => {
    before(uid);
    return cyrus.messageFileName(uid);
  };
  const tools = { reader: { ...cyrus, messageFileName }, files: new MessageFiles(await createFileDigester("full")) };
  return lookAtRange(tools, { ref, directories: outline.directories, range, settledMs: 0 });
}

/** Another directory with the same files in its place. */
function replaceDirectory(): void {
  renameSync(`${spool.spool}/user/a`, `${spool.base}/moved`);
  spool.write(ref, MAIL);
}

function kept({ stat }: RangeFiles): number {
  return MAIL.filter((_, row) => unpackStat({ stat }, row) !== null).length;
}

test("lookAtRange() reads the files of a range", async () => {
  const found = await look(() => {});
  assert.ok(found !== null);
  assert.deepEqual([kept(found), found.filesRead], [5, 5]);
});

test("lookAtRange() reads nothing in another directory than the one that was outlined", async () => {
  assert.equal(await look(() => {}, replaceDirectory), null);
});

test("lookAtRange() keeps nothing where the directory was replaced under its hands, but says what it read", async () => {
  const found = await look((uid) => {
    if (uid === 4) replaceDirectory();
  });
  assert.ok(found !== null);
  assert.deepEqual([kept(found), found.filesRead], [0, 5]);
  assert.ok(found.content.every((byte) => byte === 0));
});
