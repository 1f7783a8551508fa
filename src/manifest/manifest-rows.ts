/** The rows of a manifest, also of one that is not finished: each value is checked when it is taken. */
import { ManifestError } from "../errors.ts";
import type { Value } from "../mail/canonical-digest.ts";
import type { ItemKind } from "../mail/item.ts";
import type { OrphanFile, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { ExpungedMessage, Message } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { ItemFacts, MailboxFacts, MessageFacts, UnreadItems } from "../mail/scan-facts.ts";
import { type Database, guard, guardedRows, type Statement } from "../sqlite/database.ts";
import { CheckedRow } from "./checked-row.ts";
import * as rows from "./rows.ts";
import * as sql from "./statements.ts";

/** Which of the two databases of a connection holds a manifest. */
export type SchemaName = "main" | "other";

/** The tables of one manifest. Every method throws {@link ManifestError} for a bad value. */
export class ManifestRows {
  readonly path: string;
  readonly schema: SchemaName;
  readonly db: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(db: Database, schema: SchemaName, path: string) {
    this.db = db;
    this.schema = schema;
    this.path = path;
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
    throw new ManifestError(`Cannot use "${this.path}": there is no mailbox ${id}`, {
      hint: "The file was damaged or altered: copy it again from the host that wrote it, or scan there anew",
    });
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
    return this.all(sql.selectExpunged(this.schema), columns, rows.expunged, [mailboxId]);
  }

  orphans(mailboxId: number): OrphanFile[] {
    const columns = ["uid", "path", "size", "md5", "sha1", "xxh64"];
    return this.all(sql.selectOrphans(this.schema), columns, rows.orphan, [mailboxId]);
  }

  acl(mailboxId: number): [ByteString, ByteString][] {
    return this.all(sql.selectAcl(this.schema), ["key", "value"], (row) => [row.name(), row.name()], [mailboxId]);
  }

  /** Items of one kind, or all of them, ordered by kind, owner, key and name of the mailbox. */
  *items(kind?: ItemKind): Generator<ItemFacts> {
    const text = sql.selectItems(this.schema, kind !== undefined);
    for (const row of this.iterate(text, sql.ITEM_COLUMNS, kind === undefined ? [] : [kind])) yield rows.item(row);
  }

  unreadItems(): UnreadItems[] {
    const columns = ["kind", "mailbox", "uniqueid", "owner", "key"];
    return this.all(sql.selectUnreadItems(this.schema), columns, rows.unreadItems);
  }

  tombstones(): Tombstone[] {
    const columns = ["name", "uniqueid", "reason", "foldermodseq", "uidvalidity", "mtime"];
    return this.all(sql.selectTombstones(this.schema), columns, rows.tombstone);
  }

  pending(): PendingName[] {
    return this.all(sql.selectPending(this.schema), ["type", "name", "log"], rows.pendingName);
  }

  problems(): (ReadProblem & { mailbox: number | null })[] {
    const columns = ["mailbox", "what", "path", "uid", "errno", "found"];
    return this.all(sql.selectProblems(this.schema), columns, rows.readProblem);
  }

  problemsOf(mailboxId: number): ReadProblem[] {
    const columns = ["mailbox", "what", "path", "uid", "errno", "found"];
    return this.all(sql.selectProblemsOf(this.schema), columns, rows.readProblem, [mailboxId]);
  }

  /** Runs a statement of `statements.ts`, giving checked rows. The connection is busy until the last one is taken. */
  *iterate(text: string, columns: readonly string[], parameters: readonly Value[] = []): Generator<CheckedRow> {
    for (const values of guardedRows(this.path, this.#statement(text), parameters)) {
      yield new CheckedRow(this.path, columns, values as unknown[]);
    }
  }

  /** Runs a statement and takes each row. */
  protected all<T>(
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
}
