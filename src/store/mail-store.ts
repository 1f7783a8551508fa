import type { Item, MailboxItem, UnreadMailboxItems } from "../mail/item.ts";
import type { Counters, IndexHeader, MailboxListing, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { ExpungedMessage } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { PackedRecords } from "../mail/packed-messages.ts";

/** Where the roots of a store are, as options or a configuration file give them. */
export interface StoreConfig {
  /** Path of the store's own configuration file, or null when the roots are given one by one. */
  readonly configFile: string | null;
  /** `NAME=DIR` pairs; used when there is no configuration file. */
  readonly partitions: readonly { readonly name: string; readonly directory: string }[];
  readonly configDirectory: string | null;
}

/** A directory tree that holds message files, or metadata, of one partition. */
export interface PartitionRoot {
  readonly partition: string;
  /** `spool` and `archive` hold message files (and, unless a meta root does, metadata); `meta` holds none. */
  readonly kind: "spool" | "meta" | "archive";
  /** Absolute. */
  readonly directory: ByteString;
}

/** A mailbox of the list, with where its files lie. The paths may be made when they are asked for. */
export interface MailboxRef {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly listing: MailboxListing;
  /** Absolute path of its index and header files. */
  readonly indexFile: ByteString;
  readonly headerFile: ByteString;
  /** Absolute path of the annotations of its messages, which need not be there. */
  readonly annotationsFile: ByteString;
  /** Absolute path of the expunged records of an index before version 12; it need not be there. */
  readonly expungeFile: ByteString;
  /** Directories that hold its message files: spool first, then archive if there is one. */
  readonly messageDirectories: readonly ByteString[];
  /** The roots that those lie below, in the same order; a path that resolves outside of them is not followed. */
  readonly messageRoots: readonly ByteString[];
  /** Only where it has no place on this host, and so no paths at all: why. */
  readonly nowhere?: Nowhere;
}

/** Why a mailbox of the list has no place. */
export interface Nowhere {
  /** For people. */
  readonly found: string;
  /** True where that is so for every mailbox of its partition, and thus one fault. */
  readonly partition: boolean;
}

/** The store's list of mailboxes, as one consistent snapshot. */
export interface MailboxList {
  /** Milliseconds since 1970 when it was read. */
  readonly readAtMs: number;
  /** Live mailboxes in name order; DELETED ones are among them. */
  readonly mailboxes: readonly MailboxRef[];
  readonly tombstones: readonly Tombstone[];
  /** Entries that cannot be right: an unknown partition, no uniqueid where the generation has one, … */
  readonly problems: readonly ReadProblem[];
  /**
   * Only where there is a list of a kind that cannot be read: that, with `what` being `unread-list`. The list is empty
   * then, and mailboxes are to be found by their directories ({@link MailStore.describeUnlisted}).
   */
  readonly unread?: ReadProblem;
}

/** An item, or what could not be read of them and why; no problem where there is only nowhere to look. */
export type ItemReading =
  | { readonly status: "read"; readonly item: MailboxItem }
  | { readonly status: "unread"; readonly unread: UnreadMailboxItems; readonly problem: ReadProblem | null };

/** One store, opened. Read-only. */
export interface MailStore {
  readonly kind: "cyrus";
  /** The configuration files that were read, for `--plan` and the manifest. */
  readonly configFiles: readonly ByteString[];
  /** Absolute path that tells this store from others on the same host (real path of configdirectory). */
  readonly identityPath: ByteString;
  readonly configDirectory: ByteString;
  readonly roots: readonly PartitionRoot[];
  /** One line for each fact that `--plan` prints: back ends, layouts. */
  readonly description: readonly string[];
  /** @throws {CorruptStoreError | ConfigurationError} when there is no usable list */
  readMailboxList(): Promise<MailboxList>;
  /** Names in the replication logs, and what of them could not be read. */
  readPending(): Promise<{ readonly names: readonly PendingName[]; readonly problems: readonly ReadProblem[] }>;
  /**
   * Items of the server, of users and of mailboxes (but ACLs, which the list has, and annotations of messages, which lie
   * beside the index). Users are those who own a mailbox of `list`.
   */
  readItems(list: MailboxList): AsyncIterable<ItemReading>;
  /**
   * Where a mailbox directory that no list entry accounts for would belong: its name and uniqueid by its own header. Its
   * type is null where the header does not say.
   */
  describeUnlisted(directory: ByteString, partition: string): Promise<MailboxRef | null>;
}

/** The live records of an index, packed, in ascending UID order. */
export interface LiveRecords extends PackedRecords {
  /** For each record 1 if its file is on the archive partition. */
  readonly archived: Uint8Array;
}

/** A consistent state of one index. */
export interface IndexSnapshot {
  readonly readAtMs: number;
  readonly filesMtimeMs: number;
  readonly header: IndexHeader;
  readonly stored: Counters;
  readonly counted: Counters;
  readonly uniqueId: string | null;
  readonly quotaRoot: ByteString | null;
  /** Spelled flag names in the order of their numbers; null for an unused number. */
  readonly flagNames: readonly (ByteString | null)[];
  readonly live: LiveRecords;
  /** Records of expunged messages that are still held, in ascending UID order. */
  readonly expunged: readonly ExpungedMessage[];
  /** UIDs of all records, live and expunged, ascending; null where it is not known what is expunged. */
  readonly uids: Uint32Array | null;
  /** Annotations of its messages. */
  readonly annotations: AnnotationsReading;
  /** What else of the mailbox could not be read. */
  readonly problems: readonly ReadProblem[];
}

/** Outcome of one attempt to read a mailbox's metadata. A failure is a value, so that a scan can go on past it. */
export type IndexReading =
  | { readonly status: "read"; readonly snapshot: IndexSnapshot }
  /** Not consistent now: the caller waits and asks again. `signature` is equal when the contradiction is the same. */
  | {
      readonly status: "inconsistent";
      readonly signature: string;
      readonly found: string;
      readonly accept: Contradicted;
    }
  | { readonly status: "index-corrupt" | "header-corrupt" | "unsupported"; readonly found: string }
  | { readonly status: "missing"; readonly path: ByteString }
  | { readonly status: "unreadable"; readonly path: ByteString; readonly errno: string };

/**
 * What to make of an inconsistent reading once it has proved stable: the snapshot itself where only counters
 * contradict the records, or a corrupt index or header.
 */
export type Contradicted =
  | { readonly status: "read"; readonly snapshot: IndexSnapshot }
  | { readonly status: "index-corrupt" | "header-corrupt"; readonly found: string };

/** An annotation of the message `uid`, live or expunged. */
export interface MessageAnnotation {
  readonly uid: number;
  readonly item: Item;
  /** The value as it is stored, where the item has its digest; for sums over it, not to be kept. */
  readonly value: ByteString;
}

/** Outcome of reading the annotations of a mailbox's messages. */
export type AnnotationsReading =
  | { readonly status: "read"; readonly annotations: readonly MessageAnnotation[] }
  | { readonly status: "unread"; readonly problem: ReadProblem };

/** How much a mailbox holds by its own words, which nobody has checked: for dividing up the work. */
export interface MailboxExtent {
  readonly messages: number;
  readonly bytes: number;
}

/** What worker threads need of a store kind: an ordinary, synchronous function of an ordinary file. */
export interface MailboxReader {
  /**
   * Reads the metadata of one mailbox once: index, header file, annotations. Never locks, never throws for what lies on
   * disk; may put the thread to sleep for a moment.
   */
  readIndex(ref: MailboxRef): IndexReading;
  /** About how much a mailbox holds, by as little as can be read; nothing where that cannot be told. Never throws. */
  extentOf(ref: MailboxRef): MailboxExtent;
  /** The UID in a file name of a mailbox directory if it names a message file, else null. */
  messageUid(fileName: ByteString): number | null;
  /** The file name of a message. */
  messageFileName(uid: number): string;
}
