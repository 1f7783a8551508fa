import assert from "node:assert/strict";
import { test } from "node:test";
import { createScanPool } from "../../src/scan/scan-pool.ts";
import { messages, TestSpool } from "./test-spool.ts";

/** What a process uses that waits for a disk all the time: a reason to begin more threads whenever that is looked at. */
function waitingForDisk() {
  let looks = 0;
  return () => {
    looks++;
    return { nowMs: looks * 1000, cpuMs: 0, diskBytes: looks << 24 };
  };
}

for (const workers of [1, "auto"] as const) {
  test(`createScanPool(${workers}) does nothing more once it is destroyed`, async (t) => {
    const spool = new TestSpool();
    t.after(() => spool.remove());
    const ref = spool.add("user.a", messages(1));
    const pool = createScanPool(workers, 0, waitingForDisk());
    const { threads } = pool;
    await pool.destroy();
    assert.equal(pool.isDestroyed(), true);
    const settings = { scanId: "a scan", kind: "cyrus", level: "index" } as const;
    const item = { ref, listed: true, contradiction: null };
    await assert.rejects(pool.scan({ settings, items: [item] }), /was stopped/);
    await assert.rejects(pool.outline({ settings, ref }), /was stopped/);
    assert.equal(pool.threads, threads);
  });
}
