import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { CorruptStoreError } from "../../../../src/errors.ts";
import { detectDatabaseKind } from "../../../../src/store/cyrus/cyrusdb/detect.ts";
import { compareMailboxNames, TornSnapshotError } from "../../../../src/store/cyrus/cyrusdb/entries.ts";
import { decodeFlat } from "../../../../src/store/cyrus/cyrusdb/flat.ts";
import { decodeSkiplist } from "../../../../src/store/cyrus/cyrusdb/skiplist.ts";
import { decodeTwom } from "../../../../src/store/cyrus/cyrusdb/twom.ts";
import { decodeTwoskip } from "../../../../src/store/cyrus/cyrusdb/twoskip.ts";
import {
  type Change,
  type History,
  stateOf,
  writeFlat,
  writeSkiplist,
  writeTwom,
  writeTwoskip,
} from "../../../support/cyrusdb-writer.ts";

const FIXTURES = new URL("../../../fixtures/cyrusdb/", import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, FIXTURES));

const byte = fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c));
// Few keys, so that histories replace and delete what they have put.
const key = fc.oneof(
  fc.constantFrom("N", "Nuser\x1falice", "Nuser\x1fbob", "Nuser\x1falice\x1fSent", "\0\t\r\n\xff"),
  fc.string({ unit: byte, minLength: 1, maxLength: 9 }),
);
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ put: key, value: fc.string({ unit: byte, maxLength: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ delete: key }) },
);
const history: fc.Arbitrary<History> = fc.record({
  transactions: fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
  tail: fc.array(change, { maxLength: 4 }),
});

const BACK_ENDS = [
  { kind: "twoskip", write: writeTwoskip, decode: decodeTwoskip },
  { kind: "skiplist", write: writeSkiplist, decode: decodeSkiplist },
  { kind: "flat", write: writeFlat, decode: decodeFlat },
  { kind: "twom", write: writeTwom, decode: decodeTwom },
] as const;

for (const { kind, write, decode } of BACK_ENDS) {
  const name = decode.name;
  describe(`${name}()`, () => {
    it("reads back the committed state of any history", () => {
      fc.assert(
        fc.property(history, (h) => {
          const bytes = write(h);
          assert.deepEqual(decode(bytes, "/db"), stateOf(h));
          if (bytes.length > 0) assert.equal(detectDatabaseKind(bytes), kind);
        }),
        { numRuns: 300 },
      );
    });

    it("fails only with CorruptStoreError on damaged files, and does not hang", () => {
      const damage = fc.array(
        fc.record({
          how: fc.constantFrom("flip", "word", "cut", "splice"),
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          value: fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0xffff, 0xffffffff, 64, 255, 4)),
        }),
        { minLength: 1, maxLength: 4 },
      );
      fc.assert(
        fc.property(history, damage, fc.boolean(), (h, damages, mend) => {
          let bytes: Buffer = write(h);
          for (const { how, at, value } of damages) bytes = damaged(bytes, how, at, value);
          if (mend && kind === "twoskip") mendChecksums(bytes);
          onlyCorrupt(() => decode(bytes, "/db"));
        }),
        { numRuns: 1000 },
      );
    });

    it("fails only with CorruptStoreError on any bytes", () => {
      const start = write({ transactions: [[]], tail: [] });
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (tail, headed) => {
          const bytes = Buffer.concat([headed ? start : Buffer.alloc(0), tail]);
          onlyCorrupt(() => decode(bytes, "/db"));
        }),
        { numRuns: 500 },
      );
    });
  });
}

