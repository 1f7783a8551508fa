/** Every decoder for a moment, with another seed each time; `npm run fuzz` does the same for as long as it is told to. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chosenSeed } from "../support/random.ts";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets/all.ts";

const MODULE = new URL("./targets/all.ts", import.meta.url).href;
const MILLISECONDS = 500;
const seed = chosenSeed() >>> 1;

describe(`decoders (seed ${seed})`, { concurrency: 2 }, () => {
  for (const { name } of targets) {
    it(`${name} refuses or reads what it is given, in time, within bounds, and never takes damage for sound`, async () => {
      const { failure, ...counts } = await fuzz({ module: MODULE, target: name, seed, milliseconds: MILLISECONDS });
      const again = `npm run fuzz -- --target ${name} --seed ${seed} --case ${failure?.case}`;
      assert.equal(failure, null, `${failure?.found}\ninput: ${failure?.inputFile}\nagain: ${again}`);
      assert.ok(counts.cases >= 100 && counts.read + counts.marked > 0, JSON.stringify(counts));
    });
  }
});
