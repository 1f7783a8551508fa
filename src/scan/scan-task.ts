import type { BaseRows } from "../mail/base-rows.ts";
import type { KnownFiles } from "../mail/known-files.ts";
import type { MailboxReading, OrphanFile, ReadProblem } from "../mail/mailbox.ts";
import type { Level } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { MailboxRef, MailStore } from "../store/mail-store.ts";
import type { SharedBrakes } from "./brake.ts";
import type { RootState } from "./partition-root.ts";

/** What every task of one scan shares. Plain values: tasks and results cross threads. */
export interface ScanSettings {
  /** Tells one scan from the next in the same thread: what a thread remembers of inodes is good for one scan only. */
  readonly scanId: string;
  readonly kind: MailStore["kind"];
  readonly level: Level;
  /** What all threads together are held back by; absent: by nothing. */
  readonly brakes?: SharedBrakes;
}

/** A mailbox to read. */
export interface ScanItem {
  readonly ref: MailboxRef;
  /** False for a directory that the mailbox list does not know. */
  readonly listed: boolean;
  /** How far an earlier look had come with an index that contradicts itself. */
  readonly contradiction: Contradiction | null;
  /** UIDs of the only messages whose files are looked at, ascending; absent: all are. */
  readonly onlyUids?: readonly number[];
  /** What an earlier scan has of its message files; absent: nothing. */
  readonly base?: BaseRows;
  /** What is known of its message files, by that or by a look ahead; absent: nothing. */
  readonly known?: KnownFiles;
  /** Which directories alone that is good for, see `ahead/directories.ts`; absent: whichever the paths lead to. */
  readonly knownIn?: string;
}

/** The mailbox as plain values, which alone cross threads: a store may make its paths when it is asked. */
export function plainRef(ref: MailboxRef): MailboxRef {
  const { name, uniqueId, listing, indexFile, headerFile, annotationsFile, expungeFile } = ref;
  const { messageDirectories, messageRoots } = ref;
  const files = { indexFile, headerFile, annotationsFile, expungeFile, messageDirectories, messageRoots };
  return { name, uniqueId, listing, ...files };
}

/** One contradiction in an index, and for how long it has stood unchanged. */
export interface Contradiction {
  readonly signature: string;
  /** Reads in a row that found exactly this. */
  readonly reads: number;
  /** Milliseconds since 1970 of the first of them. */
  readonly sinceMs: number;
}

/** Some mailboxes to read, one after another, in one thread. */
export interface ScanTask {
  readonly settings: ScanSettings;
  readonly items: readonly ScanItem[];
}

/** A message file that no record accounted for when it was first seen. */
export interface OrphanCandidate {
  readonly uid: number;
  /** Absolute path. */
  readonly path: ByteString;
}

/** What became of one {@link ScanItem}. */
export type MailboxOutcome = Outcome & {
  /** True where what an earlier scan had of it was not what had been sealed. */
  readonly unsoundBase?: true;
};

type Outcome =
  | {
      readonly kind: "reading";
      readonly reading: MailboxReading;
      /** Files to look at again before the reading is complete: they may belong to deliveries under way. */
      readonly candidates: readonly OrphanCandidate[];
      /** The contradiction in spite of which the index was accepted. */
      readonly contradiction: Contradiction | null;
    }
  /** The index contradicts itself; to be read again later. */
  | { readonly kind: "contradicted"; readonly contradiction: Contradiction; readonly found: string }
  /**
   * The mailbox is not where the list has it. If a newer list still has it there, its reading is `status` with `found`.
   */
  | {
      readonly kind: "elsewhere";
      readonly status: "directory-missing" | "index-corrupt" | "header-corrupt";
      readonly found: string;
    }
  /** A partition root turned out to hold nothing. */
  | { readonly kind: "root-lost"; readonly root: ByteString; readonly state: RootState };

/** Mailboxes whose unaccounted files are to be looked at again. */
export interface OrphanTask {
  readonly settings: ScanSettings;
  readonly items: readonly OrphanItem[];
}

export interface OrphanItem extends ScanItem {
  readonly candidates: readonly OrphanCandidate[];
}

/** What the second look at the candidates of one mailbox brought. */
export interface OrphanOutcome {
  /** In ascending order of UIDs. */
  readonly orphans: readonly OrphanFile[];
  readonly problems: readonly ReadProblem[];
  readonly bytesRead: bigint;
  readonly filesRead: number;
}
