/** Every exit code that a verdict can have, from the compiled program. */
import assert from "node:assert/strict";
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, type ProgramRun, spooldiff } from "../support/command-line.ts";
import { openToAll, underNobody } from "../support/other-user.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";
import { skipHere } from "../support/skip-here.ts";

/** Runs a command that is to end with `code` and to say nothing on stderr. */
async function expectCode(words: readonly string[], code: number): Promise<ProgramRun> {
  const run = await spooldiff(words);
  assert.equal(run.status, code, `${words.join(" ")}: ${run.stdout}${run.stderr}`);
  return run;
}

suite("two hosts in sync", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("a-legacy-insync");
  });
  after(() => pair.cleanup());

  test("compare exits 0 when everything agrees", async () => {
    const run = await expectCode(["compare", pair.primary, pair.replica], ExitCode.ok);
    assert.match(run.stdout, /^IN-SYNC {2}primary\.test \(primary\) against replica\.test \(replica\)/);
    assert.equal(run.stderr, "");
  });

  test("inspect exits 0 when nothing is wrong on a host", async () => {
    const run = await expectCode(["inspect", pair.primary], ExitCode.ok);
    assert.match(run.stdout, /^SOUND {2}primary\.test/);
  });

  test("verify exits 0 for a whole manifest", async () => {
    const run = await expectCode(["verify", pair.primary], ExitCode.ok);
    assert.match(run.stdout, /whole and unaltered\n.*primary\.test, level full.*\n.*38 mailboxes, 128 messages/);
  });

  test("scan exits 0, and with --quiet says nothing", async () => {
    const output = join(pair.folder, "quiet.db");
    const run = await expectCode(["scan", "-C", pair.conf("primary"), "-o", output, "--quiet"], ExitCode.ok);
    assert.deepEqual(run, { status: 0, signal: null, stdout: "", stderr: "" });
  });

  test("compare exits 3 when the scans are further apart than --max-gap", async () => {
    // A gap below half a second is rounded to none, so the second scan is made later.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const late = join(pair.folder, "late.db");
    await expectCode(["scan", "-C", pair.conf("primary"), "-o", late], ExitCode.ok);
    const run = await expectCode(["compare", "--max-gap", "0", late, pair.replica], ExitCode.incomplete);
    assert.match(run.stdout, /more than --max-gap/);
    await expectCode(["compare", "--max-gap", "12h", late, pair.replica], ExitCode.ok);
  });

  test("compare exits 3 when a manifest is older than --max-age", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const run = await expectCode(["compare", "--max-age", "0", pair.primary, pair.replica], ExitCode.incomplete);
    assert.match(run.stdout, /more than --max-age/);
  });

  test("compare exits 3 for a scan that was narrowed, and 0 when the caller narrows as well", async () => {
    const narrowed = join(pair.folder, "narrowed.db");
    const scan = ["scan", "-C", pair.conf("replica"), "-o", narrowed, "--include", "user.alice*"];
    await expectCode(scan, ExitCode.ok);
    const run = await expectCode(["compare", pair.primary, narrowed], ExitCode.incomplete);
    assert.match(run.stdout, /narrowed/);
    await expectCode(["compare", "--include", "user.alice*", pair.primary, narrowed], ExitCode.ok);
  });

  test("compare exits 3 for scans of two levels", async () => {
    const shallow = join(pair.folder, "shallow.db");
    await expectCode(["scan", "-C", pair.conf("replica"), "-o", shallow, "--level", "stat"], ExitCode.ok);
    const run = await expectCode(["compare", pair.primary, shallow], ExitCode.incomplete);
    assert.match(run.stdout, /the levels differ: full on primary\.test, stat on/);
  });

  for (const level of ["index", "stat", "quick", "full"]) {
    test(`compare exits 0 at level ${level}, in either order of the scans`, async () => {
      const manifest = (host: string) => join(pair.folder, `${level}-${host}.db`);
      const scan = (host: "primary" | "replica") =>
        expectCode(["scan", "-C", pair.conf(host), "-o", manifest(host), "--level", level], ExitCode.ok);
      const compare = () => expectCode(["compare", manifest("primary"), manifest("replica")], ExitCode.ok);
      await scan("replica");
      await scan("primary");
      await compare();
      await scan("replica");
      await compare();
    });
  }
});

