/**
 * A spool in which nearly everything is broken at once, each thing in its own way. The scan ends, names each of them,
 * and what is whole is still read and compared.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { DAMAGES, type Damage } from "../support/damage.ts";
import { assertPlain } from "../support/refusal.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";

interface Case {
  readonly mailbox: string;
  readonly uid?: number;
  /** What is damaged: a file in the mailbox's directory, or that directory. */
  readonly file: string;
  readonly damage: Damage;
  readonly finding: string;
  readonly state: "damaged" | "unproven";
}

const bad = (
  file: string,
  damage: Damage,
  mailbox: string,
  finding: string,
  state: Case["state"] = "damaged",
): Case => ({
  file,
  damage,
  mailbox,
  finding,
  state,
});

const message = (uid: number, damage: Damage, finding: string, state: Case["state"] = "damaged"): Case => ({
  ...bad(`${uid}.`, damage, "user.alice", finding, state),
  uid,
});

const CASES: readonly Case[] = [
  message(4, "truncated", "file-size-differs"),
  message(5, "gone", "file-missing"),
  message(6, "garbage", "file-corrupt"),
  message(7, "empty", "file-size-differs"),
  message(8, "a directory", "file-unreadable", "unproven"),
  message(9, "a FIFO", "file-unreadable", "unproven"),
  message(10, "a symlink to what it was", "file-unreadable", "unproven"),
  message(11, "a symlink to itself", "file-unreadable", "unproven"),
  message(12, "a symlink to a device", "file-unreadable", "unproven"),

  bad("cyrus.index", "truncated", "user.alice.#sieve", "index-corrupt"),
  bad("cyrus.index", "gone", "user.alice.&ZeVnLIqe-", "index-corrupt"),
  bad("cyrus.index", "garbage", "user.alice.Archive", "index-corrupt"),
  bad("cyrus.index", "empty", "user.alice.Archive.2024", "index-corrupt"),
  bad("cyrus.index", "a directory", "user.alice.Archive.2024.Q1", "index-corrupt"),
  bad("cyrus.index", "a FIFO", "user.alice.casetest", "index-corrupt"),
  bad("cyrus.index", "a symlink to what it was", "user.alice.Drafts", "index-corrupt"),
  bad("cyrus.index", "a symlink to itself", "user.alice.Entw&APw-rfe", "index-corrupt"),
  bad("cyrus.index", "a symlink to a device", "user.alice.Projects", "index-corrupt"),

  bad("cyrus.header", "truncated", "user.alice.R&-D", "mailbox-unreadable"),
  bad("cyrus.header", "gone", "user.alice.Trash", "mailbox-unreadable"),
  bad("cyrus.header", "garbage", "user.alice.^hidden", "mailbox-unreadable"),
  bad("cyrus.header", "empty", "user.alice.it's (odd) [name]", "mailbox-unreadable"),
  bad("cyrus.header", "a directory", "user.alice.trailing^dot^", "mailbox-unreadable"),
  bad("cyrus.header", "a FIFO", "user.alice.v1^2 notes", "mailbox-unreadable"),
  bad("cyrus.header", "a symlink to what it was", "user.bob.Lists", "mailbox-unreadable"),
  bad("cyrus.header", "a symlink to itself", "user.bob.Lists.cyrus-devel", "mailbox-unreadable"),

  bad("", "gone", "user.bob.New Stuff", "mailbox-directory-missing"),
  bad("", "empty", "user.carol.Sent", "index-corrupt"),
  bad("", "a file", "user.carol.Phoenix", "mailbox-directory-missing"),
  bad("", "a FIFO", "user.dave^smith.Sent", "mailbox-directory-missing"),
  bad("", "a symlink to itself", "user.dave^smith.a^b.c^d", "mailbox-unreadable", "unproven"),
  bad("", "a symlink to what it was", "shared.announce", "mailbox-unreadable", "unproven"),
];

/** Names that hold what a terminal, a line or a decoder would trip over. Bytes, as latin1. */
const HOSTILE_NAMES = [
  "caf\xe9",
  "red\u001b[31m",
  "two\nlines",
  "\xff\xfe",
  "tab\tbell\u0007",
  "=cmd|'calc'!A0",
  "-rf",
];

const directoryOf = (mailbox: string) => mailbox.replaceAll(".", "/");

