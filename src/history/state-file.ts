/**
 * Opens state files. One that exists is looked at before anything of it is trusted, and left as it is unless everything
 * in it is as this program wrote it.
 */
import { closeSync, existsSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { errnoOf } from "../errors.ts";
import { type Database, identityOf, schemaOf } from "../sqlite/database.ts";
import { openShared, openSharedForReading } from "../sqlite/shared.ts";
import { APPLICATION_ID, FORMAT, knownSchema, migrationFrom, schemaText } from "./format.ts";
import { checkSound } from "./soundness.ts";
import { guardState, refuseState, StateFileError } from "./state-error.ts";

/** How long a comparison waits for another one that uses the same file. */
const WAIT_MS = 10_000;

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;

/** How a state file is opened: a later format, and the way there, are given for tests of migrations. */
export interface OpeningOptions {
  readonly waitMs?: number;
  readonly format?: number;
  readonly migrationFrom?: (version: number) => string | null;
}

/**
 * Opens the state file `path`, making it if there is none, within a transaction that keeps all other comparisons out
 * until it is committed or rolled back.
 *
 * @throws {StateFileError} the file is then as it was
 */
export function openStateFile(path: string, options: OpeningOptions = {}): Database {
  makeIfMissing(path);
  checkHead(path, options.format ?? FORMAT);
  const db = guardState(path, () => openShared(path, options.waitMs ?? WAIT_MS));
  try {
    guardState(path, () => {
      db.exec("BEGIN IMMEDIATE");
      if (isEmpty(db)) db.exec(schemaText());
      else checkContents(db, path, options);
    });
    return db;
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    db.close();
    throw error;
  }
}

/**
 * Opens the state file `path` for reading alone, in a transaction, so that everything read is of one moment. Null: it has
 * no history yet.
 *
 * @throws {StateFileError} the file is as it was in any case
 */
export function openStateForReading(path: string, waitMs: number = WAIT_MS): Database | null {
  if (!guardState(path, () => existsSync(path))) {
    refuseState(path, "no such file", "compare --state FILE makes one; check the path");
  }
  checkHead(path, FORMAT);
  const db = guardState(path, () => openSharedForReading(path, waitMs));
  try {
    const found = guardState(path, () => {
      db.exec("BEGIN");
      if (isEmpty(db)) return false;
      checkForReading(db, path);
      return true;
    });
    if (found) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return null;
}

/** Only `compare` brings an older file up to date. */
function checkForReading(db: Database, path: string): void {
  const { applicationId, userVersion } = identityOf(db, "main");
  if (applicationId !== APPLICATION_ID) refuseState(path, "it is not a state file of spooldiff");
  if (userVersion !== FORMAT) {
    refuseState(path, `it has format ${userVersion}, this program knows format ${FORMAT}`, OLDER_FORMAT);
  }
  checkSchema(db, path, FORMAT);
  checkSound(db, path);
}

const OLDER_FORMAT = "Run the next comparison with --state: it brings an older file up to date";

/** An empty file is a state file without a history: what is left when the first comparison was killed. */
function makeIfMissing(path: string): void {
  guardState(path, () => {
    try {
      closeSync(openSync(path, "wx", 0o600));
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  });
}

/** Looks at the first bytes with no help of SQLite, which would take part in whatever a foreign file is up to. */
function checkHead(path: string, format: number): void {
  const { head, size } = guardState(path, () => readHead(path));
  if (size === 0) return;
  if (head.length < HEADER_BYTES || head.toString("latin1", 0, MAGIC.length) !== MAGIC) {
    refuseState(
      path,
      "it is not an SQLite database",
      "Give the path of a state file, or of one that is yet to be made",
    );
  }
  if (head.readInt32BE(68) !== APPLICATION_ID) {
    refuseState(
      path,
      "it is an SQLite database, but not a state file of spooldiff",
      "Give the path of a state file, or of one that is yet to be made",
    );
  }
  const version = head.readInt32BE(60);
  if (version > format) {
    refuseState(
      path,
      `it has format ${version}, this program knows format ${format}`,
      "Use the newer spooldiff that wrote it",
    );
  }
  if (head[18] !== 1 || head[19] !== 1) {
    refuseState(
      path,
      "it is in WAL mode, which spooldiff never sets",
      `sqlite3 FILE "PRAGMA journal_mode=DELETE" undoes it`,
    );
  }
}

function readHead(path: string): { head: Buffer; size: number } {
  const stat = statSync(path);
  if (!stat.isFile()) refuseState(path, "it is not a regular file", "Give the path of a file");
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    return { head: head.subarray(0, readSync(fd, head, 0, HEADER_BYTES, 0)), size: stat.size };
  } finally {
    closeSync(fd);
  }
}

function isEmpty(db: Database): boolean {
  const { applicationId, userVersion } = identityOf(db, "main");
  return applicationId === 0 && userVersion === 0 && schemaOf(db, "main").length === 0;
}

function checkContents(db: Database, path: string, options: OpeningOptions): void {
  const { format = FORMAT } = options;
  const { applicationId, userVersion } = identityOf(db, "main");
  // Looked at again: another process may have made the file in between.
  if (applicationId !== APPLICATION_ID) refuseState(path, "it is not a state file of spooldiff");
  checkSchema(db, path, userVersion);
  checkSound(db, path);
  if (userVersion === format) return;
  migrate(db, path, userVersion, format, options.migrationFrom ?? migrationFrom);
  if (format === FORMAT) checkSchema(db, path, FORMAT);
}

/** A schema that is not ours may hold anything; it is refused before a table is touched. */
function checkSchema(db: Database, path: string, version: number): void {
  const known = knownSchema(version);
  if (known === null) refuseState(path, `it has format ${version}, which this program does not know`);
  if (JSON.stringify(schemaOf(db, "main")) !== JSON.stringify(known)) {
    refuseState(path, "its schema is not that of a state file");
  }
}

/** Brings an older file up to date, after a copy of it has been put beside it. */
function migrate(
  db: Database,
  path: string,
  from: number,
  to: number,
  stepFrom: (version: number) => string | null,
): void {
  const steps = Array.from({ length: to - from }, (_, i) => {
    const step = stepFrom(from + i);
    if (step === null) refuseState(path, `it has format ${from}, which this program cannot bring up to date`);
    return step;
  });
  keepCopy(db, `${path}.format-${from}`);
  for (const [i, step] of steps.entries()) {
    db.exec(step);
    db.pragma(`user_version = ${from + i + 1}`);
  }
}

/**
 * Writes what the database holds to `copy`. Not a copy of the file: to open and close that would drop the locks that
 * SQLite has on it, which belong to the process.
 */
function keepCopy(db: Database, copy: string): void {
  const bytes = db.serialize();
  let fd: number;
  try {
    fd = openSync(copy, "w", 0o600);
  } catch (error) {
    throw new StateFileError(`Cannot keep a copy "${copy}" of the older state file: ${(error as Error).message}`, {
      hint: "Make the directory writable: the file is brought up to date only after a copy",
      cause: error,
    });
  }
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
