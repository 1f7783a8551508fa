import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { brakeOf, type Clock, createBrakes, NO_BRAKE, type Rates, readSoFar } from "../../src/scan/brake.ts";
import { runScan } from "../../src/scan/scan.ts";
import type { ScanOptions } from "../../src/scan/scan-options.ts";
import { chosenSeed } from "../support/random.ts";
import { messages, TestSpool } from "./test-spool.ts";

const SEED = chosenSeed();
const SECOND = 1_000_000_000n;
const WINDOW = 10n * SECOND;

/** A thread of its own time, which a sleep moves on, and a little further than it was to. */
class FakeThread {
  now: bigint;
  readonly #late: () => bigint;
  readonly clock: Clock = {
    nowNs: () => this.now,
    sleepNs: (duration) => {
      assert.ok(duration > 0n);
      this.now += duration + this.#late();
    },
  };

  constructor(startNs: bigint, late: () => bigint) {
    this.now = startNs;
    this.#late = late;
  }
}

interface Grant {
  readonly at: bigint;
  readonly amount: number;
}

/** Lets threads ask for `amount()` with `idle()` in between, always the one whose time is the earliest, until `endNs`. */
function simulate(
  threads: number,
  rates: Rates,
  { late, idle }: { late: () => bigint; idle: () => bigint },
  take: (brake: ReturnType<typeof brakeOf>) => number,
  endNs: bigint,
): Grant[] {
  const shared = createBrakes(rates);
  const all = Array.from({ length: threads }, (_, i) => {
    const thread = new FakeThread(5_000_000_000_000n + BigInt(i), late);
    return { thread, brake: brakeOf(shared, thread.clock) };
  });
  const start = 5_000_000_000_000n;
  const grants: Grant[] = [];
  for (;;) {
    const next = all.reduce((a, b) => (b.thread.now < a.thread.now ? b : a));
    if (next.thread.now - start > endNs) return grants.sort((a, b) => Number(a.at - b.at));
    const amount = take(next.brake);
    grants.push({ at: next.thread.now, amount });
    next.thread.now += idle();
  }
}

/** The most and the least that any ten seconds hold. */
function windows(grants: readonly Grant[], endNs: bigint): { most: number; least: number } {
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  let sum = 0;
  let first = 0;
  const start = 5_000_000_000_000n;
  for (const { at, amount } of grants) {
    sum += amount;
    while ((grants[first] as Grant).at <= at - WINDOW) sum -= (grants[first++] as Grant).amount;
    most = Math.max(most, sum);
    // Only windows that lie inside of the run say what the least is.
    if (at - WINDOW >= start && at <= start + endNs) least = Math.min(least, sum);
  }
  return { most, least };
}

