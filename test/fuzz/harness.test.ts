/** The harness finds each fault that it is there to find, and none where there is none. */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { CorruptStoreError } from "../../src/errors.ts";
import { targets as broken } from "./broken-targets.ts";
import { type FuzzFailure, fuzz } from "./fuzz.ts";
import { FuzzCases } from "./mutations.ts";

const MODULE = new URL("./broken-targets.ts", import.meta.url).href;
/** Found with every seed tried; fixed, so that the test is about the harness and not about luck. */
const SEED = 7;

const FAULTS = {
  throws: /^it threw RangeError/,
  hangs: /^it did not end within/,
  allocates: /^\d+ bytes of input took \d+ bytes of memory/,
  "takes its time": /^\d+ bytes of input took [\d.]+ ms/,
  "ignores the checksum": /it noticed nothing/,
  "writes into its input": /it wrote into its input/,
  "takes the process with it": /^the process ended with SIGABRT/,
};

function run(target: string, options: { onlyCase?: number } = {}) {
  return fuzz({
    module: MODULE,
    target,
    seed: SEED,
    milliseconds: 120_000,
    hangMs: target === "hangs" ? 3000 : 60_000,
    ...options,
  });
}

describe("fuzz()", () => {
  for (const [target, expected] of Object.entries(FAULTS)) {
    it(`finds that a decoder ${target}, saves the input, and finds it again by its number`, async () => {
      const { failure } = await run(target);
      assert.ok(failure !== null);
      assert.match(failure.found, expected);
      assert.deepEqual(readFileSync(failure.inputFile), inputOf(target, failure));
      const again = await run(target, { onlyCase: failure.case });
      assert.match(again.failure?.found ?? "", expected);
      for (const { inputFile } of [failure, again.failure ?? failure]) rmSync(dirname(inputFile), { recursive: true });
    });
  }

  it("finds nothing wrong with a decoder that checks everything", async () => {
    const { failure, ...counts } = await fuzz({ module: MODULE, target: "faultless", seed: SEED, milliseconds: 1000 });
    assert.equal(failure, null);
    assert.ok(counts.read > 10 && counts.refused > 100, JSON.stringify(counts));
  });
});

describe("FuzzCases", () => {
  it("makes the same input for the same seed and number, and others for others", () => {
    const [target] = broken;
    assert.ok(target !== undefined);
    const inputs = (seed: number) => {
      const cases = new FuzzCases(target, seed);
      return Array.from({ length: 300 }, (_, i) => cases.inputOf(cases.of(i)).toString("hex"));
    };
    const once = inputs(1);
    assert.deepEqual(inputs(1), once);
    assert.ok(new Set([...once, ...inputs(2)]).size > 400);
  });

  it("makes inputs that pass a checksum and differ from the sound ones", () => {
    const target = broken.find(({ name }) => name === "faultless");
    assert.ok(target !== undefined);
    const cases = new FuzzCases(target, 1);
    const sound = new Set(cases.corpus.map((bytes) => bytes.toString("hex")));
    let accepted = 0;
    for (let i = 0; i < 1000; i++) {
      const input = cases.inputOf(cases.of(i));
      try {
        target.read(input);
        if (!sound.has(input.toString("hex"))) accepted++;
      } catch (error) {
        assert.ok(error instanceof CorruptStoreError);
      }
    }
    assert.ok(accepted > 50, String(accepted));
  });
});

function inputOf(name: string, failure: FuzzFailure): Buffer | null {
  const target = broken.find((each) => each.name === name);
  if (target === undefined) return null;
  const cases = new FuzzCases(target, SEED);
  return cases.inputOf(cases.of(failure.case));
}
