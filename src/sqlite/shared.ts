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
  const db = new BetterSqlite3(path, { fileMustExist: true, timeout: waitMs });
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
