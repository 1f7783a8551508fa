import assert from "node:assert/strict";
import { test } from "node:test";
import { unplaced } from "../../src/scan/nowhere.ts";
import type { MailboxRef, MailStore } from "../../src/store/mail-store.ts";

const STORE = { configFiles: ["/etc/imapd.conf"], configDirectory: "/conf" } as Pick<
  MailStore,
  "configFiles" | "configDirectory"
> as MailStore; // nothing else of a store is asked for

function ref(name: string, nowhere?: MailboxRef["nowhere"]): MailboxRef {
  const listing = {
    partition: "p2",
    type: "e",
    uidValidity: 1,
    foldermodseq: 1n,
    createdModseq: 1n,
    mtime: 1,
    acl: [],
  };
  const paths = {
    indexFile: "",
    headerFile: "",
    annotationsFile: "",
    expungeFile: "",
    messageDirectories: [],
    messageRoots: [],
  };
  return { name, uniqueId: name, listing, ...paths, ...(nowhere === undefined ? {} : { nowhere }) };
}

test("unplaced() makes one fault of a partition that is not configured, whatever lies there", () => {
  const gone = { found: 'partition "p2" is not configured', partition: true };
  const { readings, problems } = unplaced(STORE, [ref("user.a"), ref("user.b", gone), ref("user.c", gone)]);
  assert.deepEqual(
    readings.map(({ name, status, listed }) => [name, status, listed]),
    [
      ["user.b", "not-checked", true],
      ["user.c", "not-checked", true],
    ],
  );
  assert.equal(problems.length, 1);
  assert.match(problems[0]?.found ?? "", /"p2" is not configured, and the mailbox list has 2 mailboxes there/);
});

test("unplaced() calls a mailbox unreadable whose own name has no place", () => {
  const { readings, problems } = unplaced(STORE, [ref("user.x", { found: "it leads elsewhere", partition: false })]);
  assert.deepEqual([readings[0]?.status, readings[0]?.found, problems.length], ["unreadable", "it leads elsewhere", 0]);
});
