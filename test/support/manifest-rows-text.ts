/** What a manifest holds, as text in an order of its own: the same for two scans of one spool. */
import { ManifestReader } from "../../src/manifest/reader.ts";
import { MAILBOX_COLUMNS } from "../../src/manifest/statements.ts";

/** Numbers and times of the scan itself, and digests over them. */
const OF_THE_SCAN = ["id", "read_at_ms", "facts"];

const mailboxColumns = MAILBOX_COLUMNS.filter((column) => !OF_THE_SCAN.includes(column))
  .map((column) => `m.${column}`)
  .join(", ");

const QUERIES: readonly string[] = [
  `SELECT 'mailbox', ${mailboxColumns} FROM mailbox m`,
  "SELECT 'message', m.name, t.* FROM message t JOIN mailbox m ON m.id = t.mailbox",
  "SELECT 'expunged', m.name, t.* FROM expunged t JOIN mailbox m ON m.id = t.mailbox",
  "SELECT 'orphan', m.name, t.* FROM orphan t JOIN mailbox m ON m.id = t.mailbox",
  `SELECT 'stat', m.name, t.mailbox, uid, root, inode, size, mtime_ns, ctime_ns, t.read_at_ms IS NULL
   FROM file_stat t JOIN mailbox m ON m.id = t.mailbox`,
  "SELECT 'item', m.name, t.* FROM item t LEFT JOIN mailbox m ON m.id = t.mailbox",
  "SELECT 'item_unread', m.name, t.* FROM item_unread t LEFT JOIN mailbox m ON m.id = t.mailbox",
  "SELECT 'problem', m.name, t.* FROM problem t LEFT JOIN mailbox m ON m.id = t.mailbox",
  "SELECT 'tombstone', * FROM tombstone",
  "SELECT 'pending', * FROM pending",
];

/** The rows of every table, one a line, without ids and without the times of the scan. */
export function manifestRowsText(path: string): string[] {
  const reader = ManifestReader.open(path);
  try {
    return QUERIES.flatMap((query) => {
      const statement = reader.db.prepare(query).safeIntegers();
      const names = statement.columns().map(({ name }) => name);
      const rows = statement.raw().all() as unknown[][];
      return rows
        .map((row) =>
          row
            .filter((_, i) => names[i] !== "mailbox")
            .map(text)
            .join(" | "),
        )
        .sort();
    });
  } finally {
    reader.close();
  }
}

function text(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : JSON.stringify(value, bigintText);
}

function bigintText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
