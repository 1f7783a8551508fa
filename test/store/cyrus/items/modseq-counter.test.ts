import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { crc32 } from "node:zlib";
import { decodeHighestModseq, readModseqCounter } from "../../../../src/store/cyrus/items/modseq-counter.ts";

/** Lengths of the versions 0 to 9 that are known. */
const LENGTHS = [48, 56, 64, 88, 104, 120, 200, 232, 296];

function counters(highest: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32BE(259, 0);
  bytes.writeUInt32BE(9, 4);
  bytes.writeBigUInt64BE(highest, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, length - 4)), length - 4);
  return bytes;
}

it("decodeHighestModseq() reads every version, and takes nothing for sound that fails its checksum", () => {
  for (const length of LENGTHS) {
    const bytes = counters(158n, length);
    assert.equal(decodeHighestModseq(bytes), 158n);
    for (let at = 0; at < length; at++) {
      bytes[at]! ^= 1;
      assert.equal(decodeHighestModseq(bytes), null, `byte ${at}`);
      bytes[at]! ^= 1;
    }
    assert.equal(decodeHighestModseq(bytes.subarray(0, -1)), null);
  }
  assert.equal(decodeHighestModseq(Buffer.alloc(0)), null);
});

it("readModseqCounter() takes the first file that is there", () => {
  const directory = mkdtempSync(join(tmpdir(), "spooldiff-counters-"));
  const paths = ["a", "b"].map((name) => join(directory, `${name}.counters`));
  assert.equal(readModseqCounter(paths, "alice"), null);
  writeFileSync(paths[1]!, counters(2n ** 60n, 296));
  assert.equal(readModseqCounter(paths, "alice")?.value, String(2n ** 60n));
  writeFileSync(paths[0]!, "damaged");
  assert.equal(readModseqCounter(paths, "alice"), null);
  rmSync(directory, { recursive: true });
});
