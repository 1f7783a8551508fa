/** Lag, race or divergence by time alone (design §3.3, rules 3, 4 and 7), at the very edges. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bySettle, type JudgeSettings, primaryAhead, replicaAhead } from "../../../src/compare/judge/order.ts";
import { NOON, PROVED, SETTINGS } from "../records.ts";

/** The replica read at noon, the primary ten seconds later. */
const TIMES = { replicaMs: NOON * 1000, primaryMs: (NOON + 10) * 1000 };

describe("primaryAhead()", () => {
  const judge = (seconds: number | null) => primaryAhead("state-ahead", seconds, TIMES);
  const lag = { state: "in-flight", rule: "state-ahead", cause: "lag", side: "replica" };

  it("is lag, of the age that it had when the replica was read", () => {
    assert.deepEqual(judge(NOON - 30), { ...lag, ageSeconds: 30 });
    assert.deepEqual(judge(NOON), { ...lag, ageSeconds: 0 });
  });
  it("is a race when it came after that", () => {
    assert.deepEqual(judge(NOON + 1), { ...lag, cause: "race" });
  });
  it("is lag without an age where nothing says since when", () => {
    assert.deepEqual(judge(null), lag);
  });
});

describe("replicaAhead()", () => {
  const judge = (seconds: number | null, settings: JudgeSettings = SETTINGS) => replicaAhead(seconds, TIMES, settings);
  const race = { state: "in-flight", rule: "replica-ahead", cause: "race", side: "primary" };
  const diverged = { state: "diverged", rule: "replica-ahead", side: "replica" };

  it("is a race if it may be younger than the primary's reading, by clocks that are apart", () => {
    assert.deepEqual(judge(NOON + 10), race);
    assert.deepEqual(judge(NOON + 5), race);
    assert.deepEqual(judge(NOON + 10, { ...SETTINGS, skewSeconds: 0 }), race, "in the very second of the reading");
  });
  it("is diverged if it is older", () => {
    assert.deepEqual(judge(NOON + 4), diverged);
    assert.deepEqual(judge(NOON + 9, { ...SETTINGS, skewSeconds: 0 }), diverged);
  });
  it("is diverged if the primary is proved to be read later, or nothing says since when", () => {
    assert.deepEqual(judge(NOON + 10, PROVED), diverged);
    assert.deepEqual(judge(null), diverged);
  });
});

describe("bySettle()", () => {
  const judge = (seconds: number | null, ahead: "primary" | "replica") => bySettle(seconds, ahead, TIMES, SETTINGS);

  it("is in flight while it was young when the other side was read, which is behind", () => {
    const lag = { state: "in-flight", rule: "within-settle", cause: "lag" };
    assert.deepEqual(judge(NOON - 899, "primary"), { ...lag, ageSeconds: 899, side: "replica" });
    assert.deepEqual(judge(NOON, "primary"), { ...lag, ageSeconds: 0, side: "replica" });
    assert.deepEqual(judge(NOON - 889, "replica"), { ...lag, ageSeconds: 899, side: "primary" });
  });
  it("is a race when it came after that", () => {
    const race = { state: "in-flight", rule: "within-settle", cause: "race" };
    assert.deepEqual(judge(NOON + 1, "primary"), { ...race, side: "replica" });
    assert.deepEqual(judge(NOON + 11, "replica"), { ...race, side: "primary" });
  });
  it("is diverged when it is older", () => {
    const diverged = { state: "diverged", rule: "older-than-settle" };
    assert.deepEqual(judge(NOON - 900, "primary"), { ...diverged, side: "replica" });
    assert.deepEqual(judge(NOON - 890, "replica"), { ...diverged, side: "primary" });
  });
  it("is unproven where nothing says since when", () => {
    assert.deepEqual(judge(null, "replica"), { state: "unproven", rule: "no-age", side: "primary" });
  });
});
