/** First 4 bytes of twoskip, skiplist and twom files, and of `cyrus.header`. */
const CYRUS_MAGIC = "\xa1\x02\x8b\x0d";

/** Kinds of database that can be read. */
export type ReadableKind = "twoskip" | "skiplist" | "flat" | "twom";

/** What a database file turned out to be. */
export type DatabaseKind = ReadableKind | "Berkeley DB" | "SQLite";

/** As many bytes from the start as {@link detectDatabaseKind} looks at. */
export const DETECT_BYTES = 20;

/**
 * Tells what kind of database a file is by its first {@link DETECT_BYTES} bytes. The configuration is not asked: it
 * says what the server will write next, not what lies there. What has no magic is `flat`, which has none.
 *
 * @see cyrus-imapd `lib/cyrusdb.c`, cyrusdb_detect
 */
export function detectDatabaseKind(bytes: Uint8Array): DatabaseKind {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, DETECT_BYTES)).toString(
    "latin1",
  );
  if (start.startsWith(`${CYRUS_MAGIC}twoskip file`)) return "twoskip";
  if (start.startsWith(`${CYRUS_MAGIC}skiplist file`)) return "skiplist";
  if (start.startsWith(`${CYRUS_MAGIC}twomfile`)) return "twom";
  if (start.startsWith("SQLite format 3")) return "SQLite";
  if (BERKELEY_MAGICS.has(start.slice(12, 16))) return "Berkeley DB";
  return "flat";
}

/** Btree 0x053162 and hash 0x061561 in either byte order, at offset 12. */
const BERKELEY_MAGICS = new Set(["\x00\x05\x31\x62", "\x62\x31\x05\x00", "\x00\x06\x15\x61", "\x61\x15\x06\x00"]);
