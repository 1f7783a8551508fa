import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
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

test("createScanPool() may be destroyed at any moment of its tasks", async (t) => {
  const spool = new TestSpool();
  t.after(() => spool.remove());
  const refs = Array.from({ length: 8 }, (_, i) => spool.add(`user.u${i}`, messages(1, 2, 3)));
  const items = refs.map((ref) => ({ ref, listed: true, contradiction: null }));
  let done = 0;
  for (let round = 0; round < 20; round++) {
    const settings = { scanId: `scan ${round}`, kind: "cyrus", level: "full" } as const;
    const pool = createScanPool(2, 0);
    const tasks = Array.from({ length: 40 }, () => pool.scan({ settings, items }).then(() => done++));
    const all = Promise.allSettled(tasks);
    for (let some = 0; some <= round % 10; some++) await tasks[some];
    // What threads have found by then is still on its way.
    await pool.destroy();
    await all;
    await setImmediate();
  }
  assert.ok(done > 20 && done < 20 * 40, `${done} tasks were done`);
});
