import type { ByteString } from "./name.ts";

/**
 * Things that belong to a user, a mailbox or a message and have no message order of their own.
 *
 * | kind | mailbox | owner | key | value |
 * |---|---|---|---|---|
 * | `acl` | yes | empty | identifier | rights as stored |
 * | `subscription` | no | user | internal name of the mailbox that is subscribed to | empty |
 * | `seen` | yes | user who read it (never the owner of the index \Seen) | empty | canonical sequence of UIDs, `1:3,7` |
 * | `quota` | no | empty | quota root | limits, `MESSAGE 100000 STORAGE 1000000` (KiB), names sorted; no limit, no entry |
 * | `quota-usage` | no | empty | quota root | usage, in the same form; STORAGE in bytes |
 * | `sieve` | no, or `#sieve` where its source is a message | user | file name of the script (`main.script`), or `active` | SHA-1 of its source in hex; of `active` the name of the active script (`main`) |
 * | `modseq-counter` | no | user, empty for shared mailboxes | empty | highest modseq of all his mailboxes |
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
  "modseq-counter",
  "annotation",
  "message-annotation",
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** One item of a store. */
export interface Item {
  readonly kind: ItemKind;
  readonly owner: ByteString;
  readonly key: ByteString;
  /**
   * Long values (over 1 KiB; of seen state over 128 KiB) as `sha1:` and the SHA-1 in hex. Of annotations those, and all
   * private ones, as `sha1:HEX (17 bytes)`.
   */
  readonly value: ByteString;
  /**
   * Seconds since 1970: it has not changed since. Of a quota root or script the mtime of its file; of a subscription
   * that of the file of all of them; of seen state when the user last read something. Null where nothing says.
   */
  readonly mtime: number | null;
  /** modseq of an annotation (3.2 and later) or quota root; null where the store has none. */
  readonly modseq: bigint | null;
}

/** An item that belongs to a mailbox: by uniqueid, or by name where the store knows no other. */
export interface MailboxItem extends Item {
  readonly mailbox: { readonly uniqueId: string | null; readonly name: ByteString | null } | null;
}

/**
 * Items that could not be read: nothing is known of them, and least of all that there are none. `null` stands for every
 * owner, key or mailbox.
 */
export interface UnreadMailboxItems extends Pick<MailboxItem, "mailbox"> {
  readonly kind: Exclude<ItemKind, "acl">;
  readonly owner: ByteString | null;
  /** A quota root; null for all other kinds. */
  readonly key: ByteString | null;
}
