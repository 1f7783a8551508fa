/**
 * The digests of a mailbox. Each covers one group of packed columns (`mail/packed-messages.ts`), so the same messages
 * give the same digest on every host, and `verify` can compute it again from the rows.
 */
import { createHash, type Hash } from "node:crypto";
import type { ExpungedMessage } from "../mail/message.ts";
import type { PackedMessages } from "../mail/packed-messages.ts";
import { CANON } from "./format.ts";

/** The rollups of the messages of one mailbox; each 32 bytes. */
export interface MessageRollups {
  readonly core: Buffer;
  readonly ext: Buffer;
  readonly content: Buffer;
  /** Over all message and expunged rows: what the seal is made of. */
  readonly rows: Buffer;
}

/** Digests the messages of one mailbox. `expunged` must be in ascending UID order. */
export function rollUp(messages: PackedMessages, expunged: readonly ExpungedMessage[]): MessageRollups {
  const core = begin("core").update(messages.core);
  for (const text of messages.flagTexts) addValue(core, Buffer.from(text, "latin1"));
  const digests = {
    core: core.digest(),
    ext: begin("ext").update(messages.ext).digest(),
    content: begin("content").update(messages.content).digest(),
  };
  const rows = begin("rows").update(digests.core).update(digests.ext).update(digests.content);
  for (const e of expunged) addValues(rows, [e.uid, e.modseq, e.lastUpdated, e.guid]);
  return { ...digests, rows: rows.digest() };
}

/** Value kinds that SQLite knows, as better-sqlite3 takes and gives them. */
export type Value = number | bigint | string | Uint8Array | null;

/** SHA-256 over a list of values, each with its kind and length, so that no two lists give the same bytes. */
export function digestOf(kind: string, values: readonly Value[]): Buffer {
  const hash = begin(kind);
  addValues(hash, values);
  return hash.digest();
}

/** A digest that rows of values are added to one by one; for the tables of the seal. */
export class RowDigest {
  readonly #hash: Hash;
  #rows = 0;

  constructor(table: string) {
    this.#hash = begin(`table ${table}`);
  }

  add(row: readonly Value[]): void {
    addValues(this.#hash, row);
    this.#rows++;
  }

  finish(): { readonly rows: number; readonly digest: Buffer } {
    return { rows: this.#rows, digest: this.#hash.digest() };
  }
}

function begin(kind: string): Hash {
  return createHash("sha256").update(`spooldiff ${CANON} ${kind}\n`);
}

function addValues(hash: Hash, values: readonly Value[]): void {
  hash.update(Buffer.concat(values.map(encodeValue)));
}

function addValue(hash: Hash, value: Value): void {
  hash.update(encodeValue(value));
}

/** Kind byte (n i t b), then eight bytes of number or length, then the bytes. Whole numbers only: the schema has no others. */
function encodeValue(value: Value): Buffer {
  if (value === null) return Buffer.from("n");
  if (typeof value === "number" || typeof value === "bigint") {
    const out = Buffer.alloc(9, "i");
    out.writeBigInt64BE(BigInt(value), 1);
    return out;
  }
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  const head = Buffer.alloc(9, typeof value === "string" ? "t" : "b");
  head.writeBigUInt64BE(BigInt(bytes.length), 1);
  return Buffer.concat([head, bytes]);
}
