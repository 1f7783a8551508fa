/**
 * What an earlier run of a scan left in `OUT.partial`. It was written without waiting for the disk: so nothing of it is
 * believed but what its digests prove.
 */
import { ManifestError } from "../errors.ts";
import type { Value } from "../mail/canonical-digest.ts";
import type { ByteString } from "../mail/name.ts";
import { type Database, identityOf, type Statement, schemaOf, schemaOfScript, sqliteCode } from "../sqlite/database.ts";
import { APPLICATION_ID, FORMAT, partialSchemaText } from "./format.ts";
import { blob } from "./mailbox-row.ts";
import { ManifestRows } from "./manifest-rows.ts";
import * as partialSql from "./partial-statements.ts";
import { Proof } from "./proof.ts";
import { checkPages, type VerifiedMailbox, verifyMailbox } from "./verify.ts";

/** What a run has to be told the same to go on with an earlier one: plain values by name. */
export type ScanTerms = Readonly<Record<string, unknown>>;

/** The scan that an unfinished manifest belongs to. */
export interface BegunScan {
  readonly terms: string;
  readonly startedAtMs: number;
  readonly runs: number;
}

/** What is to be done with the partial file that was there. */
export type Unfinished =
  | { readonly status: "new" }
  | { readonly status: "begun"; readonly begun: BegunScan }
  | { readonly status: "useless"; readonly found: string };

/** Looks at a partial file that was taken. Throws nothing for what is in it. */
export function lookAtUnfinished(db: Database, path: string): Unfinished {
  try {
    const { applicationId, userVersion } = identityOf(db, "main");
    const wanted = JSON.stringify(schemaOfScript(partialSchemaText()));
    if (applicationId !== APPLICATION_ID || userVersion !== FORMAT || JSON.stringify(schemaOf(db, "main")) !== wanted) {
      return { status: "useless", found: "another version of spooldiff wrote it, or it was being finished" };
    }
    const row = db.prepare(partialSql.SELECT_BEGUN).raw().get() as [string, number, number] | undefined;
    checkPages(new ManifestRows(db, "main", path));
    if (row === undefined) {
      // One is made with that row in it: without, it is empty.
      const isEmpty =
        db.prepare(partialSql.NEWEST_ID).pluck().get() === 0 &&
        db.prepare(partialSql.SELECT_DONE_IDS).get() === undefined;
      return isEmpty ? { status: "new" } : { status: "useless", found: "it is damaged" };
    }
    return { status: "begun", begun: { terms: row[0], startedAtMs: row[1], runs: row[2] } };
  } catch (error) {
    if (!(error instanceof ManifestError) && sqliteCode(error) === null) throw error;
    return { status: "useless", found: "it is damaged" };
  }
}

/** Names of the terms that differ, for people; empty when a run may go on. */
export function changedTerms(before: string, now: ScanTerms): string[] {
  const earlier = parsed(before);
  const names = new Set([...Object.keys(earlier), ...Object.keys(now)]);
  return [...names].filter((name) => JSON.stringify(earlier[name]) !== JSON.stringify(now[name]));
}

function parsed(text: string): ScanTerms {
  try {
    const terms: unknown = JSON.parse(text);
    return typeof terms === "object" && terms !== null ? (terms as ScanTerms) : { terms: null };
  } catch {
    return { terms: null };
  }
}

/** One mailbox that an earlier run has done. */
export interface DoneMailbox {
  readonly id: number;
  /** Of its files before they were read; null: it is to be read again. */
  readonly trace: Uint8Array | null;
  readonly bytesRead: bigint;
  readonly filesRead: number;
  readonly problems: number;
  readonly values: readonly Value[];
}

/** The mailboxes that earlier runs have done. */
export class DoneMailboxes {
  readonly #rows: ManifestRows;
  readonly #select: Statement;
  readonly #proofs = new Map<number, Proof>();

  constructor(db: Database, path: string) {
    this.#rows = new ManifestRows(db, "main", path);
    this.#select = db.prepare(partialSql.SELECT_DONE).raw().safeIntegers();
    for (const [table, columns] of partialSql.PROVED_TABLES) {
      const rows = db.prepare(partialSql.selectProved(table, columns)).raw().safeIntegers().iterate();
      for (const [mailbox, ...row] of rows as Iterable<[bigint, ...Value[]]>)
        this.#proof(Number(mailbox)).add(table, row);
    }
  }

  /** The one listed mailbox of this identity; null also where there are several. */
  find(name: ByteString, uniqueId: string | null): DoneMailbox | null {
    const found = this.#select.all(blob(name), uniqueId) as Value[][];
    const values = found[0];
    if (values === undefined || found.length > 1) return null;
    const number = (column: (typeof partialSql.DONE_COLUMNS)[number]) =>
      Number(values[partialSql.DONE_COLUMNS.indexOf(column)]);
    const trace = values[partialSql.DONE_COLUMNS.indexOf("trace")];
    return {
      id: number("mailbox"),
      trace: trace instanceof Uint8Array ? trace : null,
      bytesRead: BigInt(values[partialSql.DONE_COLUMNS.indexOf("bytes_read")] as bigint),
      filesRead: number("files_read"),
      problems: number("problems"),
      values,
    };
  }

  /** What the mailbox holds, all of it computed again; null where its rows are not what was written. */
  verify({ id, values }: DoneMailbox): VerifiedMailbox | null {
    const done = values.slice(0, partialSql.DONE_COLUMNS.length);
    const proof = values[partialSql.DONE_COLUMNS.length];
    const digests = values.slice(partialSql.DONE_COLUMNS.length + 1);
    const isProved = proof instanceof Uint8Array && this.#proof(id).finish(done, digests).equals(proof);
    if (!isProved) return null;
    try {
      const mailbox = verifyMailbox(this.#rows, id);
      const statDigest = done[partialSql.DONE_COLUMNS.indexOf("stat_digest")] as Uint8Array;
      const stats = Number(done[partialSql.DONE_COLUMNS.indexOf("stats")]);
      return mailbox.stats === stats && mailbox.statDigest.equals(statDigest) ? mailbox : null;
    } catch (error) {
      if (error instanceof ManifestError) return null;
      throw error;
    }
  }

  #proof(mailbox: number): Proof {
    const known = this.#proofs.get(mailbox);
    if (known !== undefined) return known;
    const proof = new Proof();
    this.#proofs.set(mailbox, proof);
    return proof;
  }
}
