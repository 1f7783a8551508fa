/** `compare --state` where a mailbox list that was read before cannot be read any more. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { scanFixture } from "../support/scanned-fixture.ts";

test("a comparison without a mailbox list clears nothing that it could not look at", async () => {
  const pair = await scanFixture("c-damaged-legacy");
  try {
    const state = join(pair.folder, "pair.db");
    await spooldiff(["compare", pair.primary, pair.replica, "--state", state]);
    writeFileSync(pair.path("replica", "conf", "mailboxes.db"), "no list ".repeat(512));
    const later = { primary: join(pair.folder, "later-p.db"), replica: join(pair.folder, "later-r.db") };
    for (const side of ["replica", "primary"] as const) {
      await spooldiff(["scan", "-C", pair.conf(side), "-o", later[side], "--quiet"]);
    }
    const run = await spooldiff(["compare", later.primary, later.replica, "--state", state, "--format", "json"]);
    const history = jsonLines(run.stdout).at(-1)?.history as { comparison: number; findings: { cleared: number } };
    assert.deepEqual([history.comparison, history.findings.cleared], [2, 0]);
  } finally {
    pair.cleanup();
  }
});
