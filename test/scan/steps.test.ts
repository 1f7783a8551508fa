import assert from "node:assert/strict";
import { test } from "node:test";
import { runTogether, type Steps } from "../../src/scan/steps.ts";

test("runTogether() gives the results in the order of the jobs, however long each takes", () => {
  const settled: number[] = [];
  let round = 0;
  const results = runTogether([job(3), job(0), job(1)], () => settled.push(++round));
  assert.deepEqual(results, [3, 0, 1]);
  assert.deepEqual(settled, [1, 2, 3]);

  function* job(stops: number): Steps<number> {
    for (let i = 0; i < stops; i++) {
      yield;
      assert.equal(round, i + 1, "it goes on only when all have stopped and what they wait for is there");
    }
    return stops;
  }
});

test("runTogether() settles nothing for jobs that do not stop", () => {
  // biome-ignore lint/correctness/useYield: a job may have nothing to wait for
  function* job(): Steps<string> {
    return "done";
  }
  assert.deepEqual(
    runTogether([job(), job()], () => assert.fail()),
    ["done", "done"],
  );
  assert.deepEqual(
    runTogether([], () => assert.fail()),
    [],
  );
});

test("runTogether() lets the other jobs close what they hold when one throws", () => {
  let open = 0;
  function* holding(): Steps<void> {
    open++;
    try {
      yield;
      yield;
    } finally {
      open--;
    }
  }
  // biome-ignore lint/correctness/useYield: it throws before it would
  function* throwing(): Steps<void> {
    throw new Error("broken");
  }
  assert.throws(() => runTogether([holding(), holding(), throwing(), holding()], () => {}), /broken/);
  assert.equal(open, 0);
});
