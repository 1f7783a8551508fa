import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Places } from "../../../src/scan/ahead/places.ts";

test("Places lets so many jobs run and no more, in the order in which they came, and goes on past those that fail", async () => {
  const places = new Places(2);
  const began: number[] = [];
  let running = 0;
  let most = 0;
  const job = async (number: number) => {
    began.push(number);
    most = Math.max(most, ++running);
    for (let turns = 0; turns <= number % 3; turns++) await setImmediate();
    running--;
    if (number % 4 === 1) throw new Error(`job ${number}`);
    return number;
  };
  const all = Array.from({ length: 20 }, (_, number) => places.within(() => job(number)));
  const ends = await Promise.allSettled(all);
  assert.deepEqual(began, [...Array(20).keys()]);
  assert.equal(most, 2);
  assert.deepEqual(
    ends.map((end) => (end.status === "fulfilled" ? end.value : (end.reason as Error).message)),
    began.map((number) => (number % 4 === 1 ? `job ${number}` : number)),
  );
  assert.equal(await places.within(async () => "free again"), "free again");
});