describe("decodeTwoskip()", () => {
  it("reads mailboxes.db files that Cyrus 3.6 wrote", () => {
    for (const [file, count] of [
      ["3.6-a-legacy-primary.twoskip", 79],
      ["3.6-a-legacy-replica.twoskip", 76],
      ["3.6-b-uuid-primary.twoskip", 79],
    ] as const) {
      const entries = decodeTwoskip(fixture(file), file);
      assert.equal(entries.length, count, file);
      assert.ok(entries.every(([key, value]) => /^[NI]/.test(key) && value.startsWith("%(") && value.endsWith(")")));
    }
  });

  it("detects any single flipped bit of a record that the list holds", () => {
    const bytes = fixture("3.6-a-legacy-replica.twoskip");
    const at = bytes.indexOf("user\x1falice\x1fSent", 0, "latin1");
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << bit);
      assert.throws(() => decodeTwoskip(flipped, "/db"), TornSnapshotError);
    }
  });

  it("reads a list kept in the order of improved_mboxlist_sort, and gives it in byte order", () => {
    const names = ["user.a", "user.a.b", "user.a b"];
    assert.deepEqual([...names].sort(compareMailboxNames), names);
    // The writer keeps byte order, in which "user.a b" is in the middle: exchange what two records hold.
    const bytes = writeTwoskip({ transactions: [names.map((put) => ({ put, value: "x" }))], tail: [] });
    const [first, second] = [bytes.indexOf("user.a b"), bytes.indexOf("user.a.b")];
    bytes.write("user.a.b", first, "latin1");
    bytes.write("user.a b", second, "latin1");
    mendChecksums(bytes);
    assert.deepEqual(
      decodeTwoskip(bytes, "/db").map(([name]) => name),
      ["user.a", "user.a b", "user.a.b"],
    );
  });

  it("does not take for the end of the list what an aborted transaction left, if others were committed meanwhile", () => {
    // The last record: one pointer to what a transaction has appended, the other never used.
    const bytes = writeTwoskip({ transactions: [[{ put: "a", value: "1" }]], tail: [{ put: "b", value: "2" }] });
    assert.deepEqual(decodeTwoskip(bytes, "/db", true), [["a", "1"]]);
    assert.throws(() => decodeTwoskip(bytes, "/db", false), TornSnapshotError);
  });

  it("refuses a version it does not know as corrupt, not as torn", () => {
    const bytes = writeTwoskip({ transactions: [[]], tail: [] });
    bytes.writeUInt32BE(2, 20);
    mendChecksums(bytes);
    assert.throws(
      () => decodeTwoskip(bytes, "/db"),
      (error) => error instanceof CorruptStoreError && !(error instanceof TornSnapshotError),
    );
  });
});

describe("decodeSkiplist()", () => {
  it("reads a file that Cyrus 3.6 wrote", () => {
    const entries = decodeSkiplist(fixture("3.6-conversations.skiplist"), "/db");
    assert.equal(entries.length, 74);
    assert.deepEqual(entries[1], ["<v.0@lab.test>", "0 806b8d3d289a94ef 1795504921"]);
  });

  it("refuses a damaged length in the log rather than lose what follows", () => {
    const bytes = writeSkiplist({
      transactions: [[], [{ put: "a", value: "1" }], [{ put: "b", value: "2" }]],
      tail: [],
    });
    const logStart = bytes.readUInt32BE(40);
    bytes.writeUInt32BE(0x40000000, logStart + 4);
    assert.throws(() => decodeSkiplist(bytes, "/db"), TornSnapshotError);
  });

  it("drops a transaction that is cut anywhere before its end", () => {
    const before = { transactions: [[], [{ put: "a", value: "1" }]], tail: [] };
    const whole = writeSkiplist({ transactions: [...before.transactions, [{ put: "key", value: "value" }]], tail: [] });
    for (let length = writeSkiplist(before).length; length < whole.length; length++) {
      assert.deepEqual(decodeSkiplist(whole.subarray(0, length), "/db"), [["a", "1"]], `${length} bytes`);
    }
  });
});

