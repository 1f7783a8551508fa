/**
 * Writes a manifest: under `OUT.partial` while the scan runs, locked so that no second scan writes there, and under its
 * final name only when it is whole, sealed and on disk.
 */
import { rmSync } from "node:fs";
import type { Item, MailboxItem, UnreadMailboxItems } from "../mail/item.ts";
import type { MailboxReading, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { Level } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { Database } from "../sqlite/database.ts";
import { StatementCache } from "../sqlite/statement-cache.ts";
import { isSuspect, metaRollup } from "./facts.ts";
import { CANON, FORMAT, schemaText } from "./format.ts";
import { aclEntries, blob, mailboxValues, storable } from "./mailbox-row.ts";
import { MessageRowWriter } from "./message-rows.ts";
import { partialPathOf, publishPartial, takePartial, writeFailure } from "./partial-file.ts";
import { digestOf, MAILBOX_FACTS, rollUp, type Value } from "./rollup.ts";
import { FileStatSeal, rootOf, sealMessages, sealTables } from "./seal.ts";
import * as sql from "./statements.ts";

/** What the manifest says of the scan itself. Times in milliseconds since 1970. */
export interface ManifestIdentity {
  readonly id: string;
  readonly host: string;
  readonly instance: string;
  readonly role: "primary" | "replica" | null;
  readonly store: string;
  readonly tool: string;
  readonly level: Level;
  readonly narrowed: boolean;
  /** Plain values only; no secrets. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly afterId: string | null;
}

/** When the scan read what. */
export interface ManifestTimes {
  readonly startedAtMs: number;
  readonly listReadAtMs: number;
  /** Null: they were not read. */
  readonly itemsReadAtMs: number | null;
  readonly finishedAtMs: number;
}

/** What was written, for the closing line of `scan`. */
export interface ManifestTotals {
  readonly mailboxes: number;
  readonly messages: number;
  readonly messageBytes: bigint;
  readonly bytesRead: bigint;
}

/** Index versions before it hold neither SHA-1 nor UUID (Cyrus 2.3.0). */
const FIRST_VERSION_WITH_GUIDS = 7;

/** Builds one manifest. Errors of the disk below it (full, gone) end it with a {@link ManifestError}. */
export class ManifestWriter {
  readonly path: string;
  readonly partialPath: string;
  readonly #db: Database;
  readonly #level: Level;
  readonly #statements: StatementCache;
  readonly #messageRows: MessageRowWriter;
  readonly #fileStat = new FileStatSeal();
  /** Ids of listed mailboxes, for the items that come after them. */
  readonly #byUniqueId = new Map<string, number>();
  readonly #byName = new Map<ByteString, number>();
  #mailboxes = 0;
  #messages = 0;
  #expunged = 0;
  #messageBytes = 0n;
  #bytesRead = 0n;

  private constructor(path: string, db: Database, level: Level) {
    this.path = path;
    this.partialPath = partialPathOf(path);
    this.#db = db;
    this.#statements = new StatementCache(db);
    this.#level = level;
    this.#messageRows = new MessageRowWriter(db);
  }

  /**
   * Takes `path` for this scan: makes `path.partial` with mode 0600 and locks it.
   *
   * @returns the writer, and whether an unfinished file of an earlier scan was replaced
   * @throws {ManifestError} when another scan holds it, or nothing can be written there
   */
  static create(path: string, level: Level): { writer: ManifestWriter; replacedPartial: boolean } {
    const { db, replaced } = takePartial(path, schemaText());
    return { writer: new ManifestWriter(path, db, level), replacedPartial: replaced };
  }

  /** Adds a mailbox with everything that was read of it. */
  mailbox(reading: MailboxReading): void {
    this.#guarded(() => {
      const id = ++this.#mailboxes;
      const { faults, guidsMissing, newestUpdate, bytes, stats } = this.#messageRows.insert(id, reading.messages);
      this.#fileStat.add(id, reading.messages, stats);
      this.#messages += reading.messages.count;
      const rollups = rollUp(reading.messages, reading.expunged);
      const readable = reading.status === "read";
      const values = [
        ...mailboxValues(id, reading),
        newestUpdate,
        this.#level === "index" ? null : faults,
        (reading.header?.minorVersion ?? 0) >= FIRST_VERSION_WITH_GUIDS ? guidsMissing : null,
        isSuspect(reading, faults) ? 1 : 0,
      ];
      this.#run(sql.INSERT_MAILBOX, [
        ...values,
        digestOf(MAILBOX_FACTS, values),
        readable ? rollups.core : null,
        readable ? rollups.ext : null,
        readable && faults === 0 && this.#level !== "index" ? rollups.content : null,
        metaRollup(reading),
        rollups.rows,
      ]);
      for (const e of reading.expunged) {
        this.#run(sql.INSERT_EXPUNGED, [id, e.uid, e.guid, e.modseq, e.lastUpdated]);
      }
      for (const o of reading.orphans) {
        this.#run(sql.INSERT_ORPHAN, [id, o.uid, blob(o.path), o.sizeBytes, o.md5, o.sha1, o.xxh64]);
      }
      for (const [identifier, rights] of aclEntries(reading)) {
        this.#item(id, { kind: "acl", owner: "", key: identifier, value: rights, mtime: null, modseq: null });
      }
      for (const annotation of reading.annotations ?? []) this.#item(id, annotation);
      if (reading.annotations === null) this.#run(sql.INSERT_UNREAD, ["message-annotation", id, null, null]);
      if (reading.listed) {
        this.#byName.set(reading.name, id);
        if (reading.uniqueId !== null) this.#byUniqueId.set(reading.uniqueId, id);
      }
      for (const problem of reading.problems) this.#problem(id, problem);
      this.#expunged += reading.expunged.length;
      this.#messageBytes += bytes;
      this.#bytesRead += reading.bytesRead;
    });
  }

  /** Adds an item. Its mailbox must have come before; an item of a mailbox that never came is left out. */
  item(item: MailboxItem): void {
    this.#guarded(() => {
      const mailbox = item.mailbox === null ? null : this.#idOf(item.mailbox);
      if (mailbox !== undefined) this.#item(mailbox, item);
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
    this.#guarded(() => this.#problem(null, p));
  }

  /** Seals the manifest, brings it to disk and gives it its final name. */
  finish(identity: ManifestIdentity, times: ManifestTimes): ManifestTotals {
    return this.#guarded(() => {
      const seal = [
        ...sealTables(this.#db, "main"),
        ...sealMessages(this.#db, "main", { message: this.#messages, expunged: this.#expunged }),
        this.#fileStat.finish(),
      ];
      for (const row of seal) this.#run(sql.INSERT_SEAL, [row.name, row.rows, row.digest]);
      const values = this.#manifestValues(identity, times);
      this.#run(sql.INSERT_MANIFEST, [...values, rootOf(values, seal)]);
      this.#db.exec("COMMIT");
      publishPartial(this.path, this.#db);
      return {
        mailboxes: this.#mailboxes,
        messages: this.#messages,
        messageBytes: this.#messageBytes,
        bytesRead: this.#bytesRead,
      };
    });
  }

  /** Stops without a manifest. The partial file stays, unlocked, unless it is to be removed. */
  abandon(options: { remove: boolean }): void {
    // Under the lock: once it is given up, the file of this name may be that of another scan.
    if (options.remove) rmSync(this.partialPath, { force: true });
    this.#db.close();
  }

  #manifestValues(identity: ManifestIdentity, times: ManifestTimes): Value[] {
    return [
      identity.id,
      identity.host,
      identity.instance,
      identity.role,
      identity.store,
      identity.tool,
      FORMAT,
      CANON,
      identity.level,
      identity.narrowed ? "narrowed" : "complete",
      JSON.stringify(identity.options),
      identity.afterId,
      times.startedAtMs,
      times.listReadAtMs,
      times.itemsReadAtMs,
      times.finishedAtMs,
      this.#mailboxes,
      this.#messages,
      storable(this.#messageBytes),
      this.#bytesRead,
      0,
      null,
    ];
  }

  #idOf({ uniqueId, name }: NonNullable<MailboxItem["mailbox"]>): number | undefined {
    const byId = uniqueId === null ? undefined : this.#byUniqueId.get(uniqueId);
    return byId ?? (name === null ? undefined : this.#byName.get(name));
  }

  #item(mailbox: number | null, { kind, owner, key, value, mtime, modseq }: Item): void {
    const storedModseq = modseq === null ? null : storable(modseq);
    this.#run(sql.INSERT_ITEM, [kind, mailbox, blob(owner), blob(key), blob(value), mtime, storedModseq]);
  }

  #problem(mailbox: number | null, p: ReadProblem): void {
    this.#run(sql.INSERT_PROBLEM, [mailbox, p.what, blob(p.path), p.uid, p.errno, p.found]);
  }

  #run(text: string, values: readonly Value[]): void {
    this.#statements.get(text).run(...values);
  }

  #guarded<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }
}
