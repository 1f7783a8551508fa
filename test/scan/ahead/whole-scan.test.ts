/** Whole scans whose threads read every mailbox together write the manifests of those that do not. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ensureTree } from "../../../native-bench/generate.ts";
import type { MailboxReading } from "../../../src/mail/mailbox.ts";
import { unpackStat } from "../../../src/mail/packed-messages.ts";
import { ManifestReader } from "../../../src/manifest/reader.ts";
import { verifyManifest } from "../../../src/manifest/verify.ts";
import type { AheadLimits } from "../../../src/scan/ahead/ahead-task.ts";
import { runScan } from "../../../src/scan/scan.ts";
import type { ScanProgress } from "../../../src/scan/scan-options.ts";
import type { MailStore } from "../../../src/store/mail-store.ts";
import { openStore } from "../../../src/store/registry.ts";
import { unpackFixture } from "../../support/fixtures.ts";
import { manifestRowsText } from "../../support/manifest-rows-text.ts";
import { scanStore } from "../../support/pipeline.ts";
import { messages, TestSpool } from "../test-spool.ts";

const EVERY_MAILBOX: AheadLimits = {
  aboveMessages: 0,
  waitingMessages: 0,
  rangeFiles: 3,
  rangeBytes: 20_000,
  settledMs: 0,
};
const NO_MAILBOX: AheadLimits = { ...EVERY_MAILBOX, aboveMessages: Number.POSITIVE_INFINITY };
const TREE = {
  name: "ahead",
  messages: 1500,
  mailboxes: 4,
  medianBytes: 2000,
  sigma: 1.5,
  maxBytes: 6_000_000,
  seed: 7,
};

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "spooldiff-ahead-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const FIXTURES = [
  ["a-legacy-insync", "primary"],
  ["b-uuid-insync", "replica"],
  ["c-damaged-legacy", "primary"],
] as const;
for (const [name, host] of FIXTURES) {
  test(`runScan() finds in the fixture ${name} (${host}) by looks ahead what it finds without`, async () => {
    const { root, cleanup } = unpackFixture(name);
    try {
      const store = await openStoreOf(join(root, host, "imapd.conf"));
      const expected = await scanned(store, 0, NO_MAILBOX);
      const found = await scanned(store, 2, EVERY_MAILBOX);
      assert.deepEqual(found.rows, expected.rows);
      // Without there are a few: of several names of one inode, and where an index was read again.
      assert.ok(found.ahead > 2 * expected.ahead, `${found.ahead} files read ahead, ${expected.ahead} without`);
    } finally {
      cleanup();
    }
  });
}

test("runScan() finds in a generated spool by looks ahead of 1, 2 and 8 threads what it finds without", async () => {
  const { primaryConf, bytes } = ensureTree(TREE, folder, () => {});
  const store = await openStoreOf(primaryConf);
  const expected = await scanned(store, 0, NO_MAILBOX);
  assert.equal(expected.bytesRead, BigInt(bytes));
  for (const workers of [1, 2, 8]) {
    const found = await scanned(store, workers, { ...EVERY_MAILBOX, rangeFiles: 40, rangeBytes: 100_000 });
    assert.deepEqual(found.rows, expected.rows);
    assert.equal(found.bytesRead, expected.bytesRead);
    // One thread has nobody to share a mailbox with.
    assert.equal(found.ahead > TREE.messages / 2, workers > 1);
  }
});

test("runScan() tells what is read ahead while it is read, counts it once, and stops in the midst of it", async () => {
  const spool = new TestSpool();
  try {
    const mail = messages(...Array.from({ length: 400 }, (_, n) => n + 1)).map((message) => ({
      ...message,
      body: randomBytes(10_000).toString("hex"),
    }));
    spool.add("user.a", mail);
    const told: ScanProgress[] = [];
    const stop = new AbortController();
    const whole = await run(spool.store(), (progress) => told.push(progress), new AbortController().signal);
    assert.equal(whole.status, "finished");
    assert.equal(whole.bytesRead, 400n * 20_000n);
    assert.equal(whole.filesRead, 400);
    assert.equal(told.at(-1)?.bytesRead, whole.bytesRead);
    const stopped = await run(
      spool.store(),
      ({ phase }) => {
        if (phase === "mailboxes") setTimeout(() => stop.abort(), 1);
      },
      stop.signal,
    );
    assert.equal(stopped.status, "stopped");
  } finally {
    spool.remove();
  }
});

function openStoreOf(configFile: string): Promise<MailStore> {
  return openStore("cyrus", { configFile, partitions: [], configDirectory: null });
}

/** What a scan's manifest holds, and how many of its files were read before the index of their mailbox. */
async function scanned(store: MailStore, workers: number, ahead: AheadLimits) {
  const path = join(folder, `${randomBytes(4).toString("hex")}.db`);
  let early = 0;
  let bytesRead = 0n;
  const alter = (reading: MailboxReading) => {
    bytesRead += reading.bytesRead;
    for (let row = 0; row < reading.messages.count; row++) {
      const readAtMs = unpackStat(reading.messages, row)?.readAtMs ?? null;
      if (readAtMs !== null && readAtMs < reading.readAtMs) early++;
    }
    return reading;
  };
  await scanStore(store, path, { workers, ahead, alter });
  const reader = ManifestReader.open(path);
  try {
    verifyManifest(reader);
  } finally {
    reader.close();
  }
  return { rows: manifestRowsText(path), ahead: early, bytesRead };
}

function run(store: MailStore, progress: (progress: ScanProgress) => void, signal: AbortSignal) {
  const ignored = () => {};
  const sink = { mailbox: ignored, tombstone: ignored, pending: ignored, problem: ignored };
  return runScan(
    store,
    { level: "full", workers: 2, niceIncrement: 0, includes: () => true, findUnlisted: true, ahead: EVERY_MAILBOX },
    { ...sink, item: ignored, unreadItems: ignored },
    { progress },
    signal,
  );
}
