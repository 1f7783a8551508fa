import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { recordSyncCrc } from "../../../src/store/cyrus/sync-crc.ts";

const u32 = fc.oneof(fc.nat(2 ** 32 - 1), fc.constantFrom(0, 9, 10, 999_999_999, 1_000_000_000, 2 ** 31, 2 ** 32 - 1));
const u64 = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.constantFrom(0n, 10n ** 9n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n),
);
const seconds = fc.oneof(u32, fc.nat(18_446_744_073));

describe("recordSyncCrc()", () => {
  it("is the CRC-32 of the line that Cyrus prints", () => {
    const guid = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(u32, u64, seconds, u32, seconds, guid, (uid, modseq, lastUpdated, flagCrc, internalDate, bytes) => {
        const hex = Buffer.from(bytes).toString("hex");
        const fields = {
          uid,
          modseqHigh: Number(modseq >> 32n),
          modseqLow: Number(modseq & 0xffff_ffffn),
          lastUpdated,
          flagCrc,
          internalDate,
        };
        const line = `${uid} ${modseq} ${lastUpdated} (${flagCrc}) ${internalDate} ${hex}`;
        assert.equal(recordSyncCrc(fields, Buffer.concat([Buffer.alloc(3), bytes]), 3), crc32(line));
      }),
    );
  });
});
