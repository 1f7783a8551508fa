import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TheilSenRegression } from "ml-regression-theil-sen";
import { errorFunction, median } from "simple-statistics";
import { estimateSlope } from "../../src/trend/statistics.ts";

test("estimateSlope() gives the slope of a line, however far some values are off it", () => {
  const x = Array.from({ length: 15 }, (_, i) => i);
  const y = x.map((at) => 100 - 3 * at);
  assert.deepEqual({ ...estimateSlope(x, y), p: 0 }, { slope: -3, lower: -3, upper: -3, s: -105, p: 0 });
  y[4] = 9000;
  y[9] = -500;
  assert.equal(estimateSlope(x, y)?.slope, -3);
});

test("estimateSlope() has the bounds and the probability that are worked out by hand", () => {
  // Of 21 pairs one falls: S = 19. Without ties the variance is 7 · 6 · 19 / 18 = 44.33, and z = 18 / 6.658 = 2.703.
  const estimate = estimateSlope([1, 2, 3, 4, 5, 6, 7], [10, 13, 11, 14, 15, 16, 19]);
  assert.equal(estimate?.s, 19);
  assert.ok(Math.abs((estimate?.p ?? 1) - 0.00687) < 0.00005, String(estimate?.p));
  // Sen's ranks, (21 - 13.05) / 2 = 3.97 and (21 + 13.05) / 2 + 1 = 18.02, rounded outwards: the 3rd and the 19th slope.
  const slopes = [3, 0.5, -2, 4 / 3, 0.5, 3, 1.25, 2 / 3, 2, 1, 1.2, 0.75, 5 / 3, 1, 1, 1.5, 1.2, 2, 5 / 3, 2, 3];
  slopes.sort((a, b) => a - b);
  assert.deepEqual([estimate?.slope, estimate?.upper], [slopes[10], slopes[18]]);
  assert.equal(estimate?.lower, slopes[2]);
});

test("estimateSlope() sees no trend where all values are alike, and none in fewer than three", () => {
  assert.deepEqual({ ...estimateSlope([1, 2, 3, 4], [5, 5, 5, 5]) }.s, 0);
  assert.ok((estimateSlope([1, 2, 3, 4], [5, 5, 5, 5])?.p ?? 0) > 0.999);
  assert.equal(estimateSlope([1, 2], [1, 2]), null);
});

test("estimateSlope() mirrors with its values, and its bounds hold the slope", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 30 }), (y) => {
      const x = y.map((_, i) => i);
      const up = estimateSlope(x, y);
      const down = estimateSlope(
        x,
        y.map((value) => -value),
      );
      assert.ok(up !== null && down !== null);
      assert.ok(Math.abs(up.slope + down.slope) < 1e-9);
      assert.equal(up.s, -down.s || 0);
      assert.ok(up.lower <= up.slope && up.slope <= up.upper);
      assert.ok(up.p >= 0 && up.p <= 1);
    }),
  );
});

test("estimateSlope() agrees with the packages that know a part of it", () => {
  const series = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(series, fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: 30 }), (y, gaps) => {
      let day = 0;
      const x = y.map((_, i) => {
        day += gaps[i] ?? 1;
        return day;
      });
      const estimate = estimateSlope(x, y);
      assert.ok(estimate !== null);
      const slopes = y.flatMap((b, j) => y.slice(0, j).map((a, i) => (b - a) / ((x[j] ?? 0) - (x[i] ?? 0))));
      assert.ok(Math.abs(estimate.slope - median(slopes)) < 1e-9);
      // Of an even number of slopes the package takes the lower one of the two in the middle.
      if (slopes.length % 2 === 1) assert.ok(Math.abs(estimate.slope - new TheilSenRegression(x, y).slope) < 1e-9);
      const n = y.length;
      const z = Math.max(0, Math.abs(estimate.s) - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
      assert.ok(Math.abs(estimate.p - (1 - errorFunction(z / Math.SQRT2))) < 1e-6);
    }),
  );
});
