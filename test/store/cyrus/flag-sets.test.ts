import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { FlagSets } from "../../../src/store/cyrus/flag-sets.ts";

describe("FlagSets.of()", () => {
  it("names system and user flags, lower-cased and sorted", () => {
    const sets = new FlagSets(["$Forwarded", null, "Work"]);
    assert.equal(sets.of(0x11, 0b101, 0, 0, 0).text, "$forwarded \\answered \\seen work");
  });

  it("takes a bit without a name for nothing", () => {
    const sets = new FlagSets([null, "Work"]);
    assert.deepEqual(sets.of(0, 0b101, 0, 0, 2 ** 31), { text: "", crc: 0 });
  });

  it("finds every flag number, and XORs the names' CRCs", () => {
    const names = Array.from({ length: 128 }, (_, number) => `Flag${number}`);
    const sets = new FlagSets(names);
    fc.assert(
      fc.property(fc.nat(31), fc.uniqueArray(fc.nat(127)), (system, numbers) => {
        const words: [number, number, number, number] = [0, 0, 0, 0];
        for (const number of numbers) words[number >> 5]! += 2 ** (number & 31);
        const set = sets.of(system, ...words);
        const user = set.text.split(" ").filter((name) => name.startsWith("flag"));
        assert.deepEqual(new Set(user), new Set(numbers.map((number) => `flag${number}`)));
        const crc = set.text === "" ? 0 : set.text.split(" ").reduce((sum, name) => sum ^ crc32(name), 0) >>> 0;
        assert.equal(set.crc, crc);
        assert.deepEqual(sets.of(system, ...words), set);
      }),
    );
  });
});
