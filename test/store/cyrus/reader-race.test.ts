import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { unpackRecord } from "../../../src/mail/packed-messages.ts";
import { cyrusMailboxReader } from "../../../src/store/cyrus/reader.ts";
import type { IndexSnapshot, MailboxRef } from "../../../src/store/mail-store.ts";
import { type FlipperTask, indexAfter, recordsAfter } from "../../support/index-flipper.ts";
import { type WritableVersion, writeIndex, writeMailboxHeader } from "../../support/index-writer.ts";

const RECORDS = 40;

const recordsOf = ({ live }: IndexSnapshot) => Array.from({ length: live.count }, (_, row) => unpackRecord(live, row));
const patternOf = (flagged: readonly boolean[]) => flagged.map((flag) => (flag ? "1" : "0")).join("");

/** All patterns of \Flagged that commits leave behind: they come again after every record was set and cleared. */
const COMMITTED_PATTERNS = new Set(
  Array.from({ length: 2 * RECORDS + 1 }, (_, n) =>
    patternOf(recordsAfter(n, RECORDS).map(({ flags }) => flags !== 0)),
  ),
);

/** Compares a snapshot with the committed state that its HIGHESTMODSEQ names, or where it has none with all there are. */
function assertCommitted(snapshot: IndexSnapshot): void {
  const records = recordsOf(snapshot);
  const { highestModseq } = snapshot.header;
  if (highestModseq === null) {
    const pattern = patternOf(records.map(({ flags }) => flags === "\\flagged"));
    assert.ok(COMMITTED_PATTERNS.has(pattern), pattern);
    return;
  }
  for (const [i, { uid, modseq, flags }] of recordsAfter(Number(highestModseq) - 1, RECORDS).entries()) {
    const record = records[i];
    assert.deepEqual([record?.uid, record?.modseq, record?.flags], [uid, BigInt(modseq), flags ? "\\flagged" : ""]);
  }
}

describe("readIndex() beside a writer that never rests", () => {
  let directory: string;
  let ref: MailboxRef;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "spooldiff-race-"));
    const at = (name: string) => join(directory, name);
    writeFileSync(at("cyrus.header"), writeMailboxHeader({ uniqueId: "abc", name: "user.a" }));
    ref = {
      ...{ name: "user.a", uniqueId: "abc", indexFile: at("cyrus.index"), headerFile: at("cyrus.header") },
      ...{ annotationsFile: at("cyrus.annotations"), expungeFile: at("cyrus.expunge") },
    } as MailboxRef;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Reads while `task` writes, handing every accepted snapshot to `check`. */
  async function readBeside(task: FlipperTask, check: (snapshot: IndexSnapshot) => void) {
    const worker = new Worker(new URL("../../support/index-flipper.ts", import.meta.url), { workerData: task });
    let running = true;
    const exit = once(worker, "exit").then(([code]) => {
      running = false;
      return code as number;
    });
    const counts = { accepted: 0, refused: 0 };
    while (running) {
      const reading = cyrusMailboxReader.readIndex(ref);
      assert.ok(reading.status === "read" || reading.status === "inconsistent", reading.status);
      counts[reading.status === "read" ? "accepted" : "refused"]++;
      if (reading.status === "read") check(reading.snapshot);
      await nextTurn();
    }
    assert.equal(await exit, 0);
    return counts;
  }

  const cases: readonly (readonly [WritableVersion, number])[] = [
    [17, 4000],
    [6, 3000],
    [7, 2000],
    [8, 2000],
    [9, 2000],
    [10, 3000],
  ];
  for (const [version, commits] of cases) {
    it(`accepts committed states only of version ${version}`, async () => {
      writeFileSync(ref.indexFile, indexAfter(0, RECORDS, version));
      const states = new Set<string>();
      const check = (snapshot: IndexSnapshot) => {
        states.add(`${snapshot.header.highestModseq} ${snapshot.counted.flagged}`);
        assertCommitted(snapshot);
      };
      const counts = await readBeside({ path: ref.indexFile, records: RECORDS, commits, version }, check);
      const last = cyrusMailboxReader.readIndex(ref);
      assert.ok(last.status === "read");
      assertCommitted(last.snapshot);
      assert.equal(last.snapshot.header.highestModseq, version < 8 ? null : BigInt(commits + 1));
      // Without checksums hardly any two reads are alike beside such a writer.
      if (version >= 12) assert.ok(states.size > 10, `only ${states.size} states were seen`);
      else assert.ok(counts.refused > 0, `only ${counts.refused} reads were refused`);
    });
  }

  it("finds a record that moves between cyrus.index and cyrus.expunge in one of them, always", async () => {
    writeFileSync(ref.indexFile, writeIndex({ version: 10, records: recordsAfter(0, RECORDS) }));
    const seen = { live: 0, expunged: 0 };
    const task = {
      path: ref.indexFile,
      expungePath: ref.expungeFile,
      records: RECORDS,
      commits: 300,
      version: 10,
    } as const;
    const counts = await readBeside(task, ({ live, expunged, uids }) => {
      assert.equal(uids?.length, RECORDS);
      assert.equal(live.count + expunged.length, RECORDS);
      seen[expunged.length === 0 ? "live" : "expunged"]++;
    });
    assert.ok(counts.refused > 10, `only ${counts.refused} reads were refused`);
    assert.ok(seen.live + seen.expunged > 0, "no read was accepted");
  });
});
