import assert from "node:assert/strict";
import BetterSqlite3 from "better-sqlite3";
import { isDeletedName } from "../../../src/mail/name.ts";

/** A row of a manifest by its column names; BLOBs are strings of one character a byte. */
export type Row = Readonly<Record<string, string | number | bigint | null>>;

/** An item of a manifest, or what a server should have made it. */
export interface ItemRow {
  readonly kind: string;
  /** Internal name; null for one of no mailbox. */
  readonly mailbox: string | null;
  readonly owner: string;
  readonly key: string;
  readonly value: string;
}

/** What one manifest holds, read as anybody with an SQLite shell would read it. */
export class ManifestTables {
  readonly #mailboxes: readonly Row[];
  readonly #messages = new Map<Row["id"], Row[]>();
  readonly items: readonly ItemRow[];

  constructor(path: string) {
    const db = new BetterSqlite3(path, { readonly: true });
    try {
      const rows = (table: string) => db.prepare(`SELECT * FROM ${table}`).safeIntegers().all().map(plainRow);
      this.#mailboxes = rows("mailbox");
      for (const row of rows("message")) {
        const of = this.#messages.get(row.mailbox ?? null) ?? [];
        of.push(row);
        this.#messages.set(row.mailbox ?? null, of);
      }
      const names = new Map(this.#mailboxes.map(({ id, name }) => [id, String(name)]));
      this.items = rows("item").map(({ kind, mailbox, owner, key, value }) => ({
        ...{ kind: String(kind), owner: String(owner), key: String(key), value: String(value) },
        mailbox: mailbox === null ? null : (names.get(mailbox) ?? null),
      }));
      assert.deepEqual(rows("item_unread"), []);
      assert.deepEqual(rows("problem"), []);
    } finally {
      db.close();
    }
  }

  /** Without those in the DELETED hierarchy. */
  get names(): readonly string[] {
    return this.#mailboxes.map(({ name }) => String(name)).filter((name) => !isDeletedName(name));
  }

  mailbox(name: string): Row {
    const row = this.#mailboxes.find((candidate) => candidate.name === name);
    assert(row !== undefined, `no mailbox ${name} in the manifest`);
    return row;
  }

  /** Live messages in order of their UIDs. */
  messages(name: string): readonly Row[] {
    return (this.#messages.get(this.mailbox(name).id ?? null) ?? []).toSorted((a, b) => Number(a.uid) - Number(b.uid));
  }
}

/** Numbers that fit are numbers; modseqs are compared as text. */
function plainRow(row: unknown): Row {
  const plain: Record<string, string | number | bigint | null> = {};
  for (const [column, value] of Object.entries(row as Record<string, unknown>)) {
    if (Buffer.isBuffer(value)) plain[column] = value.toString("latin1");
    else if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) plain[column] = Number(value);
    else plain[column] = value as string | bigint | null;
  }
  return plain;
}

/** A digest of a row, in hexadecimal. */
export function hexOf(value: Row[string] | undefined): string | null {
  return typeof value === "string" ? Buffer.from(value, "latin1").toString("hex") : null;
}
