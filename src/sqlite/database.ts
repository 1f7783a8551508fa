/**
 * The one place that opens SQLite databases: those that this program builds, and manifests that came from elsewhere
 * and are not to be trusted (design: a hostile file must end in a clear error, never in a hang or a crash).
 */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";
import { errnoOf, foundBy, isDenied, MAY_NOT_READ, ManifestError } from "../errors.ts";

export type Database = BetterSqlite3.Database;
export type Statement = BetterSqlite3.Statement;

const MAGIC = "SQLite format 3\0";

/**
 * Opens a database that this process is building and locks it for as long as it is open. What is committed outlives the
 * process, however that ends: a transaction that was under way is undone by the next opening. It does not outlive the
 * machine (nothing is synced, which would hold up a mail server's own writes): who goes on with such a file checks it.
 *
 * @throws the SQLite error, which {@link sqliteCode} names: `SQLITE_BUSY` when another process holds it
 */
export function openForBuilding(path: string): Database {
  const db = new BetterSqlite3(path, { timeout: 0, fileMustExist: true });
  try {
    db.pragma("locking_mode = EXCLUSIVE");
    db.pragma("journal_mode = TRUNCATE");
    db.pragma("synchronous = OFF");
    // Message rows are written before the mailbox row that adds them up.
    db.pragma("foreign_keys = OFF");
    // A fifth of the time that rows take. Whoever reads a manifest checks its values, and trusts no constraint.
    db.pragma("ignore_check_constraints = ON");
    db.pragma("cache_size = -8000");
    db.pragma("trusted_schema = OFF");
    db.exec("BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Ends building: nothing is open, and no journal is left beside `path`. The lock is kept until `db` is closed. */
export function withoutJournal(db: Database, path: string): void {
  if (db.inTransaction) db.exec("COMMIT");
  db.pragma("journal_mode = MEMORY");
  // While a database is locked for good SQLite leaves its journal where it is, empty.
  rmSync(`${path}-journal`, { force: true });
}

/** A private database on disk that vanishes when it is closed: for what must not grow memory. */
export function openScratch(): Database {
  const db = new BetterSqlite3("");
  db.pragma("journal_mode = MEMORY");
  db.pragma("synchronous = OFF");
  return db;
}

/** Runs `schema` in memory and returns its objects as {@link schemaOf} gives them. */
export function schemaOfScript(schema: string): SchemaObject[] {
  const db = new BetterSqlite3(":memory:");
  try {
    db.exec(schema);
    return schemaOf(db, "main");
  } finally {
    db.close();
  }
}

/** One row of `sqlite_schema`. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly sql: string | null;
}

/** All objects of a schema, sorted by type and name. Touches no table but `sqlite_schema`. */
export function schemaOf(db: Database, schema: "main" | "other"): SchemaObject[] {
  return db
    .prepare(`SELECT type, name, tbl_name AS "table", sql FROM ${schema}.sqlite_schema ORDER BY type, name LIMIT 1000`)
    .all() as SchemaObject[];
}

/** The name of an SQLite error (`SQLITE_FULL`, …), or null if `error` is none. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof BetterSqlite3.SqliteError ? error.code : null;
}

/**
 * Opens a database file that came from elsewhere, read-only and with everything off that could make SQLite run code or
 * trust pages of the file. The caller checks the schema before touching a table.
 *
 * @throws {ManifestError} when it is no regular file, no SQLite database, incomplete, or has a journal beside it
 */
export function openUntrusted(path: string): Database {
  checkDatabaseFile(path);
  const db = guard(path, () => new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: 0 }));
  guard(path, () => {
    db.pragma("trusted_schema = OFF");
    db.pragma("cell_size_check = ON");
    db.pragma("mmap_size = 0");
    db.pragma("query_only = ON");
    db.pragma("temp_store = FILE");
  });
  return db;
}

/** Attaches a second database of the same kind under the schema name `other`. It inherits the read-only opening. */
export function attachUntrusted(db: Database, path: string): void {
  checkDatabaseFile(path);
  guard(path, () => {
    db.prepare("ATTACH DATABASE ? AS other").run(path);
    db.pragma("other.mmap_size = 0");
  });
}

/** `application_id` and `user_version` of an opened database. */
export function identityOf(db: Database, schema: "main" | "other"): { applicationId: number; userVersion: number } {
  return {
    applicationId: db.pragma(`${schema}.application_id`, { simple: true }) as number,
    userVersion: db.pragma(`${schema}.user_version`, { simple: true }) as number,
  };
}

/** Runs `read`, turning SQLite's own errors about the file `path` into one that names it. */
export function guard<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = sqliteCode(error) ?? errnoOf(error);
    if (code === null) throw error;
    throw new ManifestError(`Cannot read "${path}": ${foundBy(error)}`, { hint: nextStep(code), cause: error });
  }
}

