/** `scan --base` and `--reread` as people type them, and what reports say of it. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ExitCode } from "../../src/errors.ts";
import { spooldiff } from "../support/command-line.ts";
import { type UnpackedFixture, unpackFixture } from "../support/fixtures.ts";
import { assertRefused } from "../support/refusal.ts";

suite("scan --base", () => {
  let fixture: UnpackedFixture;
  let conf: string;
  let output: string;
  let first: string;
  const scan = (...words: string[]) => spooldiff(["scan", "-C", conf, "-o", output, ...words]);
  before(async () => {
    fixture = unpackFixture("a-legacy-insync");
    conf = join(fixture.root, "primary/imapd.conf");
    output = join(fixture.root, "mx1.db");
    first = join(fixture.root, "first.db");
    // What changed less than two seconds before it was read is not carried over.
    await setTimeout(2100);
    const { status, stderr } = await scan("--base", output);
    assert.equal(status, ExitCode.ok, stderr);
    assert.match(stderr, /There is no .*mx1\.db yet: everything is read/);
    assert.match(stderr, /read (?:68|69|70)\d kB/);
    assert.doesNotMatch(stderr, /carried/);
    copyFileSync(output, first);
  });
  after(() => fixture.cleanup());

  test("takes the place of its own base, day by day, and reads only the share that is due", async () => {
    const second = await scan("--base", output, "--reread", "none");
    assert.equal(second.status, ExitCode.ok, second.stderr);
    assert.match(second.stderr, /read 0 B in .*; 703 kB carried over, the oldest read \d{4}-/);
    const third = await scan("--base", output);
    assert.match(third.stderr, /read [1-9][\d.]* kB in .*; [1-9][\d.]* kB carried over/);
    const fourth = await scan("--base", output, "--reread", "all");
    assert.match(fourth.stderr, /read (?:68|69|70)\d kB/);
    assert.doesNotMatch(fourth.stderr, /carried/);
    const checked = await spooldiff(["verify", output]);
    assert.equal(checked.status, ExitCode.ok, checked.stderr);
  });

  test("leaves a manifest that verifies, and of which every report says how much of it was read", async () => {
    await scan("--base", first, "--reread", "none");
    assert.equal((await spooldiff(["verify", output])).status, ExitCode.ok);
    const html = join(fixture.root, "report.html");
    const formats = ["--format", "text", "--format", `html=${html}`, "--format", `json=${html}.json`];
    const { stdout, stderr } = await spooldiff(["compare", first, output, ...formats]);
    // A file with several names is read once by each thread that meets it.
    assert.match(stdout, /703 kB: (?:68|69|70)\d kB read now\n/, stderr);
    assert.match(stdout, /703 kB: 0 B read now, 703 kB carried\n +oldest carried: \d{4}-/);
    assert.match(readFileSync(html, "utf8"), /0 B read now and 703 kB carried, of 703 kB/);
    const lines = readFileSync(`${html}.json`, "utf8").trim().split("\n");
    const summary = JSON.parse(lines.at(-1) ?? "") as {
      readonly replica: { readonly coverage: Readonly<Record<string, string>> };
    };
    const { bytes, bytesReadNow, bytesCarried, oldestCarried } = summary.replica.coverage;
    assert.deepEqual([bytesReadNow, bytesCarried], ["0", bytes]);
    assert.match(oldestCarried ?? "", /^\d{4}-.*Z$/);
  });

  test("goes on after a stop with the same base, and with another share begins anew", async () => {
    const stopped = await scan("--base", first, "--reread", "none", "--max-files", "40", "--run-time", "1s");
    assert.equal(stopped.status, ExitCode.incomplete, stopped.stderr);
    copyFileSync(`${output}.partial`, `${output}.kept`);
    const ended = await scan("--base", first, "--reread", "none");
    assert.match(
      ended.stderr,
      /Going on with .*; 703 kB carried over, .*; [1-9]\d* mailboxes were read by earlier runs/s,
    );
    assert.equal((await spooldiff(["verify", output])).status, ExitCode.ok);
    copyFileSync(`${output}.kept`, `${output}.partial`);
    const anew = await scan("--base", first, "--reread", "all");
    assert.match(anew.stderr, /is replaced: it was begun with another --reread/);
  });

  test("refuses what is no base for it, and says why", async () => {
    const refusals: [words: string[], reason: RegExp][] = [
      [["--base", first, "--level", "stat"], /level stat reads no message/],
      [["--base", first, "--reread", "often"], /Cannot use --reread "often"/],
      [["--base", first, "--reread", "1/0"], /Cannot use --reread/],
      [["--base", conf], /imapd\.conf/],
    ];
    const scan = ["scan", "-C", conf, "-o", output];
    for (const [words, reason] of refusals) await assertRefused([...scan, ...words], reason);
    const replica = join(fixture.root, "replica/imapd.conf");
    const other = join(fixture.root, "mx2.db");
    const foreign = /made on another host or of another mail store/;
    await assertRefused(["scan", "-C", replica, "-o", other, "--base", first], foreign);
    mkdirSync(join(fixture.root, "more"));
    writeFileSync(conf, `partition-more: ${fixture.root}/more\n`, { flag: "a" });
    await assertRefused([...scan, "--base", first], /the store had other partitions then/);
  });
});
