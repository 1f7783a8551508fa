/** `compare --worklist` and `scan --only`, by the compiled program on a damaged pair of a real server. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";

/** The spool is from a day in 2026: its lag is no news. */
const ANY_LAG = ["--max-lag", "9999d"];

describe("compare --worklist", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("c-damaged-legacy");
  });
  after(() => pair.cleanup());

  const confs = () => ["-C", pair.conf("primary"), "--replica-imapd-conf", pair.conf("replica")];
  const compare = (directory: string, ...more: string[]) =>
    spooldiff(["compare", pair.primary, pair.replica, ...ANY_LAG, "--worklist", directory, ...more]);

  test("writes its lists for the owner alone, and the report says what to do next", async () => {
    const directory = join(pair.folder, "lists");
    const run = await compare(directory, ...confs());
    assert.equal(run.status, ExitCode.variance, run.stderr);
    assert.match(run.stdout.replace(/\\\n\s*/g, ""), /scan\s+--only \S+\/lists\/recheck\.list/);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    for (const name of readdirSync(directory)) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
    const list = readFileSync(join(directory, "copy-primary-to-replica-default-spool.list0"), "latin1").split("\0");
    assert.deepEqual(list, [
      "user/alice/Projects/1.",
      "user/alice/8.",
      "user/alice/Projects/Alpha Beta/1.",
      "user/alice/Trash/1.",
      "",
    ]);
    assert.equal(
      readFileSync(join(directory, "copy-replica-to-primary-default-spool.list0"), "latin1"),
      "user/alice/Sent/2.\0",
    );
    assert.deepEqual(
      readdirSync(pair.folder).filter((name) => /\.(tmp|old)$/.test(name)),
      [],
    );
  });

  test("replaces its own lists, and gives the same bytes again", async () => {
    const directory = join(pair.folder, "again");
    const contents = () => readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "latin1")]);
    await compare(directory, ...confs());
    const first = contents();
    assert.equal((await compare(directory, ...confs())).status, ExitCode.variance);
    assert.deepEqual(contents(), first);
  });

  test("takes no path from a manifest: one that is elsewhere by imapd.conf is listed nowhere", async () => {
    const directory = join(pair.folder, "elsewhere");
    // The primary's configuration for both: the replica's manifest has its mailboxes at other places.
    const run = await compare(directory, "-C", pair.conf("primary"));
    assert.equal(run.status, ExitCode.variance, run.stderr);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith("copy-")),
      [],
    );
    const refused = jsonLines(readFileSync(join(directory, "cannot-be-listed.json"), "utf8"));
    assert.equal(refused.filter(({ list }) => list === "copy").length, 5);
    assert.match(String(refused[0]?.reason), /another place than imapd\.conf says/);
  });

  test("without an imapd.conf leaves the roots to people, as variables", async () => {
    const directory = join(pair.folder, "no-conf");
    assert.equal((await compare(directory)).status, ExitCode.variance);
    const readme = readFileSync(join(directory, "README.txt"), "utf8");
    assert.match(readme, /"\$PRIMARY_SPOOL_DEFAULT"\/ "\$REPLICA":"\$REPLICA_SPOOL_DEFAULT"\/$/m);
    assert.ok(!readme.includes(pair.folder), "no path of a manifest");
  });

  test("refuses directories that are not its own, and places below the mail server's", async () => {
    const foreign = join(pair.folder, "foreign");
    mkdirSync(foreign);
    writeFileSync(join(foreign, "notes.txt"), "mine");
    const alike = join(pair.folder, "alike");
    mkdirSync(alike);
    writeFileSync(join(alike, "README.txt"), "of something else\n");
    const file = join(pair.folder, "a-file");
    writeFileSync(file, "");
    const link = join(pair.folder, "link");
    symlinkSync(pair.path("replica", "spool"), link);
    for (const [directory, found] of [
      [foreign, /it holds files that are not of a work-list/],
      [alike, /it is no work-list/],
      [file, /it is not a directory/],
      [pair.path("primary", "spool", "lists"), /below a directory of the mail server/],
      [pair.path("primary", "conf", "lists"), /below a directory of the mail server/],
      [pair.path("replica", "spool", "user", "alice", "lists"), /below a directory of the mail server/],
      [join(link, "lists"), /below a directory of the mail server/],
      ["", /the directory has no name/],
    ] as const) {
      const run = await compare(directory, ...confs());
      assert.equal(run.status, ExitCode.failed, directory);
      assert.match(run.stderr, found);
      assert.equal(run.stdout, "", "nothing is compared first");
    }
    assert.equal(readFileSync(join(foreign, "notes.txt"), "utf8"), "mine");
    // Also where no configuration says what is the mail server's.
    const below = pair.path("replica", "spool", "user", "alice", "lists");
    assert.match((await compare(below)).stderr, /below a directory of the mail server/);
    assert.ok(!existsSync(below));
  });

  test("nor is a report or a state file written below a directory of the mail server's", async () => {
    const mailbox = pair.path("replica", "spool", "user", "alice");
    const conf = pair.path("primary", "conf");
    for (const more of [
      ["--state", join(mailbox, "pair.db")],
      ["--state", join(conf, "pair.db")],
      ["--format", `json=${join(mailbox, "report.json")}`],
    ]) {
      const run = await spooldiff(["compare", pair.primary, pair.replica, ...more]);
      assert.deepEqual([run.status, run.stdout], [ExitCode.failed, ""]);
      assert.match(run.stderr, /below a directory of the mail server/);
    }
    for (const place of [mailbox, conf]) {
      assert.deepEqual(
        readdirSync(place).filter((name) => /^(pair|report)/.test(name)),
        [],
      );
    }
  });
});