describe("decodeTwom()", () => {
  const two: History = {
    transactions: [
      [
        { put: "a", value: "1" },
        { put: "b", value: "2" },
      ],
      [{ put: "a", value: "3" }],
    ],
    tail: [{ put: "c", value: "4" }],
  };

  it("reads records with 64-bit lengths, and files without checksums", () => {
    for (const options of [{ fat: true }, { checksums: false }, { fat: true, checksums: false }]) {
      fc.assert(fc.property(history, (h) => assert.deepEqual(decodeTwom(writeTwom(h, options), "/db"), stateOf(h))));
    }
  });

  it("refuses damage in a file without checksums only with CorruptStoreError", () => {
    const cut = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(0xffffffff) });
    fc.assert(
      fc.property(history, cut, fc.constantFrom("flip", "word", "cut", "splice"), (h, { at, value }, how) => {
        const bytes = damaged(writeTwom(h, { checksums: false, fat: value % 2 === 0 }), how, at, value);
        onlyCorrupt(() => decodeTwom(bytes, "/db"));
      }),
      { numRuns: 1000 },
    );
  });

  it("detects any flipped bit of the committed part but in unused bytes", () => {
    const bytes = writeTwom(two);
    const committed = Number(bytes.readBigUInt64LE(80));
    const expected = decodeTwom(bytes, "/db");
    for (let at = 0; at < committed; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ 0x10;
      let entries: unknown;
      try {
        entries = decodeTwom(flipped, "/db");
      } catch (error) {
        assert.ok(error instanceof CorruptStoreError);
        continue;
      }
      // The second checksum of a record without a key, which nothing fills.
      assert.deepEqual(entries, expected, `byte ${at}`);
      assert.equal(bytes.readUInt32LE(at - (at % 4)), 0, `byte ${at}`);
    }
  });

  it("refuses versions and flags that it does not know as corrupt, not as torn", () => {
    for (const [offset, value] of [
      [32, 2],
      [36, 1 << 29],
      [36, 1 << 30],
    ] as const) {
      const bytes = writeTwom(two);
      bytes.writeUInt32LE(value, offset);
      assert.throws(
        () => decodeTwom(bytes, "/db"),
        (error) => error instanceof CorruptStoreError && !(error instanceof TornSnapshotError),
      );
    }
  });
});

describe("decodeFlat()", () => {
  it("reads a file that Cyrus 3.6 wrote", () => {
    const entries = decodeFlat(fixture("3.6-sub.flat"), "/db");
    assert.equal(entries.length, 5);
    assert.deepEqual(entries[3], ["NINBOX\x1fProjects\x1fAlpha Beta", ""]);
  });

  it("keeps a lone 0xff, which versions before 2.5 wrote unescaped", () => {
    assert.deepEqual(decodeFlat(Buffer.from("a\xff\t1\xff2\n", "latin1"), "/db"), [["a\xff", "1\xff2"]]);
  });

  for (const bad of ["user.alice\t0 default", "user.alice 0 default\n", "\n", "a\t1\na\t2\n"]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assert.throws(() => decodeFlat(Buffer.from(bad), "/db"), TornSnapshotError);
    });
  }
});

function onlyCorrupt(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    assert.ok(error instanceof CorruptStoreError, String(error));
  }
}

function damaged(bytes: Buffer, how: string, fraction: number, value: number): Buffer {
  if (bytes.length < 8) return bytes;
  const at = Math.floor(fraction * (bytes.length - 4));
  if (how === "cut") return bytes.subarray(0, at);
  const copy = Buffer.from(bytes);
  if (how === "flip") copy[at] = (copy[at] as number) ^ (1 << (value % 8));
  if (how === "word") copy.writeUInt32BE(value, at - (at % 4));
  if (how === "splice") return Buffer.concat([copy.subarray(0, at), copy.subarray(value % bytes.length)]);
  return copy;
}

/** Makes the checksums of a damaged twoskip file right again where they can be, so that the checks behind them are met. */
function mendChecksums(bytes: Buffer): void {
  if (bytes.length < 64) return;
  for (let at = 64; at + 24 <= bytes.length; ) {
    const headEnd = at + 8 + 8 * (bytes.readUInt8(at + 1) + 1);
    const tailStart = headEnd + 8;
    const length = bytes.readUInt16BE(at + 2) + bytes.readUInt32BE(at + 4);
    const tailEnd = tailStart + Math.ceil(length / 8) * 8;
    if (tailEnd > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at, headEnd)), headEnd);
    bytes.writeUInt32BE(crc32(bytes.subarray(tailStart, tailEnd)), headEnd + 4);
    at = tailEnd;
  }
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60);
}
