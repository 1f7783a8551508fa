import { type ByteString, inboxesOf } from "../mail/name.ts";
import type { ComparableFields, ItemPair, MessagePair } from "../mail/scan-facts.ts";
import { guard, guardedRows } from "../sqlite/database.ts";
import { CheckedRow } from "./checked-row.ts";
import * as pairSql from "./pair-statements.ts";
import { ManifestReader } from "./reader.ts";
import * as rows from "./rows.ts";
import { ITEM_COLUMNS, MESSAGE_COLUMNS } from "./statements.ts";
import { verifyTables } from "./verify.ts";
import { StoredManifestView } from "./view.ts";

const COLUMNS = MESSAGE_COLUMNS.slice(1);
const EXPUNGED_COLUMNS = ["uid", "guid", "modseq", "last_updated"];

/** Pairs of mailboxes, those of them that agree, and the messages in these. */
interface PairCounts {
  readonly pairs: number;
  readonly equal: number;
  readonly equalMessages: number;
}

/** Two manifests on one read-only connection, as `compare/manifest-view.ts` wants them. */
export class StoredManifestPair {
  readonly primary: StoredManifestView;
  readonly replica: StoredManifestView;
  readonly #first: ManifestReader;
  #scoped = false;
  #counts: PairCounts | null = null;
  readonly #parameters: { content: number; canon: number };

  /**
   * Opens both manifests and checks their seals as far as a comparison takes them for granted.
   *
   * @throws {ManifestError}
   */
  static open(primaryPath: string, replicaPath: string): StoredManifestPair {
    const first = ManifestReader.open(primaryPath);
    try {
      const second = ManifestReader.attach(first, replicaPath);
      verifyTables(first);
      verifyTables(second);
      return new StoredManifestPair(first, second);
    } catch (error) {
      first.close();
      throw error;
    }
  }

  private constructor(first: ManifestReader, second: ManifestReader) {
    this.#first = first;
    this.primary = new StoredManifestView(first);
    this.replica = new StoredManifestView(second);
    const looked = first.facts.level !== "index" && second.facts.level !== "index";
    this.#parameters = { content: looked ? 1 : 0, canon: first.facts.canon === second.facts.canon ? 1 : 0 };
  }

