/** What an earlier comparison adds to a judgement, as tables. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Decided, reconsider, type Sighting } from "../../../src/compare/judge/earlier.ts";
import type { JudgeSettings } from "../../../src/compare/judge/order.ts";

const SETTINGS: JudgeSettings = { settleSeconds: 900, skewSeconds: 5, primaryReadAfterReplica: false };
const MINUTE = 60_000;

/** Seen at 0 on the replica and ten seconds later on the primary. */
function seen(over: Partial<Sighting> = {}): Sighting {
  return { primaryReadMs: 10_000, replicaReadMs: 0, cause: "lag", side: "unknown", rule: "no-order", ...over };
}

/** Both sides read again so many minutes later. */
function readAfter(minutes: number) {
  return { replicaMs: minutes * MINUTE, primaryMs: minutes * MINUTE + 10_000 };
}

const NO_ORDER: Decided = { state: "in-flight", rule: "no-order", side: "unknown", cause: "lag" };
const UNSETTLED: Decided = { state: "in-flight", rule: "within-settle", side: "unknown", cause: "race" };
const REPLICA_AHEAD: Decided = { state: "in-flight", rule: "replica-ahead", side: "primary", cause: "race" };

suite("reconsider() a thing without a time", () => {
  const rows = [
    // replica read again after, H(user) in seconds on the primary's clock, what it is now
    { minutes: 5, newestEqual: 200, now: "lag" },
    { minutes: 15, newestEqual: 200, now: "lag" },
    { minutes: 16, newestEqual: 200, now: "diverged" },
    { minutes: 16, newestEqual: 11, now: "diverged" },
    { minutes: 16, newestEqual: 10, now: "lag" },
    { minutes: 16, newestEqual: -100, now: "lag" },
    { minutes: 10_000, newestEqual: -100, now: "lag" },
    { minutes: 10_000, newestEqual: null, now: "lag" },
  ] as const;
  for (const { minutes, newestEqual, now } of rows) {
    test(`after ${minutes} min with H at ${newestEqual}: ${now}`, () => {
      const again = reconsider(NO_ORDER, seen(), readAfter(minutes), newestEqual, SETTINGS);
      const age = minutes * 60 - 10;
      const expected =
        now === "diverged"
          ? { state: "diverged", rule: "outlived-replication" }
          : { state: "in-flight", rule: "no-order", ageSeconds: age };
      assert.deepEqual(again, expected);
    });
  }

  test("whose mailbox never settles is judged in the same way", () => {
    assert.deepEqual(reconsider(UNSETTLED, seen(), readAfter(16), 200, SETTINGS), {
      state: "diverged",
      rule: "outlived-replication",
    });
    assert.equal(reconsider(UNSETTLED, seen(), readAfter(16), null, SETTINGS), null);
  });
});

suite("reconsider() what the replica has ahead", () => {
  const race = seen({ cause: "race", side: "primary", rule: "replica-ahead" });
  const diverged = { state: "diverged", rule: "primary-still-lacks" };
  const rows: readonly [string, Decided, Sighting, number, object | null][] = [
    ["the primary was read again", REPLICA_AHEAD, race, 1, diverged],
    ["the primary was read within the skew of the first reading of the replica", REPLICA_AHEAD, race, -0.1, null],
    ["the earlier one took it for lag of the replica", REPLICA_AHEAD, seen({ side: "replica" }), 1, null],
    [
      "it was condemned by this rule before",
      REPLICA_AHEAD,
      seen({ cause: null, side: "replica", rule: "primary-still-lacks" }),
      1,
      diverged,
    ],
    ["the primary is ahead", { ...REPLICA_AHEAD, side: "replica" }, race, 60, null],
    ["it is lag", { ...REPLICA_AHEAD, cause: "lag" }, race, 60, null],
    ["an age decides", { ...REPLICA_AHEAD, rule: "within-settle" }, race, 60, null],
    ["it is diverged as it is", { ...REPLICA_AHEAD, state: "diverged" }, race, 60, null],
    ["it could not be read", { ...REPLICA_AHEAD, state: "unproven" }, race, 60, null],
  ];
  for (const [name, decided, sighting, minutes, expected] of rows) {
    test(`${name}: ${expected === null ? "adds nothing" : "diverged"}`, () => {
      assert.deepEqual(reconsider(decided, sighting, readAfter(minutes), null, SETTINGS), expected);
    });
  }
});

suite("reconsider() at the edges", () => {
  const race = { cause: "race", side: "primary", rule: "replica-ahead" } as const;
  const lag = (ageSeconds: number) => ({ state: "in-flight", rule: "no-order", ageSeconds });

  test("waits from the later of the two first readings, and longer than --settle", () => {
    const late = seen({ primaryReadMs: 0, replicaReadMs: 10 * MINUTE });
    assert.deepEqual(reconsider(NO_ORDER, late, readAfter(16), 200, SETTINGS), lag(960));
    const atOnce = seen({ primaryReadMs: 0, replicaReadMs: 0 });
    assert.deepEqual(reconsider(NO_ORDER, atOnce, readAfter(15), 200, SETTINGS), lag(900));
  });
  test("gives no age of nothing", () => {
    assert.equal(reconsider(NO_ORDER, seen({ primaryReadMs: 5 * MINUTE }), readAfter(5), 200, SETTINGS), null);
  });
  test("leaves alone what is young on a side that is known", () => {
    assert.equal(reconsider({ ...UNSETTLED, side: "primary" }, seen(), readAfter(16), 200, SETTINGS), null);
  });
  test("condemns only what was excused by a race of the primary", () => {
    for (const over of [
      { cause: "race", side: "replica" },
      { cause: "lag", side: "primary" },
    ]) {
      assert.equal(reconsider(REPLICA_AHEAD, seen({ ...race, ...over }), readAfter(60), 200, SETTINGS), null);
    }
  });
  test("counts from the first reading of the replica, by clocks that are apart", () => {
    const first = seen({ ...race, replicaReadMs: 10 * MINUTE });
    const again = (ms: number) =>
      reconsider(REPLICA_AHEAD, first, { replicaMs: 0, primaryMs: 10 * MINUTE + ms }, 200, SETTINGS);
    assert.equal(again(5000), null);
    assert.deepEqual(again(5001), { state: "diverged", rule: "primary-still-lacks" });
  });
});
