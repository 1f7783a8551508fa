import type { Item } from "./item.ts";
import type { ExpungedMessage } from "./message.ts";
import type { MessageSums } from "./message-sums.ts";
import type { ByteString } from "./name.ts";
import type { PackedMessages } from "./packed-messages.ts";

/**
 * How the reading of one mailbox ended.
 *
 * - `read`: an accepted snapshot of the index, and its files as far as the level asks.
 * - `index-corrupt`: the index was read and contradicts its own format or checksums, or is gone.
 * - `header-corrupt`: `cyrus.header` is gone, cannot be parsed, or belongs to another mailbox.
 * - `directory-missing`: the mailbox list has it, the disk does not.
 * - `unreadable`: the system refused (permission, I/O error); nothing is known of it.
 * - `unstable`: no read found the index consistent, and no contradiction was stable either.
 * - `unsupported`: an index version that this program does not read.
 * - `not-checked`: its partition root is missing, unreadable or empty, or the scan was stopped before it.
 */
export const MAILBOX_STATUSES = [
  "read",
  "index-corrupt",
  "header-corrupt",
  "directory-missing",
  "unreadable",
  "unstable",
  "unsupported",
  "not-checked",
] as const;
export type MailboxStatus = (typeof MAILBOX_STATUSES)[number];

/** What the store's mailbox list (`mailboxes.db`) says of a mailbox. Null where that generation does not say. */
export interface MailboxListing {
  readonly partition: string | null;
  /**
   * Type letters as stored, without those that only speak of this host's layout (`l`); null where the list is of a kind
   * that cannot be read.
   */
  readonly type: string | null;
  readonly uidValidity: number | null;
  readonly foldermodseq: bigint | null;
  readonly createdModseq: bigint | null;
  /** Seconds since 1970: wall clock of this host's last write of the entry. Host-local. */
  readonly mtime: number | null;
  /** Identifier and rights, in stored order. */
  readonly acl: readonly (readonly [ByteString, ByteString])[] | null;
}

/** Numbers that the index header holds and that its records can be counted for. Null where the version has none. */
export interface Counters {
  readonly exists: number;
  readonly unseen: number | null;
  readonly answered: number;
  readonly flagged: number;
  readonly deleted: number;
  /** Bytes of all live messages. */
  readonly quotaUsed: bigint;
  /** XOR of record CRCs, `specs/cyrus-format` §6.1. Stored: null also where the header says that it was not computed. */
  readonly syncCrcBasic: number | null;
  /** The same over annotations and what counts as such. Counted: null also where they could not be read. */
  readonly syncCrcAnnot: number | null;
}

/** Fields of the index header that are not counters. Times in seconds since 1970; null where the version has none. */
export interface IndexHeader {
  readonly minorVersion: number;
  readonly uidValidity: number;
  readonly lastUid: number;
  readonly highestModseq: bigint | null;
  /** Highest modseq of a record that repacking has dropped. */
  readonly deletedModseq: bigint | null;
  readonly createdModseq: bigint | null;
  readonly options: number;
  readonly recentUid: number | null;
  readonly recentTime: number | null;
  readonly pop3LastLogin: number;
  readonly pop3ShowAfter: number | null;
  readonly lastAppendDate: number;
  readonly lastRepackTime: number | null;
}

/** A message file that no live or expunged record accounts for. */
export interface OrphanFile {
  readonly uid: number;
  /** Absolute path. */
  readonly path: ByteString;
  readonly sizeBytes: bigint | null;
  readonly md5: Uint8Array | null;
  readonly sha1: Uint8Array | null;
  readonly xxh64: Uint8Array | null;
}

/** Something that could not be read, or was not what it should be; kept as evidence. */
export interface ReadProblem {
  /**
   * What was being read: `message`, `index`, `expunge`, `header`, `directory`, `mailbox-list` (an entry of it), `unread-list` (all of
   * it: mailboxes were found by their directories), `sync-log`, `partition`, `items`.
   */
  readonly what: string;
  /** Absolute path. */
  readonly path: ByteString;
  readonly uid: number | null;
  /** `ENOENT`, `EACCES`, …; null where no system call failed. */
  readonly errno: string | null;
  /** What was found, for people. No bytes of any message. */
  readonly found: string;
}

/** Everything that one reading of one mailbox brought. Plain values only: it crosses threads. */
export interface MailboxReading {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  /** False for a directory that holds an index and that the mailbox list does not know. */
  readonly listed: boolean;
  readonly listing: MailboxListing | null;
  readonly status: MailboxStatus;
  /** What was found where status is not `read`, for people. */
  readonly found: string | null;
  /** Milliseconds since 1970 when the accepted snapshot was read; for others, when the last attempt was made. */
  readonly readAtMs: number;
  /** Newest mtime, in milliseconds since 1970, of the files the snapshot came from. */
  readonly filesMtimeMs: number | null;
  readonly header: IndexHeader | null;
  /** As the index header has them. */
  readonly stored: Counters | null;
  /** As its records give them. */
  readonly counted: Counters | null;
  readonly quotaRoot: ByteString | null;
  /** Flag names as spelled, in the order of their numbers; unused numbers left out. */
  readonly keywords: readonly ByteString[];
  /** Directory that holds the message files, and the one for archived ones if there is another. */
  readonly directories: readonly ByteString[];
  readonly messages: PackedMessages;
  readonly expunged: readonly ExpungedMessage[];
  readonly orphans: readonly OrphanFile[];
  /** Annotations of live messages; null where they could not be read. */
  readonly annotations: readonly Item[] | null;
  readonly problems: readonly ReadProblem[];
  /** Message bytes read from disk now, and files opened for it. */
  readonly bytesRead: bigint;
  readonly filesRead: number;
  /**
   * Digest over what `stat` said of its files before they were read, and over its entry in the list: while it is the
   * same, so is the mailbox. Null or absent where a change could hide.
   */
  readonly trace?: Uint8Array | null;
  /** What its messages come to, if that was computed where they were read; absent: whoever needs it computes it. */
  readonly sums?: MessageSums;
}

/** A name that is no mailbox any more, with the mailbox that it was. */
export interface Tombstone {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly reason: "deleted" | "renamed";
  readonly foldermodseq: bigint | null;
  readonly uidValidity: number | null;
  /** Seconds since 1970, on this host's clock. */
  readonly mtime: number | null;
}

/** A name in the replication log: work that replication had not done when the log was read. Evidence only. */
export interface PendingName {
  /** `MAILBOX`, `USER`, `APPEND`, … as logged. */
  readonly type: string;
  readonly name: ByteString;
  /** File the line was in, relative to the sync directory. */
  readonly log: ByteString;
}
