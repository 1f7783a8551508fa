/** Opens manifests, which are not to be trusted, and reads what they hold. */
import { ManifestError } from "../errors.ts";
import type { ItemKind } from "../mail/item.ts";
import type { OrphanFile, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { ExpungedMessage, Message } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { ItemFacts, MailboxFacts, MessageFacts, ScanFacts, UnreadItems } from "../mail/scan-facts.ts";
import {
  attachUntrusted,
  type Database,
  guard,
  guardedRows,
  identityOf,
  openUntrusted,
  type SchemaObject,
  type Statement,
  schemaOf,
} from "../sqlite/database.ts";
import { CheckedRow } from "./checked-row.ts";
import { APPLICATION_ID, FORMAT, knownSchema } from "./format.ts";
import type { Value } from "./rollup.ts";
import * as rows from "./rows.ts";
import { rootOf, type SealRow } from "./seal.ts";
import * as sql from "./statements.ts";

/** Which of the two databases of a connection holds a manifest. */
export type SchemaName = "main" | "other";

/** One manifest, opened, its schema and root checked. Every method throws {@link ManifestError} for a bad value. */
export class ManifestReader {
  readonly path: string;
  readonly schema: SchemaName;
  readonly facts: ScanFacts;
  readonly seal: readonly SealRow[];
  readonly db: Database;
  readonly #statements = new Map<string, Statement>();

  /** Opens the manifest at `path`. */
  static open(path: string): ManifestReader {
    const db = openUntrusted(path);
    try {
      return new ManifestReader(db, "main", path);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Opens a second manifest on the connection of the first, so that the two can be joined. */
  static attach(first: ManifestReader, path: string): ManifestReader {
    attachUntrusted(first.db, path);
    return new ManifestReader(first.db, "other", path);
  }

  private constructor(db: Database, schema: SchemaName, path: string) {
    this.db = db;
    this.schema = schema;
    this.path = path;
    guard(path, () => checkSchema(db, schema, path));
    const { facts, values, root } = this.#readManifestRow();
    this.facts = facts;
    this.seal = this.#readSeal();
    if (root === null || Buffer.compare(rootOf(values, this.seal), root) !== 0) {
      throw new ManifestError(`Cannot use "${path}": its seal does not match its contents`, {
        hint: "The file was damaged or altered: copy it again from the host that wrote it",
      });
    }
  }

  close(): void {
    this.db.close();
  }

  /** Every mailbox in name order. */
  *mailboxes(): Generator<MailboxFacts> {
    const columns = sql.MAILBOX_COLUMNS;
    for (const row of this.iterate(sql.selectMailboxes(this.schema), columns)) yield rows.mailboxFacts(row).facts;
  }

  /** One mailbox by its local id, with the digest over its rows. */
  mailbox(id: number): { facts: MailboxFacts; rows: Uint8Array | null } {
    for (const row of this.iterate(sql.selectMailbox(this.schema), sql.MAILBOX_COLUMNS, [id])) {
      return rows.mailboxFacts(row);
    }
    throw new ManifestError(`Cannot use "${this.path}": there is no mailbox ${id}`);
  }

  /** Live messages of a mailbox in ascending UID order. */
  *messages(mailboxId: number): Generator<Message> {
    for (const row of this.iterate(sql.selectMessages(this.schema), sql.MESSAGE_COLUMNS, [mailboxId])) {
      row.integer(); // mailbox
      yield rows.message(row);
    }
  }

  /** The same with what stat said of their files. */
  *messagesWithStat(mailboxId: number): Generator<MessageFacts> {
    const columns = [...sql.MESSAGE_COLUMNS, "root", "inode", "size", "mtime_ns", "ctime_ns", "read_at_ms"];
    for (const row of this.iterate(sql.selectMessagesWithStat(this.schema), columns, [mailboxId])) {
      row.integer(); // mailbox
      yield { ...rows.message(row), stat: rows.fileStat(row) };
    }
  }

  expunged(mailboxId: number): ExpungedMessage[] {
    const columns = ["uid", "guid", "modseq", "last_updated"];
    return this.#all(sql.selectExpunged(this.schema), columns, rows.expunged, [mailboxId]);
  }

  orphans(mailboxId: number): OrphanFile[] {
    const columns = ["uid", "path", "size", "md5", "sha1", "xxh64"];
    return this.#all(sql.selectOrphans(this.schema), columns, rows.orphan, [mailboxId]);
  }

  acl(mailboxId: number): [ByteString, ByteString][] {
    return this.#all(sql.selectAcl(this.schema), ["key", "value"], (row) => [row.name(), row.name()], [mailboxId]);
  }

  /** Items of one kind, or all of them, ordered by kind, owner, key and name of the mailbox. */
  *items(kind?: ItemKind): Generator<ItemFacts> {
    const text = sql.selectItems(this.schema, kind !== undefined);
    for (const row of this.iterate(text, sql.ITEM_COLUMNS, kind === undefined ? [] : [kind])) yield rows.item(row);
  }

  unreadItems(): UnreadItems[] {
    const columns = ["kind", "mailbox", "uniqueid", "owner", "key"];
    return this.#all(sql.selectUnreadItems(this.schema), columns, rows.unreadItems);
  }

  tombstones(): Tombstone[] {
    const columns = ["name", "uniqueid", "reason", "foldermodseq", "uidvalidity", "mtime"];
    return this.#all(sql.selectTombstones(this.schema), columns, rows.tombstone);
  }

  pending(): PendingName[] {
    return this.#all(sql.selectPending(this.schema), ["type", "name", "log"], rows.pendingName);
  }

  problems(): (ReadProblem & { mailbox: number | null })[] {
    const columns = ["mailbox", "what", "path", "uid", "errno", "found"];
    return this.#all(sql.selectProblems(this.schema), columns, rows.readProblem);
  }

  problemsOf(mailboxId: number): ReadProblem[] {
    const columns = ["mailbox", "what", "path", "uid", "errno", "found"];
    return this.#all(sql.selectProblemsOf(this.schema), columns, rows.readProblem, [mailboxId]);
  }

  /** Runs a statement of `statements.ts`, giving checked rows. The connection is busy until the last one is taken. */
  *iterate(text: string, columns: readonly string[], parameters: readonly Value[] = []): Generator<CheckedRow> {
    for (const values of guardedRows(this.path, this.#statement(text), parameters)) {
      yield new CheckedRow(this.path, columns, values as unknown[]);
    }
  }

  #all<T>(
    text: string,
    columns: readonly string[],
    take: (row: CheckedRow) => T,
    parameters: readonly Value[] = [],
  ): T[] {
    const taken: T[] = [];
    for (const row of this.iterate(text, columns, parameters)) taken.push(take(row));
    return taken;
  }

  #statement(text: string): Statement {
    const known = this.#statements.get(text);
    // A generator that was not run to its end keeps its statement busy; a fresh one is always right.
    if (known !== undefined && !known.busy) return known;
    const statement = guard(this.path, () => this.db.prepare(text).raw(true).safeIntegers(true));
    this.#statements.set(text, statement);
    return statement;
  }

  #readManifestRow(): { facts: ScanFacts; values: Value[]; root: Uint8Array | null } {
    const found = guard(this.path, () => this.db.prepare(sql.selectManifest(this.schema)).raw().safeIntegers().all());
    const values = found[0] as Value[] | undefined;
    if (values === undefined || found.length !== 1) {
      throw new ManifestError(`Cannot use "${this.path}": it describes ${found.length} scans instead of one`, {
        hint: "The scan that wrote it did not finish: scan again",
      });
    }
    const { facts, root } = rows.scanFacts(new CheckedRow(this.path, sql.MANIFEST_COLUMNS, values));
    return { facts, values: values.slice(0, -1), root };
  }

  #readSeal(): SealRow[] {
    return this.#all(sql.selectSeal(this.schema), ["name", "rows", "digest"], (row) => {
      const name = row.text();
      const count = row.bigInteger();
      return { name, rows: count, digest: Buffer.from(row.bytesOrNull(32) ?? []) };
    });
  }
}

