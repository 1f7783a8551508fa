import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { unpackRecord } from "../../../src/mail/packed-messages.ts";
import { cyrusMailboxReader } from "../../../src/store/cyrus/reader.ts";
import type { IndexSnapshot, MailboxRef } from "../../../src/store/mail-store.ts";
import { type FlipperTask, indexAfter, recordsAfter } from "../../support/index-flipper.ts";
import { writeMailboxHeader } from "../../support/index-writer.ts";

const RECORDS = 40;
const COMMITS = 4000;

/** Compares a snapshot with the one committed state that its HIGHESTMODSEQ names. */
function assertCommitted(snapshot: IndexSnapshot): void {
  const expected = recordsAfter(Number(snapshot.header.highestModseq) - 1, RECORDS);
  for (const [i, { uid, modseq, flags }] of expected.entries()) {
    const record = unpackRecord(snapshot.live, i);
    assert.deepEqual([record.uid, record.modseq, record.flags], [uid, BigInt(modseq), flags ? "\\flagged" : ""]);
  }
}

describe("readIndex() beside a writer that never rests", () => {
  it("accepts committed states only", async () => {
    const directory = mkdtempSync(join(tmpdir(), "spooldiff-race-"));
    const path = join(directory, "cyrus.index");
    writeFileSync(path, indexAfter(0, RECORDS));
    writeFileSync(join(directory, "cyrus.header"), writeMailboxHeader({ uniqueId: "abc", name: "user.a" }));
    const ref = {
      uniqueId: "abc",
      indexFile: path,
      headerFile: join(directory, "cyrus.header"),
      annotationsFile: join(directory, "cyrus.annotations"),
    } as MailboxRef;
    const task: FlipperTask = { path, records: RECORDS, commits: COMMITS };
    const worker = new Worker(new URL("../../support/index-flipper.ts", import.meta.url), { workerData: task });
    let running = true;
    const exit = once(worker, "exit").then(([code]) => {
      running = false;
      return code as number;
    });
    const states = new Set<bigint | null>();
    while (running) {
      const reading = cyrusMailboxReader.readIndex(ref);
      assert.ok(reading.status === "read" || reading.status === "inconsistent", reading.status);
      if (reading.status === "read") {
        states.add(reading.snapshot.header.highestModseq);
        assertCommitted(reading.snapshot);
      }
      await nextTurn();
    }
    assert.equal(await exit, 0);
    const last = cyrusMailboxReader.readIndex(ref);
    assert.ok(last.status === "read" && last.snapshot.header.highestModseq === BigInt(COMMITS + 1));
    assertCommitted(last.snapshot);
    assert.ok(states.size > 10, `only ${states.size} states were seen`);
    rmSync(directory, { recursive: true });
  });
});
