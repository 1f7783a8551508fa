import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesPerSecond } from "../../src/cli/values.ts";
import { UsageError } from "../../src/errors.ts";

test("bytesPerSecond() takes decimal units, with or without a B", () => {
  const rates = ["50M", "50MB", "800k", "1.5G", "123456", "10K"].map(bytesPerSecond("--max-rate"));
  assert.deepEqual(rates, [50_000_000, 50_000_000, 800_000, 1_500_000_000, 123_456, 10_000]);
});

test("bytesPerSecond() refuses what is no rate, naming the option and what was given", () => {
  for (const text of ["", "M", "50 M", "50Mbit", "50MiB", "-5M", "1e6", "50M/s", "fast", "0x10"]) {
    assert.throws(() => bytesPerSecond("--max-rate")(text), {
      name: UsageError.name,
      message: `Cannot use --max-rate "${text}": it is no number of bytes`,
      hint: "Give bytes per second as 800K, 50M or 1G; K is 1000",
    });
  }
  for (const text of ["0", "1", "9999", "9.9K"]) {
    assert.throws(() => bytesPerSecond("--max-rate")(text), /less than 10K, ten thousand bytes a second/);
  }
});
