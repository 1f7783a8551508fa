import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { beginDigest, digestOf, type Value } from "../../src/mail/canonical-digest.ts";
import { canonicalRows } from "../../src/manifest/sealed-rows.ts";
import { type Database, openScratch } from "../../src/sqlite/database.ts";

const COLUMNS = ["number", "words", "bytes"] as const;

const integer = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(0n, 1n, -1n));
const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 32, maxLength: 32 }));
const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", "\0", "a\0b", "x".repeat(32)));
const row = fc.tuple(...[integer, text, bytes].map((value) => fc.option(value as fc.Arbitrary<Value>, { nil: null })));

/** What was digested, by rows and digest. */
function sealed(db: Database, columns: string, order: string) {
  const hash = beginDigest("rows");
  let rows = 0n;
  for (const run of canonicalRows(db, "main", "sealed", columns, order)) {
    hash.update(run.bytes);
    rows += run.rows;
  }
  return { rows, digest: hash.digest("hex") };
}

function withTable(declared: string, rows: readonly (readonly Value[])[], use: (db: Database) => void): void {
  const db = openScratch();
  try {
    db.exec(declared);
    const insert = db.prepare(`INSERT INTO sealed (${COLUMNS.join(", ")}) VALUES (?, ?, ?)`);
    for (const values of rows) insert.run(...values);
    use(db);
  } finally {
    db.close();
  }
}

const STRICT_TABLE = "CREATE TABLE sealed (number INTEGER, words TEXT, bytes BLOB) STRICT";

test("canonicalRows() gives the bytes that digestOf() makes of the same values", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      withTable(STRICT_TABLE, rows, (db) => {
        const digest = digestOf("rows", rows.flat()).toString("hex");
        assert.deepEqual(sealed(db, COLUMNS.join(", "), "rowid"), { rows: BigInt(rows.length), digest });
        assert.deepEqual(sealed(db, "*", "rowid"), { rows: BigInt(rows.length), digest });
      });
    }),
  );
});

test("canonicalRows() takes rows in the order of their ids, and those without ids in the order asked for", () => {
  const rows = Array.from({ length: 1100 }, (_, i) => [BigInt(1100 - i), `${i}`, Buffer.from([i & 255])] as const);
  const sorted = [...rows].reverse();
  const expected = (of: typeof rows) => ({ rows: 1100n, digest: digestOf("rows", of.flat()).toString("hex") });
  withTable(STRICT_TABLE, rows, (db) => assert.deepEqual(sealed(db, "*", "rowid"), expected(rows)));
  const keyed = "CREATE TABLE sealed (number INTEGER PRIMARY KEY, words TEXT, bytes BLOB) STRICT";
  withTable(keyed, rows, (db) => assert.deepEqual(sealed(db, "*", "rowid"), expected(sorted)));
  withTable(`${keyed}, WITHOUT ROWID`, rows, (db) => assert.deepEqual(sealed(db, "*", "number"), expected(sorted)));
});

test("canonicalRows() misses no row, whatever its id", () => {
  const ids = [-(2n ** 63n), -1n, 0n, ...Array.from({ length: 252 }, (_, i) => BigInt(i + 5)), 2n ** 63n - 1n];
  const rows = ids.map((id) => [id, null, null]);
  const keyed = "CREATE TABLE sealed (number INTEGER PRIMARY KEY, words TEXT, bytes BLOB) STRICT";
  withTable(keyed, rows, (db) => {
    const digest = digestOf("rows", rows.flat()).toString("hex");
    assert.deepEqual(sealed(db, "*", "rowid"), { rows: 256n, digest });
  });
});

test("canonicalRows() gives values of another kind than was declared another form than any sealed row has", () => {
  const untyped = "CREATE TABLE sealed (number, words, bytes)";
  const whole: Value[] = [1n, "1", Buffer.from("1")];
  const digests = new Set([digestOf("rows", whole).toString("hex")]);
  for (const [number, words, octets] of [
    ["'1'", "'1'", "x'31'"],
    ["1.0", "'1'", "x'31'"],
    ["1", "1", "x'31'"],
  ]) {
    withTable(untyped, [], (db) => {
      db.exec(`INSERT INTO sealed VALUES (${number}, ${words}, ${octets})`);
      digests.add(sealed(db, "*", "rowid").digest);
    });
  }
  assert.equal(digests.size, 4);
});
