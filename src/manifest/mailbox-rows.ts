import { digestOf, type Value } from "../mail/canonical-digest.ts";
import type { Item } from "../mail/item.ts";
import type { MailboxReading, ReadProblem } from "../mail/mailbox.ts";
import type { Level } from "../mail/message.ts";
import { type MessageSums, sumsOf } from "../mail/message-sums.ts";
import { compareNames } from "../mail/name.ts";
import type { Database } from "../sqlite/database.ts";
import type { StatementCache } from "../sqlite/statement-cache.ts";
import { isSuspect, MAILBOX_FACTS, metaRollup } from "./facts.ts";
import { aclEntries, blob, mailboxValues, storable } from "./mailbox-row.ts";
import { MessageRowWriter } from "./message-rows.ts";
import { INSERT_DONE } from "./partial-statements.ts";
import { Proof } from "./proof.ts";
import { fileStatDigest } from "./seal.ts";
import * as sql from "./statements.ts";

/** Index versions before it hold neither SHA-1 nor UUID (Cyrus 2.3.0). */
const FIRST_VERSION_WITH_GUIDS = 7;

/** Writes all rows that one mailbox brings. */
export class MailboxRowWriter {
  readonly #level: Level;
  readonly #statements: StatementCache;
  readonly #messageRows: MessageRowWriter;

  constructor(db: Database, statements: StatementCache, level: Level) {
    this.#level = level;
    this.#statements = statements;
    this.#messageRows = new MessageRowWriter(db);
  }

  /** Writes a mailbox with everything that was read of it. Returns the sizes of its messages, as the index has them. */
  write(id: number, reading: MailboxReading): bigint {
    const sums = reading.sums ?? sumsOf(reading.messages, reading.expunged);
    const { totals } = sums;
    this.#messageRows.insert(id, reading.messages);
    const digests = this.#mailboxRow(id, reading, sums);
    const proof = this.#smallRows(id, reading);
    const done = [
      id,
      reading.status === "read" ? (reading.trace ?? null) : null,
      reading.messages.count,
      reading.expunged.length,
      storable(totals.bytes),
      reading.bytesRead,
      reading.filesRead,
      reading.problems.length,
      totals.stats,
      fileStatDigest(id, reading.messages),
    ];
    this.#run(INSERT_DONE, [...done, proof.finish(done, digests)]);
    return totals.bytes;
  }

  /** Returns false if there is one of that identity already. */
  item(mailbox: number | null, item: Item): boolean {
    const [kind, ...rest] = itemValues(item);
    return this.#run(sql.INSERT_ITEM, [kind as Value, mailbox, ...rest]) > 0;
  }

  /** Adds a problem of a mailbox, or of none. */
  problem(mailbox: number | null, p: ReadProblem): void {
    this.#run(sql.INSERT_PROBLEM, [mailbox, ...problemValues(p)]);
  }

  /** Inserts the row of a mailbox; returns its digests, in the order of their columns. */
  #mailboxRow(id: number, reading: MailboxReading, { totals, rollups }: MessageSums): Value[] {
    const { faults, guidsMissing, newestUpdate } = totals;
    const readable = reading.status === "read";
    const values = [
      ...mailboxValues(id, reading),
      newestUpdate,
      this.#level === "index" ? null : faults,
      (reading.header?.minorVersion ?? 0) >= FIRST_VERSION_WITH_GUIDS ? guidsMissing : null,
      isSuspect(reading, faults) ? 1 : 0,
    ];
    const digests = [
      digestOf(MAILBOX_FACTS, values),
      readable ? rollups.core : null,
      readable ? rollups.ext : null,
      readable && faults === 0 && this.#level !== "index" ? rollups.content : null,
      metaRollup(reading),
      rollups.rows,
    ];
    this.#run(sql.INSERT_MAILBOX, [...values, ...digests]);
    return digests;
  }

  /** Inserts what belongs to a mailbox beside its messages; what is proved of it is added in the order of its tables. */
  #smallRows(id: number, reading: MailboxReading): Proof {
    const proof = new Proof();
    for (const e of reading.expunged) this.#run(sql.INSERT_EXPUNGED, [id, e.uid, e.guid, e.modseq, e.lastUpdated]);
    const orphans = reading.orphans.toSorted((a, b) => a.uid - b.uid || compareNames(a.path, b.path));
    for (const o of orphans) {
      const row = [o.uid, blob(o.path), o.sizeBytes, o.md5, o.sha1, o.xxh64];
      this.#run(sql.INSERT_ORPHAN, [id, ...row]);
      proof.add("orphan", row);
    }
    const items: Item[] = [...aclEntries(reading)].map(([key, value]) => {
      return { kind: "acl", owner: "", key, value, mtime: null, modseq: null };
    });
    for (const item of [...items, ...(reading.annotations ?? [])]) {
      const [kind, ...row] = itemValues(item);
      // Of two with one identity only the first is there.
      if (this.item(id, item)) proof.add("item", [kind as Value, ...row]);
    }
    if (reading.annotations === null) {
      this.#run(sql.INSERT_UNREAD, ["message-annotation", id, null, null]);
      proof.add("item_unread", ["message-annotation", null, null]);
    }
    for (const problem of reading.problems) {
      this.problem(id, problem);
      proof.add("problem", problemValues(problem));
    }
    return proof;
  }

  #run(text: string, values: readonly Value[]): number {
    return this.#statements.get(text).run(...values).changes;
  }
}

function itemValues({ kind, owner, key, value, mtime, modseq }: Item): Value[] {
  return [kind, blob(owner), blob(key), blob(value), mtime, modseq === null ? null : storable(modseq)];
}

function problemValues({ what, path, uid, errno, found }: ReadProblem): Value[] {
  return [what, blob(path), uid, errno, found];
}
