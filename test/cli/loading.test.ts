/** What a command loads before it begins: of a comparison of two healthy hosts that is most of the time. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { pathToFileURL } from "node:url";
import { PROGRAM } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "spooldiff-loading-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Notes the address of every module that is loaded, one a line. */
const HOOKS = join(folder, "hooks.mjs");
const LIST = join(folder, "list");
writeFileSync(
  HOOKS,
  `import { appendFileSync } from "node:fs";
  import { registerHooks } from "node:module";
  registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(LIST)}, url + "\\n"); return next(url, context); } });`,
);

/** The folders of the program, and the packages, of which the command loads modules; `cli` is one of all. */
function loadedBy(words: readonly string[]): Set<string> {
  writeFileSync(LIST, "");
  spawnSync(process.execPath, ["--import", pathToFileURL(HOOKS).href, PROGRAM, "--no-config", ...words]);
  const modules = readFileSync(LIST, "utf8").split("\n");
  return new Set(
    modules.flatMap((url) => {
      const [, name] =
        /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? /\/dist\/(store\/cyrus|[^/]+)\//.exec(url) ?? [];
      return name === undefined ? [] : [name];
    }),
  );
}

const COSTLY = [
  "scan",
  "store/cyrus",
  "history",
  "worklist",
  "demo",
  "hash",
  "piscina",
  "fast-glob",
  "smol-toml",
  "valibot",
];

suite("the program loads", () => {
  test("hardly anything to print its version", () => {
    const loaded = loadedBy(["--version"]);
    assert.ok(loaded.has("cli") && loaded.has("commander"));
    for (const name of [...COSTLY, "manifest", "sqlite", "better-sqlite3", "findings", "trend"]) {
      assert.ok(!loaded.has(name), `${name} is loaded`);
    }
  });

  test("for compare what compares, and neither what scans nor what options ask for", () => {
    const loaded = loadedBy(["compare", "nowhere.db", "nowhere.db"]);
    for (const name of ["compare", "manifest", "findings", "better-sqlite3"]) assert.ok(loaded.has(name), `no ${name}`);
    for (const name of COSTLY) assert.ok(!loaded.has(name), `${name} is loaded`);
  });

  test("for scan what scans, and nothing that compares or reports over time", () => {
    const loaded = loadedBy(["scan", "-C", "nowhere.conf", "-o", join(folder, "out.db")]);
    for (const name of ["scan", "store/cyrus"]) assert.ok(loaded.has(name), `no ${name}`);
    for (const name of ["history", "demo", "trend", "findings", "smol-toml"]) {
      assert.ok(!loaded.has(name), `${name} is loaded`);
    }
  });
});
