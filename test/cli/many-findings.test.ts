/** Reports of more findings than there is memory for, to readers that are slow, or leave. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, suite, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { REPORT_FORMATS } from "../../src/report/reporter.ts";
import { type ManyFindingsOutcome, manyFindingsCode } from "../support/many-findings.ts";

/** Far less than the findings take where they are kept: a million lines of JSON alone are 290 MB. */
const HEAP_MEGABYTES = 48;
const PEAK_BYTES = 230e6;

suite("reports of many findings", () => {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-many-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function start(findings: number, source: "made" | "table", formats: readonly string[]): ChildProcess {
    const limits = [`--max-old-space-size=${HEAP_MEGABYTES}`, "--max-semi-space-size=8"];
    const words = [...limits, "--input-type=module", "-e", manyFindingsCode(findings, source, formats)];
    return spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"], timeout: 280_000 });
  }

  async function outcomeOf(child: ChildProcess): Promise<ManyFindingsOutcome> {
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const status = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(status, 0, said);
    return JSON.parse(said) as ManyFindingsOutcome;
  }

  test("a million go through every format in one pass and constant memory, also while nobody reads", async () => {
    const others = Object.keys(REPORT_FORMATS).filter((name) => name !== "json");
    const child = start(1_000_000, "made", ["json", ...others.map((name) => `${name}=/dev/null`)]);
    const outcome = outcomeOf(child);
    await wait(1500);
    // Its pipe is full: it waits, and keeps nothing meanwhile.
    assert.equal(child.exitCode, null);
    let variances = 0;
    let last = "";
    let rest = "";
    for await (const chunk of (child.stdout as NonNullable<ChildProcess["stdout"]>).setEncoding("utf8")) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith('{"type":"variance"')) variances++;
      last = lines.at(-1) ?? last;
    }
    assert.equal(rest, "");
    assert.equal(variances, 1_000_000);
    assert.equal((JSON.parse(last) as { type: string }).type, "summary");
    const { passes, failure, peakBytes } = await outcome;
    assert.deepEqual({ passes, failure }, { passes: 1, failure: null });
    assert.ok(peakBytes < PEAK_BYTES, `${peakBytes} bytes`);
  });

  test("those in the table of a comparison are sorted and written in constant memory", async () => {
    const csv = join(folder, "sorted.csv");
    const child = start(150_000, "table", ["json", `csv=${csv}`]);
    child.stdout?.resume();
    const { passes, failure, peakBytes } = await outcomeOf(child);
    assert.deepEqual({ passes, failure }, { passes: 1, failure: null });
    assert.ok(peakBytes < PEAK_BYTES, `${peakBytes} bytes`);
    let rows = 0;
    for await (const _ of createInterface({ input: createReadStream(csv) })) rows++;
    assert.equal(rows, 1 + 150_000);
  });

  test("a reader that leaves ends its own report, and no other", async () => {
    const csv = join(folder, "whole.csv");
    const child = start(20_000, "made", ["json", `csv=${csv}`]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    assert.equal((await outcomeOf(child)).failure, null);
    assert.equal(readFileSync(csv, "utf8").split("\r\n").length, 1 + 20_000 + 1);
  });

  test("a heap of this size does not hold them: a version that keeps them would fail", async () => {
    const keep = `const kept = []; for (let i = 0; i < 1e6; i++) kept.push({ type: "variance", uid: i, path: "/spool/" + i });`;
    const limits = [`--max-old-space-size=${HEAP_MEGABYTES}`, "--max-semi-space-size=8"];
    const child = spawn(process.execPath, [...limits, "-e", keep], { stdio: "ignore" });
    const ended = await new Promise((resolve) => child.once("close", (status, signal) => resolve(signal ?? status)));
    assert.notEqual(ended, 0);
  });
});
