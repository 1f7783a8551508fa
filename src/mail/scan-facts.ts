/**
 * What one finished scan says: the facts that a manifest holds and that are compared. `null` is "the store or the level
 * cannot say" everywhere.
 */
import type { Item, ItemKind } from "./item.ts";
import type { Counters, IndexHeader, MailboxListing, MailboxStatus } from "./mailbox.ts";
import type { ExpungedMessage, Level, Message } from "./message.ts";
import type { ByteString } from "./name.ts";
import type { FileStat } from "./packed-messages.ts";

/** Who scanned what, when. Times in milliseconds since 1970. */
export interface ScanFacts {
  readonly id: string;
  readonly host: string;
  readonly instance: string;
  readonly role: "primary" | "replica" | null;
  readonly store: string;
  readonly tool: string;
  /** Version of the canonical forms: rollups of different versions cannot be compared. */
  readonly canon: number;
  readonly level: Level;
  /** Globs on mailbox names that the scan was narrowed by. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Of `scan --only`: the findings that it looked at again, as their list has them. */
  readonly only?: { readonly digest: string; readonly lines: readonly string[] };
  /** True where the scan was stopped before its end: what it did not come to is `not-checked`, its items were not read. */
  readonly stopped?: true;
  /** Digest over where the store and its partitions lie; absent: a version that did not note it. */
  readonly layout?: string;
  /** The manifest whose scan had ended before this one began. */
  readonly afterId: string | null;
  readonly startedAtMs: number;
  readonly listReadAtMs: number;
  /** When reading of items began; those of messages are as old as their mailbox. Null: they were not read. */
  readonly itemsReadAtMs: number | null;
  readonly finishedAtMs: number;
  readonly mailboxes: number;
  readonly messages: number;
  readonly messageBytes: bigint;
  readonly bytesRead: bigint;
  readonly bytesCarried: bigint;
  readonly oldestCarriedAtMs: number | null;
}

/** A mailbox as a manifest holds it. Its ACL and messages are asked for separately. */
export interface MailboxFacts {
  /** Local to its manifest. */
  readonly id: number;
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly listed: boolean;
  readonly status: MailboxStatus;
  readonly found: string | null;
  readonly readAtMs: number;
  readonly filesMtimeMs: number | null;
  readonly directories: readonly ByteString[];
  readonly listing: MailboxListing | null;
  readonly header: IndexHeader | null;
  readonly stored: Counters | null;
  readonly counted: Counters | null;
  readonly quotaRoot: ByteString | null;
  readonly keywords: readonly ByteString[];
  readonly newestUpdate: number | null;
  readonly fileFaults: number | null;
  /** Live records without a GUID that a file can be checked against; null where the index version has none at all. */
  readonly guidsMissing: number | null;
  /** Its own host's records have a fault here, or may have: it is looked at whatever the other side says. */
  readonly suspect: boolean;
  /** SHA-256 each. */
  readonly rollups: {
    readonly core: Uint8Array | null;
    readonly ext: Uint8Array | null;
    readonly content: Uint8Array | null;
    readonly meta: Uint8Array | null;
  };
}

/** A live message with what stat said of its file. */
export interface MessageFacts extends Message {
  readonly stat: FileStat | null;
}

/** What the two sides hold at one UID of a pair of mailboxes. */
export interface MessagePair {
  readonly uid: number;
  readonly primary: Message | null;
  readonly replica: Message | null;
  readonly primaryExpunged: ExpungedMessage | null;
  readonly replicaExpunged: ExpungedMessage | null;
}

/** An item as a manifest holds it, with the mailbox that it belongs to, if to any. */
export interface ItemFacts extends Item {
  /** Local to its manifest. */
  readonly mailboxId: number | null;
  readonly uniqueId: string | null;
  /** Name of the mailbox. */
  readonly mailbox: ByteString | null;
}

/**
 * Items that a scan could not read: nothing is known of them, and least of all that there are none. `null` stands for
 * every owner, key or mailbox.
 */
export interface UnreadItems {
  readonly kind: ItemKind;
  readonly owner: ByteString | null;
  /** A quota root; null for all other kinds. */
  readonly key: ByteString | null;
  readonly mailboxId: number | null;
  readonly uniqueId: string | null;
}

/** One item that the sides of a pair of manifests do not have alike. */
export interface ItemPair {
  readonly primary: ItemFacts | null;
  readonly replica: ItemFacts | null;
}

/** Columns that two mailboxes are compared in; the others are unknown for this pair. */
export interface ComparableFields {
  /** Both of one kind, see `mail/guid.ts`. */
  readonly guid: boolean;
  readonly modseq: boolean;
  /** \Seen of the owner lies in the index from version 12 on. */
  readonly seen: boolean;
  readonly saveDate: boolean;
  readonly createdModseq: boolean;
  readonly cid: boolean;
  readonly baseCid: boolean;
  /** What the levels of both scans read of files. */
  readonly fileSize: boolean;
  readonly md5: boolean;
  readonly xxh64: boolean;
}
