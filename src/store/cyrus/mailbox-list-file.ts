/**
 * What lies where the mailbox list should be. Besides the databases that are read there are those that are not, and
 * still are somebody's list: Berkeley DB (up to 2.4), SQL (the file is SQLite's, or there is none here at all), zeroskip
 * (a directory, 3.2 to 3.12), and whatever else a server may have made.
 *
 * @see cyrus-imapd `lib/cyrusdb_sql.c`, `lib/cyrusdb_zeroskip.c`
 */
import { ConfigurationError } from "../../errors.ts";
import type { ByteString } from "../../mail/name.ts";
import type { CyrusConfig } from "./config.ts";
import { detectDatabaseKind, type ReadableKind } from "./cyrusdb/detect.ts";
import { readDatabaseStart } from "./cyrusdb/read-database.ts";
import { lstatOrNull } from "./meta-file.ts";

/** The list's kind, or what was found instead of one that is read. */
export type MailboxListFile = { readonly kind: ReadableKind } | { readonly unread: string };

/** More than the longest mailbox name: a line of a flat list has its TAB before that. */
const START_BYTES = 4096;

/**
 * Looks at the mailbox list of a store, by its content.
 *
 * @throws {ConfigurationError} when there is no such file, or it may not be read
 */
export function lookAtMailboxList({ mailboxListPath, inSql }: CyrusConfig): MailboxListFile {
  // Whatever else lies there was left by another back end.
  if (inSql.has("mboxlist_db")) return { unread: 'by "mboxlist_db: sql" it is kept in an SQL database' };
  let start: Buffer;
  try {
    start = readDatabaseStart(mailboxListPath, START_BYTES);
  } catch (error) {
    if (error instanceof ConfigurationError && isZeroskip(mailboxListPath))
      return { unread: "this is a zeroskip database" };
    throw error;
  }
  const kind = detectDatabaseKind(start);
  if (kind === "SQLite" || kind === "Berkeley DB") return { unread: `this is a ${kind} database` };
  if (kind === "flat" && !mayBeFlat(start)) return { unread: "this is no database of a known kind" };
  return { kind };
}

/** Flat has no magic; but its records are lines with a TAB, and keys, being names of mailboxes, hold no NUL. */
function mayBeFlat(start: Buffer): boolean {
  const lines = start.toString("latin1").split("\n");
  const last = lines.pop() ?? "";
  // The last one may be cut off by the end of what was read, before its TAB too if it is not the only one.
  if (lines.length === 0 && last !== "" && !last.includes("\t")) return false;
  return !start.includes(0) && lines.every((line) => line.includes("\t"));
}

function isZeroskip(path: ByteString): boolean {
  return lstatOrNull(`${path}/.zsdb`)?.isFile() ?? false;
}
