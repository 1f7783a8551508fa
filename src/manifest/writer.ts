/**
 * Writes a manifest: under `OUT.partial` while the scan runs, locked so that no second scan writes there, and under its
 * final name only when it is whole, sealed and on disk. What is written is committed four times a second, so that a later
 * run can go on with it.
 */
import { chmodSync, rmSync } from "node:fs";
import type { Value } from "../mail/canonical-digest.ts";
import type { MailboxItem, UnreadMailboxItems } from "../mail/item.ts";
import type { MailboxReading, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { Level } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import { type Database, openForBuilding, withoutJournal } from "../sqlite/database.ts";
import { StatementCache } from "../sqlite/statement-cache.ts";
import { EarlierMailboxes } from "./earlier-mailboxes.ts";
import { blob } from "./mailbox-row.ts";
import { MailboxRowWriter } from "./mailbox-rows.ts";
import { type ManifestIdentity, type ManifestTimes, type ManifestTotals, manifestValues } from "./manifest-row.ts";
import { copyPathOf, partialPathOf, publishPartial, removeUnpublished, writeFailure } from "./partial-file.ts";
import * as partialSql from "./partial-statements.ts";
import { FileStatSeal, rootOf, sealMessages, sealTables } from "./seal.ts";
import * as sql from "./statements.ts";
import type { DoneMailbox } from "./unfinished.ts";
import type { VerifiedMailbox } from "./verify.ts";

/** How much time of a scan that is killed is lost; a commit takes 2 to 6 ms, for what would have to be written anyway. */
const COMMIT_EVERY_MS = 250;

/** What was written so far. */
class Written {
  mailboxes = 0;
  messages = 0;
  expunged = 0;
  messageBytes = 0n;
  bytesRead = 0n;
}

/** Builds one manifest. Errors of the disk below it (full, gone) end it with a {@link ManifestError}. */
export class ManifestWriter {
  readonly path: string;
  readonly partialPath: string;
  readonly #built: string;
  readonly #db: Database;
  readonly #level: Level;
  readonly #statements: StatementCache;
  readonly #rows: MailboxRowWriter;
  /** Ids of listed mailboxes, for the items that come after them. */
  readonly #byUniqueId = new Map<string, number>();
  readonly #byName = new Map<ByteString, number>();
  readonly #written = new Written();
  #newestId: number;
  #committedAtMs = Date.now();

  /**
   * @param path of the manifest that will be
   * @param db what `beginManifest` took for it: locked, with a transaction begun
   * @param built where that lies
   */
  constructor(path: string, db: Database, level: Level, built = partialPathOf(path)) {
    this.path = path;
    this.partialPath = partialPathOf(path);
    this.#built = built;
    this.#db = db;
    this.#statements = new StatementCache(db);
    this.#level = level;
    this.#rows = new MailboxRowWriter(db, this.#statements, level);
    this.#newestId = db.prepare(partialSql.NEWEST_ID).pluck().get() as number;
  }

  /** The mailboxes that earlier runs of this scan have written: each is to be kept, or is gone when it is asked to forget. */
  earlier(): EarlierMailboxes {
    return this.#guarded(
      () =>
        new EarlierMailboxes(
          this.#db,
          this.#built,
          (ref, done, verified) => this.#keep(ref, done, verified),
          () => this.commit(),
        ),
    );
  }

  /** Makes what was written so far outlive this process. */
  commit(): void {
    this.#guarded(() => {
      this.#db.exec("COMMIT");
      this.#db.exec("BEGIN EXCLUSIVE");
      this.#committedAtMs = Date.now();
    });
  }

  /** Adds a mailbox with everything that was read of it. */
  mailbox(reading: MailboxReading): void {
    this.#guarded(() => {
      const id = ++this.#newestId;
      const bytes = this.#rows.write(id, reading);
      if (reading.listed) this.#remember(reading, id);
      this.#written.mailboxes++;
      this.#written.messages += reading.messages.count;
      this.#written.expunged += reading.expunged.length;
      this.#written.messageBytes += bytes;
      this.#written.bytesRead += reading.bytesRead;
    });
    if (Date.now() - this.#committedAtMs >= COMMIT_EVERY_MS) this.commit();
  }

  /** True until a mailbox is written or kept. */
  get isEmpty(): boolean {
    return this.#written.mailboxes === 0;
  }

  /** Whether a listed mailbox was written, by its uniqueid or else by its name. */
  hasMailbox(mailbox: Pick<MailboxReading, "name" | "uniqueId">): boolean {
    return this.#idOf(mailbox) !== undefined;
  }

  /** Takes out all items that do not come with a mailbox, where not all of them could be written. */
  forgetItems(): void {
    this.#guarded(() => this.#db.exec(partialSql.FORGET_ITEMS));
  }

  /** Adds an item. Its mailbox must have come before; an item of a mailbox that never came is left out. */
  item(item: MailboxItem): void {
    this.#guarded(() => {
      const mailbox = item.mailbox === null ? null : this.#idOf(item.mailbox);
      if (mailbox !== undefined) this.#rows.item(mailbox, item);
    });
  }

  /** Adds that some items are not known. Mailboxes as for {@link item}. */
  unreadItems(unread: UnreadMailboxItems): void {
    this.#guarded(() => {
      const mailbox = unread.mailbox === null ? null : this.#idOf(unread.mailbox);
      if (mailbox === undefined) return;
      const { kind, owner, key } = unread;
      this.#run(sql.INSERT_UNREAD, [
        kind,
        mailbox,
        owner === null ? null : blob(owner),
        key === null ? null : blob(key),
      ]);
    });
  }

  tombstone(t: Tombstone): void {
    this.#guarded(() =>
      this.#run(sql.INSERT_TOMBSTONE, [blob(t.name), t.uniqueId, t.reason, t.foldermodseq, t.uidValidity, t.mtime]),
    );
  }

  pending(p: PendingName): void {
    this.#guarded(() => this.#run(sql.INSERT_PENDING, [p.type, blob(p.name), blob(p.log)]));
  }

  problem(p: ReadProblem): void {
    this.#guarded(() => this.#rows.problem(null, p));
  }

  /** Seals the manifest, brings it to disk and gives it its final name. */
  finish(identity: ManifestIdentity, times: ManifestTimes): ManifestTotals {
    return this.#guarded(() => {
      const totals = { ...this.#written, ...this.#carried(identity, times) };
      this.commit();
      publishPartial(this.#built, this.path, this.#db, () => {
        const seal = [
          ...sealTables(this.#db, "main"),
          ...sealMessages(this.#db, "main", { message: totals.messages, expunged: totals.expunged }),
          this.#fileStatSeal(),
        ];
        for (const row of seal) this.#run(sql.INSERT_SEAL, [row.name, row.rows, row.digest]);
        const values = manifestValues(identity, times, totals);
        this.#run(sql.INSERT_MANIFEST, [...values, rootOf(values, seal)]);
        this.#db.exec(partialSql.DROP_PARTIAL);
      });
      return totals;
    });
  }

  /**
   * A copy of what was written, to be finished under the final name, while this one stays what a later run goes on with.
   * It needs as much room on the disk again.
   */
  copy(): ManifestWriter {
    return this.#guarded(() => {
      const built = copyPathOf(this.path);
      removeUnpublished(this.path);
      this.#db.exec("COMMIT");
      this.#db.prepare(partialSql.VACUUM_INTO).run(built);
      this.#db.exec("BEGIN EXCLUSIVE");
      chmodSync(built, 0o600);
      const copy = new ManifestWriter(this.path, openForBuilding(built), this.#level, built);
      Object.assign(copy.#written, this.#written);
      for (const [uniqueId, id] of this.#byUniqueId) copy.#byUniqueId.set(uniqueId, id);
      for (const [name, id] of this.#byName) copy.#byName.set(name, id);
      return copy;
    });
  }

  /** Stops without a manifest. The partial file stays, unlocked, with all that was written, unless it is to be removed. */
  abandon(options: { remove: boolean }): void {
    // Under the lock: once it is given up, the file of this name may be that of another scan.
    if (options.remove) {
      rmSync(this.#built, { force: true });
      rmSync(`${this.#built}-journal`, { force: true });
      this.#db.close();
      return;
    }
    // Closed: publishing it has failed.
    if (!this.#db.open) return;
    try {
      this.#guarded(() => withoutJournal(this.#db, this.#built));
    } finally {
      this.#db.close();
    }
  }

  /** Takes over a mailbox that an earlier run has written. */
  #keep(mailbox: Pick<MailboxReading, "name" | "uniqueId">, done: DoneMailbox, verified: VerifiedMailbox): void {
    this.#remember(mailbox, done.id);
    this.#written.mailboxes++;
    this.#written.messages += verified.messages;
    this.#written.expunged += verified.expunged;
    this.#written.messageBytes += verified.bytes;
    this.#written.bytesRead += done.bytesRead;
  }

  #remember({ name, uniqueId }: Pick<MailboxReading, "name" | "uniqueId">, id: number): void {
    this.#byName.set(name, id);
    if (uniqueId !== null) this.#byUniqueId.set(uniqueId, id);
  }

  /** What of the content a scan with a base did not read: bytes that were read before it began. */
  #carried({ base }: ManifestIdentity, { startedAtMs }: ManifestTimes) {
    if (base === undefined) return { bytesCarried: 0n, oldestCarriedAtMs: null };
    const row = this.#db.prepare(sql.SELECT_CARRIED).raw().safeIntegers().get(startedAtMs) as [bigint, bigint | null];
    const [bytesCarried, oldest] = row;
    return { bytesCarried, oldestCarriedAtMs: oldest === null ? null : Number(oldest) };
  }

  #fileStatSeal() {
    const seal = new FileStatSeal();
    for (const [digest, rows] of this.#db.prepare(partialSql.SELECT_DONE_STATS).raw().iterate() as Iterable<
      [Buffer, number]
    >)
      seal.add(digest, rows);
    return seal.finish();
  }

  #idOf({ uniqueId, name }: NonNullable<MailboxItem["mailbox"]>): number | undefined {
    const byId = uniqueId === null ? undefined : this.#byUniqueId.get(uniqueId);
    return byId ?? (name === null ? undefined : this.#byName.get(name));
  }

  #run(text: string, values: readonly Value[]): number {
    return this.#statements.get(text).run(...values).changes;
  }

  #guarded<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }
}
