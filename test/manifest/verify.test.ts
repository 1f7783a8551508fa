/** The seal: whatever is changed in a manifest, `verify` says so. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { describe, it } from "node:test";
import { ManifestError } from "../../src/errors.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { verifyManifest } from "../../src/manifest/verify.ts";
import { fullContents } from "./full-contents.ts";
import { inFolder, writeManifest } from "./written.ts";

function verify(path: string): void {
  const reader = ManifestReader.open(path);
  try {
    verifyManifest(reader);
  } finally {
    reader.close();
  }
}

/** Runs `change` on a copy of a full manifest, as anyone with the sqlite3 shell could, and verifies that. */
function changed(folder: string, change: (db: DatabaseSync) => void): () => void {
  const path = `${folder}/changed.db`;
  copyFileSync(`${folder}/m.db`, path);
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;");
    change(db);
  } finally {
    db.close();
  }
  return () => verify(path);
}

/** Another value of the same kind. */
function other(value: SQLOutputValue): string {
  if (value === null) throw new RangeError("the sample has no value there");
  // Far enough away not to be the key of another row.
  if (typeof value === "bigint" || typeof value === "number") return String(BigInt(value) + 1000n);
  if (typeof value === "string") return `'${value.startsWith("x") ? "y" : "x"}${value.slice(1)}'`;
  if (value.length === 0) return "x'01'";
  const bytes = Buffer.from(value);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return `x'${bytes.toString("hex")}'`;
}

describe("verifyManifest()", () => {
  it("accepts what the writer wrote", () => {
    inFolder((folder) => verify(writeManifest(`${folder}/m.db`, fullContents())));
  });

  it("finds a change of any column of any row of any table", () => {
    inFolder((folder) => {
      writeManifest(`${folder}/m.db`, fullContents(), { afterId: "an id" });
      const db = new DatabaseSync(`${folder}/m.db`, { readOnly: true });
      const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
      let changes = 0;
      for (const table of tables.map(({ name }) => String(name))) {
        const select = db.prepare(`SELECT * FROM ${table}`);
        select.setReadBigInts(true);
        const rows = select.all();
        assert.ok(rows.length > 0, `the sample has no row in ${table}`);
        const columns = Object.keys(rows[0] ?? {});
        for (const [i, row] of rows.entries()) {
          const where = columns.map((column) => `${column} IS ${literal(row[column] ?? null)}`).join(" AND ");
          for (const column of columns) {
            const value = row[column] ?? null;
            const replacements =
              value === null ? [] : [other(value), ...(mayBeNull(db, table, column) ? ["NULL"] : [])];
            for (const replacement of replacements) {
              const update = `UPDATE ${table} SET ${column} = ${replacement} WHERE ${where}`;
              const check = changed(folder, (copy) => assert.equal(copy.prepare(update).run().changes, 1, update));
              assert.throws(check, ManifestError, `${table}.${column} of row ${i}: ${replacement}`);
              changes++;
            }
          }
          const remove = changed(folder, (copy) => copy.prepare(`DELETE FROM ${table} WHERE ${where}`).run());
          assert.throws(remove, ManifestError, `row ${i} of ${table} deleted`);
        }
      }
      db.close();
      assert.ok(changes > 250, String(changes));
    });
  });

  it("finds a row too many in any table", () => {
    inFolder((folder) => {
      writeManifest(`${folder}/m.db`, fullContents());
      const insertions = [
        "INSERT INTO message SELECT mailbox, uid + 100, guid, size, internaldate, last_updated, modseq, flags, savedate, createdmodseq, cid, basecid, file_problem, file_size, md5, sha1, xxh64 FROM message LIMIT 1",
        "INSERT INTO message SELECT 77, uid, guid, size, internaldate, last_updated, modseq, flags, savedate, createdmodseq, cid, basecid, file_problem, file_size, md5, sha1, xxh64 FROM message LIMIT 1",
        "INSERT INTO expunged SELECT mailbox, uid + 1, guid, modseq, last_updated FROM expunged",
        "INSERT INTO expunged SELECT 77, uid, guid, modseq, last_updated FROM expunged",
        "INSERT INTO orphan SELECT mailbox, uid + 1, path, size, md5, sha1, xxh64 FROM orphan",
        "INSERT INTO file_stat SELECT 77, uid, root, inode, size, mtime_ns, ctime_ns, read_at_ms FROM file_stat LIMIT 1",
        "INSERT INTO file_stat SELECT mailbox, uid + 90, root, inode, size, mtime_ns, ctime_ns, read_at_ms FROM file_stat LIMIT 1",
        "INSERT INTO item (kind, mailbox, owner, key, value, mtime) VALUES ('acl', 1, x'', x'61', x'62', NULL)",
        "INSERT INTO item (kind, mailbox, owner, key, value) VALUES ('seen', NULL, x'', x'61', x'62')",
        "INSERT INTO item_unread SELECT * FROM item_unread",
        "INSERT INTO tombstone SELECT * FROM tombstone",
        "INSERT INTO pending SELECT * FROM pending",
        "INSERT INTO problem SELECT * FROM problem",
        "INSERT INTO seal SELECT 'more', rows, digest FROM seal LIMIT 1",
      ];
      for (const insertion of insertions) {
        const check = changed(folder, (copy) => assert.ok(copy.prepare(insertion).run().changes > 0, insertion));
        assert.throws(check, ManifestError, insertion);
      }
    });
  });
});

function literal(value: SQLOutputValue): string {
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString("hex")}'`;
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function mayBeNull(db: DatabaseSync, table: string, column: string): boolean {
  const found = db.prepare('SELECT "notnull" AS n, pk FROM pragma_table_info(?) WHERE name = ?').get(table, column);
  return found?.n === 0 && found.pk === 0;
}
