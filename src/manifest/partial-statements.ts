/** Every SQL statement about what only an unfinished manifest has (`partial.sql`), or that changes one. */
import { insert } from "./statements.ts";

/** Columns of `done` before its proof, in the order of {@link INSERT_DONE}. */
export const DONE_COLUMNS = [
  "mailbox",
  "trace",
  "messages",
  "expunged",
  "message_bytes",
  "bytes_read",
  "files_read",
  "problems",
  "stats",
  "stat_digest",
] as const;

/** Columns of `mailbox` that the proof of `done` covers; `facts` stands for those before it. */
const PROVED_MAILBOX_COLUMNS = ["facts", "core", "ext", "content", "meta", "rows"] as const;

/** Rows of the small tables that the reading of a mailbox brought, in the order of the proof of `done`. */
export const PROVED_TABLES: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ["orphan", ["uid", "path", "size", "md5", "sha1", "xxh64"]],
  ["item", ["kind", "owner", "key", "value", "mtime", "modseq"]],
  ["item_unread", ["kind", "owner", "key"]],
  ["problem", ["what", "path", "uid", "errno", "found"]],
];

export const INSERT_BEGUN = insert("begun", ["terms", "started_at_ms", "runs"]);
export const SELECT_BEGUN = "SELECT terms, started_at_ms, runs FROM begun";
export const COUNT_RUN = "UPDATE begun SET runs = runs + 1";
export const INSERT_DONE = insert("done", [...DONE_COLUMNS, "proof"]);
/** A mailbox that is done, by name and uniqueid. */
export const SELECT_DONE = `
  SELECT ${[...DONE_COLUMNS, "proof"].map((column) => `d.${column}`).join(", ")},
    ${PROVED_MAILBOX_COLUMNS.map((column) => `m.${column}`).join(", ")}
  FROM mailbox m JOIN done d ON d.mailbox = m.id WHERE m.name = ? AND m.uniqueid IS ? AND m.listed = 1`;
export const SELECT_DONE_STATS = "SELECT stat_digest, stats FROM done ORDER BY mailbox";
export const NEWEST_ID = "SELECT ifnull(max(id), 0) FROM mailbox";
export const selectProved = (table: string, columns: readonly string[]) =>
  `SELECT mailbox, ${columns.join(", ")} FROM ${table} WHERE mailbox IS NOT NULL
  ORDER BY ${table === "orphan" ? "mailbox, uid, path" : "rowid"}`;
/** Items that do not come with a mailbox. */
export const FORGET_ITEMS = `
  DELETE FROM item WHERE kind NOT IN ('acl', 'message-annotation');
  DELETE FROM item_unread WHERE kind <> 'message-annotation'`;
/** Rows that do not come with a mailbox: each run reads them anew. */
export const FORGET_UNATTACHED = `
  DELETE FROM tombstone; DELETE FROM pending; DELETE FROM problem WHERE mailbox IS NULL; ${FORGET_ITEMS}`;
export const SELECT_DONE_IDS = "SELECT mailbox FROM done";
export const DELETE_DONE = "DELETE FROM done WHERE mailbox = ?";
/** Rows of mailboxes that are not done. */
export const FORGET_UNDONE = [...["message", "expunged", "orphan", "file_stat"], ...["item", "item_unread", "problem"]]
  .map((table) => `DELETE FROM ${table} WHERE mailbox NOT IN (SELECT mailbox FROM done)`)
  .concat("DELETE FROM mailbox WHERE id NOT IN (SELECT mailbox FROM done)")
  .join(";\n");
export const DROP_PARTIAL = "DROP TABLE done; DROP TABLE begun";
export const VACUUM_INTO = "VACUUM INTO ?";
