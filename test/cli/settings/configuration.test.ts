/** What the configuration gives a command, what it may hold, and whose file it may be. */
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import type { Command, Option } from "commander";
import { describeFailure } from "../../../src/cli/failure.ts";
import { buildProgram } from "../../../src/cli/program.ts";
import { applySettings } from "../../../src/cli/settings/apply-settings.ts";
import { allowedFor, configurableCommands, keyOf } from "../../../src/cli/settings/option-schema.ts";
import { UsageError } from "../../../src/errors.ts";
import { spooldiff } from "../../support/command-line.ts";
import { assertPlain, assertRefused } from "../../support/refusal.ts";

const folder = mkdtempSync(join(tmpdir(), "spooldiff-configuration-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const FILE = join(folder, "spooldiff.toml");

function commandOf(program: Command, name: string): Command {
  const command = program.commands.find((each) => each.name() === name);
  assert.ok(command !== undefined, name);
  return command;
}

/** A command that these words were typed for, with this configuration. */
function configured(text: string, name: string, words: readonly string[] = []): Command {
  writeFileSync(FILE, text, { mode: 0o600 });
  const program = buildProgram(() => {});
  const command = commandOf(program, name);
  command.parseOptions([...words]);
  applySettings(FILE, program, command);
  return command;
}

function optionsOf(text: string, name: string, words: readonly string[] = []): Record<string, unknown> {
  return configured(text, name, words).opts();
}

/** A value that an option takes, as a configuration gives it. */
function sampleOf(option: Option): string {
  const allowed = allowedFor(option);
  if (option.isBoolean()) return "true";
  if (option.argChoices !== undefined) return JSON.stringify(option.argChoices[0]);
  if (allowed.startsWith("a whole number")) return "1";
  const text = { format: "text", partition: "a=/b", "max-rate": "50M", reread: "1/30" }[keyOf(option)] ?? "1h";
  return allowed.startsWith("a list") ? `["${text}"]` : `"${text}"`;
}

/** What is said of a configuration that is refused. */
function refusal(text: string, name = "compare"): string {
  try {
    optionsOf(text, name);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    const said = describeFailure(error);
    assertPlain(said);
    return said.replaceAll(FILE, "FILE");
  }
  return "nothing";
}

suite("applySettings()", () => {
  test("gives a command what its table says, parsed as if it had been typed", () => {
    const text =
      '[compare]\nmax-lag = "2h"\nsettle = 90\nall = true\nformat = ["text", "json=x"]\nlimit = 7\n[scan]\nlevel = "stat"\n';
    const options = optionsOf(text, "compare");
    assert.deepEqual(
      [options.maxLag, options.settle, options.all, options.format, options.limit],
      [7200, 90, true, ["text", "json=x"], 7],
    );
    assert.equal(optionsOf(text, "scan").level, "stat");
    assert.equal(optionsOf("[scan]\nmax-rate = 50_000_000\n", "scan").maxRate, 50_000_000);
    assert.deepEqual(optionsOf(text, "inspect"), optionsOf("", "inspect"));
  });

  test("gives way to what is typed, and of what can be typed several times to all of it", () => {
    const text = '[compare]\nmax-lag = "2h"\ninclude = ["user.a*", "user.b*"]\n';
    const options = optionsOf(text, "compare", ["--max-lag", "3h", "--include", "user.c*"]);
    assert.deepEqual([options.maxLag, options.include], [10_800, ["user.c*"]]);
    assert.equal(optionsOf(text, "compare", ["--max-lag", "24h"]).maxLag, 86_400);
  });

  test("takes every option that may stand there, and has a table for each command with one", () => {
    const program = buildProgram(() => {});
    const tables = configurableCommands(program);
    assert.deepEqual(tables.map(([command]) => command.name()).sort(), ["compare", "inspect", "scan", "trend"]);
    for (const [each, options] of tables) {
      const name = each.name();
      for (const option of options) {
        const command = configured(`[${name}]\n${keyOf(option)} = ${sampleOf(option)}\n`, name);
        assert.equal(command.getOptionValueSource(option.attributeName()), "config", `${name} ${option.flags}`);
      }
    }
  });

  const REFUSED: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    [
      "a mistyped key",
      "[compare]\n\nmax-lg = 3",
      /"FILE" at line 3: compare\.max-lg: there is no such key\n {2}Did you mean max-lag/,
    ],
    ["a mistyped table", "[comprae]", /at line 1: comprae: there is no such key\n {2}Did you mean compare\?/],
    [
      "a table of a command that has none",
      "[demo]",
      /at line 1: demo: there is no such key\n {2}Known here are scan, compare/,
    ],
    ["an option of one run", "[scan]\nplan = true", /at line 2: scan\.plan: there is no such key/],
    ["the configuration itself", '[compare]\nconfig = "x"', /at line 2: compare\.config: there is no such key/],
    ["a value of another kind", "[compare]\nall = 1", /at line 2: compare\.all: it is 1\n {2}Allowed is true or false/],
    [
      "a text for a number",
      '[compare]\nlimit = "7"',
      /at line 2: compare\.limit: it is "7"\n {2}Allowed is a whole number/,
    ],
    [
      "a number out of bounds",
      "[compare]\nlimit = 0",
      /at line 2: compare\.limit: it is "0": it is no whole number from 1 to 1000000\n {2}Give one/,
    ],
    [
      "a duration that is none",
      '[compare]\nmax-lag = "9 days"',
      /at line 2: compare\.max-lag: it is "9 days": it is no duration\n {2}Give it as 90s/,
    ],
    [
      "a format that is none",
      '[compare]\nformat = ["text",\n  "jsn"]',
      /at line 3: compare\.format: it is "jsn": there is no such format\n {2}Formats are text/,
    ],
    [
      "one of several values alone",
      '[compare]\ninclude = "user.*"',
      /at line 2: compare\.include: it is "user\.\*"\n {2}Allowed is a list of texts/,
    ],
    [
      "a value that is no choice",
      '[scan]\nlevel = "deep"',
      /at line 2: scan\.level: it is "deep"\n {2}Allowed is "index" or "stat"/,
    ],
    [
      "what another command's table has wrong",
      '[trend]\nmax-age = "old"',
      /at line 2: trend\.max-age: it is "old": it is no duration/,
    ],
    ["control characters", '[compare]\nmax-lag = "\\u001b[2J"', /it is no duration/],
  ];
  for (const [what, text, says] of REFUSED) {
    test(`refuses ${what}`, () => assert.match(refusal(text), says));
  }

  test("refuses a file that others may write, and one of another user", (context) => {
    writeFileSync(FILE, "", { mode: 0o600 });
    const apply = () => {
      const program = buildProgram(() => {});
      applySettings(FILE, program, commandOf(program, "compare"));
    };
    const root = process.getuid?.() === 0;
    for (const [mode, refused] of [
      [0o600, false],
      [0o644, false],
      [0o646, true],
      [0o664, root],
    ] as const) {
      chmodSync(FILE, mode);
      if (refused)
        assert.throws(apply, { name: "UsageError", message: /others than its owner may write it/ }, mode.toString(8));
      else assert.doesNotThrow(apply, mode.toString(8));
    }
    if (!root) return context.diagnostic("only root can give a file to another user");
    chmodSync(FILE, 0o600);
    chownSync(FILE, 1, 1);
    assert.throws(apply, { name: "UsageError", message: /belongs to another user/ });
    rmSync(FILE);
  });

  test("reads nothing for a command without a table, even a file that is no TOML", () => {
    for (const name of ["verify", "explain", "demo"]) assert.doesNotThrow(() => optionsOf("no TOML", name), name);
  });
});

suite("--config", () => {
  test("names a file that has to be there, unlike the usual one", async () => {
    await assertRefused(
      ["trend", "x.db", "--config", join(folder, "nowhere.toml")],
      /nowhere\.toml": there is no such file\n {2}Name a configuration/,
    );
  });

  test("is overridden by --no-config, overrides SPOOLDIFF_CONFIG, and is found anywhere on the line", async () => {
    const wrong = join(folder, "wrong.toml");
    const right = join(folder, "right.toml");
    writeFileSync(wrong, "[trend]\nx = 1\n", { mode: 0o600 });
    writeFileSync(right, '[trend]\nformat = ["nagios"]\n', { mode: 0o600 });
    const state = join(folder, "nowhere.db");
    const byVariable = { env: { SPOOLDIFF_CONFIG: wrong } };
    const [variable, none, other] = await Promise.all([
      spooldiff(["trend", state], byVariable),
      spooldiff(["trend", state, "--no-config"], byVariable),
      spooldiff(["--config", right, "trend", state], byVariable),
    ]);
    assert.match(variable.stderr, /wrong\.toml" at line 2: trend\.x: there is no such key/);
    assert.match(none.stderr, /nowhere\.db/);
    assert.match(other.stdout, /^SPOOLDIFF UNKNOWN - /);
  });
});
