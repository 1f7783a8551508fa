/** `scan --plan`, and scans by a user who may not read the spool. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { spooldiff } from "../support/command-line.ts";
import { type UnpackedFixture, unpackFixture } from "../support/fixtures.ts";
import { openToAll, underNobody } from "../support/other-user.ts";
import { assertPlain, assertRefused } from "../support/refusal.ts";

suite("scan --plan", () => {
  let fixture: UnpackedFixture;
  let conf: string;
  before(() => {
    fixture = unpackFixture("a-legacy-insync");
    conf = join(fixture.root, "primary/imapd.conf");
  });
  after(() => fixture.cleanup());

  test("prints what was understood and what there is to read", async () => {
    const output = join(fixture.root, "mx1.db");
    const { status, stdout, stderr } = await spooldiff(["scan", "-C", conf, "--plan", "-o", output]);
    assert.equal(status, ExitCode.ok, stderr);
    assertPlain(stdout);
    for (const line of [
      `Store           cyrus, as user ${userInfo().username}`,
      `Configuration   ${conf}`,
      `configdirectory ${fixture.root}/primary/conf`,
      "mailboxes.db (twoskip)",
      "hashimapspool off, fulldirhash off",
      `Partition       default (spool) ${fixture.root}/primary/spool`,
      "Mailboxes       38 in the list",
      "default: 38 mailboxes, 128 messages, 703 kB",
      "To read         128 messages, 703 kB at level full",
    ]) {
      assert.ok(stdout.includes(line), `${line}\nis not in\n${stdout}`);
    }
    assert.match(stdout, /Manifest {8}about \d+ kB, [\d.]+ \w+ free at .*mx1\.db/);
  });

  test("says nothing that is secret in imapd.conf", async () => {
    writeFileSync(conf, "sasl_password: hunter2\nsql_passwd: hunter2\n", { flag: "a" });
    const { stdout, stderr } = await spooldiff(["scan", "-C", conf, "--plan"]);
    assert.doesNotMatch(stdout + stderr, /hunter2/);
  });

  test("expects a manifest about as big as the scan writes", async () => {
    const output = join(fixture.root, "size.db");
    const { stdout } = await spooldiff(["scan", "-C", conf, "--plan"]);
    await spooldiff(["scan", "-C", conf, "-o", output]);
    const expected = 1000 * Number(/about (\d+) kB/.exec(stdout)?.[1]);
    const found = statSync(output).size;
    assert.ok(expected > found / 2 && expected < found * 2, `${expected} expected, ${found} written`);
  });

  test("writes nothing", async () => {
    const place = join(fixture.root, "place");
    mkdirSync(place);
    await spooldiff(["scan", "-C", conf, "--plan", "-o", join(place, "mx1.db")]);
    assert.deepEqual(readdirSync(place), []);
  });

  test("reads no message: it needs none of their files", async () => {
    const other = join(fixture.root, "replica");
    for (const entry of readdirSync(join(other, "spool"), { recursive: true, withFileTypes: true })) {
      if (/^\d+\.$/.test(entry.name)) rmSync(join(entry.parentPath, entry.name));
    }
    const { status, stdout } = await spooldiff(["scan", "-C", join(other, "imapd.conf"), "--plan"]);
    assert.equal(status, ExitCode.ok);
    assert.match(stdout, /To read {9}128 messages, 703 kB/);
  });

  test("counts only what --include names", async () => {
    const { stdout } = await spooldiff(["scan", "-C", conf, "--plan", "--include", "user.bob*"]);
    assert.match(stdout, /Mailboxes {7}38 in the list\n {2}default: 5 mailboxes/);
  });

  test("says which partition is not there, and exits 3", async () => {
    const text = `defaultpartition: default\nconfigdirectory: ${fixture.root}/primary/conf\npartition-default: ${fixture.root}/gone\n`;
    const lost = join(fixture.root, "lost.conf");
    writeFileSync(lost, text);
    const { status, stdout } = await spooldiff(["scan", "-C", lost, "--plan"]);
    assert.equal(status, ExitCode.incomplete);
    assert.match(stdout, /Problem {9}.*\/gone: it does not exist/);
  });
});

suite("a user who may not read the spool", () => {
  let fixture: UnpackedFixture;
  let conf: string;
  const under = underNobody();
  const skip = under === null || process.getuid?.() !== 0 ? "only root can become another user" : false;
  before(() => {
    fixture = unpackFixture("a-legacy-insync");
    conf = join(fixture.root, "primary/imapd.conf");
    openToAll(fixture.root);
    chmodSync(join(fixture.root, ".."), 0o755);
    mkdirSync(join(fixture.root, "out"));
    chmodSync(join(fixture.root, "out"), 0o777);
  });
  after(() => fixture.cleanup());

  /** Runs with the mode of something below the primary's folder changed. */
  async function closed(below: string, use: () => Promise<unknown>): Promise<void> {
    const path = join(fixture.root, "primary", below);
    const { mode } = statSync(path);
    chmodSync(path, 0o700 & mode);
    try {
      await use();
    } finally {
      chmodSync(path, mode);
    }
  }
  const output = () => join(fixture.root, "out/mx1.db");

  for (const [what, below] of [
    ["the partition", "spool"],
    ["configdirectory", "conf"],
  ] as const) {
    for (const plan of [[], ["--plan"]]) {
      test(`is told who to be when ${what} is closed to him${plan.length > 0 ? ", by --plan too" : ""}`, { skip }, () =>
        closed(below, async () => {
          const words = ["scan", "-C", conf, "-o", output(), ...plan];
          const { stderr } = await assertRefused(
            words,
            /user nobody may not read it; run it as \S.*root|run it as root/,
            {
              under: under ?? [],
            },
          );
          assert.match(stderr, new RegExp(`^spooldiff: Cannot (scan|read) ".*/${below}`));
          assert.equal(stderr.trimEnd().split("\n").length, 1);
          assert.ok(!existsSync(output()));
        }),
      );
    }
  }

  for (const below of ["conf/mailboxes.db", "imapd.conf"]) {
    test(`is told that ${below} is closed to him`, { skip }, () =>
      closed(below, async () => {
        const words = ["scan", "-C", conf, "-o", output()];
        const { stderr } = await assertRefused(words, /user nobody may not read it; run it as/, { under: under ?? [] });
        assert.ok(stderr.includes(below), stderr);
        assert.ok(!existsSync(output()));
      }),
    );
  }
});
