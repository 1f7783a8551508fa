/** Where reports and manifests go: readers that leave, disks that are full, places that cannot be written to. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, PROGRAM, spooldiff, startSpooldiff } from "../support/command-line.ts";
import { assertLines } from "../support/json-schema.ts";
import { underNobody } from "../support/other-user.ts";
import { assertPlain, assertRefused } from "../support/refusal.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";
import { skipHere } from "../support/skip-here.ts";

suite("output", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("c-damaged-legacy");
  });
  after(() => pair.cleanup());

  /** Runs a command whose standard output is closed by its reader before a word of it is read. */
  function withReaderGone(words: readonly string[]): Promise<{ status: number | null; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.destroy();
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.once("error", reject);
      child.once("close", (status) => resolve({ status, stderr }));
    });
  }

  const READ_BY_NOBODY: readonly (readonly [words: string, code: number])[] = [
    ["compare MX1 MX2", ExitCode.variance],
    ["compare MX1 MX2 --format json --all", ExitCode.variance],
    ["compare MX1 MX2 --include user.bob.Sent --max-lag 9999d", ExitCode.lagging],
    ["inspect MX2", ExitCode.variance],
    ["inspect MX2 --messages --format json", ExitCode.variance],
    ["inspect MX1 --md5sum", ExitCode.ok],
    ["verify MX1", ExitCode.ok],
    ["scan -C CONF --plan", ExitCode.ok],
    ["--help", ExitCode.ok],
    ["--version", ExitCode.ok],
  ];
  for (const [words, code] of READ_BY_NOBODY) {
    const given = () => words.split(" ").map((word) => known(word));

    test(`spooldiff ${words}, its reader gone: the exit code is still the verdict, and nothing is said`, async () => {
      assert.deepEqual(await withReaderGone(given()), { status: code, stderr: "" });
    });

    test(`spooldiff ${words}, to a full disk: exit code 2 and a sentence`, async () => {
      const full = openSync("/dev/full", "w");
      await assertRefused(given(), /Cannot write the report to "standard output": the disk is full/, {
        stdio: ["ignore", full, "pipe"],
      });
    });
  }

  function known(word: string): string {
    return { MX1: pair.primary, MX2: pair.replica, CONF: pair.conf("primary") }[word] ?? word;
  }

  test("spooldiff compare | head -1 prints one line, and the verdict is still the exit code", () => {
    const line = `"$1" "$2" compare "$3" "$4" | head -1; echo "\${PIPESTATUS[0]}"`;
    const words = ["-c", line, "bash", process.execPath, PROGRAM, pair.primary, pair.replica];
    const { stdout, stderr } = spawnSync("bash", words, { encoding: "utf8" });
    assert.match(stdout, /^DAMAGED [^\n]*\n1\n$/);
    assert.equal(stderr, "");
  });

  test("a command whose standard output and error are closed still ends with its verdict", async () => {
    const line = `exec "$1" "$2" compare "$3" "$4" >&- 2>&-`;
    const { status } = spawnSync("bash", ["-c", line, "bash", process.execPath, PROGRAM, pair.primary, pair.replica]);
    assert.equal(status, ExitCode.variance);
  });

  test("standard error on a full disk does not change the exit code", async () => {
    const full = openSync("/dev/full", "w");
    const run = await spooldiff(["verify", "nowhere.db"], { stdio: ["ignore", "ignore", full] });
    assert.equal(run.status, ExitCode.failed);
  });

  test("reports go to the files of --format, whole, and the exit code is the verdict", async () => {
    const json = join(pair.folder, "report.ndjson");
    const text = join(pair.folder, "report.txt");
    const words = ["compare", "--format", `json=${json}`, "--format", `text=${text}`, pair.primary, pair.replica];
    assert.deepEqual(await spooldiff(words), { status: ExitCode.variance, signal: null, stdout: "", stderr: "" });
    assert.equal(jsonLines(readFileSync(json, "utf8")).at(-1)?.type, "summary");
    assert.match(readFileSync(text, "utf8"), /^DAMAGED /);
  });

  test("JSON of every command has no line and no field that its schema does not document", async () => {
    const state = join(pair.folder, "schema-pair.db");
    for (const [schema, words] of [
      ["compare", ["compare", pair.primary, pair.replica, "--all", "--state", state]],
      ["inspect", ["inspect", pair.primary, "--all", "--messages"]],
      ["inspect", ["inspect", pair.replica, "--all"]],
      ["trend", ["trend", state]],
    ] as const) {
      const { status, stdout, stderr } = await spooldiff([...words, "--format", "json"]);
      assert.ok(status !== ExitCode.failed, stderr);
      assertLines(schema, jsonLines(stdout));
    }
  });

  test("a report that cannot be written ends with exit code 2 and a sentence; the others are whole", async () => {
    const csv = join(pair.folder, "beside.csv");
    const words = ["compare", "--format", "json=/dev/full", "--format", `csv=${csv}`, "--format", "text"];
    const run = await spooldiff([...words, pair.primary, pair.replica]);
    assert.equal(run.status, ExitCode.failed);
    assert.match(run.stderr, /^spooldiff: Cannot write the report to "\/dev\/full": the disk is full\n/);
    assert.match(run.stdout, /^DAMAGED .*\nNext\n/s);
    assert.match(readFileSync(csv, "utf8"), /^class,state,.*\r\n$/s);
  });

  test("a report file in no directory is refused", async () => {
    await assertRefused(
      ["compare", "--format", `json=${join(pair.folder, "nowhere/r.ndjson")}`, pair.primary, pair.replica],
      /Cannot write the report to ".*nowhere\/r\.ndjson": /,
    );
  });

  test("a manifest in no directory is refused", async () => {
    await assertRefused(
      ["scan", "-C", pair.conf("primary"), "-o", join(pair.folder, "nowhere/mx.db")],
      /Cannot write ".*nowhere\/mx\.db": /,
    );
  });

  test("a manifest in the place of a directory is refused, and the directory stays", async () => {
    const place = join(pair.folder, "place");
    mkdirSync(place);
    await assertRefused(
      ["scan", "-C", pair.conf("primary"), "-o", place],
      /something that is no regular file is there/,
    );
    assert.deepEqual(readdirSync(place), []);
  });

  test("a manifest in the place of the one that --after names is refused, and that one stays", async () => {
    const before = readFileSync(pair.replica);
    const words = ["scan", "-C", pair.conf("primary"), "--after", pair.replica, "-o", pair.replica];
    await assertRefused(words, /it is the manifest that --after names/);
    assert.ok(before.equals(readFileSync(pair.replica)));
  });

  test("a manifest in the place of a link is refused, and the link stays", async () => {
    const link = join(pair.folder, "null.db");
    symlinkSync("/dev/null", link);
    await assertRefused(["scan", "-C", pair.conf("primary"), "-o", link], /something that is no regular file is there/);
    assert.equal(readlinkSync(link), "/dev/null");
  });

  test("a report to a device or a link goes into it: it is not replaced by a file", async () => {
    const target = join(pair.folder, "target.txt");
    writeFileSync(target, "older ".repeat(10_000));
    const link = join(pair.folder, "link.txt");
    symlinkSync(target, link);
    const device = join(pair.folder, "device");
    symlinkSync("/dev/null", device);
    const words = ["compare", "--format", `text=${link}`, "--format", `json=${device}`, pair.primary, pair.replica];
    assert.deepEqual(await spooldiff(words), { status: ExitCode.variance, signal: null, stdout: "", stderr: "" });
    assert.match(readFileSync(target, "utf8"), /^DAMAGED .*\n$/s);
    assert.doesNotMatch(readFileSync(target, "utf8"), /older older/);
    assert.equal(readlinkSync(link), target);
    assert.equal(readlinkSync(device), "/dev/null");
  });

  test("a manifest in a directory that may not be looked into is refused", async (context) => {
    const under = underNobody();
    if (under === null) return skipHere(context, "no way to run as a user without rights here");
    const place = join(pair.folder, "closed");
    mkdirSync(place, { mode: 0o700 });
    chmodSync(pair.folder, 0o755);
    execFileSync("chmod", ["-R", "a+rX", pair.path("primary")]);
    await assertRefused(["scan", "-C", pair.conf("primary"), "-o", join(place, "mx.db")], /Cannot write ".*": EACCES/, {
      under,
    });
  });

  test("a manifest in a directory that may not be written to is refused", async (context) => {
    const under = underNobody();
    if (under === null) return skipHere(context, "no way to run as a user without rights here");
    const place = join(pair.folder, "read-only");
    mkdirSync(place);
    chmodSync(pair.folder, 0o755);
    chmodSync(place, 0o555);
    execFileSync("chmod", ["-R", "a+rX", pair.path("primary")]);
    await assertRefused(["scan", "-C", pair.conf("primary"), "-o", join(place, "mx.db")], /Cannot write ".*": /, {
      under,
    });
    assert.deepEqual(readdirSync(place), []);
  });

  for (const [what, below] of [
    ["the spool", "spool/mx.db"],
    ["a mailbox", "spool/user/alice/mx.db"],
    ["configdirectory", "conf/mx.db"],
  ] as const) {
    test(`a manifest below ${what} is refused, and nothing is written there`, async () => {
      const output = pair.path("primary", below);
      await assertRefused(
        ["scan", "-C", pair.conf("primary"), "-o", output],
        /lies below ".*", and nothing is written there/,
      );
      assert.ok(!existsSync(output) && !existsSync(`${output}.partial`));
    });
  }

  test("a manifest below the spool by way of a symbolic link is refused", async () => {
    const link = join(pair.folder, "elsewhere");
    symlinkSync(pair.path("primary", "spool/user"), link);
    await assertRefused(["scan", "-C", pair.conf("primary"), "-o", join(link, "mx.db")], /nothing is written there/);
  });

  test("a report that cannot be made leaves the file of an older one", async () => {
    const report = join(pair.folder, "kept.txt");
    writeFileSync(report, "older");
    const words = ["compare", "--format", `text=${report}`, "--include", "nobody", pair.primary, pair.replica];
    await assertRefused(words, /no mailbox of either manifest matches/);
    assert.equal(readFileSync(report, "utf8"), "older");
  });

  suite("a disk that is full", () => {
    const disks: string[] = [];
    after(() => {
      for (const disk of disks) execFileSync("umount", [disk]);
    });

    /** A file system of its own with so much space, or null where none can be mounted. */
    function smallDisk(kilobytes: number): string | null {
      const place = join(pair.folder, `disk-${disks.length}`);
      mkdirSync(place);
      const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", place]);
      if (status !== 0) return null;
      disks.push(place);
      return place;
    }
    const CANNOT = "no small file system can be mounted here";

    // The schema alone does not fit, or the rows do not, or only what is written last.
    for (const kilobytes of [16, 64, 96, 112]) {
      test(`of ${kilobytes} kB ends a scan with exit code 2 and a sentence, and leaves nothing`, async (context) => {
        const disk = smallDisk(kilobytes);
        if (disk === null) return context.skip(CANNOT);
        const words = ["scan", "-C", pair.conf("primary"), "-o", join(disk, "mx.db")];
        await assertRefused(words, /Cannot write ".*mx\.db": the disk is full/);
        assert.deepEqual(readdirSync(disk), []);
      });
    }

    test("leaves the manifest of the last scan as it was", async (context) => {
      const disk = smallDisk(96);
      if (disk === null) return context.skip(CANNOT);
      const output = join(disk, "mx.db");
      writeFileSync(output, "the last one");
      await assertRefused(["scan", "-C", pair.conf("primary"), "-o", output], /the disk is full/);
      assert.equal(readFileSync(output, "utf8"), "the last one");
      assert.deepEqual(readdirSync(disk), ["mx.db"]);
    });

    test("ends a report with exit code 2 and a sentence, and leaves nothing", async (context) => {
      const disk = smallDisk(8);
      if (disk === null) return context.skip(CANNOT);
      const words = ["compare", "--all", "--format", `json=${join(disk, "r.ndjson")}`, pair.primary, pair.replica];
      await assertRefused(words, /Cannot write the report to ".*r\.ndjson": the disk is full/);
      assert.deepEqual(readdirSync(disk), []);
    });
  });

  test("inspect --messages spells system flags as IMAP does", async () => {
    const { stdout } = await spooldiff(["inspect", "--messages", pair.primary]);
    assert.match(stdout, /^ {20}(\S+ )*\\Seen/m);
    assert.doesNotMatch(stdout, /\\\\Seen/);
  });

  test("a name with control characters is shown as text wherever it appears", async () => {
    const output = join(pair.folder, "mx\u001b[31m\nred.db");
    const scan = await spooldiff(["scan", "-C", pair.conf("primary"), "-o", output, "--host", "mx\u001b[2Jevil"]);
    assert.equal(scan.status, ExitCode.ok);
    assertPlain(scan.stderr);
    for (const words of [
      ["verify", output],
      ["inspect", output],
      ["compare", output, pair.replica],
      ["compare", "--format", "json", output, pair.replica],
    ]) {
      const run = await spooldiff(words);
      assertPlain(run.stdout);
      assertPlain(run.stderr);
      assert.notEqual(run.status, null);
    }
    await assertRefused(["verify", `${output}.none`], /mx\\x1b\[31m\\nred\.db\.none/);
  });

  test("the manifest is readable by its owner alone, and nothing else is left beside it", async () => {
    const place = join(pair.folder, "modes");
    mkdirSync(place);
    const child = startSpooldiff(["scan", "-C", pair.conf("primary"), "-o", join(place, "mx.db")]);
    await new Promise((resolve) => child.once("close", resolve));
    assert.deepEqual(readdirSync(place), ["mx.db"]);
    const mode = execFileSync("stat", ["-c", "%a", join(place, "mx.db")], { encoding: "utf8" }).trim();
    assert.equal(mode, "600");
  });
});
