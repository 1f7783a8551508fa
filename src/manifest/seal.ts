/**
 * The seal: rows → digests per mailbox and per table → one root. It detects accident (a bad copy, a bad disk, a stray
 * edit), not somebody who computes it again.
 */
import { createHash } from "node:crypto";
import { beginDigest, digestOf, type Value } from "../mail/canonical-digest.ts";
import type { PackedMessages } from "../mail/packed-messages.ts";
import type { Database } from "../sqlite/database.ts";
import { canonicalRows } from "./sealed-rows.ts";
import { SEALED_TABLES, selectMailboxSeals } from "./statements.ts";

/** One row of the table `seal`. */
export interface SealRow {
  readonly name: string;
  readonly rows: bigint;
  readonly digest: Buffer;
}

/**
 * Digests the rows of every table that the seal reads as it stands; messages are covered by `mailbox.rows`.
 *
 * @param tables which of them; all if not said
 */
export function sealTables(db: Database, schema: "main" | "other", tables?: readonly string[]): SealRow[] {
  const wanted = SEALED_TABLES.filter(([table]) => tables?.includes(table) ?? true);
  return wanted.map(([table, columns, order]) => {
    const hash = beginDigest(`table ${table}`);
    let rows = 0n;
    for (const run of canonicalRows(db, schema, table, columns, order)) {
      hash.update(run.bytes);
      rows += run.rows;
    }
    return { name: table, rows, digest: hash.digest() };
  });
}

/** The seal of `message` and `expunged`: the digests that the rows of `mailbox` carry, in order, and the counts. */
export function sealMessages(
  db: Database,
  schema: "main" | "other",
  counts: { message: number; expunged: number },
): SealRow[] {
  const hash = createHash("sha256");
  const rows = db.prepare(selectMailboxSeals(schema)).raw().safeIntegers().iterate();
  for (const [id, digest] of rows as Iterable<[bigint, Uint8Array | null]>) hash.update(digestOf("rows", [id, digest]));
  const digest = hash.digest();
  return [
    { name: "message", rows: BigInt(counts.message), digest },
    { name: "expunged", rows: BigInt(counts.expunged), digest },
  ];
}

/** The part of one mailbox in the seal of `file_stat`. */
export function fileStatDigest(mailboxId: number | bigint, messages: PackedMessages): Buffer {
  return digestOf("stat", [mailboxId, messages.stat]);
}

/** Builds the seal of `file_stat` mailbox by mailbox, in the order of their ids. */
export class FileStatSeal {
  readonly #hash = createHash("sha256");
  #rows = 0;

  /** @param digest of the mailbox, as {@link fileStatDigest} gives it */
  add(digest: Uint8Array, rows: number): void {
    this.#hash.update(digest);
    this.#rows += rows;
  }

  finish(): SealRow {
    return { name: "file_stat", rows: BigInt(this.#rows), digest: this.#hash.digest() };
  }
}

/** The root: over the manifest row (without the root itself) and every row of the seal, by name. */
export function rootOf(manifest: readonly Value[], seal: readonly SealRow[]): Buffer {
  const sorted = [...seal].sort((a, b) => (a.name < b.name ? -1 : 1));
  return digestOf("root", [...manifest, ...sorted.flatMap((row) => [row.name, row.rows, row.digest])]);
}