/** What to do next: only what is wrong with the file itself is mended by another copy of it. */
function nextStep(code: string): string {
  if (isDenied(code) || /^SQLITE_(CANTOPEN|PERM|AUTH)/.test(code)) return MAY_NOT_READ;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return "Wait until the program that writes it has ended";
  if (/^SQLITE_(FULL|IOERR_WRITE|IOERR_GETTEMPPATH)/.test(code)) {
    return "Free some space in the temporary directory, or point TMPDIR to another one";
  }
  if (code.startsWith("E")) return "Check the path";
  return "Copy the file again from the host that wrote it, or scan there anew";
}

/**
 * The rows of a statement, one by one, with SQLite's own errors as {@link guard} gives them. The statement keeps its
 * connection busy until the last row is taken or the loop is left.
 *
 * @param parameters positional values, or one object of named ones
 */
export function* guardedRows(
  path: string,
  statement: Statement,
  parameters: readonly unknown[] = [],
): Generator<unknown> {
  const iterator = guard(path, () => statement.iterate(...parameters));
  try {
    for (;;) {
      const next = guard(path, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    iterator.return?.();
  }
}

function checkDatabaseFile(path: string): void {
  const stat = guard(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) refuse(path, "no such file", "Check the path");
  if (!stat.isFile()) refuse(path, "it is not a regular file", "Give the path of a manifest");
  guard(path, () => accessSync(path, constants.R_OK));
  for (const suffix of ["-journal", "-wal"]) {
    if (existsSync(path + suffix)) {
      refuse(path, `a file "${path}${suffix}" lies beside it`, "A manifest has none: copy it again, alone");
    }
  }
  const head = guard(path, () => readHead(path, 100));
  if (head.length < 100 || head.toString("latin1", 0, 16) !== MAGIC) {
    refuse(path, "it is not an SQLite database", "Give the path of a manifest that spooldiff scan wrote");
  }
  // In WAL mode SQLite would make files beside it even to read it, and the next reader would stumble over them.
  if (head[18] !== 1 || head[19] !== 1) {
    refuse(path, "its header is that of a database in use (WAL mode)", "Copy it again from the host that wrote it");
  }
  // Two databases on one connection must have one encoding; ours is UTF-8.
  if (head.readUInt32BE(56) !== 1)
    refuse(path, "its text is not in UTF-8", "Copy it again from the host that wrote it");
  const pageSize = head.readUInt16BE(16) === 1 ? 65536 : head.readUInt16BE(16);
  const promised = pageSize * head.readUInt32BE(28);
  if (promised !== stat.size) {
    const found = `it should have ${promised} bytes and has ${stat.size}`;
    refuse(path, found, "The copy is not complete: copy it again");
  }
}

function refuse(path: string, found: string, hint: string): never {
  throw new ManifestError(`Cannot read "${path}": ${found}`, { hint });
}

function readHead(path: string, length: number): Buffer {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(length);
    return head.subarray(0, readSync(fd, head, 0, length, 0));
  } finally {
    closeSync(fd);
  }
}
