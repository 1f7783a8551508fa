import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import {
  digestLine,
  externalName,
  mailboxLine,
  pathEntry,
  renameCommand,
  shellWord,
  syncLogLine,
  userLine,
} from "../../src/worklist/grammar.ts";
import { HOSTILE_NAMES } from "../report/cases.ts";

const SLASHES = { unixHierarchySep: true, virtDomains: true };
const DOTS = { unixHierarchySep: false, virtDomains: false };

const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }).map((all) => String.fromCharCode(...all));

test("externalName() gives what an administrator's session calls a mailbox", () => {
  assert.deepEqual(externalName("user.alice.v1^2", SLASHES), { text: "user/alice/v1.2" });
  assert.deepEqual(externalName("user.alice.v1^2", DOTS), { text: "user.alice.v1^2" });
  assert.deepEqual(externalName("north.test!user.sven.Sent", SLASHES), { text: "user/sven/Sent@north.test" });
  assert.deepEqual(externalName("north.test!shared", SLASHES), { text: "shared@north.test" });
  assert.deepEqual(externalName("user.a@b", DOTS), { text: "user.a@b" });
});

test("externalName() refuses what would name another mailbox", () => {
  assert.ok("refused" in externalName("user.a@b", SLASHES));
  assert.ok("refused" in externalName("user.a@b", { ...SLASHES, virtDomains: null }));
  assert.ok("refused" in externalName("user.a/b", SLASHES));
});

test("userLine() and mailboxLine() refuse what would be a comment, two lines or none", () => {
  for (const name of ["", "#alice", "ali\nce", "ali\rce", "ali\0ce", "\x1b[2J", "x".repeat(2000)]) {
    assert.ok("refused" in userLine(name), JSON.stringify(name));
    assert.ok("refused" in mailboxLine(name, DOTS), JSON.stringify(name));
  }
  assert.deepEqual(userLine("dave.smith@north.test"), { text: "dave.smith@north.test" });
});

test("userLine() gives exactly one line that sync_client reads as the name", () => {
  fc.assert(
    fc.property(bytes, (name) => {
      const line = userLine(name);
      if ("refused" in line) return;
      // As sync_client reads it: up to the line feed, unless it is empty or a comment.
      const read = `${line.text}\n`.split("\n").filter((each) => each !== "" && !each.startsWith("#"));
      assert.deepEqual(read, [name]);
    }),
  );
});

test("syncLogLine() quotes as sync_log does", () => {
  assert.deepEqual(syncLogLine("QUOTA", "shared"), { text: "QUOTA shared" });
  assert.deepEqual(syncLogLine("MAILBOX", "user.a b"), { text: 'MAILBOX "user.a b"' });
  assert.deepEqual(syncLogLine("MAILBOX", 'user.a"(b)\\{c}'), { text: 'MAILBOX "user.a\\"(b)\\\\\\{c\\}"' });
  assert.deepEqual(syncLogLine("MAILBOX", "#x"), { text: "MAILBOX #x" });
  for (const name of ["", "a\nUSER b", "a\0"]) assert.ok("refused" in syncLogLine("MAILBOX", name));
});

test("renameCommand() is one IMAP command", () => {
  const command = renameCommand('DELETED.user.a"b\\c.Sent.6B075D40', 'user.a"b\\c.Sent', SLASHES);
  assert.deepEqual(command, { text: 'RENAME "DELETED/user/a\\"b\\\\c/Sent/6B075D40" "user/a\\"b\\\\c/Sent"' });
  assert.ok("refused" in renameCommand("DELETED.user.a\r\nx.6B", "user.a", SLASHES));
});

test("pathEntry() never leads out of the partition, and ends with the only NUL", () => {
  for (const path of ["", "/etc/passwd", "a/../../etc", "a//b", "a\0b"]) assert.ok("refused" in pathEntry(path), path);
  assert.deepEqual(pathEntry("u/user/ali\nce/1."), { text: "u/user/ali\nce/1.\0" });
});

test("digestLine() is what sha1sum -c reads", () => {
  assert.equal(digestLine("aa", "u/user/a/1."), "aa  u/user/a/1.\n");
  assert.equal(digestLine("aa", "u/a\\b\nc/1."), "\\aa  u/a\\\\b\\nc/1.\n");
});

test("shellWord() is one word of a shell, the same one", () => {
  const names = [...HOSTILE_NAMES, "a'b", "$(id)", "`id`", "-x", "a b", "'", "''"];
  for (const name of names.filter((each) => !each.includes("\0"))) {
    const printed = execFileSync(
      "sh",
      ["-c", Buffer.from(`printf %s ${shellWord(name)}`, "latin1").toString("latin1")],
      {
        encoding: "utf8",
      },
    );
    assert.equal(printed, name);
  }
});
