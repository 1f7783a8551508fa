/** Every SQL statement that writes or reads manifests, by name. Schemas `main` and `other` hold one manifest each. */
import { UUID_BYTES } from "../mail/guid.ts";
import {
  BASECID_AT,
  CID_AT,
  GUID_AT,
  holds,
  INODE_AT,
  MD5_AT,
  problemOf,
  type RowShape,
  SHA1_AT,
  XXH64_AT,
} from "../mail/packed-columns.ts";
import { CONTENT_BYTES, CORE_BYTES, EXT_BYTES, STAT_BYTES } from "../mail/packed-messages.ts";

/** Columns of `mailbox` in the order of {@link INSERT_MAILBOX}'s parameters. */
export const MAILBOX_COLUMNS = [
  "id",
  "name",
  "uniqueid",
  "listed",
  "status",
  "found",
  "read_at_ms",
  "files_mtime_ms",
  "directory",
  "archive_directory",
  "partition",
  "type",
  "list_uidvalidity",
  "list_createdmodseq",
  "foldermodseq",
  "list_mtime",
  "index_version",
  "uidvalidity",
  "last_uid",
  "highestmodseq",
  "deletedmodseq",
  "createdmodseq",
  "options",
  "recent_uid",
  "recent_time",
  "pop3_last_login",
  "pop3_show_after",
  "last_appenddate",
  "last_repack_time",
  "exists_count",
  "unseen",
  "answered",
  "flagged",
  "deleted",
  "quota_used",
  "sync_crc_basic",
  "sync_crc_annot",
  "counted_exists",
  "counted_unseen",
  "counted_answered",
  "counted_flagged",
  "counted_deleted",
  "counted_quota_used",
  "counted_sync_crc_basic",
  "counted_sync_crc_annot",
  "quota_root",
  "keywords",
  "newest_update",
  "file_faults",
  "guids_missing",
  "suspect",
  "facts",
  "core",
  "ext",
  "content",
  "meta",
  "rows",
] as const;

/** Columns of `message` in the order of {@link insertMessages}. */
export const MESSAGE_COLUMNS = [
  "mailbox",
  "uid",
  "guid",
  "size",
  "internaldate",
  "last_updated",
  "modseq",
  "flags",
  "savedate",
  "createdmodseq",
  "cid",
  "basecid",
  "file_problem",
  "file_size",
  "md5",
  "sha1",
  "xxh64",
] as const;

export const MANIFEST_COLUMNS = [
  "id",
  "host",
  "instance",
  "role",
  "store",
  "tool",
  "format",
  "canon",
  "level",
  "scope",
  "options",
  "after_id",
  "started_at_ms",
  "list_read_at_ms",
  "items_read_at_ms",
  "finished_at_ms",
  "mailboxes",
  "messages",
  "message_bytes",
  "bytes_read",
  "bytes_carried",
  "oldest_carried_at_ms",
  "root",
] as const;