  /** Leaves mailboxes out of the comparison whose name is not in scope on one side. */
  narrow(inScope: (name: ByteString) => boolean): void {
    this.#scoped = true;
    this.#counts = null;
    this.#first.db.function(pairSql.IN_SCOPE, { deterministic: true }, (name: unknown) =>
      Buffer.isBuffer(name) && inScope(name.toString("latin1")) ? 1 : 0,
    );
  }

  close(): void {
    this.#first.close();
  }

  differingPairs(): { primary: number; replica: number }[] {
    const { pairs, equal } = this.pairCounts();
    if (pairs === equal) return [];
    return [...this.#pairs(pairSql.selectDifferingPairs(this.#scoped))];
  }

  equalPairs(): Iterable<{ primary: number; replica: number }> {
    return this.#pairs(pairSql.selectEqualPairs(this.#scoped));
  }

  /** Counted once: hosts in sync need nothing else of their mailboxes. */
  pairCounts(): PairCounts {
    this.#counts ??= this.#countPairs();
    return this.#counts;
  }

  #countPairs(): PairCounts {
    for (const row of this.#rows(
      pairSql.selectPairCounts(this.#scoped),
      ["pairs", "equal", "messages"],
      this.#parameters,
    )) {
      return { pairs: row.integer(), equal: row.integer(), equalMessages: row.integer() };
    }
    return { pairs: 0, equal: 0, equalMessages: 0 };
  }

  unpaired(side: "primary" | "replica"): number[] {
    if (this.#areAllPaired(side)) return [];
    const text =
      side === "primary"
        ? pairSql.selectUnpaired("main", "other", this.#scoped)
        : pairSql.selectUnpaired("other", "main", this.#scoped);
    return [...this.#rows(text, ["id"])].map((row) => row.integer(1));
  }

  /** A listed mailbox is in one pair at most: where there are as many of both, it is in one. */
  #areAllPaired(side: "primary" | "replica"): boolean {
    if (this.#scoped) return false;
    const text = pairSql.countListed(side === "primary" ? "main" : "other");
    for (const row of this.#rows(text, ["count"])) return row.integer() === this.pairCounts().pairs;
    return false;
  }

  *differingMessages(primary: number, replica: number, fields: ComparableFields): Generator<MessagePair> {
    const text = pairSql.differing(comparedColumns(fields));
    for (const values of this.#values(text, { p: primary, r: replica })) yield this.#messagePair(values);
  }

  differingItems(): Iterable<ItemPair> {
    return this.#itemPairs(pairSql.selectDifferingItems);
  }

  differingItemsOf(primary: number, replica: number): Iterable<ItemPair> {
    return this.#itemPairs(pairSql.selectDifferingItemsOf, { p: primary, r: replica });
  }

  *#itemPairs(text: string, parameters?: object): Generator<ItemPair> {
    const n = ITEM_COLUMNS.length;
    const item = (view: StoredManifestView, values: readonly unknown[]) =>
      values[0] === null ? null : rows.item(new CheckedRow(view.path, ITEM_COLUMNS, values));
    for (const values of this.#values(text, parameters)) {
      yield { primary: item(this.primary, values.slice(0, n)), replica: item(this.replica, values.slice(n)) };
    }
  }

  newestEqualUpdate(owner: ByteString | null, beforeMs: number | null): number | null {
    for (const tree of owner === null ? [{}] : inboxesOf(owner).map(treeOf)) {
      const parameters = { ...tree, before: beforeMs };
      for (const row of this.#rows(pairSql.newestEqualUpdate(owner === null), ["newest"], parameters)) {
        const newest = row.integerOrNull(-Number.MAX_SAFE_INTEGER);
        if (newest !== null) return newest;
      }
    }
    return null;
  }

  unmatchedGuids(primary: number, replica: number): { primary: number; replica: number } {
    this.primary.verifyRows(primary);
    this.replica.verifyRows(replica);
    // A SHA-1 and a UUID are of two kinds, and an old index may have neither.
    const kinds = [this.primary.mailbox(primary), this.replica.mailbox(replica)].map(
      ({ header }) => (header?.minorVersion ?? 0) < FIRST_VERSION_WITH_SHA1,
    );
    const column = kinds.includes(true) ? "md5" : "guid";
    const count = (one: string, another: string, ids: { one: number; another: number }) => {
      for (const row of this.#rows(pairSql.countUnmatched(one, another, column), ["count"], ids)) return row.integer();
      return 0;
    };
    return {
      primary: count("main", "other", { one: primary, another: replica }),
      replica: count("other", "main", { one: replica, another: primary }),
    };
  }

  *#pairs(text: string): Generator<{ primary: number; replica: number }> {
    for (const row of this.#rows(text, ["primary", "replica"], this.#parameters)) {
      yield { primary: row.integer(1), replica: row.integer(1) };
    }
  }

  *#rows(text: string, columns: readonly string[], parameters?: object): Generator<CheckedRow> {
    for (const values of this.#values(text, parameters)) yield new CheckedRow(this.#paths, columns, values);
  }

  /** What reads both files at once can fail because of either. */
  get #paths(): string {
    return `${this.primary.path}" or "${this.replica.path}`;
  }

  *#values(text: string, parameters?: object): Generator<unknown[]> {
    const statement = guard(this.#paths, () => this.#first.db.prepare(text).raw(true).safeIntegers(true));
    const rows = guardedRows(this.#paths, statement, parameters === undefined ? [] : [parameters]);
    for (const values of rows) yield values as unknown[];
  }

  #messagePair(values: readonly unknown[]): MessagePair {
    const n = COLUMNS.length;
    const e = EXPUNGED_COLUMNS.length;
    const part = (view: StoredManifestView, columns: readonly string[], at: number) => {
      const slice = values.slice(at, at + columns.length);
      return slice[0] === null ? null : new CheckedRow(view.path, columns, slice);
    };
    const primary = part(this.primary, COLUMNS, 1);
    const replica = part(this.replica, COLUMNS, 1 + n);
    const primaryExpunged = part(this.primary, EXPUNGED_COLUMNS, 1 + 2 * n);
    const replicaExpunged = part(this.replica, EXPUNGED_COLUMNS, 1 + 2 * n + e);
    return {
      uid: Number(values[0]),
      primary: primary && rows.message(primary),
      replica: replica && rows.message(replica),
      primaryExpunged: primaryExpunged && rows.expunged(primaryExpunged),
      replicaExpunged: replicaExpunged && rows.expunged(replicaExpunged),
    };
  }
}

/** Version 10 of `cyrus.index`; others before it hold UUIDs, or nothing. */
const FIRST_VERSION_WITH_SHA1 = 10;

/** An INBOX, and the bounds of the names below it. */
function treeOf(inbox: ByteString): Record<"inbox" | "below" | "beyond", Buffer> {
  const bytes = (name: ByteString) => Buffer.from(name, "latin1");
  return { inbox: bytes(inbox), below: bytes(`${inbox}.`), beyond: bytes(`${inbox}/`) };
}

function comparedColumns(fields: ComparableFields): string[] {
  const flags = fields.seen ? "flags" : `trim(replace(' ' || CAST(flags AS TEXT) || ' ', ' \\seen ', ' ')) AS flags`;
  const columns = ["uid", "size", "internaldate", "last_updated", flags];
  if (fields.guid) columns.push("guid");
  if (fields.modseq) columns.push("modseq");
  if (fields.saveDate) columns.push("savedate");
  if (fields.createdModseq) columns.push("createdmodseq");
  if (fields.cid) columns.push("cid");
  if (fields.baseCid) columns.push("basecid");
  if (fields.fileSize) columns.push("file_size");
  if (fields.md5) columns.push("md5");
  if (fields.xxh64) columns.push("xxh64");
  return columns;
}
