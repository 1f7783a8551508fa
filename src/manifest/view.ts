import type { Value } from "../mail/canonical-digest.ts";
import type { ItemKind } from "../mail/item.ts";
import type { OrphanFile, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { Message } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { ItemFacts, MailboxFacts, MessageFacts, ScanFacts, UnreadItems } from "../mail/scan-facts.ts";
import type { CheckedRow } from "./checked-row.ts";
import * as pairSql from "./pair-statements.ts";
import type { ManifestReader } from "./reader.ts";
import * as rows from "./rows.ts";
import { MESSAGE_COLUMNS } from "./statements.ts";
import { verifyMailboxRows } from "./verify.ts";

const STAT_COLUMNS = ["root", "inode", "size", "mtime_ns", "ctime_ns", "read_at_ms"] as const;

/** One manifest as `compare/manifest-view.ts` wants it. */
export class StoredManifestView {
  readonly path: string;
  readonly facts: ScanFacts;
  readonly #reader: ManifestReader;
  readonly #verified = new Set<number>();

  constructor(reader: ManifestReader) {
    this.#reader = reader;
    this.path = reader.path;
    this.facts = reader.facts;
  }

  mailbox(id: number): MailboxFacts {
    return this.#reader.mailbox(id).facts;
  }

  mailboxes(): Iterable<MailboxFacts> {
    return this.#reader.mailboxes();
  }

  listedByName(name: ByteString): number | null {
    const text = pairSql.selectListedByName(this.#reader.schema);
    return this.#column(text, (row) => row.integer(1), [Buffer.from(name, "latin1")])[0] ?? null;
  }

  listedByUniqueId(uniqueId: string): number | null {
    const text = pairSql.selectListedByUniqueId(this.#reader.schema);
    return this.#column(text, (row) => row.integer(1), [uniqueId])[0] ?? null;
  }

  suspectMailboxes(): number[] {
    return this.#column(pairSql.selectSuspects(this.#reader.schema), (row) => row.integer(1));
  }

  duplicateUniqueIds(): string[] {
    return this.#column(pairSql.selectDuplicates(this.#reader.schema), (row) => row.text());
  }

  *faultyMessages(mailboxId: number): Generator<MessageFacts> {
    const text = pairSql.selectFaultyMessages(this.#reader.schema);
    for (const row of this.#reader.iterate(text, [...MESSAGE_COLUMNS, ...STAT_COLUMNS], [mailboxId])) {
      row.integer(); // mailbox
      yield { ...rows.message(row), stat: rows.fileStat(row) };
    }
  }

  message(mailboxId: number, uid: number): Message | null {
    const text = pairSql.selectMessage(this.#reader.schema);
    for (const row of this.#reader.iterate(text, MESSAGE_COLUMNS, [mailboxId, uid])) {
      row.integer(); // mailbox
      return rows.message(row);
    }
    return null;
  }

  /** One live message with what stat said of its file. */
  messageFacts(mailboxId: number, uid: number): MessageFacts | null {
    const text = pairSql.selectMessageWithStat(this.#reader.schema);
    for (const row of this.#reader.iterate(text, [...MESSAGE_COLUMNS, ...STAT_COLUMNS], [mailboxId, uid])) {
      row.integer(); // mailbox
      return { ...rows.message(row), stat: rows.fileStat(row) };
    }
    return null;
  }

  /** All live messages of a mailbox, in ascending UID order. */
  messages(mailboxId: number): Iterable<MessageFacts> {
    return this.#reader.messagesWithStat(mailboxId);
  }

  /** Highest version of an index that was read; null where none was. */
  get newestIndex(): number | null {
    const text = pairSql.selectNewestIndex(this.#reader.schema);
    for (const row of this.#reader.iterate(text, ["index_version"])) return row.integerOrNull(0, 1000);
    return null;
  }

  /** Names of listed mailboxes with their HIGHESTMODSEQ, in no order; null where the index says none. */
  *listedModseqs(): Generator<{ readonly name: ByteString; readonly highestModseq: bigint | null }> {
    const text = pairSql.selectListedModseqs(this.#reader.schema);
    for (const row of this.#reader.iterate(text, ["name", "highestmodseq"])) {
      yield { name: row.name(), highestModseq: row.bigIntegerOrNull() };
    }
  }

  orphans(mailboxId: number): OrphanFile[] {
    return this.#reader.orphans(mailboxId);
  }

  acl(mailboxId: number): [ByteString, ByteString][] {
    return this.#reader.acl(mailboxId);
  }

  items(kind?: ItemKind): Iterable<ItemFacts> {
    return this.#reader.items(kind);
  }

  unreadItems(): UnreadItems[] {
    return this.#reader.unreadItems();
  }

  tombstones(): Tombstone[] {
    return this.#reader.tombstones();
  }

  pending(): PendingName[] {
    return this.#reader.pending();
  }

  problems(): (ReadProblem & { mailbox: number | null })[] {
    return this.#reader.problems();
  }

  problemsOf(mailboxId: number): ReadProblem[] {
    return this.#reader.problemsOf(mailboxId);
  }

  sameInode(mailboxId: number, uid: number): { mailbox: ByteString; uid: number }[] {
    const text = pairSql.selectSameInode(this.#reader.schema);
    const take = [];
    for (const row of this.#reader.iterate(text, ["name", "uid"], [mailboxId, uid])) {
      take.push({ mailbox: row.name(), uid: row.integer(1) });
    }
    return take;
  }

  verifyRows(mailboxId: number): void {
    if (this.#verified.has(mailboxId)) return;
    verifyMailboxRows(this.#reader, mailboxId);
    this.#verified.add(mailboxId);
  }

  #column<T>(text: string, take: (row: CheckedRow) => T, parameters: readonly Value[] = []): T[] {
    const taken: T[] = [];
    for (const row of this.#reader.iterate(text, ["id"], parameters)) taken.push(take(row));
    return taken;
  }
}