/** A statement that inserts one row. */
export const insert = (table: string, columns: readonly string[]) =>
  `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;

export const INSERT_MANIFEST = insert("manifest", MANIFEST_COLUMNS);
export const INSERT_SEAL = insert("seal", ["name", "rows", "digest"]);
export const INSERT_MAILBOX = insert("mailbox", MAILBOX_COLUMNS);
export const INSERT_EXPUNGED = insert("expunged", ["mailbox", "uid", "guid", "modseq", "last_updated"]);
export const INSERT_ORPHAN = insert("orphan", ["mailbox", "uid", "path", "size", "md5", "sha1", "xxh64"]);
/** Of two items with one identity the first counts. */
export const INSERT_ITEM = `${insert("item", [
  ...["kind", "mailbox", "owner", "key", "value", "mtime", "modseq"],
])} ON CONFLICT (kind, mailbox, owner, key) DO NOTHING`;
export const INSERT_UNREAD = insert("item_unread", ["kind", "mailbox", "owner", "key"]);
export const INSERT_TOMBSTONE = insert("tombstone", [
  "name",
  "uniqueid",
  "reason",
  "foldermodseq",
  "uidvalidity",
  "mtime",
]);
export const INSERT_PENDING = insert("pending", ["type", "name", "log"]);
export const INSERT_PROBLEM = insert("problem", ["mailbox", "what", "path", "uid", "errno", "found"]);

/**
 * Inserts `rows` messages of one shape. Bound by name: the mailbox and the packed bytes of the rows (`core`, `ext`,
 * `content`), out of which digests and ids are cut; by position: the numbers and flags of each row.
 */
export function insertMessages(shape: RowShape, rows: number): string {
  const problem = problemOf(shape);
  const number = (column: Parameters<typeof holds>[1]) => (holds(shape, column) ? "?" : "NULL");
  const tuple = (i: number) => {
    const bytes = (column: Parameters<typeof holds>[1], group: string, stride: number, at: number, length: number) =>
      holds(shape, column) ? `substr($${group}, ${stride * i + at + 1}, ${length})` : "NULL";
    return [
      "$mailbox",
      "?",
      bytes("guid", "core", CORE_BYTES, GUID_AT, holds(shape, "uuid") ? UUID_BYTES : 20),
      "?",
      "?",
      "?",
      number("modseq"),
      "?",
      number("savedate"),
      number("createdmodseq"),
      bytes("cid", "ext", EXT_BYTES, CID_AT, 8),
      bytes("basecid", "ext", EXT_BYTES, BASECID_AT, 8),
      problem === null ? "NULL" : `'${problem}'`,
      number("file_size"),
      bytes("md5", "content", CONTENT_BYTES, MD5_AT, 16),
      bytes("sha1", "content", CONTENT_BYTES, SHA1_AT, 20),
      bytes("xxh64", "content", CONTENT_BYTES, XXH64_AT, 8),
    ].join(", ");
  };
  return insertTuples("message", MESSAGE_COLUMNS, rows, tuple);
}

/** Inserts `rows` stats, whose inodes are cut out of the packed bytes `stat`. */
export function insertFileStats(presence: number, rows: number): string {
  const tuple = (i: number) => {
    const inode = `substr($stat, ${STAT_BYTES * i + INODE_AT + 1}, 8)`;
    return ["$mailbox", "?", "?", inode, "?", "?", "?", presence & 2 ? "?" : "NULL"].join(", ");
  };
  const columns = ["mailbox", "uid", "root", "inode", "size", "mtime_ns", "ctime_ns", "read_at_ms"];
  return insertTuples("file_stat", columns, rows, tuple);
}

function insertTuples(table: string, columns: readonly string[], rows: number, tuple: (i: number) => string): string {
  const tuples = Array.from({ length: rows }, (_, i) => `(${tuple(i)})`);
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${tuples.join(", ")}`;
}

/**
 * Tables whose rows the seal digests one by one: name, columns, and the order that makes the digest canonical. Of
 * `mailbox` those columns that a comparison reads of every row; the digest `facts` stands for the others.
 */
export const SEALED_TABLES: readonly (readonly [table: string, columns: string, order: string])[] = [
  ["mailbox", "id, name, uniqueid, listed, status, suspect, facts, core, ext, content, meta, rows", "rowid"],
  ["orphan", "*", "mailbox, uid, path"],
  ["item", "*", "rowid"],
  ["item_unread", "*", "rowid"],
  ["tombstone", "*", "rowid"],
  ["pending", "*", "rowid"],
  ["problem", "*", "rowid"],
];

export const selectManifest = (schema: string) => `SELECT ${MANIFEST_COLUMNS.join(", ")} FROM ${schema}.manifest`;
export const selectSeal = (schema: string) => `SELECT name, rows, digest FROM ${schema}.seal ORDER BY name`;
export const selectMailboxSeals = (schema: string) => `SELECT id, rows FROM ${schema}.mailbox ORDER BY id`;
export const selectMailboxes = (schema: string) =>
  `SELECT ${MAILBOX_COLUMNS.join(", ")} FROM ${schema}.mailbox ORDER BY name, id`;
export const selectMailbox = (schema: string) =>
  `SELECT ${MAILBOX_COLUMNS.join(", ")} FROM ${schema}.mailbox WHERE id = ?`;
export const selectMessages = (schema: string) =>
  `SELECT ${MESSAGE_COLUMNS.join(", ")} FROM ${schema}.message WHERE mailbox = ? ORDER BY uid`;
export const selectMessagesWithStat = (schema: string) => `
  SELECT ${MESSAGE_COLUMNS.map((c) => `m.${c}`).join(", ")},
    s.root, s.inode, s.size AS stat_size, s.mtime_ns, s.ctime_ns, s.read_at_ms
  FROM ${schema}.message m LEFT JOIN ${schema}.file_stat s ON s.mailbox = m.mailbox AND s.uid = m.uid
  WHERE m.mailbox = ? ORDER BY m.uid`;
