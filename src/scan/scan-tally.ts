import {
  MAILBOX_STATUSES,
  type MailboxReading,
  type MailboxStatus,
  type ReadProblem,
  type Tombstone,
} from "../mail/mailbox.ts";
import type { ItemReading } from "../store/mail-store.ts";
import { readSoFar, type SharedBrakes } from "./brake.ts";
import type { KeptReading, ScanEvents, ScanOutcome, ScanPhase, ScanSink } from "./scan-options.ts";

/** Hands over to a sink, counts what it hands over, and tells how far the scan has come. */
export class ScanTally {
  readonly #sink: ScanSink;
  readonly #events: ScanEvents;
  readonly #brakes: SharedBrakes;
  readonly #startedAtMs = Date.now();
  readonly #byStatus = Object.fromEntries(MAILBOX_STATUSES.map((status) => [status, 0])) as Record<
    MailboxStatus,
    number
  >;
  #phase: ScanPhase = "list";
  #expected = 0;
  #done = 0;
  #kept = 0;
  #unlisted = 0;
  #messages = 0;
  #messageBytes = 0n;
  #bytesRead = 0n;
  #filesRead = 0;
  #problems = 0;

  /** @param brakes what the threads of the scan count what they read in */
  constructor(sink: ScanSink, events: ScanEvents, brakes: SharedBrakes) {
    this.#sink = sink;
    this.#events = events;
    this.#brakes = brakes;
  }

  /** @param expected how many mailboxes there are to read in all, if more is known of that now */
  begin(phase: ScanPhase, expected = this.#expected): void {
    this.#phase = phase;
    this.#expected = expected;
    this.tell();
  }

  mailbox(reading: MailboxReading): void {
    this.#sink.mailbox(reading);
    this.#done++;
    this.#byStatus[reading.status]++;
    if (!reading.listed) this.#unlisted++;
    this.#messages += reading.messages.count;
    this.#messageBytes += reading.counted?.quotaUsed ?? 0n;
    this.#bytesRead += reading.bytesRead;
    this.#filesRead += reading.filesRead;
    this.#problems += reading.problems.length;
    this.tell();
  }

  /** Counts a mailbox that an earlier run has handed over. */
  kept({ messages, messageBytes, problems }: KeptReading): void {
    this.#done++;
    this.#kept++;
    this.#byStatus.read++;
    this.#messages += messages;
    this.#messageBytes += messageBytes;
    this.#problems += problems;
    this.tell();
  }

  tombstone(tombstone: Tombstone): void {
    this.#sink.tombstone(tombstone);
  }

  problem(problem: ReadProblem): void {
    this.#problems++;
    this.#sink.problem(problem);
  }

  /** Hands over an item, or notes what of them could not be read. */
  item(reading: ItemReading): void {
    if (reading.status === "read") {
      this.#sink.item(reading.item);
    } else {
      this.#sink.unreadItems(reading.unread);
      if (reading.problem !== null) this.problem(reading.problem);
    }
  }

  outcome(
    rest: Pick<
      ScanOutcome,
      "status" | "listReadAtMs" | "itemsReadAtMs" | "listed" | "matched" | "refs" | "deletedMeanwhile"
    >,
  ): ScanOutcome {
    return {
      ...rest,
      startedAtMs: this.#startedAtMs,
      finishedAtMs: Date.now(),
      mailboxes: { ...this.#byStatus },
      unlisted: this.#unlisted,
      kept: this.#kept,
      messages: this.#messages,
      messageBytes: this.#messageBytes,
      bytesRead: this.#bytesRead,
      filesRead: this.#filesRead,
      problems: this.#problems,
    };
  }

  /** Tells how far the scan has come. */
  tell(): void {
    const { bytes, files } = readSoFar(this.#brakes);
    this.#events.progress({
      phase: this.#phase,
      // Mailboxes that the list did not know come on top.
      mailboxes: Math.max(this.#expected, this.#done),
      mailboxesDone: this.#done,
      mailboxesKept: this.#kept,
      messages: this.#messages,
      bytesRead: bytes > this.#bytesRead ? bytes : this.#bytesRead,
      filesRead: Math.max(files, this.#filesRead),
    });
  }
}
