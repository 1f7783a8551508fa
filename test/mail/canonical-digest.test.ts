import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { addValues, beginDigest, digestOf, type Value } from "../../src/mail/canonical-digest.ts";

/** The canonical form, written down as plainly as it can be. */
function canonical(values: readonly Value[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      if (value === null) return Buffer.from("n");
      const head = Buffer.alloc(9);
      if (typeof value === "number" || typeof value === "bigint") {
        head.write("i");
        head.writeBigInt64BE(BigInt(value), 1);
        return head;
      }
      const bytes = Buffer.from(value);
      head.write(typeof value === "string" ? "t" : "b");
      head.writeBigUInt64BE(BigInt(bytes.length), 1);
      return Buffer.concat([head, bytes]);
    }),
  );
}

const sha256 = (kind: string, bytes: Uint8Array) =>
  createHash("sha256").update(`spooldiff 1 ${kind}\n`).update(bytes).digest("hex");

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
  fc.constantFrom(0, -0, -1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 62, -(2 ** 63)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string({ unit: "binary" }),
  fc.uint8Array({ maxLength: 200 }),
  // Around the length from which bytes are digested where they are, and beyond what is kept at once at first.
  fc.constantFrom(4087, 4096, 65535, 65536, 65537, 200_000).map((length) => new Uint8Array(length).fill(length)),
);

describe("digestOf(), addValues()", () => {
  it("digest the canonical form of any values, whichever way is the quicker", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), fc.constantFrom("meta", "mailbox facts"), (values, kind) => {
        const expected = sha256(kind, canonical(values));
        assert.equal(digestOf(kind, values).toString("hex"), expected);
        const digest = beginDigest(kind);
        for (const one of values) addValues(digest, [one]);
        assert.equal(digest.digest("hex"), expected);
      }),
      { numRuns: 500 },
    );
  });

  it("refuse what is no whole number of 64 bits", () => {
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63, 2n ** 63n, -(2n ** 63n) - 1n]) {
      assert.throws(() => digestOf("x", [bad]), RangeError, String(bad));
    }
  });
});