export const selectExpunged = (schema: string) =>
  `SELECT uid, guid, modseq, last_updated FROM ${schema}.expunged WHERE mailbox = ? ORDER BY uid`;
export const selectOrphans = (schema: string) =>
  `SELECT uid, path, size, md5, sha1, xxh64 FROM ${schema}.orphan WHERE mailbox = ? ORDER BY uid, path`;
export const selectAcl = (schema: string) =>
  `SELECT key, value FROM ${schema}.item WHERE kind = 'acl' AND mailbox = ? ORDER BY key`;
/** Columns of an item with its mailbox. */
export const ITEM_COLUMNS = [
  "kind",
  "mailbox",
  "uniqueid",
  "name",
  "owner",
  "key",
  "value",
  "mtime",
  "modseq",
] as const;

/** Items of one kind, or of every kind. */
export const selectItems = (schema: string, oneKind: boolean) => `
  SELECT i.kind, i.mailbox, m.uniqueid, m.name, i.owner, i.key, i.value, i.mtime, i.modseq
  FROM ${schema}.item i LEFT JOIN ${schema}.mailbox m ON m.id = i.mailbox
  ${oneKind ? "WHERE i.kind = ?" : ""} ORDER BY i.kind, i.owner, i.key, m.name, i.mailbox`;
export const selectUnreadItems = (schema: string) => `
  SELECT u.kind, u.mailbox, m.uniqueid, u.owner, u.key
  FROM ${schema}.item_unread u LEFT JOIN ${schema}.mailbox m ON m.id = u.mailbox ORDER BY u.rowid`;
export const selectTombstones = (schema: string) =>
  `SELECT name, uniqueid, reason, foldermodseq, uidvalidity, mtime FROM ${schema}.tombstone ORDER BY rowid`;
export const selectPending = (schema: string) => `SELECT type, name, log FROM ${schema}.pending ORDER BY rowid`;
export const selectProblemsOf = (schema: string) =>
  `SELECT mailbox, what, path, uid, errno, found FROM ${schema}.problem WHERE mailbox = ? ORDER BY rowid`;
export const selectProblems = (schema: string) =>
  `SELECT mailbox, what, path, uid, errno, found FROM ${schema}.problem ORDER BY rowid`;
export const countRows = (schema: string, table: string) => `SELECT count(*) FROM ${schema}.${table}`;

/** A listed mailbox whose index was read, by its uniqueid, or by its name where it has none. */
export const selectBaseMailbox = (byId: boolean) => `
  SELECT id, partition, content FROM main.mailbox
  WHERE ${byId ? "uniqueid = ?" : "uniqueid IS NULL AND name = ?"} AND listed = 1 AND status = 'read' LIMIT 2`;
const zeros = (bytes: number) => `x'${"00".repeat(bytes)}'`;
/** All rows of one mailbox as one text each, see `base-rows.ts`, which checks their order: to ask for it takes twice as long. */
export const SELECT_BASE_CONTENT = `
  SELECT CAST(group_concat(printf('%08x%x%016x', uid, iif(file_problem IS NULL, (file_size IS NOT NULL)
      + 2 * (md5 IS NOT NULL) + 4 * (sha1 IS NOT NULL) + 8 * (xxh64 IS NOT NULL), 0), ifnull(file_size, 0))
    || ifnull(md5, ${zeros(16)}) || ifnull(sha1, ${zeros(20)}) || ifnull(xxh64, ${zeros(8)}), '') AS BLOB)
  FROM main.message WHERE mailbox = ?`;
export const SELECT_BASE_STAT = `
  SELECT CAST(group_concat(printf('%08x%x%016x%016x%016x', uid, root, mtime_ns, ctime_ns, ifnull(read_at_ms, -1))
    || inode, '') AS BLOB)
  FROM main.file_stat WHERE mailbox = ?`;
/** How much was read when, oldest first. An empty file counts as one byte, so that its turn comes too. */
export const SELECT_READ_TIMES = `
  SELECT read_at_ms, sum(size + 1) FROM main.file_stat WHERE read_at_ms IS NOT NULL GROUP BY read_at_ms ORDER BY read_at_ms`;
export const SUM_READ = "SELECT ifnull(sum(size + 1), 0) FROM main.file_stat WHERE read_at_ms IS NOT NULL";
/** Bytes whose digests an older manifest gave, and when the oldest of them were read. */
export const SELECT_CARRIED = "SELECT ifnull(sum(size), 0), min(read_at_ms) FROM main.file_stat WHERE read_at_ms < ?";
