/** `spooldiff explain` in the compiled program. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { VARIANCE_CLASSES } from "../../src/compare/classes.ts";
import { RULE_IDS } from "../../src/compare/judge/rules.ts";
import { NOTE_CLASSES } from "../../src/compare/meanings/notes.ts";
import { nameOf, TOPICS, writeTopicsText, writeTopicText } from "../../src/report/explain.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { assertGolden } from "../support/golden.ts";
import { assertRefused } from "../support/refusal.ts";

suite("spooldiff explain", () => {
  test("CLASS prints what it means, what Cyrus logs, what to do, and the rules that can decide it", async () => {
    const { status, stdout, stderr } = await spooldiff(["explain", "file-corrupt"]);
    assert.deepEqual([status, stderr], [0, ""]);
    assertGolden("explain-file-corrupt.txt", stdout);
  });

  test("RULE prints what it looks at and what it decides", async () => {
    const { status, stdout } = await spooldiff(["explain", "replica-ahead"]);
    assert.equal(status, 0);
    assertGolden("explain-replica-ahead.txt", stdout);
  });

  test("without a name lists every class and every rule", async () => {
    const { status, stdout } = await spooldiff(["explain"]);
    assert.equal(status, 0);
    for (const name of [...VARIANCE_CLASSES, ...RULE_IDS, ...NOTE_CLASSES])
      assert.match(stdout, new RegExp(`\\b${name}\\b`));
    for (const cut of stdout.split(/\n(?= {2}\S)/)) {
      assert.equal(cut.split("(").length, cut.split(")").length, `a sentence ends within brackets: ${cut}`);
    }
  });

  test("--format json prints one object for each", async () => {
    const lines = jsonLines((await spooldiff(["explain", "--format", "json"])).stdout);
    assert.deepEqual(
      lines.map((line) => line.class ?? line.rule),
      [...VARIANCE_CLASSES, ...RULE_IDS, ...NOTE_CLASSES],
    );
    const [line] = jsonLines((await spooldiff(["explain", "acl-differs", "--format", "json"])).stdout);
    assert.deepEqual([line?.type, line?.class, line?.check], ["class", "acl-differs", "acl"]);
  });

  test("refuses a name that is none, with those that are near", async () => {
    await assertRefused(["explain", "file-corupt"], /no such class or rule\n {2}Did you mean file-corrupt\?\n/);
    await assertRefused(["explain", "sieve"], /Did you mean sieve-differs\?/);
    await assertRefused(["explain", "\x1b[31m"], /spooldiff explain lists them all/);
    await assertRefused(["explain", "x".repeat(100_000)], /spooldiff explain lists them all/);
  });

  test("fits 80 columns", () => {
    const lines: string[] = [];
    const sink = (chunk: string) => void lines.push(...chunk.split("\n"));
    writeTopicsText(false, sink);
    for (const topic of TOPICS) writeTopicText(topic, false, sink);
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
    assert.equal(new Set(TOPICS.map(nameOf)).size, TOPICS.length);
  });
});
