/** `--format html` of the compiled program: with and without a history, beside other formats, and without its packages. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, PROGRAM, spooldiff } from "../support/command-line.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";

const PROJECT = dirname(dirname(dirname(PROGRAM)));
const PACKAGES = ["@observablehq", "linkedom", "eta"];

suite("--format html", () => {
  let pair: ScannedFixture;
  before(async () => {
    pair = await scanFixture("c-damaged-legacy");
  });
  after(() => pair.cleanup());

  test("of compare is a page with the verdict and the totals of the JSON beside it; charts over time need --state", async () => {
    const [page, json] = [join(pair.folder, "a.html"), join(pair.folder, "a.ndjson")];
    const run = await spooldiff([
      "compare",
      pair.primary,
      pair.replica,
      `--format=html=${page}`,
      `--format=json=${json}`,
    ]);
    assert.equal(run.status, ExitCode.variance, run.stderr);
    const html = readFileSync(page, "utf8");
    const summary = jsonLines(readFileSync(json, "utf8")).at(-1) as { counts: { byState: Record<string, number> } };
    assert.match(html, /^<!doctype html>\n[\s\S]*<h1>.*<\/span>Damaged<\/h1>[\s\S]*<\/html>\n$/);
    for (const [state, number] of Object.entries(summary.counts.byState)) {
      assert.match(html, new RegExp(`<li class="tone-${state}">.*<strong>${number}</strong>`), state);
    }
    assert.doesNotMatch(html, /<h3>Open findings<\/h3>/);
  });

  test("of compare --state has charts of the series, this comparison in it; trend is a page too", async () => {
    const state = join(pair.folder, "pair.db");
    const run = await spooldiff(["compare", pair.primary, pair.replica, "--state", state, "--format", "html"]);
    assert.equal(run.status, ExitCode.variance, run.stderr);
    assert.equal(run.stderr, "");
    assert.match(run.stdout, /1 comparison since/);
    assert.match(run.stdout, /<h3>Users who lag most<\/h3>[\s\S]*<svg class="chart" role="img"/);
    const trend = await spooldiff(["trend", state, "--format", "html"]);
    assert.equal(trend.status, ExitCode.incomplete, trend.stderr);
    assert.match(trend.stdout, /<h1>.*<\/span>Unknown<\/h1>/);
  });

  test("of inspect there is none, and it says so", async () => {
    const { status, stderr } = await spooldiff(["inspect", pair.primary, "--format", "html"]);
    assert.equal(status, ExitCode.failed);
    assert.match(stderr, /inspect has no such report/);
  });

  test("without its packages ends with 2 and says how to get them; every other format does without", () => {
    const folder = mkdtempSync(join(tmpdir(), "spooldiff-bare-"));
    try {
      const program = bareInstallation(folder);
      const run = (...words: string[]) => spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
      for (const words of [
        ["compare", pair.primary, pair.replica],
        ["trend", join(pair.folder, "pair.db")],
      ]) {
        const { status, stdout, stderr } = run(...words, "--format", "html");
        assert.equal(status, ExitCode.failed);
        assert.equal(stdout, "");
        assert.match(stderr, /Cannot write an html report: the package \S+ is not installed/);
        assert.match(stderr.replaceAll(/\s+/g, " "), /npm install @observablehq\/plot linkedom eta/);
      }
      assert.equal(run("compare", pair.primary, pair.replica).status, ExitCode.variance);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The compiled program with every package but those that only pages need. */
function bareInstallation(folder: string): string {
  cpSync(join(PROJECT, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(PROJECT, "package.json"), join(folder, "package.json"));
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(PROJECT, "node_modules"))) {
    const package_ = join(PROJECT, "node_modules", name);
    if (!PACKAGES.includes(name) && statSync(package_).isDirectory()) symlinkSync(package_, join(modules, name));
  }
  return join(folder, "dist", "cli", "spooldiff.cjs");
}
