/**
 * The "flat" back end of cyrusdb: lines of `key TAB value LF` in ascending order. Since 2.5 the byte 0xff escapes:
 * `ff ff` is 0xff, `ff x` with x from 0x80 is x & 0x7f (NUL, TAB, CR, LF). Every change rewrites the file under another
 * name and renames it, so that one open file is one state.
 *
 * @see cyrus-imapd `lib/cyrusdb_flat.c`, encode, decode
 */
import { type ByteString, compareNames } from "../../../mail/name.ts";
import { type DatabaseEntry, TornSnapshotError } from "./entries.ts";

const LF = 0x0a;
const TAB = 0x09;

/**
 * Decodes a flat file, in ascending key order.
 *
 * @param path named in errors only
 * @throws {TornSnapshotError} when a line is cut off, has no TAB, or repeats a key
 */
export function decodeFlat(bytes: Buffer, path: ByteString): DatabaseEntry[] {
  const entries: DatabaseEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(LF, at);
    if (end < 0) throw new TornSnapshotError(path, "the last line is cut off", at);
    const tab = bytes.indexOf(TAB, at);
    if (tab < 0 || tab > end) throw new TornSnapshotError(path, "a line is no record of a flat database", at);
    entries.push([unescaped(bytes.toString("latin1", at, tab)), unescaped(bytes.toString("latin1", tab + 1, end))]);
    at = end + 1;
  }
  // Written in one of two orders (see compareMailboxNames), and maybe edited by hand.
  entries.sort((a, b) => compareNames(a[0], b[0]));
  for (let i = 1; i < entries.length; i++) {
    if (entries[i]?.[0] === entries[i - 1]?.[0]) throw new TornSnapshotError(path, "a key is there twice");
  }
  return entries;
}

function unescaped(text: ByteString): ByteString {
  if (!text.includes("\xff")) return text;
  return text.replace(/\xff([\x80-\xff])/g, (_, c: string) =>
    c === "\xff" ? c : String.fromCharCode(c.charCodeAt(0) & 0x7f),
  );
}
