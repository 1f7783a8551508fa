import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import {
  CRC_START,
  crcByte,
  crcDecimal,
  crcHex,
  crcOf,
  FixedText,
  finishCrc,
} from "../../../src/store/cyrus/running-crc.ts";

describe("running CRCs", () => {
  it("are those of zlib", () => {
    const decimal = fc.oneof(fc.nat(2 ** 31 - 1), fc.integer({ min: 2 ** 31 - 2, max: 2 ** 53 - 1 }), fc.nat(20));
    const text = fc.stringMatching(/^[ -~]{0,60}$/);
    fc.assert(
      fc.property(decimal, text, fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 8 }), (number, fixed, word, length) => {
        const hex = word
          .toString(16)
          .padStart(8, "0")
          .slice(8 - length);
        let state = crcByte(crcDecimal(CRC_START, number), 0x20);
        state = crcHex(new FixedText(fixed).after(state), word, length);
        assert.equal(finishCrc(state), crc32(`${number} ${fixed}${hex}`));
      }),
    );
    assert.equal(finishCrc(CRC_START), 0);
  });

  it("of whole records are those of zlib, wherever they begin and end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
        const [from, to] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        assert.equal(crcOf(view, from, to), crc32(bytes.subarray(from, to)));
      }),
      { numRuns: 1000 },
    );
  });
});
