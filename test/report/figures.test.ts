import assert from "node:assert/strict";
import { test } from "node:test";
import { count, counted, duration, percent, size } from "../../src/report/figures.ts";

test("percent() never rounds something to nothing, nor less than all to all", () => {
  assert.equal(percent(412, 61_204_118), "0.0007 %");
  assert.equal(percent(0, 10), "0 %");
  assert.equal(percent(0, 0), "0 %");
  assert.equal(percent(1, 1_000_000_000), "less than 0.0001 %");
  assert.equal(percent(999_999_999, 1_000_000_000), "more than 99.99 %");
  assert.equal(percent(1, 3), "33.33 %");
  assert.equal(percent(10, 10), "100 %");
});

test("counted() groups thousands and agrees in number", () => {
  assert.equal(counted(1, "mailbox", "mailboxes"), "1 mailbox");
  assert.equal(counted(61_204_118, "message"), "61,204,118 messages");
});

test("duration() gives the two largest units", () => {
  assert.deepEqual([0, 59, 60, 893, 93_784, 86_405, -3].map(duration), [
    "0 s",
    "59 s",
    "1 min",
    "14 min 53 s",
    "1 d 2 h",
    "1 d",
    "0 s",
  ]);
});

test("size() takes more bytes than a double can count, and shows what is no number", () => {
  assert.equal(size("4131000000000"), "4.13 TB");
  assert.equal(size("18446744073709551616"), "18.4 EB");
  assert.equal(size("\x1b"), "\\x1b");
});

test("count() groups thousands as Intl does", () => {
  const grouped = new Intl.NumberFormat("en-US");
  const numbers = [
    0,
    1,
    12,
    999,
    1000,
    -1000,
    -999,
    12_345,
    123_456,
    1_234_567,
    61_204_118,
    2 ** 53 - 1,
    2 ** 60,
    1234.5,
  ];
  for (const number of numbers) assert.equal(count(number), grouped.format(number));
});
