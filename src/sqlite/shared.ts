/** Databases that outlive runs and that several processes may want to write. */
import BetterSqlite3 from "better-sqlite3";
import type { Database } from "./database.ts";

/**
 * Opens an existing database file for reading and writing, with a rollback journal and durable commits. Opening changes
 * nothing in the file. What an interrupted transaction left is undone by the first one that begins.
 *
 * @param waitMs how long a transaction waits for that of another process
 * @throws the SQLite error, which `sqliteCode` names
 */
export function openShared(path: string, waitMs: number): Database {
  return prepared(new BetterSqlite3(path, { fileMustExist: true, timeout: waitMs }));
}

/**
 * Opens an existing database file for reading alone, while others may write to it.
 *
 * @param waitMs how long reading waits for the commit of another process
 * @throws the SQLite error, which `sqliteCode` names: one that begins with `SQLITE_READONLY` or `SQLITE_CANTOPEN` where an
 *   interrupted transaction is to be undone first, which a reader cannot
 */
export function openSharedForReading(path: string, waitMs: number): Database {
  const db = prepared(new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: waitMs }));
  db.pragma("query_only = ON");
  return db;
}

function prepared(db: Database): Database {
  try {
    db.pragma("trusted_schema = OFF");
    db.pragma("cell_size_check = ON");
    db.pragma("mmap_size = 0");
    db.pragma("synchronous = FULL");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
