/** A manifest that an earlier scan of the same store wrote, as the base of the next one: what it knows of files. */
import { ManifestError } from "../errors.ts";
import type { BaseRows, Carriable } from "../mail/base-rows.ts";
import type { Reread } from "../mail/known-files.ts";
import { LEVELS, type Level } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import { guard, type Statement } from "../sqlite/database.ts";
import { blob } from "./mailbox-row.ts";
import { ManifestReader } from "./reader.ts";
import * as sql from "./statements.ts";
import { verifyMailboxRows, verifyTables } from "./verify.ts";

/** The scan that is to be based on it. */
export interface BasedScan {
  readonly instance: string;
  readonly store: string;
  /** Digest over where the store and its partitions lie. */
  readonly layout: string;
  readonly level: Level;
  /** When its first run began, in milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly reread: Reread;
}

/** Who a mailbox is, and where its files lie. */
export interface BasedMailbox {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly partition: string | null;
}

/**
 * Age that a change must have had when the bytes were read: a later one within the same tick of the file system's clock
 * would have left every time as it was.
 */
const SETTLED_MS = 2000;

/** Presence bits of a row that a scan can carry over. */
const PRESENCE: Partial<Record<Level, number>> = { quick: 1 | 8, full: 1 | 2 | 4 | 8 };

/** The base of one scan, opened. */
export class BaseManifest {
  readonly #reader: ManifestReader;
  readonly #terms: Carriable;
  readonly #byId: Statement;
  readonly #byName: Statement;
  readonly #content: Statement;
  readonly #stat: Statement;
  #unsound = 0;

  /**
   * Opens the manifest at `path`.
   *
   * @param settledMs for tests that cannot wait for it
   * @throws {ManifestError} when it cannot be read, is damaged, or is no base for this scan
   */
  static open(path: string, scan: BasedScan, settledMs = SETTLED_MS): BaseManifest {
    const reader = ManifestReader.open(path);
    try {
      checkBase(reader, scan);
      verifyTables(reader, ["mailbox"]);
      checkStats(reader);
      return new BaseManifest(reader, scan, settledMs);
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  private constructor(reader: ManifestReader, scan: BasedScan, settledMs: number) {
    const { db, facts } = reader;
    this.#reader = reader;
    this.#terms = {
      presence: PRESENCE[scan.level] ?? 0,
      readFromMs: facts.oldestCarriedAtMs ?? facts.startedAtMs,
      // What is said to have been read later, or while this scan runs, was read by a clock that was set back since.
      readToMs: Math.min(facts.finishedAtMs, scan.startedAtMs - 1),
      settledMs,
      dueToMs: guard(reader.path, () => dueTo(reader, scan.reread)),
    };
    const prepared = (text: string) => guard(reader.path, () => db.prepare(text).raw(true));
    this.#byId = prepared(sql.selectBaseMailbox(true));
    this.#byName = prepared(sql.selectBaseMailbox(false));
    this.#content = prepared(sql.SELECT_BASE_CONTENT).pluck();
    this.#stat = prepared(sql.SELECT_BASE_STAT).pluck();
  }

  get id(): string {
    return this.#reader.facts.id;
  }

  get finishedAtMs(): number {
    return this.#reader.facts.finishedAtMs;
  }

  /** Mailboxes of which nothing could be taken because their rows are not those that were sealed. */
  get unsound(): number {
    return this.#unsound;
  }

  /** What is known of the files of a mailbox; null where it is not known, or lay on another partition. */
  rowsOf({ name, uniqueId, partition }: BasedMailbox): BaseRows | null {
    const found = guard(this.#reader.path, () =>
      uniqueId === null ? this.#byName.all(blob(name)) : this.#byId.all(uniqueId),
    ) as [id: number, partition: string | null, rollup: Buffer | null][];
    const [mailbox] = found;
    if (mailbox === undefined || found.length > 1 || mailbox[1] !== partition) return null;
    const [id, , rollup] = mailbox;
    const content = this.#text(this.#content, id);
    const stat = content === null ? null : this.#text(this.#stat, id);
    if (content === null || stat === null || (rollup === null && !this.#isSound(id))) {
      this.foundUnsound();
      return null;
    }
    return content.length === 0 ? null : { content, stat, rollup, terms: this.#terms };
  }

  /** Takes note that the rows of a mailbox are not those that were sealed. */
  foundUnsound(): void {
    this.#unsound++;
  }

  close(): void {
    this.#reader.close();
  }

  /** Whether a mailbox is what was sealed of which something is faulty, so that its digest covers more than is taken of it. */
  #isSound(id: number): boolean {
    try {
      verifyMailboxRows(this.#reader, id);
      return true;
    } catch (error) {
      if (error instanceof ManifestError) return false;
      throw error;
    }
  }

  /** Null where the file is too damaged to give it. */
  #text(statement: Statement, id: number): Uint8Array<ArrayBuffer> | null {
    try {
      return guard(this.#reader.path, () => (statement.get(id) as Buffer<ArrayBuffer> | null) ?? new Uint8Array());
    } catch (error) {
      if (error instanceof ManifestError) return null;
      throw error;
    }
  }
}

function checkBase({ facts, path }: ManifestReader, scan: BasedScan): void {
  const refuse = (found: string, hint: string): never => {
    throw new ManifestError(`Cannot use --base "${path}": ${found}`, { hint });
  };
  const anew = "Scan once without --base; that manifest can be the base of the next scan";
  if (facts.store !== scan.store) refuse(`it is of a mail store of kind ${facts.store}, not ${scan.store}`, anew);
  if (facts.instance !== scan.instance) {
    refuse(
      `it was made on another host or of another mail store (host ${JSON.stringify(facts.host)})`,
      `Name a manifest that this host made of this store. ${anew}`,
    );
  }
  if (facts.layout !== scan.layout)
    refuse("the store had other partitions then, or the same in other directories", anew);
  if (LEVELS.indexOf(facts.level) < LEVELS.indexOf(scan.level)) {
    refuse(`its level is ${facts.level}, which lacks digests that --level ${scan.level} needs`, anew);
  }
}

/** The stats of files may be left out of the copy that is shipped to another host; such a copy is no base. */
function checkStats(reader: ManifestReader): void {
  const sealed = reader.seal.find(({ name }) => name === "file_stat")?.rows ?? 0n;
  const count = guard(reader.path, () => reader.db.prepare(sql.countRows("main", "file_stat")).pluck().get()) as number;
  if (BigInt(count) === sealed) return;
  const found = count === 0 ? "its table file_stat was emptied" : `its table file_stat has ${count} of ${sealed} rows`;
  throw new ManifestError(`Cannot use --base "${reader.path}": ${found}, so that it does not know files again`, {
    hint: "Name the manifest as the scan wrote it, or scan without --base",
  });
}

/** Until when bytes were read that are to be read again. */
function dueTo({ db }: ManifestReader, reread: Reread): number {
  if (reread.kind === "all") return Number.POSITIVE_INFINITY;
  if (reread.kind === "none") return Number.NEGATIVE_INFINITY;
  const all = db.prepare(sql.SUM_READ).pluck().get() as number;
  let left = reread.kind === "share" ? all / reread.parts : reread.bytes;
  if (left >= all) return Number.POSITIVE_INFINITY;
  const times = db.prepare(sql.SELECT_READ_TIMES).raw().iterate() as Iterable<[readAtMs: number, bytes: number]>;
  for (const [readAtMs, bytes] of times) {
    left -= bytes;
    if (left <= 0) return readAtMs;
  }
  return Number.POSITIVE_INFINITY;
}