suite("two hosts that differ", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("c-damaged-legacy");
  });
  after(() => pair.cleanup());

  test("compare exits 1 for damage", async () => {
    const run = await expectCode(["compare", pair.primary, pair.replica], ExitCode.variance);
    assert.match(run.stdout, /^DAMAGED /);
    assert.equal(run.stderr, "");
  });

  test("compare exits 1 for divergence without damage", async () => {
    const words = ["compare", "--include", "user.alice.Archive", pair.primary, pair.replica];
    assert.match((await expectCode(words, ExitCode.variance)).stdout, /^DIVERGED /);
  });

  test("compare exits 4 when the replica only lags, and 1 when that lag is beyond --max-lag", async () => {
    const lagging = ["compare", "--include", "user.bob.Sent", pair.primary, pair.replica];
    assert.match((await expectCode([...lagging, "--max-lag", "9999d"], ExitCode.lagging)).stdout, /^LAGGING /);
    assert.match((await expectCode([...lagging, "--max-lag", "0"], ExitCode.variance)).stdout, /^STALLED /);
  });

  test("inspect exits 1 for damage that needs no partner to be seen", async () => {
    const run = await expectCode(["inspect", "--format", "json", pair.replica], ExitCode.variance);
    const classes = new Set(jsonLines(run.stdout).map((line) => line.class));
    for (const found of ["file-corrupt", "file-missing", "file-orphan", "file-size-differs", "index-corrupt"]) {
      assert.ok(classes.has(found), found);
    }
  });

  test("the summary of a JSON report holds the exit code", async () => {
    const run = await expectCode(["compare", "--format", "json", pair.primary, pair.replica], ExitCode.variance);
    const last = jsonLines(run.stdout).at(-1);
    assert.equal(last?.type, "summary");
    assert.equal(last?.exitCode, ExitCode.variance);
  });
});

suite("a host that cannot be read as a whole", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("a-legacy-insync");
  });
  after(() => pair.cleanup());

  test("scan, inspect and compare exit 3 for a mailbox that cannot be read", async (context) => {
    const under = underNobody();
    if (under === null) return skipHere(context, "no way to run as a user without rights here");
    openToAll(pair.folder);
    const index = pair.path("replica", "spool/user/bob/cyrus.index");
    chmodSync(index, 0);
    const place = join(pair.folder, "for-all");
    mkdirSync(place);
    chmodSync(place, 0o777);
    const manifest = join(place, "unreadable.db");
    const scan = await spooldiff(["scan", "-C", pair.conf("replica"), "-o", manifest], { under });
    chmodSync(index, 0o600);
    assert.equal(scan.status, ExitCode.incomplete, scan.stderr);
    assert.match(scan.stderr, /not read: 1 unreadable/);
    await expectCode(["inspect", manifest], ExitCode.incomplete);
    const run = await expectCode(["compare", "--format", "json", pair.primary, manifest], ExitCode.incomplete);
    const found = jsonLines(run.stdout).filter(({ type }) => type === "variance");
    assert.deepEqual(
      found.map((line) => [line.class, line.state, line.side, line.mailbox]),
      [["mailbox-unreadable", "unproven", "replica", "user.bob"]],
    );
  });

  for (const [state, take] of [
    ["missing", () => {}],
    ["empty", (spool: string) => mkdirSync(spool)],
    ["a file", (spool: string) => cpSync(pair.conf("replica"), spool)],
  ] as const) {
    test(`scan, inspect and compare exit 3 when the partition root is ${state}: one finding, not one each`, async () => {
      const spool = pair.path("replica", "spool");
      renameSync(spool, `${spool}.aside`);
      take(spool);
      try {
        const manifest = join(pair.folder, "lost.db");
        await expectCode(["scan", "-C", pair.conf("replica"), "-o", manifest], ExitCode.incomplete);
        await expectCode(["inspect", manifest], ExitCode.incomplete);
        const run = await expectCode(["compare", "--format", "json", pair.primary, manifest], ExitCode.incomplete);
        const found = jsonLines(run.stdout).filter(({ type }) => type === "variance");
        assert.deepEqual(
          found.map((line) => [line.class, line.state, line.side]),
          [["partition-unreadable", "unproven", "replica"]],
        );
      } finally {
        rmSync(spool, { recursive: true, force: true });
        renameSync(`${spool}.aside`, spool);
      }
    });
  }
});
