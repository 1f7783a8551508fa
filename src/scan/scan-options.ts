/** What a scan is told, tells, and hands over. The other layers meet the scan here. */

import type { BaseRows } from "../mail/base-rows.ts";
import type { MailboxItem, UnreadMailboxItems } from "../mail/item.ts";
import type { MailboxReading, MailboxStatus, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { Level } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { OnlyScope } from "../mail/only-scope.ts";
import type { MailboxRef } from "../store/mail-store.ts";
import type { AheadLimits } from "./ahead/ahead-task.ts";
import type { Rates } from "./brake.ts";

export interface ScanOptions {
  readonly level: Level;
  /** Worker threads; 0 reads in this one, `auto` as many as the machine and its disk can use. */
  readonly workers: number | "auto";
  /** How much nicer than this process the worker threads are. */
  readonly niceIncrement: number;
  /** Whether a mailbox of this name is to be read. Names in internal form. */
  readonly includes: (name: ByteString) => boolean;
  /** Whether to look on disk for mailboxes that the mailbox list does not know. */
  readonly findUnlisted: boolean;
  /** Reads only what earlier findings were about: a second look. */
  readonly only?: OnlyScope;
  /** How much may be read a second; absent: as much as can be. */
  readonly rates?: Rates;
  /** What earlier runs of this scan have handed over; absent: this is the first. */
  readonly earlier?: EarlierReadings;
  /** What an earlier scan of this store knows of message files; absent: all are read. */
  readonly base?: ScanBase;
  /** Which mailboxes several threads read together; for tests of small ones. */
  readonly ahead?: AheadLimits;
}

/** What an earlier scan of the same store knows. */
export interface ScanBase {
  /** What it knows of the message files of a mailbox, to be handed over; null: nothing. */
  rowsOf(mailbox: BasedMailbox): BaseRows | null;
  /** Told of each mailbox whose rows turned out not to be those that were sealed. */
  foundUnsound(): void;
}

/** Who a mailbox is, and on which partition its files lie. */
export interface BasedMailbox {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly partition: string | null;
}

/** A mailbox that an earlier run has handed over. */
export interface KeptReading {
  readonly messages: number;
  readonly messageBytes: bigint;
  readonly problems: number;
}

/** What earlier runs of a scan that did not end have handed over. */
export interface EarlierReadings {
  /**
   * Keeps a mailbox, if there is one reading of it that still stands.
   *
   * @param trace what that must have been read under
   * @returns null where the mailbox is to be read
   */
  keep(mailbox: Pick<MailboxRef, "name" | "uniqueId">, trace: Uint8Array): KeptReading | null;
  /** Drops all that was not kept; called once, before anything is handed over that belongs to mailboxes. */
  forgetOthers(): void;
}

/** Takes what a scan brings, at once. An error that it throws ends the scan. */
export interface ScanSink {
  /**
   * Takes one mailbox. Mailboxes come in order of names as the list has them; after those, in an order of their own,
   * come the ones that needed a second look at the end and those that the list does not know.
   */
  mailbox(reading: MailboxReading): void;
  tombstone(tombstone: Tombstone): void;
  pending(name: PendingName): void;
  problem(problem: ReadProblem): void;
  /** Takes an item. Items come after all mailboxes. */
  item(item: MailboxItem): void;
  unreadItems(unread: UnreadMailboxItems): void;
}

/** What a scan is doing, in order. */
export type ScanPhase = "list" | "discovery" | "earlier" | "mailboxes" | "second-looks" | "items";

/** How far a scan has come. */
export interface ScanProgress {
  readonly phase: ScanPhase;
  /** Mailboxes to read, as far as they are known, and those that are done. */
  readonly mailboxes: number;
  readonly mailboxesDone: number;
  /** Those of the done ones that an earlier run has read. */
  readonly mailboxesKept: number;
  /** Live messages in what is done. */
  readonly messages: number;
  /** What this run has read so far, also of mailboxes that are not done; under a brake with the metadata. */
  readonly bytesRead: bigint;
  readonly filesRead: number;
}

export interface ScanEvents {
  /** Called when a phase begins, after each mailbox, and twice a second. */
  progress(progress: ScanProgress): void;
}

export interface ScanOutcome {
  /** `stopped`: the signal came; what was handed over is good, the rest was not reached. */
  readonly status: "finished" | "stopped";
  readonly startedAtMs: number;
  /** When the mailbox list was read; null where the scan was stopped before. */
  readonly listReadAtMs: number | null;
  /** When reading of items began; null where the scan was stopped before. */
  readonly itemsReadAtMs: number | null;
  readonly finishedAtMs: number;
  /** Mailboxes in the list, and those of them that were to be read. */
  readonly listed: number;
  readonly matched: number;
  /** The mailboxes that were to be read; none where the scan was stopped before it knew. */
  readonly refs: readonly MailboxRef[];
  /** Mailboxes that earlier runs have handed over and that stand. */
  readonly kept: number;
  /** Mailboxes handed over, or kept, by status; and those of them that the list does not know. */
  readonly mailboxes: Readonly<Record<MailboxStatus, number>>;
  readonly unlisted: number;
  /** Mailboxes that the list had and that were gone, by a newer list, when they were to be read. */
  readonly deletedMeanwhile: number;
  readonly messages: number;
  /** Sizes of the live messages, as their indexes have them. */
  readonly messageBytes: bigint;
  /** Read by this run. */
  readonly bytesRead: bigint;
  readonly filesRead: number;
  /** Problems handed over on their own and inside of mailboxes. */
  readonly problems: number;
}
