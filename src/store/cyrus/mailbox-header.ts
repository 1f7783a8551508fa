/**
 * Decoding of `cyrus.header`: a magic text of 115 bytes, then one of two forms.
 *
 *   text (up to 3.4)   quotaroot TAB uniqueid LF
 *                      flag SP flag SP … LF            position = flag number, an empty token is an unused number
 *                      identifier TAB rights TAB … LF
 *   dlist (3.6 on)     %(T type N name I uniqueid J jmapid Q quotaroot A %(identifier rights …) U (flag NIL …)) LF
 *
 * Ancient text files have no TAB and no uniqueid. The name is stale after a rename: only the mailbox list knows it.
 *
 * @see cyrus-imapd `imap/mailbox.c`, mailbox_read_header, mailbox_header_data_cstring (3.6), mailbox_write_header (2.5)
 */
import { CorruptStoreError } from "../../errors.ts";
import type { ByteString } from "../../mail/name.ts";
import { type DlistMap, type DlistValue, dlistGet, dlistItem, isDlistList, isDlistMap, parseDlist } from "./dlist.ts";
import { MAX_USER_FLAGS } from "./flag-sets.ts";

export interface MailboxHeader {
  readonly uniqueId: string | null;
  /** Internal name when the file was last written; null in the text form. */
  readonly name: ByteString | null;
  readonly quotaRoot: ByteString | null;
  /** Identifier and rights, in stored order; null where the file has none. */
  readonly acl: readonly (readonly [ByteString, ByteString])[] | null;
  /** In the order of their numbers; null for an unused number. */
  readonly flagNames: readonly (ByteString | null)[];
  /** Type letters; null in the text form. */
  readonly type: string | null;
}

/** What every `cyrus.header` begins with. */
export const HEADER_MAGIC: ByteString =
  "\xa1\x02\x8b\x0dCyrus mailbox header\n" +
  '"The best thing about this system was that it had lots of goals."\n' +
  "\t--Jim Morris on Andrew\n";

/**
 * Decodes either form.
 *
 * @param bytes the whole file
 * @param path named in errors only
 * @throws {CorruptStoreError} if `bytes` is neither
 */
export function decodeMailboxHeader(bytes: Buffer, path: ByteString): MailboxHeader {
  const text = bytes.toString("latin1");
  if (!text.startsWith(HEADER_MAGIC))
    throw new CorruptStoreError(path, "the file does not begin as cyrus.header does", 0);
  const body = text.slice(HEADER_MAGIC.length);
  // A quota root cannot begin with "%(": mailbox names hold no "%".
  return body.startsWith("%(") ? fromDlist(body, path) : fromLines(body, path);
}

function fromLines(body: string, path: ByteString): MailboxHeader {
  const lines = body.split("\n");
  const [first, flags, acl, rest] = lines;
  if (lines.length !== 4 || first === undefined || flags === undefined || acl === undefined || rest !== "") {
    throw new CorruptStoreError(path, "the magic text is not followed by three lines", HEADER_MAGIC.length);
  }
  const [quotaRoot = "", uniqueId = ""] = first.split("\t");
  return {
    uniqueId: uniqueId || null,
    name: null,
    quotaRoot: quotaRoot || null,
    acl: aclOf(acl, path),
    flagNames: flagNumbers(flags.split(" ").map((name) => name || null)),
    type: null,
  };
}

function aclOf(line: string, path: ByteString): [ByteString, ByteString][] {
  const tokens = line.split("\t");
  if (tokens.at(-1) === "") tokens.pop();
  const acl: [ByteString, ByteString][] = [];
  for (let i = 0; i < tokens.length; i += 2) {
    const identifier = tokens[i];
    const rights = tokens[i + 1];
    if (identifier === undefined || rights === undefined) {
      throw new CorruptStoreError(path, "an identifier of the ACL has no rights");
    }
    acl.push([identifier, rights]);
  }
  return acl;
}

function fromDlist(body: string, path: ByteString): MailboxHeader {
  const map = parseDlist(body, path);
  if (!isDlistMap(map)) throw new CorruptStoreError(path, "the header is no map", HEADER_MAGIC.length);
  return {
    uniqueId: item(map, "I", path),
    name: item(map, "N", path),
    quotaRoot: item(map, "Q", path),
    acl: aclMap(dlistGet(map, "A"), path),
    flagNames: flagList(dlistGet(map, "U"), path),
    type: item(map, "T", path),
  };
}

function item(map: DlistMap, key: string, path: ByteString): ByteString | null {
  const value = dlistGet(map, key);
  if (value !== undefined && value !== null && typeof value !== "string") {
    throw new CorruptStoreError(path, `"${key}" is a list`);
  }
  return dlistItem(map, key) || null;
}

function aclMap(value: DlistValue | undefined, path: ByteString): [ByteString, ByteString][] | null {
  if (value === undefined || value === null || value === "") return null;
  if (!isDlistMap(value)) throw new CorruptStoreError(path, "the ACL is no map");
  return value.entries.map(([identifier, rights]) => {
    if (typeof rights !== "string") throw new CorruptStoreError(path, "an identifier of the ACL has no rights");
    return [identifier, rights];
  });
}

function flagList(value: DlistValue | undefined, path: ByteString): (ByteString | null)[] {
  if (value === undefined || value === null || value === "") return [];
  if (!isDlistList(value)) throw new CorruptStoreError(path, "the flags are no list");
  return flagNumbers(
    value.map((name) => {
      if (name !== null && typeof name !== "string") throw new CorruptStoreError(path, "a flag name is a list");
      return name || null;
    }),
  );
}

/** Names beyond the last number that records have a bit for, and unused numbers at the end, stand for nothing. */
function flagNumbers(names: readonly (ByteString | null)[]): (ByteString | null)[] {
  const used = names.slice(0, MAX_USER_FLAGS);
  while (used.length > 0 && used.at(-1) === null) used.pop();
  return used;
}
