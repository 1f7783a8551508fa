import assert from "node:assert/strict";
import { test } from "node:test";
import { createBrakes } from "../../src/scan/brake.ts";
import { createScanPool } from "../../src/scan/scan-pool.ts";
import { type Usage, usageNow, WorkerGrowth } from "../../src/scan/worker-growth.ts";

const START: Usage = { nowMs: 0, cpuMs: 0, diskBytes: 0 };
const COLD_MS = 100;
const MEGABYTES = 1 << 20;

/** Looks once a second, at a machine where each takes so much processor time and brings so many megabytes. */
function threadsAfter(cores: number, seconds: readonly { cpuMs: number; megabytes: number }[]): number[] {
  const growth = new WorkerGrowth(cores, START);
  let usage = START;
  return seconds.map(({ cpuMs, megabytes }) => {
    usage = {
      nowMs: usage.nowMs + 1000,
      cpuMs: usage.cpuMs + cpuMs,
      diskBytes: usage.diskBytes + megabytes * MEGABYTES,
    };
    growth.look(usage);
    return growth.threads;
  });
}

test("WorkerGrowth adds threads while cores are idle and the disk reads, up to four a core", () => {
  const cold = { cpuMs: COLD_MS, megabytes: 50 };
  assert.deepEqual(threadsAfter(1, [cold, cold, cold]), [4, 4, 4]);
  assert.deepEqual(threadsAfter(2, [cold, cold, cold]), [4, 8, 8]);
  assert.deepEqual(threadsAfter(8, [cold, cold]), [16, 16]);
});

test("WorkerGrowth adds none for what lies in memory, for busy cores, and on hosts with more cores than it would add", () => {
  assert.deepEqual(threadsAfter(2, [{ cpuMs: COLD_MS, megabytes: 0 }]), [2]);
  assert.deepEqual(threadsAfter(2, [{ cpuMs: 1900, megabytes: 50 }]), [2]);
  assert.deepEqual(threadsAfter(32, [{ cpuMs: COLD_MS, megabytes: 50 }]), [32]);
});

test("WorkerGrowth goes by the time since it last looked, and looks at no shorter ones", () => {
  const growth = new WorkerGrowth(2, START);
  assert.equal(growth.look({ nowMs: 400, cpuMs: 0, diskBytes: 100 * MEGABYTES }), false);
  assert.equal(growth.look({ nowMs: 600, cpuMs: 1200, diskBytes: 100 * MEGABYTES }), false);
  assert.equal(growth.look({ nowMs: 1200, cpuMs: 1250, diskBytes: 100 * MEGABYTES }), false);
  assert.equal(growth.look({ nowMs: 1800, cpuMs: 1300, diskBytes: 200 * MEGABYTES }), true);
});

test("createScanPool() with auto has more threads once they wait for a disk, unless the scan is to be slow", async () => {
  let usage = START;
  const pool = createScanPool("auto", 0, () => usage);
  const settings = { scanId: "growth", kind: "cyrus", level: "index" } as const;
  const before = pool.threads;
  try {
    usage = { nowMs: 1000, cpuMs: 1, diskBytes: 100 * MEGABYTES };
    const brakes = createBrakes({ bytesPerSecond: 1000, filesPerSecond: null });
    assert.deepEqual(await pool.scan({ settings: { ...settings, brakes }, items: [] }), []);
    assert.equal(pool.threads, before);
    assert.deepEqual(await pool.scan({ settings, items: [] }), []);
    assert.ok(pool.threads >= 4);
    assert.equal(pool.window, 3 * pool.threads);
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => pool.scan({ settings, items: [] }))), [[], [], []]);
  } finally {
    await pool.destroy();
  }
});

test("usageNow() counts processor time, and never backwards", () => {
  const before = usageNow();
  while (usageNow().cpuMs < before.cpuMs + 20);
  const after = usageNow();
  assert.ok(after.cpuMs > before.cpuMs && after.nowMs > before.nowMs);
  assert.ok(after.diskBytes >= before.diskBytes);
});
