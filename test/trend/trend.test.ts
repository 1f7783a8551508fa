/** The trend of a series: what the words rest on, and what never is said. The words themselves: see `month.test.ts`. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { TREND_VERDICTS } from "../../src/trend/judge.ts";
import { trendOf } from "../../src/trend/trend.ts";
import { DAY, HOUR, SimulatedPair } from "./simulated-pair.ts";

const SETTINGS = { nowMs: Date.UTC(2026, 1, 1), maxAgeSeconds: null };

/** A day's mail that is all there by night. */
function busy(pair: SimulatedPair): void {
  pair.deliver(40);
  pair.pass(DAY);
  pair.replicate();
  pair.compare();
}

suite("trendOf()", () => {
  const healthy = () => {
    const pair = new SimulatedPair(1);
    for (let i = 0; i < 3; i++) busy(pair);
    return pair;
  };

  test("knows nothing of an empty history", () => {
    const trend = trendOf({ points: [], users: [] }, SETTINGS);
    assert.deepEqual([trend.verdict, trend.ageSeconds, trend.users], ["unknown", null, []]);
  });

  test("says unknown of the pair and of every user where the last complete comparison is too old, or from the future", () => {
    const pair = healthy();
    const at = (hours: number) =>
      trendOf(pair.series(), { nowMs: pair.nowMs + hours * HOUR * 1000, maxAgeSeconds: 26 * HOUR });
    assert.equal(at(26).verdict, "converged");
    for (const trend of [at(26.1), at(-1)]) {
      assert.equal(trend.verdict, "unknown");
      assert.ok(trend.stale && trend.users.length === 3 && trend.users.every(({ verdict }) => verdict === "unknown"));
    }
  });

  test("does not call a replica stalled for mail of the last minutes", () => {
    const pair = healthy();
    for (let i = 0; i < 3; i++) {
      pair.pass(DAY);
      pair.replicate();
      pair.compare();
    }
    pair.pass(DAY - 60);
    pair.deliver(5);
    pair.pass(60);
    pair.compare();
    assert.equal(trendOf(pair.series(), SETTINGS).verdict, "steady");
  });

  test("names the users who lag most, worst first", () => {
    const users = Array.from({ length: 15 }, (_, i) => `user${i}`);
    const pair = new SimulatedPair(1, users);
    pair.compare();
    for (const user of users) {
      pair.deliver(1, user);
      pair.pass(60);
    }
    pair.compare();
    assert.deepEqual(
      trendOf(pair.series(), SETTINGS).worst.map(({ user }) => user),
      users.slice(0, 10),
    );
  });

  test("estimates from ten complete comparisons on when nothing will be open", () => {
    const pair = new SimulatedPair(1);
    pair.deliver(100);
    for (let i = 1; i <= 12; i++) {
      pair.pass(DAY);
      pair.replicate(5);
      pair.compare();
      const { estimate } = trendOf(pair.series(), SETTINGS);
      if (i < 10) assert.equal(estimate, null);
      else
        assert.deepEqual([estimate?.slope, estimate?.clearedPerDay, estimate?.daysToZero], [-5, 5, (100 - 5 * i) / 5]);
    }
  });

  test("never says converged with a finding open, nor anything but unknown before the second complete comparison", () => {
    const step = fc.record({
      mail: fc.integer({ min: 0, max: 3 }),
      brings: fc.integer({ min: 0, max: 4 }),
      fault: fc.constantFrom("damaged", "diverged", "unproven", "repair", null),
      complete: fc.boolean(),
      swapped: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const pair = new SimulatedPair(1);
        let complete = 0;
        for (const { mail, brings, fault, complete: whole, swapped } of steps) {
          pair.deliver(mail);
          pair.pass(HOUR);
          pair.replicate(brings);
          if (fault === "repair") pair.repair();
          else if (fault !== null) pair.fault(fault);
          pair.compare({ complete: whole, swapped });
          complete = (swapped ? 0 : complete) + (whole ? 1 : 0);
          const series = pair.series();
          const trend = trendOf(series, SETTINGS);
          assert.ok(TREND_VERDICTS.includes(trend.verdict));
          const last = series.points.at(-1);
          const open = (last?.damaged ?? 0) + (last?.diverged ?? 0) + (last?.inFlight ?? 0) + (last?.unproven ?? 0);
          if (open > 0) assert.notEqual(trend.verdict, "converged");
          if (complete < 2) assert.equal(trend.verdict, "unknown");
          else if ((last?.lasting ?? 0) > 0) assert.equal(trend.verdict, "diverging");
          const stalled = trend.users.some(({ verdict }) => verdict === "stalled");
          if (stalled) assert.ok(["stalled", "diverging", "unknown"].includes(trend.verdict), trend.verdict);
        }
      }),
    );
  });
});
