/** Damage to what a whole store hangs on: its configuration, its mailbox list, its partitions. Never exit code 0 or 1. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { readDatabase } from "../../src/store/cyrus/cyrusdb/read-database.ts";
import { jsonLines, PROGRAM, spooldiff } from "../support/command-line.ts";
import { writeFlat } from "../support/cyrusdb-writer.ts";
import { DAMAGES, type Damage } from "../support/damage.ts";
import { assertPlain, assertRefused } from "../support/refusal.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";

/** Sentences of refusals; where a manifest is written all the same, the one finding that it holds. */
const CASES: readonly (readonly [
  file: string,
  damage: Damage,
  outcome: RegExp | "partition-unreadable" | "mailbox-list-unreadable" | "in sync",
])[] = [
  ["imapd.conf", "gone", /Cannot read ".*imapd\.conf": there is no such file/],
  ["imapd.conf", "empty", /Cannot .*/],
  ["imapd.conf", "garbage", /Cannot .*imapd\.conf/],
  ["imapd.conf", "a directory", /Cannot read ".*imapd\.conf": this is no regular file/],
  ["imapd.conf", "a FIFO", /Cannot read ".*imapd\.conf": this is no regular file/],
  ["imapd.conf", "a symlink to itself", /Cannot read ".*imapd\.conf": ELOOP/],
  ["imapd.conf", "a symlink to a device", /Cannot read ".*imapd\.conf": this is no regular file/],
  ["imapd.conf", "a symlink to what it was", "in sync"],

  ["conf/mailboxes.db", "truncated", /Cannot read ".*mailboxes\.db"/],
  ["conf/mailboxes.db", "gone", /Cannot read ".*mailboxes\.db": there is no such file/],
  ["conf/mailboxes.db", "empty", /Cannot use ".*mailboxes\.db": it has no mailbox/],
  ["conf/mailboxes.db", "garbage", "mailbox-list-unreadable"],
  ["conf/mailboxes.db", "a directory", /Cannot read ".*mailboxes\.db": this is no regular file/],
  ["conf/mailboxes.db", "a FIFO", /Cannot read ".*mailboxes\.db": this is no regular file/],
  ["conf/mailboxes.db", "a symlink to what it was", /Cannot read ".*mailboxes\.db": this is no regular file/],
  ["conf/mailboxes.db", "a symlink to itself", /Cannot read ".*mailboxes\.db": this is no regular file/],

  ["conf", "gone", /Cannot read the config directory ".*conf": there is no such directory/],
  ["conf", "a file", /Cannot read ".*conf/],
  ["conf", "a symlink to what it was", "in sync"],

  ["spool", "gone", "partition-unreadable"],
  ["spool", "empty", "partition-unreadable"],
  ["spool", "a file", "partition-unreadable"],
  ["spool", "a FIFO", "partition-unreadable"],
  ["spool", "a symlink to itself", "partition-unreadable"],
  ["spool", "a symlink to what it was", "in sync"],
];

suite("a store of which", () => {
  let pair: ScannedFixture;
  let whole: string;
  let serial = 0;
  before(async () => {
    pair = await scanFixture("a-legacy-insync");
    whole = join(pair.folder, "whole");
    renameSync(pair.path("replica"), whole);
  });
  after(() => pair.cleanup());

  /** Puts an undamaged copy in the replica's place. */
  function restore(): string {
    const host = pair.path("replica");
    if (existsSync(host)) renameSync(host, `${host}.${++serial}`);
    cpSync(whole, host, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    return host;
  }

  for (const [file, damage, outcome] of CASES) {
    test(`${file} is ${damage}`, async () => {
      DAMAGES[damage](join(restore(), file));
      const output = join(pair.folder, `${++serial}.db`);
      const words = ["scan", "-C", pair.conf("replica"), "-o", output];
      if (outcome instanceof RegExp) {
        await assertRefused(words, outcome, { timeoutMs: 20_000 });
        assert.ok(!existsSync(output) && !existsSync(`${output}.partial`));
        return;
      }
      const sound = outcome === "in sync";
      const code = sound ? ExitCode.ok : ExitCode.incomplete;
      const scan = await spooldiff(words, 20_000);
      assert.equal(scan.status, code, scan.stderr);
      const compare = await spooldiff(["compare", "--format", "json", pair.primary, output]);
      assert.equal(compare.status, code, compare.stdout);
      const found = jsonLines(compare.stdout).filter(({ type }) => type === "variance");
      assert.deepEqual(
        found.map((line) => line.class),
        sound ? [] : [outcome],
      );
      assert.equal((await spooldiff(["inspect", output])).status, code);
    });
  }

  test("imapd.conf is cut short anywhere: never more than it says, and never in sync without a partition", async () => {
    const host = restore();
    const text = readFileSync(join(host, "imapd.conf"));
    const partition = text.indexOf("partition-default: ") + 30;
    const cut = join(host, "cut.conf");
    for (const length of [10, 40, text.indexOf("defaultpartition"), partition]) {
      writeFileSync(cut, text.subarray(0, length));
      const { status, stderr } = await spooldiff(["scan", "-C", cut, "-o", join(pair.folder, "cut.db")]);
      assert.ok(status === ExitCode.failed || status === ExitCode.incomplete, `${length} bytes: ${status} ${stderr}`);
      assertPlain(stderr);
    }
  });

  test("the mailbox list has names that are not UTF-8, or hold line ends and escape sequences", async () => {
    const host = restore();
    const database = join(host, "conf/mailboxes.db");
    const { entries } = await readDatabase(database);
    const old = "user\x1falice\x1fCaseTest";
    const hostile = 'user\x1falice\x1fCase\n\x1b[31m\xff"Test';
    const quoted = `"${hostile.replaceAll('"', '\\"')}"`;
    const changed = entries.map(([key, value]) => ({
      put: key === `N${old}` ? `N${hostile}` : key,
      value: key.startsWith("I") ? value.replace(`N ${old} `, `N ${quoted} `) : value,
    }));
    writeFileSync(database, writeFlat({ transactions: [changed], tail: [] }));
    const bytes = (name: string) => Buffer.from(join(host, "spool", name.replaceAll("\x1f", "/")), "latin1");
    renameSync(bytes(old), bytes(hostile));
    const output = join(pair.folder, "hostile.db");
    const scan = await spooldiff(["scan", "-C", pair.conf("replica"), "-o", output]);
    assert.equal(scan.status, ExitCode.ok, scan.stderr);
    const compare = await spooldiff(["compare", pair.primary, output]);
    assertPlain(compare.stdout);
    assert.match(compare.stdout, /Case\\n\\x1b\[31m\\xff/);
    const json = jsonLines((await spooldiff(["compare", "--format", "json", pair.primary, output])).stdout);
    const found = json.filter(({ type }) => type === "variance");
    assert.deepEqual(
      found.map((line) => line.class),
      ["mailbox-renamed"],
    );
    assert.ok(
      JSON.stringify(found).includes(Buffer.from(hostile.replaceAll("\x1f", "."), "latin1").toString("base64")),
    );
    const inspect = await spooldiff(["inspect", "--messages", "--all", output]);
    assert.equal(inspect.status, ExitCode.ok, inspect.stdout);
    assertPlain(inspect.stdout);
    // Bytes as they are: this is for md5sum, which finds every file by it.
    const list = execFileSync(process.execPath, [PROGRAM, "inspect", "--md5sum", output]);
    assert.equal(spawnSync("md5sum", ["--quiet", "--strict", "-c"], { input: list, encoding: "utf8" }).stdout, "");
    assert.ok(list.includes(Buffer.from("Case\\n\x1b[31m\xff", "latin1")));
  });
});
