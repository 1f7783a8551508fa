/**
 * Keeps the findings of one comparison in a table on disk, so that memory does not grow with them, and gives them back
 * in report order as often as reports ask.
 */
import type { Check, State, VarianceClass } from "../compare/classes.ts";
import { CHECK_OF_CLASS, STATES } from "../compare/classes.ts";
import { thingOf } from "../compare/thing.ts";
import type { MailboxResult, Note, Variance } from "../compare/variance.ts";
import { SpooldiffError } from "../errors.ts";
import type { ByteString } from "../mail/name.ts";
import type { Thing } from "../mail/thing.ts";
import { type Database, openScratch, type Statement, sqliteCode } from "../sqlite/database.ts";

const SCHEMA = `
  CREATE TABLE variance (accepted INTEGER, state INTEGER, class TEXT, mailbox BLOB, uid INTEGER, json TEXT);
  CREATE TABLE accepted (thing TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE note (class TEXT, mailbox BLOB, json TEXT);
  CREATE TABLE mailbox (name BLOB, differs INTEGER, damaged INTEGER, diverged INTEGER, unproven INTEGER,
    in_flight INTEGER, json TEXT);
`;

/** Rows that are inserted in one transaction. */
const BATCH = 10_000;

/** The findings of one comparison or inspection. Vanishes when closed. */
export class FindingStore {
  readonly #db: Database;
  readonly #insertVariance: Statement;
  readonly #insertAccepted: Statement;
  readonly #insertNote: Statement;
  readonly #insertMailbox: Statement;
  #pending = 0;
  /** Totals of what was not accepted. */
  readonly byClass: Partial<Record<VarianceClass, number>> = {};
  readonly byState: Partial<Record<State, number>> = {};
  acceptedCount = 0;
  noteCount = 0;
  readonly #counts = new Map<string, number>();

  constructor() {
    this.#db = openScratch();
    this.#db.exec(SCHEMA);
    this.#insertVariance = this.#db.prepare("INSERT INTO variance VALUES (?, ?, ?, ?, ?, ?)");
    this.#insertAccepted = this.#db.prepare("INSERT OR IGNORE INTO accepted VALUES (?)");
    this.#insertNote = this.#db.prepare("INSERT INTO note VALUES (?, ?, ?)");
    this.#insertMailbox = this.#db.prepare("INSERT INTO mailbox VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  variance(v: Variance): void {
    const accepted = v.accepted === undefined ? 0 : 1;
    const place = [STATES.indexOf(v.state), v.class, nameOf(v.subject.mailbox), v.subject.uid ?? 0];
    this.#insert(this.#insertVariance, [accepted, ...place, JSON.stringify(v)]);
    if (accepted === 1) {
      this.#insert(this.#insertAccepted, [identityOf(thingOf(v), v.class)]);
      this.acceptedCount++;
      return;
    }
    this.byClass[v.class] = (this.byClass[v.class] ?? 0) + 1;
    this.byState[v.state] = (this.byState[v.state] ?? 0) + 1;
    for (const key of [`${v.state} ${v.class}`, `${v.state} ${CHECK_OF_CLASS[v.class]} ${v.side}`]) {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  /** True where a finding of this class about this thing was accepted. */
  isAccepted(thing: Thing, name: string): boolean {
    if (this.acceptedCount === 0) return false;
    const sql = "SELECT 1 FROM accepted WHERE thing = ?";
    return this.#db.prepare(sql).get(identityOf(thing, name)) !== undefined;
  }

  countOf(state: State, name: VarianceClass): number {
    return this.#counts.get(`${state} ${name}`) ?? 0;
  }

  countAt(check: Check, side: Variance["side"], state: State): number {
    return this.#counts.get(`${state} ${check} ${side}`) ?? 0;
  }

  note(note: Note): void {
    this.#insert(this.#insertNote, [note.class, nameOf(note.mailbox), JSON.stringify(note)]);
    this.noteCount++;
  }

  mailbox(result: MailboxResult, differs: boolean): void {
    const { damaged = 0, diverged = 0, unproven = 0, "in-flight": inFlight = 0 } = result.findings;
    const counts = [damaged, diverged, unproven, inFlight];
    this.#insert(this.#insertMailbox, [nameOf(result.mailbox), differs ? 1 : 0, ...counts, JSON.stringify(result)]);
  }

  /** By state (worst first), class, mailbox name and UID; after all others those that were accepted. */
  variances(): Iterable<Variance> {
    return this.#read("SELECT json FROM variance ORDER BY accepted, state, class, mailbox, uid, rowid");
  }

  notes(): Iterable<Note> {
    return this.#read("SELECT json FROM note ORDER BY class, mailbox, rowid");
  }

  /** In name order; only those that differ, unless all are asked for. */
  mailboxes(all: boolean): Iterable<MailboxResult> {
    return this.#read(`SELECT json FROM mailbox ${all ? "" : "WHERE differs = 1"} ORDER BY name, rowid`);
  }

  /** Those with the worst findings, and of these those with the most, first. */
  worstMailboxes(limit: number): MailboxResult[] {
    const sql = `SELECT json FROM mailbox WHERE damaged + diverged + unproven + in_flight > 0
      ORDER BY damaged DESC, diverged DESC, unproven DESC, in_flight DESC, name LIMIT ?`;
    return [...this.#read<MailboxResult>(sql, limit)];
  }

  close(): void {
    this.#db.close();
  }

  #insert(statement: Statement, values: readonly (string | number | Buffer | null)[]): void {
    try {
      if (this.#pending === 0) this.#db.exec("BEGIN");
      statement.run(...values);
      this.#pending++;
      if (this.#pending >= BATCH) this.#commit();
    } catch (error) {
      throw scratchFailure(error);
    }
  }

  #commit(): void {
    if (this.#pending > 0) this.#db.exec("COMMIT");
    this.#pending = 0;
  }

  *#read<T>(sql: string, ...parameters: number[]): Generator<T> {
    this.#commit();
    for (const json of this.#db
      .prepare(sql)
      .pluck()
      .iterate(...parameters))
      yield JSON.parse(json as string) as T;
  }
}

/** The table lies in a temporary file: what can go wrong is that file's disk. */
function scratchFailure(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === null) return error;
  const found = code === "SQLITE_FULL" ? "the disk of the temporary directory is full" : (error as Error).message;
  return new SpooldiffError("scratch", `Cannot keep the findings: ${found}`, {
    hint: "Free some space there, or point TMPDIR to a directory on another disk",
    cause: error,
  });
}

function identityOf({ kind, mailbox, uid, owner, key }: Thing, name: string): string {
  return JSON.stringify([name, kind, mailbox, uid, owner, key]);
}

function nameOf(name: ByteString | null): Buffer | null {
  return name === null ? null : Buffer.from(name, "latin1");
}
