/** Several reports of one comparison: written in one pass, each whole or not at all, whatever becomes of the others. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, suite, test } from "node:test";
import { loadFormats, reportTargets } from "../../src/cli/reports/report-targets.ts";
import { writeEach, writeReports } from "../../src/cli/reports/report-writing.ts";
import type { Findings, Variance } from "../../src/compare/variance.ts";
import { REPORT_FORMATS } from "../../src/report/reporter.ts";
import { damaged } from "../report/cases.ts";
import { comparisonReport } from "../support/findings.ts";

const OPTIONS = { colour: false, limit: 10, allMailboxes: false };
const NAMES = Object.keys(REPORT_FORMATS);

suite("writeReports()", () => {
  const root = mkdtempSync(join(tmpdir(), "spooldiff-reports-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  let folder = root;
  beforeEach(() => {
    folder = mkdtempSync(join(root, "each-"));
  });
  const at = (name: string) => join(folder, name);

  /** Writes these reports, and returns what it says of those that it could not write. */
  async function write(formats: readonly string[], variances: Iterable<Variance> = damaged.variances()) {
    const targets = reportTargets(formats);
    const formatOf = await loadFormats(targets);
    const { variances: _, ...compared }: Findings = damaged;
    try {
      writeReports(targets, variances, (target, sink) => formatOf(target).comparison(compared, OPTIONS, sink));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async function assertWhole(name: string, file: string): Promise<void> {
    const format = await REPORT_FORMATS[name as keyof typeof REPORT_FORMATS]();
    assert.equal(readFileSync(file, "utf8"), comparisonReport(format, damaged, OPTIONS), name);
  }

  test("goes through the findings once for all formats, and each is what it is alone", async () => {
    let passes = 0;
    const once: Iterable<Variance> = {
      [Symbol.iterator]() {
        passes++;
        return damaged.variances()[Symbol.iterator]();
      },
    };
    assert.equal(
      await write(
        NAMES.map((name) => `${name}=${at(name)}`),
        once,
      ),
      null,
    );
    assert.equal(passes, 1);
    for (const name of NAMES) await assertWhole(name, at(name));
    assert.deepEqual(readdirSync(folder).sort(), [...NAMES].sort());
  });

  test("names a report whose disk is full, and writes all others", async () => {
    for (const full of NAMES) {
      const others = NAMES.filter((name) => name !== full);
      const said = await write([`${full}=/dev/full`, ...others.map((name) => `${name}=${at(name)}`)]);
      assert.match(said ?? "", /^Cannot write the report to "\/dev\/full": the disk is full$/);
      for (const name of others) await assertWhole(name, at(name));
    }
  });

  test("names a report in no directory, and writes all others; what was there is left as it was", async () => {
    writeFileSync(at("nowhere"), "older");
    const said = await write([`text=${at("text")}`, `json=${at("nowhere/x.ndjson")}`, `csv=${at("csv")}`]);
    assert.match(said ?? "", /^Cannot write the report to ".*nowhere\/x\.ndjson": /);
    await assertWhole("text", at("text"));
    await assertWhole("csv", at("csv"));
    assert.deepEqual(readdirSync(folder).sort(), ["csv", "nowhere", "text"]);
  });

  test("names each of several that cannot be written", async () => {
    const said = await write(["json=/dev/full", `csv=${at("no/where")}`, `text=${at("text")}`]);
    assert.match(
      said ?? "",
      /no\/where": no such file or directory; Cannot write the report to "\/dev\/full": the disk is full$/,
    );
    await assertWhole("text", at("text"));
  });

  test("names a pipe whose reader has left, and writes all others", async () => {
    const pipe = at("pipe");
    execFileSync("mkfifo", [pipe]);
    // A reader that opens, takes nothing, and goes.
    const leaving = execFileSync("sh", ["-c", `(exec 3<"$0"; exec 3<&-) >/dev/null 2>&1 & echo $!`, pipe], {
      encoding: "utf8",
    });
    assert.match(leaving, /^\d+\n$/);
    const many = Array.from({ length: 2000 }, () => [...damaged.variances()]).flat();
    const said = await write([`json=${pipe}`, `text=${at("text")}`], many);
    assert.match(said ?? "", /^Cannot write the report to ".*pipe": broken pipe$/);
    assert.match(readFileSync(at("text"), "utf8"), /^DAMAGED /);
    assert.deepEqual(readdirSync(folder).sort(), ["pipe", "text"]);
  });

  test("leaves nothing under any name where the findings cannot be read to their end", async () => {
    function* broken(): Generator<Variance> {
      yield* damaged.variances();
      throw new Error("the table is gone");
    }
    writeFileSync(at("json"), "older");
    const said = await write(
      NAMES.map((name) => `${name}=${at(name)}`),
      broken(),
    );
    assert.equal(said, "the table is gone");
    assert.deepEqual(readdirSync(folder), ["json"]);
    assert.equal(readFileSync(at("json"), "utf8"), "older");
  });

  test("lets node_exporter read what it writes for Prometheus, and replaces it at one stroke", async () => {
    const before = process.umask(0o077);
    try {
      writeFileSync(at("pair.prom"), "older");
      const older = statSync(at("pair.prom"));
      assert.equal(await write([`prometheus=${at("pair.prom")}`, `json=${at("json")}`]), null);
      const newer = statSync(at("pair.prom"));
      assert.equal(newer.mode & 0o777, 0o644);
      assert.notEqual(newer.ino, older.ino);
      assert.equal(statSync(at("json")).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(folder).sort(), ["json", "pair.prom"]);
    } finally {
      process.umask(before);
    }
  });

  test("writeEach() writes what it can too", () => {
    const targets = [
      { name: "a", file: "/dev/full" },
      { name: "b", file: at("b") },
    ] as const;
    assert.throws(() => writeEach(targets, (target, sink) => sink(target.name)), /"\/dev\/full": the disk is full/);
    assert.equal(readFileSync(at("b"), "utf8"), "b");
  });
});
