/** Help texts, and colour where a person looks and nowhere else. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, suite, test } from "node:test";
import { EXIT_CODE_MEANINGS, ExitCode } from "../../src/errors.ts";
import { PROGRAM, spooldiff } from "../support/command-line.ts";
import { assertGolden } from "../support/golden.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";
import { skipHere } from "../support/skip-here.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: what starts a colour
const COLOUR = /\x1b\[\d/;

/** Every command that the program's own help lists. */
async function commands(): Promise<string[]> {
  const { stdout } = await spooldiff(["--help"]);
  const list = /\nCommands:\n((?: {2}.*\n)+)/.exec(stdout)?.[1] ?? "";
  return [...list.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1] ?? "").filter((name) => name !== "help");
}

suite("help", () => {
  test("of the program is as its golden file has it", async () => {
    const { status, stdout, stderr } = await spooldiff(["--help"]);
    assert.equal(status, ExitCode.ok);
    assert.equal(stderr, "");
    assertGolden("help.txt", stdout);
  });

  test("of every command is as its golden file has it, with an example and the exit codes", async () => {
    const names = await commands();
    assert.ok(names.includes("scan") && names.includes("compare"), names.join());
    for (const name of names) {
      const { status, stdout } = await spooldiff([name, "--help"]);
      assert.equal(status, ExitCode.ok);
      assert.match(stdout, /\nExamples?:\n/, name);
      for (const [code, meaning] of EXIT_CODE_MEANINGS) assert.ok(stdout.includes(`  ${code}  ${meaning}\n`), name);
      assertGolden(`help-${name}.txt`, stdout);
      assert.equal((await spooldiff(["help", name])).stdout, stdout);
    }
  });

  test("fits 80 columns", async () => {
    for (const words of [["--help"], ...(await commands()).map((name) => [name, "--help"])]) {
      const wide = (await spooldiff(words)).stdout.split("\n").filter((line) => line.length > 80);
      assert.deepEqual(wide, [], words.join(" "));
    }
  });

  test("--version prints the version of package.json", async () => {
    const { status, stdout } = await spooldiff(["--version"]);
    assert.equal(status, ExitCode.ok);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

suite("colour", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("a-legacy-insync");
  });
  after(() => pair.cleanup());

  /** What a command writes to a terminal that script(1) makes; null where that is missing. */
  function onTerminal(words: readonly string[], env: Readonly<Record<string, string>> = {}): string | null {
    const line = [process.execPath, PROGRAM, ...words].map((word) => `'${word}'`).join(" ");
    const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
    const run = spawnSync("script", ["-qec", line, "/dev/null"], {
      encoding: "utf8",
      env: { ...rest, TERM: "xterm-256color", ...env },
      input: "",
    });
    return run.error === undefined ? run.stdout : null;
  }

  const compare = () => ["compare", pair.primary, pair.replica];

  test("is there on a terminal", (context) => {
    const shown = onTerminal(compare());
    if (shown === null) return skipHere(context, "no script(1) here");
    assert.match(shown, COLOUR);
    assert.match(shown, /IN-SYNC/);
  });

  for (const [variable, value] of [
    ["NO_COLOR", "1"],
    ["TERM", "dumb"],
  ] as const) {
    test(`is not there on a terminal with ${variable}=${value}`, (context) => {
      const shown = onTerminal(compare(), { [variable]: value });
      if (shown === null) return skipHere(context, "no script(1) here");
      assert.doesNotMatch(shown, COLOUR);
      assert.match(shown, /IN-SYNC/);
    });
  }

  test("is not there in a pipe", async () => {
    const { stdout } = await spooldiff(compare(), { env: { TERM: "xterm-256color", FORCE_COLOR: undefined } });
    assert.doesNotMatch(stdout, COLOUR);
  });

  test("is there in a pipe with FORCE_COLOR=1, and not when NO_COLOR is set too", async () => {
    const forced = { FORCE_COLOR: "1", NO_COLOR: undefined };
    assert.match((await spooldiff(compare(), { env: forced })).stdout, COLOUR);
    assert.doesNotMatch((await spooldiff(compare(), { env: { ...forced, NO_COLOR: "1" } })).stdout, COLOUR);
  });

  test("is not there in JSON on a terminal", (context) => {
    const shown = onTerminal([...compare(), "--format", "json"]);
    if (shown === null) return skipHere(context, "no script(1) here");
    assert.doesNotMatch(shown, COLOUR);
  });

  test("of a progress bar leaves a terminal as it was", (context) => {
    const shown = onTerminal(["scan", "-C", pair.conf("primary"), "-o", `${pair.folder}/bar.db`]);
    if (shown === null) return skipHere(context, "no script(1) here");
    assert.match(shown, /38 mailboxes, 128 messages/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: hides and shows the cursor
    const [hidden, visible] = [/\x1b\[\?25l/g, /\x1b\[\?25h/g].map((code) => shown.match(code)?.length ?? 0);
    assert.ok((visible ?? 0) >= (hidden ?? 0), `hidden ${hidden} times, shown again ${visible} times`);
  });
});
