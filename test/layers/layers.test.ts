import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const CHECK = fileURLToPath(new URL("check-layers.ts", import.meta.url));

/** A violation of each rule: the rule, the file it is planted in, and what it imports there. */
const PLANTS: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ["layer-mail", "src/mail/planted.ts", "../compare/variance.ts"],
  ["layer-store", "src/store/planted.ts", "../hash/digester.ts"],
  ["layer-compare", "src/compare/judge/planted.ts", "../../report/json.ts"],
  ["layer-scan", "src/scan/planted.ts", "../sqlite/database.ts"],
  ["layer-report", "src/report/text/planted.ts", "../../manifest/reader.ts"],
  ["layer-hash", "src/hash/planted.ts", "../index.ts"],
  ["folder-not-listed", "src/utils/planted.ts", "../errors.ts"],
  ["folder-not-listed", "src/planted.ts", "./errors.ts"],
  ["errors-alone", "src/errors.ts", "./mail/name.ts"],
  ["cli-on-top", "src/index.ts", "./cli/planted.ts"],
  ["formats-apart", "src/store/maildir/planted.ts", "../cyrus/reader.ts"],
  ["pure-layers", "src/mail/planted.ts", "node:fs/promises"],
  ["pure-layers", "src/compare/planted.ts", "node:os"],
  ["pure-layers", "src/report/planted.ts", "node:worker_threads"],
  ["home-of-better-sqlite3", "src/manifest/planted.ts", "better-sqlite3"],
  ["home-of-piscina", "src/cli/planted.ts", "piscina"],
  ["home-of-commander", "src/report/planted.ts", "commander"],
  ["home-of-eta", "src/report/planted.ts", "eta/core"],
  ["home-of-linkedom", "src/cli/planted.ts", "linkedom"],
  ["package-without-a-home", "src/scan/planted.ts", "fast-check"],
  ["ships-with-its-packages", "src/cli/planted.ts", "fast-check"],
  ["src-alone", "src/scan/planted.ts", "../../native-bench/planted.ts"],
  ["src-alone", "src/cli/planted.ts", "../../test/planted.ts"],
  ["resolvable", "src/scan/planted.ts", "./no-such-file.ts"],
];

let copy: string;

/** Runs the check on the copy. */
function check(): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK], { cwd: copy, encoding: "utf8" });
  return { status, text: stdout + stderr };
}

/** Adds text to a file of the copy, which need not exist yet. */
function plant(file: string, text: string): void {
  const path = join(copy, file);
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${text}\n`);
}

/** Replaces a part of the copy's rules. */
function reconfigure(part: string, by: string): void {
  const file = join(copy, ".dependency-cruiser.cjs");
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes(part), `${part} is not in the rules`);
  writeFileSync(file, text.replace(part, by));
}

describe("check-layers", () => {
  before(() => {
    copy = mkdtempSync(join(tmpdir(), "spooldiff-layers-"));
    symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"));
  });
  beforeEach(() => {
    for (const folder of ["src", "test", "native-bench"]) rmSync(join(copy, folder), { recursive: true, force: true });
    for (const name of ["src", "package.json", ".dependency-cruiser.cjs"]) {
      cpSync(join(PROJECT, name), join(copy, name), { recursive: true });
    }
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  it("finds no fault in the project itself", () => {
    const { status, text } = check();
    assert.equal(text, "Layers: no fault\n");
    assert.equal(status, 0);
  });

  it("finds a violation of every rule, and fails", () => {
    for (const file of ["src/cli", "test", "native-bench"]) plant(`${file}/planted.ts`, "export const planted = 1;");
    for (const [, file, imports] of PLANTS) plant(file, `import "${imports}";`);
    const { status, text } = check();
    const found = text.split("\n").filter((line) => line.startsWith("error "));
    for (const [rule, file] of PLANTS) {
      assert.ok(
        found.some((line) => line.startsWith(`error ${rule}: ${file}`)),
        `${rule} in ${file} was not found:\n${text}`,
      );
    }
    assert.equal(status, 1);
  });

  it("counts imports of types alone, and those that are loaded later", () => {
    plant("src/mail/planted.ts", 'import type { Variance } from "../compare/variance.ts";');
    plant("src/hash/planted.ts", 'export const later = () => import("../scan/scan.ts");');
    const { status, text } = check();
    assert.match(text, /^error layer-mail: src\/mail\/planted\.ts -> src\/compare\/variance\.ts$/m);
    assert.match(text, /^error layer-hash: src\/hash\/planted\.ts -> src\/scan\/scan\.ts$/m);
    assert.equal(status, 1);
  });

  it("refuses a folder whose file imports nothing and is imported by nothing", () => {
    plant("src/helpers/planted.ts", "export const planted = 1;");
    const { status, text } = check();
    assert.match(text, /^error folder-not-listed: src\/helpers\/planted\.ts$/m);
    assert.equal(status, 1);
  });

  it("finds a cycle", () => {
    plant("src/mail/one.ts", 'import "./two.ts";');
    plant("src/mail/two.ts", 'import "./one.ts";');
    const { status, text } = check();
    assert.match(text, /^error no-cycles: src\/mail\/(one|two)\.ts -> /m);
    assert.equal(status, 1);
  });

  it("fails when the parser sees no imports", () => {
    reconfigure('parser: "swc"', 'parser: "tsc"');
    const { status, text } = check();
    assert.match(text, /^error import-not-seen: src\//m);
    assert.equal(status, 1);
  });

  it("fails when it cruises fewer files than there are", () => {
    reconfigure('"^test/(fixtures|golden)/"', '"^src/hash/"');
    const { status, text } = check();
    assert.match(text, /^error file-not-seen: src\/hash\/digester\.ts$/m);
    assert.equal(status, 1);
  });

  it("fails where there is nothing to check", () => {
    rmSync(join(copy, "src"), { recursive: true });
    const { status, text } = check();
    assert.match(text, /^error no-sources: /m);
    assert.equal(status, 1);
  });
});