suite("a spool in which nearly everything is broken", () => {
  let pair: ScannedFixture;
  let manifest: string;
  let scanStderr = "";
  let findings: readonly Record<string, unknown>[] = [];
  let inspected: readonly Record<string, unknown>[] = [];
  let text = "";

  before(async () => {
    pair = await scanFixture("a-legacy-insync");
    const spool = pair.path("replica", "spool");
    for (const { mailbox, file, damage } of CASES) DAMAGES[damage](join(spool, directoryOf(mailbox), file));
    for (const name of HOSTILE_NAMES) addHostileNames(spool, name);
    addLoopsAndJunk(spool);
    manifest = join(pair.folder, "broken.db");
    const scan = await spooldiff(
      ["scan", "-C", pair.conf("replica"), "--host", "replica.test", "-o", manifest],
      30_000,
    );
    assert.equal(scan.status, ExitCode.incomplete, scan.stderr);
    scanStderr = scan.stderr;
    const compare = await spooldiff(["compare", "--format", "json", pair.primary, manifest]);
    assert.equal(compare.status, ExitCode.variance, compare.stderr);
    findings = jsonLines(compare.stdout);
    const inspect = await spooldiff(["inspect", "--format", "json", manifest]);
    assert.equal(inspect.status, ExitCode.variance, inspect.stderr);
    inspected = jsonLines(inspect.stdout);
    text =
      (await spooldiff(["compare", pair.primary, manifest])).stdout + (await spooldiff(["inspect", manifest])).stdout;
  });
  after(() => pair.cleanup());

  /** A mailbox directory of a hostile name that no list knows, and message files of hostile names that are none. */
  function addHostileNames(spool: string, name: string): void {
    const bytes = (text: string) => Buffer.from(text, "latin1");
    const copy = bytes(join(spool, "user/hostile", name));
    mkdirSync(copy, { recursive: true });
    for (const file of ["cyrus.index", "cyrus.header", "1.", "2."]) {
      const from = join(spool, "user/alice/CaseTest", file);
      writeFileSync(Buffer.concat([copy, bytes(`/${file}`)]), readFileSync(from));
    }
    writeFileSync(bytes(join(spool, "user/alice", name)), "no message");
    writeFileSync(bytes(join(spool, "user/alice", `${name}.`)), "no message");
  }

  function addLoopsAndJunk(spool: string): void {
    symlinkSync(".", join(spool, "user/alice/loop"));
    symlinkSync("..", join(spool, "user/bob/up"));
    symlinkSync("/", join(spool, "root"));
    symlinkSync("/nowhere", join(spool, "user/bob/4711."));
    mkdirSync(join(spool, "user/bob/4712."));
    for (const name of ["012.", "0.", "1.bak", "+1.", "1e3.", "99999999999.", ".nfs0001", "cyrus.index.NEW"]) {
      writeFileSync(join(spool, "user/bob", name), "no message");
    }
    const junk = join(spool, "user/carol/junk");
    mkdirSync(junk);
    for (let i = 0; i < 10_000; i++) writeFileSync(join(junk, `junk-${i}`), "");
    // Sparse: it takes no space, and reading all of it would take half an hour.
    truncateSync(join(spool, "user/alice/13."), 2 ** 42);
    // A mailbox directory that has become another's.
    renameSync(join(spool, "shared/Team Space"), join(spool, "shared/aside"));
    cpSync(join(spool, "user/alice/CaseTest"), join(spool, "shared/Team Space"), { recursive: true });
  }

  const of = (lines: typeof findings, mailbox: string, uid?: number) =>
    lines
      .filter((line) => line.type === "variance" && line.mailbox === mailbox && line.uid === uid)
      .map((line) => `${line.class} ${line.state} ${line.side}`);

  for (const { mailbox, uid, file, damage, finding, state } of CASES) {
    const what = file === "" ? "a mailbox directory" : uid === undefined ? file : "a message file";
    test(`${what}, ${damage}: one finding, ${finding}`, () => {
      assert.deepEqual(of(findings, mailbox, uid), [`${finding} ${state} replica`], mailbox);
      assert.deepEqual(of(inspected, mailbox, uid), [`${finding} ${state} primary`], `${mailbox}, inspected`);
    });
  }

  for (const name of HOSTILE_NAMES) {
    test(`a mailbox directory named ${JSON.stringify(name)} that no list knows: one finding, with its exact path`, () => {
      const bytes = Buffer.from(pair.path("replica", "spool/user/hostile", name), "latin1");
      const found = findings.filter(({ type, path, pathBytes }) => {
        const own = typeof pathBytes === "string" ? Buffer.from(pathBytes, "base64") : Buffer.from(String(path));
        return type === "variance" && own.equals(bytes);
      });
      assert.deepEqual(
        found.map((line) => `${line.class} ${line.state} ${line.side}`),
        ["mailbox-not-in-list damaged replica"],
      );
    });
  }

  test("a message file that is huge and sparse is not read", () => {
    assert.deepEqual(of(findings, "user.alice", 13), ["file-size-differs damaged replica"]);
  });

  test("a mailbox directory that has become another's", () => {
    assert.deepEqual(of(findings, "shared.Team Space"), ["mailbox-unreadable damaged replica"]);
  });

  test("nothing else is found", () => {
    const expected = new Set(CASES.map(({ mailbox, uid }) => `${mailbox} ${uid}`));
    const others = findings
      .filter(({ type, class: name }) => type === "variance" && name !== "mailbox-not-in-list")
      .filter(({ mailbox, uid }) => !expected.has(`${mailbox} ${uid}`))
      .map(({ class: name, mailbox, uid }) => `${name} ${mailbox} ${uid}`);
    assert.deepEqual(others.sort(), [
      "file-size-differs user.alice 13",
      "file-unreadable user.bob 4711",
      "mailbox-unreadable shared.Team Space undefined",
    ]);
  });

  test("no text writes to the terminal", () => {
    assertPlain(text);
    assertPlain(scanStderr);
    assert.match(text, /caf\\xe9/);
  });

  test("verify finds the manifest whole", async () => {
    const { status, stderr } = await spooldiff(["verify", manifest]);
    assert.equal(status, ExitCode.ok, stderr);
  });

  test("no level says that all is well", async () => {
    for (const level of ["index", "stat", "quick"]) {
      const output = join(pair.folder, `${level}.db`);
      const words = ["scan", "-C", pair.conf("replica"), "-o", output, "--level", level];
      assert.equal((await spooldiff(words, 30_000)).status, ExitCode.incomplete, level);
      assert.equal((await spooldiff(["compare", pair.primary, output])).status, ExitCode.variance, level);
      assert.equal((await spooldiff(["inspect", output])).status, ExitCode.variance, level);
    }
  });
});
