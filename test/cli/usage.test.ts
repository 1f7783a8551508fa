/** Wrong command lines, and the exit code 1 that nothing but variance may have. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ExitCode } from "../../src/errors.ts";
import { PROGRAM, spooldiff } from "../support/command-line.ts";
import { assertRefused } from "../support/refusal.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";

/** Words after the program's name; MX1 and MX2 stand for the manifests, CONF for an imapd.conf. */
const REFUSED: readonly (readonly [words: string, says: RegExp])[] = [
  ["frobnicate", /Unknown command 'frobnicate'/],
  ["--frobnicate", /Unknown option '--frobnicate'/],
  ["scan --frobnicate", /Unknown option '--frobnicate'/],
  ["scan -C CONF", /no --output was given/],
  ["scan -o out.db", /Cannot .*(imapd\.conf|configuration|--partition)/i],
  ["scan -C nowhere.conf -o out.db", /Cannot read ".*nowhere\.conf": there is no such file/],
  ["scan -C . -o out.db", /Cannot read "/],
  ["scan -C CONF -o out.db --level deep", /'deep' is invalid/],
  ["scan -C CONF -o out.db --store mbox", /'mbox' is invalid/],
  ["scan -C CONF -o out.db --role spare", /'spare' is invalid/],
  ["scan -C CONF -o out.db --workers many", /Cannot use --workers "many"/],
  ["scan -C CONF -o out.db --workers 257", /Cannot use --workers "257"/],
  ["scan -C CONF -o out.db more", /Too many arguments/],
  ["scan -C CONF -o out.db --include nobody.*", /no mailbox of the mail store matches --include nobody\.\*/],
  ["scan -C CONF --plan --include nobody.*", /no mailbox of the mail store matches --include nobody\.\*/],
  ["scan --partition default -o out.db", /Cannot use --partition "default": it is not NAME=DIR/],
  ["scan -C CONF -o out.db --after nowhere.db", /Cannot read ".*nowhere\.db": no such file/],
  ["scan -C CONF -o out.db --after CONF", /not an SQLite database/],
  ["compare", /Missing required argument 'primary'/],
  ["compare MX1", /Missing required argument 'replica'/],
  ["compare MX1 MX2 MX1", /Too many arguments/],
  ["compare MX1 nowhere.db", /Cannot read "nowhere\.db": no such file/],
  ["compare MX1 MX2 --include nobody.*", /no mailbox of either manifest matches --include nobody\.\*/],
  ["compare MX1 MX2 --exclude *", /no mailbox of either manifest matches --exclude \*/],
  ["compare MX1 MX2 --format pdf", /Cannot use --format "pdf": there is no such format/],
  ["compare MX1 MX2 --format json=", /the file has no name/],
  ["compare MX1 MX2 --format json --format text", /Cannot write two reports to standard output/],
  ["compare MX1 MX2 --max-lag soon", /Cannot use --max-lag "soon": it is no duration/],
  ["compare MX1 MX2 --settle -5m", /Cannot use --settle "-5m"|argument missing/],
  ["compare MX1 MX2 --limit 0", /Cannot use --limit "0"/],
  ["inspect", /Missing required argument 'manifest'/],
  ["inspect MX1 --include nobody.*", /no mailbox of .*mx1\.db matches --include nobody\.\*/],
  ["inspect MX1 --format pdf", /Cannot use --format "pdf"/],
  ["verify", /Missing required argument 'manifest'/],
  ["verify nowhere.db", /Cannot read "nowhere\.db": no such file/],
];

suite("a wrong command line", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("a-legacy-insync");
  });
  after(() => pair.cleanup());

  for (const [words, says] of REFUSED) {
    test(`spooldiff ${words}: exit code 2 and a sentence`, async () => {
      const known: Readonly<Record<string, string>> = {
        MX1: pair.primary,
        MX2: pair.replica,
        CONF: pair.conf("primary"),
      };
      const given = words.split(" ").map((word) => known[word] ?? word);
      const { stdout } = await assertRefused(given, says, { cwd: pair.folder });
      assert.equal(stdout, "");
    });
  }

  test("spooldiff with no words prints help and exits 2", async () => {
    const { status, stdout, stderr } = await spooldiff([]);
    assert.equal(status, ExitCode.failed);
    assert.equal(stdout, "");
    assert.match(stderr, /^Usage: spooldiff /);
  });

  test("what was typed cannot write to the terminal", async () => {
    await assertRefused(["scan\u001b[31m\u0007"], /Unknown command 'scan\\x1b\[31m\\x07'/);
  });
});

suite("exit code 1", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("a-legacy-insync");
  });
  after(() => pair.cleanup());

  /** Runs a scan that goes wrong in a way that nobody foresaw, at the moment when it takes its output. */
  function scanWithFault(fault: string, output: string) {
    const module = join(pair.folder, "fault.mjs");
    writeFileSync(
      module,
      `import fs from "node:fs";
       import { syncBuiltinESMExports } from "node:module";
       const { linkSync } = fs;
       fs.linkSync = (...paths) => { ${fault}; return linkSync(...paths); };
       syncBuiltinESMExports();`,
    );
    return spooldiff(["scan", "-C", pair.conf("primary"), "-o", output], {
      env: { NODE_OPTIONS: `--import=${pathToFileURL(module).href}` },
    });
  }

  const FAULTS: readonly (readonly [what: string, fault: string])[] = [
    ["a call that fails as nobody expects", "throw new RangeError('a bug')"],
    ["an exception that nobody catches", "setImmediate(() => { throw new Error('a bug'); })"],
    ["a rejection that nobody handles", "Promise.reject(new Error('a bug'))"],
    ["something thrown that is no error", "setImmediate(() => { throw 'a bug'; })"],
  ];
  for (const [number, [what, fault]] of FAULTS.entries()) {
    test(`is not for ${what}`, async () => {
      const output = join(pair.folder, `fault-${number}.db`);
      const { status, stderr } = await scanWithFault(fault, output);
      assert.equal(status, ExitCode.failed, stderr);
      assert.match(stderr, /spooldiff: This should not happen: .*a bug/);
      assert.ok(!existsSync(output));
    });
  }

  test("is not for a program of which a part is gone", () => {
    const copy = join(pair.folder, "dist");
    cpSync(dirname(dirname(PROGRAM)), copy, { recursive: true });
    rmSync(join(copy, "cli/main.js"));
    const { status, stderr } = spawnSync(process.execPath, [join(copy, "cli/spooldiff.cjs"), "--help"], {
      encoding: "utf8",
    });
    assert.equal(status, ExitCode.failed);
    assert.match(stderr, /^spooldiff: Cannot start: /);
  });
});
