/** A month of a simulated pair: the right word at each point of a written table. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { TREND_VERDICTS, type TrendVerdict } from "../../src/trend/judge.ts";
import { trendOf } from "../../src/trend/trend.ts";
import { DAY, HOUR, SimulatedPair } from "./simulated-pair.ts";

const SETTINGS = { nowMs: Date.UTC(2026, 1, 1), maxAgeSeconds: null };

/** One night: what happens, then a comparison. */
type Night = (pair: SimulatedPair) => void;

/** How many nights in a row are like this, and the word after each of them, and that of one user. */
type Row = readonly [nights: number, night: Night, word: TrendVerdict, ofAlice?: TrendVerdict];

/** A day's mail that is all there by night. */
const busy: Night = (pair) => {
  pair.deliver(40);
  pair.pass(DAY);
  pair.replicate();
  pair.compare();
};

const quiet: Night = (pair) => {
  pair.pass(DAY);
  pair.replicate();
  pair.compare();
};

/** All but the mail of the last half hour. */
const late: Night = (pair) => {
  pair.deliver(30, "bob");
  pair.deliver(30, "alice");
  pair.pass(DAY - HOUR / 2);
  pair.replicate();
  pair.deliver(3, "alice");
  pair.pass(HOUR / 2);
  pair.compare();
};

const compared = (before: Night, spec = {}): Night => {
  return (pair) => {
    before(pair);
    pair.pass(DAY);
    pair.replicate();
    pair.compare(spec);
  };
};

/** An hour in which replication brings so many changes of a backlog. */
const catchUp = (changes: number): Night => {
  return (pair) => {
    pair.pass(HOUR);
    pair.replicate(changes);
    pair.compare();
  };
};

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  healthy: [
    [1, busy, "unknown", "unknown"],
    [29, busy, "converged", "converged"],
  ],
  "lagging at night": [
    [1, late, "unknown"],
    [29, late, "steady", "steady"],
  ],
  "stalled replica, then caught up": [
    [1, busy, "unknown"],
    [4, busy, "converged"],
    [
      6,
      (pair) => {
        pair.replicating = false;
        busy(pair);
      },
      "stalled",
    ],
    // A night without mail does not set the replica going.
    [1, quiet, "stalled"],
    [
      1,
      (pair) => {
        pair.replicating = true;
        catchUp(50)(pair);
      },
      "converging",
    ],
    // Fewer findings, but the oldest of them is an hour older.
    [1, catchUp(10), "steady"],
    [3, catchUp(50), "converging"],
    [1, catchUp(50), "converged"],
    [5, busy, "converged"],
  ],
  "one user blocked": [
    [1, busy, "unknown"],
    [3, busy, "converged", "converged"],
    // The first night his mail may be on its way.
    [
      1,
      (pair) => {
        pair.block("alice");
        pair.deliver(1, "alice");
        busy(pair);
      },
      "steady",
      "steady",
    ],
    [8, busy, "stalled", "stalled"],
    [
      1,
      (pair) => {
        pair.block("alice", false);
        quiet(pair);
      },
      "converged",
      "converged",
    ],
  ],
  "slow divergence": [
    [1, busy, "unknown"],
    [5, busy, "converged"],
    [20, compared((pair) => pair.fault("diverged")), "diverging", "diverging"],
  ],
  "repaired damage": [
    [1, busy, "unknown"],
    [2, busy, "converged"],
    [1, compared((pair) => pair.fault("damaged")), "diverging"],
    [3, quiet, "diverging"],
    [1, compared((pair) => pair.repair()), "converged"],
    [5, busy, "converged"],
  ],
  "flapping mailbox": Array.from({ length: 10 }, (_, i): readonly Row[] => [
    [1, compared((pair) => pair.fault("diverged")), i === 0 ? "unknown" : "diverging"],
    [1, compared((pair) => pair.repair()), "converged"],
  ]).flat(),
  "skipped and incomplete comparisons": [
    [1, compared(() => {}, { complete: false }), "unknown"],
    [1, busy, "unknown"],
    [1, compared(() => {}, { complete: false }), "unknown"],
    [1, (pair) => pair.pass(3 * DAY), "unknown"],
    [1, busy, "converged"],
    // A mailbox that could not be read may hold anything.
    [2, compared((pair) => pair.fault("unproven"), { complete: false }), "unknown", "unknown"],
    [1, compared((pair) => pair.repair()), "converged"],
    // Damage is a fact also where something else was not read.
    [1, compared((pair) => pair.fault("damaged"), { complete: false }), "diverging"],
    [1, compared((pair) => pair.repair()), "converged"],
  ],
  "swapped roles": [
    [1, busy, "unknown"],
    [3, busy, "converged"],
    [1, compared(() => {}, { swapped: true }), "unknown", "unknown"],
    [3, busy, "converged", "converged"],
  ],
  "another scope": [
    [1, busy, "unknown"],
    [3, busy, "converged"],
    [1, compared(() => {}, { scope: '["user.alice.*"]' }), "unknown"],
    [1, compared(() => {}, { scope: '["user.alice.*"]' }), "converged"],
    [1, busy, "converged"],
  ],
};

suite("trendOf() has the right word after each comparison:", () => {
  for (const [name, rows] of Object.entries(TABLE)) {
    test(name, () => {
      const pair = new SimulatedPair(20_261_125);
      let number = 0;
      for (const [nights, night, word, ofAlice] of rows) {
        for (let i = 0; i < nights; i++) {
          night(pair);
          number++;
          const trend = trendOf(pair.series(), SETTINGS);
          assert.equal(trend.verdict, word, `night ${number}: ${trend.reason}`);
          const alice = trend.users.find(({ user }) => user === "alice");
          if (ofAlice !== undefined) assert.equal(alice?.verdict, ofAlice, `night ${number}: ${alice?.reason}`);
        }
      }
    });
  }
});

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