/** Before any table is touched: a view of the same name over an endless query would hang the reader. */
function checkSchema(db: Database, schema: SchemaName, path: string): void {
  const { applicationId, userVersion } = identityOf(db, schema);
  if (applicationId !== APPLICATION_ID) {
    throw new ManifestError(`Cannot read "${path}": it is an SQLite database, but not a manifest of spooldiff`, {
      hint: "Give the path of a file that spooldiff scan wrote",
    });
  }
  if (userVersion !== FORMAT) {
    const known = `this program reads format ${FORMAT}`;
    throw new ManifestError(`Cannot read "${path}": it has manifest format ${userVersion}, ${known}`, {
      hint: userVersion > FORMAT ? "Use a newer spooldiff here, as on the host that scanned" : "Scan again",
    });
  }
  const stranger = firstDifference(schemaOf(db, schema), knownSchema());
  if (stranger !== null) {
    throw new ManifestError(`Cannot read "${path}": its schema is not that of a manifest: ${stranger}`, {
      hint: "The file was altered: copy it again from the host that wrote it",
    });
  }
}

function firstDifference(found: readonly SchemaObject[], expected: readonly SchemaObject[]): string | null {
  const key = (o: SchemaObject) => JSON.stringify([o.type, o.name, o.table, o.sql]);
  const wanted = new Set(expected.map(key));
  for (const object of found) {
    if (!wanted.delete(key(object))) return `unexpected ${object.type} ${JSON.stringify(object.name.slice(0, 60))}`;
  }
  return wanted.size === 0 ? null : `${wanted.size} of its tables or indexes are missing`;
}