describe("scan --only", () => {
  let pair: ScannedFixture;
  let list: string;
  before(async () => {
    pair = await scanFixture("c-damaged-legacy");
    const directory = join(pair.folder, "lists");
    await spooldiff(["compare", pair.primary, pair.replica, ...ANY_LAG, "--worklist", directory]);
    list = join(directory, "recheck.list");
  });
  after(() => pair.cleanup());

  const scan = (host: "primary" | "replica", output: string, ...more: string[]) =>
    spooldiff([
      "scan",
      "-C",
      pair.conf(host),
      "-o",
      join(pair.folder, output),
      "--host",
      `${host}.test`,
      "-q",
      ...more,
    ]);

  async function secondLook(name: string): Promise<readonly Record<string, unknown>[]> {
    for (const host of ["replica", "primary"] as const) {
      const run = await scan(host, `${name}-${host}.db`, "--only", list);
      assert.ok(run.status === ExitCode.ok || run.status === ExitCode.incomplete, run.stderr);
    }
    const [primary, replica] = [`${name}-primary.db`, `${name}-replica.db`].map((file) => join(pair.folder, file));
    const run = await spooldiff(["compare", primary ?? "", replica ?? "", ...ANY_LAG, "--format", "json"]);
    assert.notEqual(run.status, ExitCode.failed, run.stderr);
    return jsonLines(run.stdout);
  }

  test("confirms every finding that still stands, and reads little", async () => {
    const lines = await secondLook("first");
    const findings = readFileSync(list, "utf8").trimEnd().split("\n").length - 2;
    assert.equal(lines.filter(({ confirmed }) => confirmed === true).length, findings);
    const { recheck, scope, exitCode, primary } = lines.at(-1) as Record<string, Record<string, unknown>>;
    assert.deepEqual(recheck, { confirmed: findings, cleared: 0, notReExamined: 0 });
    assert.deepEqual(scope?.narrowedBy, [`--only a list of ${findings} findings`]);
    assert.equal(exitCode, ExitCode.variance);
    const coverage = (primary?.coverage ?? {}) as Record<string, unknown>;
    const { messages, bytes, bytesReadNow } = coverage;
    assert.ok(Number(messages) > 0 && Number(bytesReadNow) < Number(bytes) / 2, "other messages' files are not read");
    for (const host of ["primary", "replica"]) {
      assert.equal((await spooldiff(["verify", join(pair.folder, `first-${host}.db`)])).status, ExitCode.ok);
    }
  });

  test("clears what was mended, and finds the rest as it was", async () => {
    copyFileSync(
      pair.path("primary", "spool/user/alice/Projects/1."),
      pair.path("replica", "spool/user/alice/Projects/1."),
    );
    rmSync(pair.path("replica", "spool/user/alice/Drafts/999."));
    const lines = await secondLook("second");
    const cleared = lines.filter(({ type, outcome }) => type === "recheck" && outcome === "cleared");
    assert.deepEqual(
      cleared.map(({ class: name, mailbox, uid }) => [name, mailbox, uid]),
      [
        ["file-corrupt", "user.alice.Projects", 1],
        ["file-orphan", "user.alice.Drafts", 999],
      ],
    );
    const text = await spooldiff([
      "compare",
      join(pair.folder, "second-primary.db"),
      join(pair.folder, "second-replica.db"),
      ...ANY_LAG,
    ]);
    assert.match(text.stdout, /Second look at earlier findings\n {2}\d+ confirmed, 2 cleared, 0 not re-examined\n/);
  });

  test("judges one finding alone, also where a side has no mailbox of it, and never says all is well unseen", async () => {
    const [head, ...rest] = readFileSync(list, "utf8").trimEnd().split("\n");
    const one = join(pair.folder, "one.list");
    const judge = async (containing: string, ...more: string[]) => {
      const finding = rest.find((line) => line.includes(containing));
      writeFileSync(one, `${head}\n${finding}\n{"type":"end","findings":1}\n`);
      for (const host of ["replica", "primary"] as const) await scan(host, `one-${host}.db`, "--only", one, ...more);
      const files = ["one-primary.db", "one-replica.db"].map((name) => join(pair.folder, name));
      return spooldiff(["compare", ...files, ...ANY_LAG]);
    };
    const made = await judge('"user.alice.NewOnPrimary"');
    assert.equal(made.status, ExitCode.lagging, made.stdout);
    assert.match(made.stdout, /1 confirmed, 0 cleared, 0 not re-examined/);
    assert.equal((await judge('"subscription-differs"')).status, ExitCode.lagging);
    assert.equal((await judge('"user.bob.ReplicaOnly"')).status, ExitCode.variance);
    // Too shallow to see what is wrong with a file.
    const unseen = await judge('"file-corrupt","state":"damaged","side":"primary"', "--level", "stat");
    assert.equal(unseen.status, ExitCode.incomplete, unseen.stdout);
    assert.match(
      unseen.stdout,
      /^INCOMPLETE .*1 finding was not re-examined.*0 confirmed, 0 cleared, 1 not re-examined/s,
    );
  });

  test("is refused beside a whole scan, with another list, and with --state", async () => {
    const only = join(pair.folder, "second-primary.db");
    const mixed = await spooldiff(["compare", only, pair.replica]);
    assert.equal(mixed.status, ExitCode.failed);
    assert.match(mixed.stderr, /they were not scanned with one --only list/);
    const state = join(pair.folder, "pair.db");
    const remembered = await spooldiff(["compare", only, join(pair.folder, "second-replica.db"), "--state", state]);
    assert.equal(remembered.status, ExitCode.failed);
    assert.match(remembered.stderr, /--state is of whole comparisons/);
    assert.ok(!existsSync(state));
  });

  test("refuses a list that is damaged, naming the line, and what is no list, without waiting", async () => {
    const bad = join(pair.folder, "bad.list");
    const text = readFileSync(list, "utf8");
    writeFileSync(bad, text.replace('"uid":2', '"uid":-2'));
    assert.match((await scan("primary", "x.db", "--only", bad)).stderr, /bad\.list", line 3: "uid" is no UID/);
    writeFileSync(bad, text.slice(0, -1));
    assert.match((await scan("primary", "x.db", "--only", bad)).stderr, /its last line is cut off/);
    for (const path of ["/dev/zero", pair.folder, join(pair.folder, "none")]) {
      const run = await scan("primary", "x.db", "--only", path);
      assert.equal(run.status, ExitCode.failed);
      assert.match(run.stderr, /not a regular file|no such file/);
    }
    assert.ok(!existsSync(join(pair.folder, "x.db")));
  });
});
