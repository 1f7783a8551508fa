/**
 * The value of one entry of `mailboxes.db`, in the two shapes it has had: a map since 2.5, text before.
 *
 * Fields of a map: T type letters, I uniqueid, P partition, V uidvalidity, C createdmodseq, F foldermodseq, M mtime,
 * A ACL. Letters after the type's own: d deleted (a tombstone), m moving, r remote, z reserved, i intermediate, l its
 * directory is named after the mailbox. No T (up to 3.4) means plain mail, which later versions write `e`.
 *
 * @see cyrus-imapd `imap/mboxlist.c`, mboxlist_entry_cstring, mboxlist_parse_entry
 */
import type { MailboxListing } from "../../mail/mailbox.ts";
import type { ByteString } from "../../mail/name.ts";
import { type DlistMap, dlistGet, dlistItem, isDlistMap } from "./dlist.ts";

/**
 * Texts and ACLs that many mailboxes have alike, each kept once; and none of them as a piece of the entry that it stood
 * in, which would keep that in memory. A list is kept from the first to the last minute of a scan.
 */
export class SharedValues {
  readonly #texts = new Map<ByteString, ByteString>();
  readonly #acls = new Map<ByteString, Acl>();

  text(text: ByteString): ByteString {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const own = ownText(text);
    this.#texts.set(own, own);
    return own;
  }

  acl(entries: DlistMap["entries"]): Acl {
    const acl = entries.map(([id, rights]) => [id, typeof rights === "string" ? rights : ""] as const);
    const key = JSON.stringify(acl);
    const known = this.#acls.get(key);
    if (known !== undefined) return known;
    const own = acl.map(([id, rights]) => [this.text(id), this.text(rights)] as const);
    this.#acls.set(key, own);
    return own;
  }
}

type Acl = NonNullable<MailboxListing["acl"]>;

/** A text with bytes of its own: V8 makes a piece of a string hold on to all of that. */
function ownText(text: ByteString): ByteString {
  return Buffer.from(text, "latin1").toString("latin1");
}

/** An entry that cannot be right, or is of a type that is not known. */
export class BadEntryError extends Error {}

/** What an entry says, whatever its shape. */
export interface EntryFields {
  readonly uniqueId: string | null;
  readonly listing: MailboxListing;
  /** Letters as stored. */
  readonly type: string;
}

/**
 * What the map of an entry says, or of a former name in its history.
 *
 * @param shared of all entries of a list
 * @throws {BadEntryError} when a number is none
 */
export function entryOfMap(map: DlistMap, shared: SharedValues): EntryFields {
  const type = dlistItem(map, "T") ?? "";
  checkType(type);
  const acl = dlistGet(map, "A");
  const uniqueId = dlistItem(map, "I");
  const partition = dlistItem(map, "P");
  const uidValidity = numberOf(map, "V", 0xffffffffn);
  const mtime = numberOf(map, "M", BigInt(Number.MAX_SAFE_INTEGER));
  return {
    uniqueId: uniqueId === null ? null : ownText(uniqueId),
    type,
    listing: {
      partition: partition === null ? null : shared.text(partition),
      type: shared.text(listedType(type)),
      uidValidity: uidValidity === null ? null : Number(uidValidity),
      foldermodseq: numberOf(map, "F", 0xffffffffffffffffn),
      createdModseq: numberOf(map, "C", 0xffffffffffffffffn),
      mtime: mtime === null ? null : Number(mtime),
      acl: isDlistMap(acl) ? shared.acl(acl.entries) : null,
    },
  };
}

/** One letter for what it is, then those of its state. None of the former goes without saying for `e`. */
function checkType(type: string): void {
  if (!/^[enbcajspf]?[dmrzil]*$/.test(type)) throw new BadEntryError(`its type ${JSON.stringify(type)} is not known`);
}

/** Letters that say the same on every host: no `l`, and `e` for plain mail also where it went without saying. */
function listedType(type: string): string {
  const letters = type.replaceAll("l", "");
  return /^[enbcajspf]/.test(letters) ? letters : `e${letters}`;
}

function numberOf(map: DlistMap, key: ByteString, max: bigint): bigint | null {
  const value = dlistGet(map, key);
  if (value === undefined || value === null) return null;
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value) || BigInt(value) > max) {
    throw new BadEntryError(`the value of ${key} is no number that it could be`);
  }
  return BigInt(value);
}

/** Bits of the type number, and the letters that dlist entries have for them. The mail type has no bit. */
const TYPE_BITS: readonly (readonly [number, string])[] = [
  [4, "n"],
  [16, "d"],
  [8, "m"],
  [1, "r"],
  [2, "z"],
];

const ALL_TYPE_BITS = TYPE_BITS.reduce((sum, [bit]) => sum | bit, 0);

/**
 * Parses a `mailboxes.db` value of Cyrus up to 2.4: `TYPE [SERVER!]PARTITION ACL`, where the ACL is
 * `id TAB rights TAB …`, maybe after `(uniqueid X specialuse Y) `.
 *
 * @throws {BadEntryError} when it is something else
 * @see cyrus-imapd 2.4 `imap/mboxlist.c`, mboxlist_parse_entry
 */
export function parseTextEntry(value: ByteString): EntryFields {
  const match = /^(?:\(([^)]*)\) )?(\d{1,9}) (?:[^ !]*!)?([^ ]*)(?: (.*))?$/s.exec(value);
  if (match === null) throw new BadEntryError("the value is neither a map nor type, partition and ACL");
  const [, extended = "", number = "0", partition = "", acl = ""] = match;
  if (Number(number) > ALL_TYPE_BITS) throw new BadEntryError(`its type ${number} is not known`);
  const letters = TYPE_BITS.filter(([bit]) => (Number(number) & bit) !== 0).map(([, letter]) => letter);
  const type = letters[0] === "n" ? letters.join("") : `e${letters.join("")}`;
  return {
    uniqueId: /(?:^| )uniqueid ([^ ]+)/.exec(extended)?.[1] ?? null,
    type,
    listing: {
      partition: partition === "" ? null : partition,
      type,
      uidValidity: null,
      foldermodseq: null,
      createdModseq: null,
      mtime: null,
      acl: parseTextAcl(acl),
    },
  };
}

/** Pairs of an ACL in the form `id TAB rights TAB id TAB rights TAB`. */
function parseTextAcl(text: ByteString): [ByteString, ByteString][] {
  const fields = text.split("\t");
  const acl: [ByteString, ByteString][] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) acl.push([fields[i] ?? "", fields[i + 1] ?? ""]);
  return acl;
}
