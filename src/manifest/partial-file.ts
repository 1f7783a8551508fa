/**
 * The file that a scan builds: `OUT.partial`, locked while it is built, which is also the guard against a second scan;
 * renamed to `OUT` when it is whole and on disk.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { errnoOf, ManifestError, SpooldiffError } from "../errors.ts";
import { type Database, openForBuilding, sqliteCode } from "../sqlite/database.ts";

/** Name of the file that a scan to `path` builds. */
export function partialPathOf(path: string): string {
  return `${path}.partial`;
}

/**
 * Makes and locks the partial file of `path`, with mode 0600, runs `schema` in it and begins a transaction.
 *
 * @returns the database, and whether an unfinished file of an earlier scan was replaced
 * @throws {ManifestError} when another scan holds it, or nothing can be written there
 */
export function takePartial(path: string, schema: string): { db: Database; replaced: boolean } {
  const partial = partialPathOf(path);
  const temporary = `${partial}.${process.pid}`;
  checkTarget(path);
  const stale = existsSync(partial) ? takeStale(path, partial) : null;
  try {
    closeSync(openSync(temporary, "wx", 0o600));
    const db = openForBuilding(temporary);
    try {
      db.exec("COMMIT");
      db.exec(schema);
      db.exec("BEGIN EXCLUSIVE");
      if (stale === null) linkSync(temporary, partial);
      else renameSync(temporary, partial);
    } catch (error) {
      db.close();
      throw error;
    }
    return { db, replaced: stale !== null };
  } catch (error) {
    throw writeFailure(path, error);
  } finally {
    rmSync(temporary, { force: true });
    stale?.close();
  }
}

/**
 * Brings the finished partial file to disk and gives it its final name. The database is closed, whatever happens.
 *
 * The lock belongs to the open database: it is kept until the file has its final name, so that no other scan can take
 * the partial for a stale one in between. Opening the file once more does not lose it; closing that would.
 */
export function publishPartial(path: string, db: Database): void {
  const partial = partialPathOf(path);
  const fd = openSync(partial, "r+");
  try {
    fsyncSync(fd);
    renameSync(partial, path);
    syncDirectory(dirname(path));
  } finally {
    db.close();
    closeSync(fd);
  }
}

/**
 * Takes the lock of an unfinished manifest that an ended scan left, so that it can be replaced.
 *
 * @throws {ManifestError} when a running scan holds it
 */
function takeStale(path: string, partial: string): { close(): void } {
  for (;;) {
    const before = statSync(partial, { throwIfNoEntry: false });
    if (before === undefined) return { close() {} };
    let db: Database;
    try {
      db = openForBuilding(partial);
    } catch (error) {
      // Whatever else is wrong with the file: nobody holds it, and it is about to be replaced.
      if (sqliteCode(error)?.startsWith("SQLITE_BUSY") !== true) return { close() {} };
      const since = before.birthtime.toISOString();
      throw new ManifestError(`Cannot write "${path}": another scan is writing it, already running since ${since}`, {
        hint: "Wait for it, or give another --output",
      });
    }
    // Another scan may have put its own partial there between the look and the lock: then this lock holds nothing.
    if (statSync(partial, { throwIfNoEntry: false })?.ino === before.ino) return db;
    db.close();
  }
}

/**
 * Refuses what the final rename could not replace, before hours of work are spent; and what it would: the manifest would
 * take the place of a link or a device (/dev/stdout, /dev/null), not go into it.
 */
function checkTarget(path: string): void {
  const target = lookAtTarget(path);
  if (target !== undefined && !target.isFile()) {
    throw new ManifestError(`Cannot write "${path}": something that is no regular file is there`, {
      hint: "Give another --output",
    });
  }
}

function lookAtTarget(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** The error of a write below `path`, in words; anything else as it is. */
export function writeFailure(path: string, error: unknown): unknown {
  if (error instanceof SpooldiffError) return error;
  const code = sqliteCode(error) ?? errnoOf(error);
  if (code === null) return error;
  const full = code === "SQLITE_FULL" || code === "ENOSPC";
  return new ManifestError(`Cannot write "${path}": ${full ? "the disk is full" : (error as Error).message}`, {
    hint: full ? "Free some space or give an --output on another disk" : "Check the directory and its permissions",
    cause: error,
  });
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
