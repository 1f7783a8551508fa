import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import fc from "fast-check";
import type { ReadProblem } from "../../src/mail/mailbox.ts";
import { fromGlobText, toGlobText } from "../../src/scan/byte-exact-fs.ts";
import { findUnlisted } from "../../src/scan/discover.ts";
import type { PartitionRoot } from "../../src/store/mail-store.ts";
import { bytes, messages, TestSpool } from "./test-spool.ts";

let spool: TestSpool;
beforeEach(() => {
  spool = new TestSpool();
});
afterEach(() => spool.remove());

/** Names that break tools: not UTF-8, hidden, control characters, what a pattern or a path could mean. */
const AWKWARD = [
  "caf\xe9",
  ".hidden",
  "two\nlines",
  "back\\slash",
  "[a]*?{b,c}!(d)",
  " ",
  "\xff\xfe",
  "\x1b[31m",
  "123",
  "$x",
  "...",
];

test("findUnlisted() finds directories by any name, byte for byte", async () => {
  for (const name of AWKWARD) make(`user/${name}/inner`, "cyrus.index");
  assert.deepEqual(await found(), AWKWARD.map((name) => `${spool.spool}/user/${name}/inner`).sort());
});

test("findUnlisted() passes over what the list accounts for, by either file", async () => {
  spool.add("user.a", messages(1));
  make("user/a/Sub", "cyrus.header");
  make("user/b", "cyrus.index");
  make("user/c", "cyrus.cache");
  assert.deepEqual(await found(), [`${spool.spool}/user/a/Sub`, `${spool.spool}/user/b`]);
});

test("findUnlisted() leaves staging directories at a root alone, and only there", async () => {
  make("stage./1", "cyrus.index");
  make("sync./99/x", "cyrus.index");
  make("user/stage.", "cyrus.index");
  assert.deepEqual(await found(), [`${spool.spool}/user/stage.`]);
});

test("findUnlisted() follows no link and is not stopped by one", async () => {
  const outside = `${spool.base}/outside/x`;
  mkdirSync(outside, { recursive: true });
  writeFileSync(`${outside}/cyrus.index`, "");
  mkdirSync(`${spool.spool}/user`);
  symlinkSync(`${spool.base}/outside`, `${spool.spool}/user/link`);
  symlinkSync(spool.spool, `${spool.spool}/user/loop`);
  symlinkSync("nowhere", `${spool.spool}/user/broken`);
  make("user/z", "cyrus.index");
  assert.deepEqual(await found(), [`${spool.spool}/user/z`]);
});

test("findUnlisted() gives a directory once where roots lie in one another", async () => {
  make("meta/user/a", "cyrus.index");
  const roots: PartitionRoot[] = [
    { partition: "p", kind: "spool", directory: `${spool.spool}/` },
    { partition: "p", kind: "meta", directory: `${spool.spool}/meta` },
  ];
  assert.deepEqual(await found(roots), [`${spool.spool}/meta/user/a`]);
});

test("findUnlisted() takes a root that has vanished for an empty one", async () => {
  rmSync(spool.spool, { recursive: true });
  assert.deepEqual(await found(), []);
});

test("toGlobText() is undone by fromGlobText(), and leaves nothing that patterns misread", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (raw) => {
      const name = Buffer.from(raw).toString("latin1");
      const text = toGlobText(name);
      assert.equal(fromGlobText(text), name);
      assert.doesNotMatch(text, /[\n\r\\]/);
    }),
  );
});

function make(directory: string, file: string): void {
  const path = `${spool.spool}/${directory}`;
  mkdirSync(bytes(path), { recursive: true });
  writeFileSync(bytes(`${path}/${file}`), "");
}

async function found(roots: readonly PartitionRoot[] = spool.roots()): Promise<string[]> {
  const problems: ReadProblem[] = [];
  const directories: string[] = [];
  for await (const { directory } of findUnlisted("cyrus", roots, spool.list.values(), (p) => problems.push(p))) {
    directories.push(directory);
  }
  assert.deepEqual(problems, []);
  return directories.sort();
}
