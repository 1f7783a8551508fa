/** Completion, in a real bash: what `spooldiff complete bash` prints, read by it and asked as the Tab key asks. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { VARIANCE_CLASSES } from "../../src/compare/classes.ts";
import { ExitCode } from "../../src/errors.ts";
import { PROGRAM, spooldiff } from "../support/command-line.ts";
import { assertRefused } from "../support/refusal.ts";

/**
 * What the package bash-completion has for such scripts, without which they do nothing: here as much of it as the words
 * of a line that ends at the cursor need.
 */
const COMPLETION_PACKAGE = `
_get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${COMP_WORDS[COMP_CWORD]}; prev=\${COMP_WORDS[COMP_CWORD-1]}; }
compopt() { OPTIONS+=" $*"; }
`;

suite("completion in bash", () => {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-completion-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  let script = "";

  before(async () => {
    const { status, stdout, stderr } = await spooldiff(["complete", "bash"]);
    assert.equal(status, ExitCode.ok, stderr);
    script = join(folder, "completion.bash");
    writeFileSync(script, stdout);
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/spooldiff"), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
    chmodSync(join(folder, "bin/spooldiff"), 0o755);
  });

  /** Runs lines in a bash that has read the script, twice as a shell does that is started in a shell. */
  function bash(lines: string): string {
    const text = `${COMPLETION_PACKAGE}\nset -u\nsource '${script}'\nsource '${script}'\n${lines}`;
    const run = spawnSync("bash", ["--norc", "--noprofile", "-c", text], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
      timeout: 60_000,
    });
    assert.equal(run.stderr, "");
    assert.equal(run.status, 0);
    return run.stdout;
  }

  /** What bash would offer for the last of these words. */
  function offered(...words: readonly string[]): string[] {
    const line = words.map((word) => `'${word}'`).join(" ");
    const asked = `COMP_WORDS=(spooldiff ${line}); COMP_CWORD=${words.length}; OPTIONS=; __spooldiff_complete`;
    return bash(`${asked}; printf '%s\\n' "\${COMPREPLY[@]-}"`)
      .split("\n")
      .filter((word) => word !== "");
  }

  test("is registered for the program, and falls back to files", () => {
    assert.match(bash("complete -p spooldiff"), /^complete -o default -F __spooldiff_complete spooldiff\n$/);
  });

  test("offers commands", () => {
    assert.deepEqual(offered("co").sort(), ["compare", "complete"]);
    assert.ok(offered("").includes("scan"));
  });

  test("offers the options of a command, and those of no other", () => {
    assert.deepEqual(offered("compare", "--max-").sort(), ["--max-age", "--max-gap", "--max-lag"]);
    assert.ok(!offered("trend", "--").includes("--worklist"));
  });

  test("offers the values that an option takes", () => {
    assert.deepEqual(offered("scan", "--level", "").sort(), ["full", "index", "quick", "stat"]);
    assert.deepEqual(offered("compare", "--format", "j").sort(), ["json", "junit"]);
    assert.deepEqual(
      offered("explain", "file-c").sort(),
      VARIANCE_CLASSES.filter((name) => name.startsWith("file-c")).sort(),
    );
  });

  test("runs nothing that stands in the line", () => {
    const hostile = `$(touch '${join(folder, "ran")}')`;
    assert.deepEqual(offered("compare", hostile.replaceAll("'", `'\\''`), "--max-l"), ["--max-lag"]);
    assert.ok(!existsSync(join(folder, "ran")));
  });

  test("offers nothing of its own where a file is meant, and leaves bash to offer files", () => {
    const asked = "COMP_WORDS=(spooldiff compare mx); COMP_CWORD=2; OPTIONS=; __spooldiff_complete";
    assert.equal(bash(`${asked}; echo "\${COMPREPLY[@]-}|$OPTIONS"`), "|\n");
  });
});

test("complete prints a script for zsh and for fish", async () => {
  assert.match((await spooldiff(["complete", "zsh"])).stdout, /^#compdef spooldiff\n/);
  assert.match((await spooldiff(["complete", "fish"])).stdout, /complete -c spooldiff /);
});

test("complete refuses a shell that it does not know, and none", async () => {
  await assertRefused(["complete", "tcsh"], /'tcsh' is invalid.*\n?.*bash/);
  await assertRefused(["complete"], /Missing required argument 'shell'/);
});
