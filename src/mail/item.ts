import type { ByteString } from "./name.ts";

/**
 * Things that belong to a user, a mailbox or a message and have no message order of their own.
 *
 * | kind | mailbox | owner | key | value |
 * |---|---|---|---|---|
 * | `acl` | yes | empty | identifier | rights as stored |
 * | `subscription` | no | user | internal name of the mailbox that is subscribed to | empty |
 * | `seen` | yes | user who read it (never the owner of the index \Seen) | empty | canonical sequence of UIDs, `1:3,7` |
 * | `quota` | no | empty | quota root | limits, `STORAGE 1000000 MESSAGE 100000`, names sorted; no limit, no entry |
 * | `quota-usage` | no | empty | quota root | usage, in the same form |
 * | `sieve` | no | user | name of the script, or `active` | SHA-1 of its source in hex; of `active` the name of the active script |
 * | `annotation` | yes, or no for one of the server | user, empty for a shared one | entry | value |
 * | `message-annotation` | yes | user, empty for a shared one | UID, a space, entry | value |
 */
export const ITEM_KINDS = [
  "acl",
  "subscription",
  "seen",
  "quota",
  "quota-usage",
  "sieve",
  "annotation",
  "message-annotation",
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** One item of a store. */
export interface Item {
  readonly kind: ItemKind;
  readonly owner: ByteString;
  readonly key: ByteString;
  /** Long values (over 1 KiB) as `sha1:` and the SHA-1 in hex. */
  readonly value: ByteString;
  /** When it came about, in seconds since 1970: mtime of the file it has to itself. Null where nothing says. */
  readonly mtime: number | null;
  /** modseq of an annotation (3.2 and later); null where the store has none. */
  readonly modseq: bigint | null;
}

/** An item that belongs to a mailbox: by uniqueid, or by name where the store knows no other. */
export interface MailboxItem extends Item {
  readonly mailbox: { readonly uniqueId: string | null; readonly name: ByteString | null } | null;
}
