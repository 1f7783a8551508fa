import {
  MAILBOX_STATUSES,
  type MailboxReading,
  type MailboxStatus,
  type ReadProblem,
  type Tombstone,
} from "../mail/mailbox.ts";
import type { ItemReading } from "../store/mail-store.ts";
import type { ScanEvents, ScanOutcome, ScanPhase, ScanSink } from "./scan-options.ts";

/** Hands over to a sink, counts what it hands over, and tells how far the scan has come. */
export class ScanTally {
  readonly #sink: ScanSink;
  readonly #events: ScanEvents;
  readonly #startedAtMs = Date.now();
  readonly #byStatus = Object.fromEntries(MAILBOX_STATUSES.map((status) => [status, 0])) as Record<
    MailboxStatus,
    number
  >;
  #phase: ScanPhase = "list";
  #expected = 0;
  #done = 0;
  #unlisted = 0;
  #messages = 0;
  #messageBytes = 0n;
  #bytesRead = 0n;
  #filesRead = 0;
  #problems = 0;

  constructor(sink: ScanSink, events: ScanEvents) {
    this.#sink = sink;
    this.#events = events;
  }

  /** @param expected how many mailboxes there are to read in all, if more is known of that now */
  begin(phase: ScanPhase, expected = this.#expected): void {
    this.#phase = phase;
    this.#expected = expected;
    this.#tell();
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
    this.#tell();
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
    rest: Pick<ScanOutcome, "status" | "listReadAtMs" | "itemsReadAtMs" | "listed" | "matched" | "deletedMeanwhile">,
  ): ScanOutcome {
    return {
      ...rest,
      startedAtMs: this.#startedAtMs,
      finishedAtMs: Date.now(),
      mailboxes: { ...this.#byStatus },
      unlisted: this.#unlisted,
      messages: this.#messages,
      messageBytes: this.#messageBytes,
      bytesRead: this.#bytesRead,
      filesRead: this.#filesRead,
      problems: this.#problems,
    };
  }

  #tell(): void {
    this.#events.progress({
      phase: this.#phase,
      // Mailboxes that the list did not know come on top.
      mailboxes: Math.max(this.#expected, this.#done),
      mailboxesDone: this.#done,
      messages: this.#messages,
      bytesRead: this.#bytesRead,
    });
  }
}