describe(`brakeOf() (seed ${SEED})`, () => {
  const threads = fc.integer({ min: 1, max: 8 });
  const lateMs = fc.integer({ min: 0, max: 40 });

  it("lets no more than 5 % above the rate of bytes through in any ten seconds, and no less where more is asked for", () => {
    fc.assert(
      fc.property(threads, fc.integer({ min: 10_000, max: 400_000_000 }), lateMs, (n, rate, late) => {
        let calls = 0;
        const lateness = () => BigInt((calls++ * 7919) % (late + 1)) * 1_000_000n;
        const end = 24n * SECOND;
        const take = (brake: ReturnType<typeof brakeOf>) => {
          const amount = Math.min(brake.pieceBytes, 1 + ((calls++ * 104_729) % 700_000));
          brake.bytes(amount);
          return amount;
        };
        const rates = { bytesPerSecond: rate, filesPerSecond: null };
        const { most, least } = windows(simulate(n, rates, { late: lateness, idle: () => 1000n }, take, end), end);
        assert.ok(most <= rate * 10 * 1.05, `${most} of ${rate * 10}`);
        assert.ok(least >= rate * 10 * 0.95, `${least} of ${rate * 10}`);
      }),
      { seed: SEED, numRuns: 40, endOnFailure: true },
    );
  });

  it("lets no more files through after a pause either", () => {
    fc.assert(
      fc.property(threads, fc.integer({ min: 20, max: 3000 }), fc.integer({ min: 1, max: 40 }), (n, rate, pauses) => {
        let calls = 0;
        const idle = () => (calls++ % (rate * pauses) === 0 ? 3n * SECOND : 10_000n);
        const take = (brake: ReturnType<typeof brakeOf>) => {
          brake.file();
          return 1;
        };
        const rates = { bytesPerSecond: null, filesPerSecond: rate };
        const grants = simulate(n, rates, { late: () => 0n, idle }, take, 30n * SECOND);
        const { most } = windows(grants, 30n * SECOND);
        assert.ok(most <= rate * 10 * 1.05, `${most} of ${rate * 10}`);
      }),
      { seed: SEED, numRuns: 30, endOnFailure: true },
    );
  });

  it("makes a file of many seconds wait piece by piece", () => {
    const thread = new FakeThread(0n, () => 0n);
    const brake = brakeOf(createBrakes({ bytesPerSecond: 1_000_000, filesPerSecond: null }), thread.clock);
    assert.equal(brake.pieceBytes, 50_000);
    for (let read = 0; read < 30_000_000; read += brake.pieceBytes) brake.bytes(brake.pieceBytes);
    assert.ok(thread.now > 29n * SECOND && thread.now < 31n * SECOND, `${thread.now}`);
    const before = thread.now;
    brake.bytes(5_000_000);
    assert.ok(thread.now - before > 4n * SECOND, "an index is paid for as a whole, too");
  });

  it("holds nothing back without rates, and counts what is read all the same", () => {
    const shared = createBrakes({ bytesPerSecond: null, filesPerSecond: null });
    const clock = { nowNs: () => 0n, sleepNs: () => assert.fail("it slept") };
    const brake = brakeOf(shared, clock);
    for (let i = 0; i < 640; i++) {
      brake.file();
      brake.bytes(1 << 20);
    }
    assert.deepEqual(readSoFar(shared), { bytes: 640n << 20n, files: 640 });
    assert.deepEqual([brake.holdsBack, NO_BRAKE.holdsBack, brake.pieceBytes], [false, false, Number.POSITIVE_INFINITY]);
  });
});

describe("runScan() under a brake", () => {
  const spool = new TestSpool();
  const OPTIONS: ScanOptions = {
    level: "full",
    workers: 2,
    niceIncrement: 0,
    includes: () => true,
    findUnlisted: true,
  };
  before(() => {
    // One file that is longer than what a second may read, and is read in pieces; many small ones; metadata.
    const small = messages(...Array.from({ length: 40 }, (_, i) => i + 1)).map((m) => ({
      ...m,
      body: "x".repeat(5000),
    }));
    for (let i = 0; i < 8; i++) spool.add(`user.u${i}`, small);
    spool.add("user.v", [{ uid: 1, body: "y".repeat(6_000_000) }]);
  });
  after(() => spool.remove());

  const SMALL_BYTES = 8 * 40 * 5000;
  const FILES = 8 * 40 + 1 + 9;

  async function seconds(rates: Rates): Promise<number> {
    const sink = { mailbox() {}, tombstone() {}, pending() {}, problem() {}, item() {}, unreadItems() {} };
    let first = 0;
    const events = {
      progress: ({ phase }: { phase: string }) => {
        if (phase === "mailboxes" && first === 0) first = performance.now();
      },
    };
    const signal = new AbortController().signal;
    const outcome = await runScan(spool.store(), { ...OPTIONS, rates }, sink, events, signal);
    assert.equal(outcome.filesRead, 8 * 40 + 1);
    return (performance.now() - first) / 1000;
  }

  it("keeps to the bytes a second, all threads together", async () => {
    const rate = 4_000_000;
    const expected = (SMALL_BYTES + 6_000_000) / rate;
    const took = await seconds({ bytesPerSecond: rate, filesPerSecond: null });
    assert.ok(took >= expected * 0.94, `${took} s, ${expected} s expected`);
  });

  it("keeps to the files a second, all threads together", async () => {
    const took = await seconds({ bytesPerSecond: null, filesPerSecond: 200 });
    assert.ok(took >= (FILES / 200) * 0.92, `${took} s for ${FILES} files`);
  });
});
