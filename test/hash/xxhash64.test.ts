import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createXxHash64, XXHASH_WHOLE_BYTES } from "../../src/hash/xxhash64.ts";
import { xxh64Reference } from "../support/xxh64-reference.ts";

const xxhash = await createXxHash64();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("createXxHash64() gives the published values", () => {
  // xxHash's own sanity checks and the values that its documentation and other implementations quote, seed 0.
  const published: [string, string][] = [
    ["", "ef46db3751d8e999"],
    ["a", "d24ec4f1a98c6e5b"],
    ["abc", "44bc2cf5ad770999"],
    ["Nobody inspects the spammish repetition", "fbcea83c8a378bf1"],
  ];
  for (const [text, digest] of published) assert.equal(hex(xxhash.of(Buffer.from(text))), digest);
});

test("of() and stream() agree with the specification for every length from 0 to 200", () => {
  const bytes = pattern(200);
  for (let length = 0; length <= 200; length++) {
    const input = bytes.subarray(0, length);
    const expected = hex(xxh64Reference(input));
    assert.equal(hex(xxhash.of(input)), expected, `of ${length} bytes`);
    const stream = xxhash.stream();
    stream.update(input.subarray(0, length >> 1));
    stream.update(input.subarray(length >> 1));
    assert.equal(hex(stream.digest()), expected, `stream of ${length} bytes`);
  }
});

test("of() agrees with the specification around the length from which it streams", () => {
  const bytes = pattern(2 * XXHASH_WHOLE_BYTES + 2);
  for (const multiple of [1, 2]) {
    for (const delta of [-1, 0, 1]) {
      const input = bytes.subarray(0, multiple * XXHASH_WHOLE_BYTES + delta);
      assert.equal(hex(xxhash.of(input)), hex(xxh64Reference(input)), `${input.length} bytes`);
    }
  }
});

test("stream() does not depend on how the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (pieces) => {
      const stream = xxhash.stream();
      for (const piece of pieces) stream.update(piece);
      assert.equal(hex(stream.digest()), hex(xxh64Reference(Buffer.concat(pieces))));
    }),
    { numRuns: 200 },
  );
});

function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = 1; i < length; i++) {
    x = Math.imul(x, 1103515245) + 12345;
    bytes[i] = x >>> 16;
  }
  return bytes;
}
