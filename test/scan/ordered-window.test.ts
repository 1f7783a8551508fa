import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { runInOrder } from "../../src/scan/ordered-window.ts";

test("runInOrder() hands out results in the order of the jobs, within its limits", async () => {
  const delays = fc.array(fc.nat({ max: 4 }), { maxLength: 30 });
  const limit = fc.integer({ min: 1, max: 4 });
  await fc.assert(
    fc.asyncProperty(delays, limit, limit, async (jobs, running, waiting) => {
      let now = 0;
      let most = 0;
      let begun = 0;
      const got: number[] = [];
      await runInOrder(
        from(jobs.map((delay, number) => ({ delay, number }))),
        async ({ delay, number }) => {
          most = Math.max(most, ++now);
          begun++;
          assert.ok(begun - got.length <= running + waiting, "nothing begins while too much waits");
          await setTimeout(delay);
          now--;
          return number;
        },
        (number) => got.push(number),
        { running, waiting, waitingWeight: Number.POSITIVE_INFINITY },
        () => 1,
      );
      assert.deepEqual(got, [...jobs.keys()]);
      assert.ok(most <= running);
    }),
    { numRuns: 40 },
  );
});

test("runInOrder() holds back by weight behind a slow job", async () => {
  const begun: number[] = [];
  let release: () => void = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const done = runInOrder(
    from([0, 1, 2, 3, 4, 5, 6]),
    async (number) => {
      begun.push(number);
      if (number === 0) await slow;
      return number;
    },
    () => {},
    { running: 2, waiting: 100, waitingWeight: 20 },
    () => 10,
  );
  await setTimeout(30);
  assert.deepEqual(begun, [0, 1, 2]);
  release();
  await done;
  assert.equal(begun.length, 7);
});

test("runInOrder() begins no more than a slow receiver takes", async () => {
  let begun = 0;
  let received = 0;
  let most = 0;
  await runInOrder(
    from(Array.from({ length: 200 }, (_, number) => number)),
    async (number) => {
      most = Math.max(most, ++begun - received);
      return number;
    },
    () => {
      sleepSync(0.2);
      received++;
    },
    { running: 3, waiting: 1000, waitingWeight: Number.POSITIVE_INFINITY },
    () => 1,
  );
  assert.equal(received, 200);
  assert.ok(most <= 7, `${most} under way or waiting at once`);
});

test("runInOrder() begins jobs while results that had to wait are handed out", async () => {
  let release: () => void = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begunBefore: number[] = [];
  let begun = 0;
  await runInOrder(
    from(Array.from({ length: 60 }, (_, number) => number)),
    async (number) => {
      if (++begun === 40) release();
      if (number === 0) await slow;
      return number;
    },
    () => begunBefore.push(begun),
    { running: 2, waiting: 100, waitingWeight: Number.POSITIVE_INFINITY },
    () => 1,
  );
  assert.ok((begunBefore[0] ?? 60) < 45, "the first result was waited for");
  assert.ok((begunBefore[20] ?? 0) > (begunBefore[0] ?? 0) + 10, "others have begun meanwhile");
});

test("runInOrder() throws what a job, the jobs or the receiver throw", async () => {
  const limits = { running: 2, waiting: 9, waitingWeight: 9 };
  const fail = async (number: number) => {
    if (number === 1) throw new Error("job");
    return number;
  };
  await assert.rejects(
    runInOrder(
      from([0, 1, 2]),
      fail,
      () => {},
      limits,
      () => 0,
    ),
    /job/,
  );
  const refuse = () => {
    throw new Error("receiver");
  };
  await assert.rejects(
    runInOrder(
      from([0]),
      async (n) => n,
      refuse,
      limits,
      () => 0,
    ),
    /receiver/,
  );
  async function* broken() {
    yield 0;
    throw new Error("jobs");
  }
  await assert.rejects(
    runInOrder(
      broken(),
      async (n) => n,
      () => {},
      limits,
      () => 0,
    ),
    /jobs/,
  );
});

async function* from<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
