/**
 * The file that a scan builds: `OUT.partial`, locked while it is built, which is also the guard against a second scan;
 * renamed to `OUT` when it is whole and on disk. Beside it, while it is built, lies SQLite's journal.
 *
 * The lock is that of the open database. It belongs to the process and is lost when any other descriptor of the same
 * file is closed: so the file is opened a second time only where it is about to be given up anyway.
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
import { type Database, openForBuilding, sqliteCode, withoutJournal } from "../sqlite/database.ts";

/** Name of the file that a scan to `path` builds. */
export function partialPathOf(path: string): string {
  return `${path}.partial`;
}

/** Name of the copy that is finished while the partial file stays. */
export function copyPathOf(path: string): string {
  return `${partialPathOf(path)}-publishing`;
}

/** Takes away a copy that a scan which was killed left; to be called by who holds the partial file. */
export function removeUnpublished(path: string): void {
  for (const end of ["", "-journal"]) rmSync(copyPathOf(path) + end, { force: true });
}

/**
 * Takes the partial file of `path`: that of an earlier scan as it is, else a new one, with mode 0600 and `schema`. It is
 * locked, and a transaction is begun.
 *
 * @returns null where something lies there that is none of our databases: to be replaced
 * @throws {ManifestError} when another scan holds it, or nothing can be written there
 */
export function takePartial(path: string, schema: string): Database | null {
  checkTarget(path);
  const partial = partialPathOf(path);
  try {
    for (;;) {
      const before = lstatSync(partial, { throwIfNoEntry: false });
      if (before === undefined) {
        placeNew(partial, schema);
        continue;
      }
      // Only what a scan of this user left is gone on with: in a directory that others write to it may be anything.
      if (!before.isFile() || before.uid !== process.geteuid?.()) return null;
      const db = lock(path, partial, before);
      if (db === null) return null;
      // Another scan may have put its own partial there between the look and the lock: then this lock holds nothing.
      if (statSync(partial, { throwIfNoEntry: false })?.ino === before.ino) return db;
      db.close();
    }
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/**
 * Puts a new partial file in the place of one that is of no use.
 *
 * @param useless that file, locked; it is closed. Null: it is none of our databases, so that nobody can hold it
 */
export function replacePartial(path: string, schema: string, useless: Database | null): Database {
  const partial = partialPathOf(path);
  try {
    // Before the new file has this name: SQLite would take what the old one's journal says for its own.
    if (useless === null) rmSync(`${partial}-journal`, { force: true });
    else withoutJournal(useless, partial);
    withNew(partial, schema, (temporary) => renameSync(temporary, partial));
  } catch (error) {
    throw writeFailure(path, error);
  } finally {
    useless?.close();
  }
  const db = takePartial(path, schema);
  if (db === null)
    throw new ManifestError(`Cannot write "${path}": "${partial}" cannot be replaced`, {
      hint: "Look what it is and move it away, or give another --output",
    });
  return db;
}

/**
 * Brings a finished file to disk and gives it the name `path`. The database is closed, whatever happens.
 *
 * The lock is kept until the file has its final name, so that no other scan can take the partial for a stale one in
 * between.
 *
 * @param built where the file is now
 * @param seal does what makes it a manifest, in the transaction that is open; nobody can go on with the file after it,
 *   so the disk is waited for before
 */
export function publishPartial(built: string, path: string, db: Database, seal: () => void): void {
  let fd: number | null = null;
  try {
    fd = openSync(built, "r+");
    fsyncSync(fd);
    seal();
    withoutJournal(db, built);
    fsyncSync(fd);
    renameSync(built, path);
    syncDirectory(dirname(path));
  } finally {
    db.close();
    if (fd !== null) closeSync(fd);
  }
}

/** Makes a new partial file, unless another scan was faster. */
function placeNew(partial: string, schema: string): void {
  // What is left of a file that is gone would be done to this one.
  rmSync(`${partial}-journal`, { force: true });
  withNew(partial, schema, (temporary) => {
    try {
      linkSync(temporary, partial);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  });
}

/** Makes a database with `schema` under a name of its own, whole before anybody sees it, for `use` to move. */
function withNew(partial: string, schema: string, use: (temporary: string) => void): void {
  const temporary = `${partial}.${process.pid}`;
  try {
    closeSync(openSync(temporary, "wx", 0o600));
    const db = openForBuilding(temporary);
    try {
      db.exec("COMMIT");
      db.exec(schema);
      db.exec("BEGIN");
      withoutJournal(db, temporary);
    } finally {
      db.close();
    }
    use(temporary);
  } finally {
    for (const end of ["", "-journal"]) rmSync(temporary + end, { force: true });
  }
}

/** Opens and locks an unfinished manifest; null if it is no database. Throws when a running scan holds it. */
function lock(path: string, partial: string, { birthtime }: Stats): Database | null {
  try {
    return openForBuilding(partial);
  } catch (error) {
    const code = sqliteCode(error);
    // It was given its final name in between, or a journal could not be read: the next look will tell.
    if (code === "SQLITE_CANTOPEN" && !existsSync(partial)) throw busy(path, birthtime);
    // Each run has a journal of its own; the file is as old as the first.
    const journal = statSync(`${partial}-journal`, { throwIfNoEntry: false });
    if (code?.startsWith("SQLITE_BUSY") === true) throw busy(path, journal?.birthtime ?? birthtime);
    if (code === "SQLITE_NOTADB" || code?.startsWith("SQLITE_CORRUPT") === true) return null;
    throw error;
  }
}

function busy(path: string, since: Date): ManifestError {
  const began = since.toISOString();
  return new ManifestError(`Cannot write "${path}": another scan is writing it, already running since ${began}`, {
    hint: "Wait for it, or give another --output",
  });
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
