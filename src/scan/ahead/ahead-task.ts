/**
 * Looking ahead: the message files of a huge mailbox are read by all threads at once, range by range, before one of them
 * reads the mailbox. That finds the files known, as it would by a base (`base/known-pass.ts`): it carries over those that
 * nothing has written to since, by an lstat of each, and looks at all others as ever. So nothing is believed of a
 * mailbox because of a look ahead: not its index, not that a file is there, not that it is the message of its record.
 */
import type { LiveRecords, MailboxRef } from "../../store/mail-store.ts";
import type { ScanSettings } from "../scan-task.ts";

/** Which mailboxes are looked ahead at, and in which parts. */
export interface AheadLimits {
  /** More messages than this, or as many bytes as so many large messages have: see `workIn` of `batches.ts`. */
  readonly aboveMessages: number;
  /**
   * Messages of the mailboxes behind it that the other threads can be busy with meanwhile, before what they find has to
   * wait for it: see `MOST_WAITING_BYTES` of `mailbox-runner.ts`.
   */
  readonly waitingMessages: number;
  /** Most files and, but where one file has more, most bytes of a range. */
  readonly rangeFiles: number;
  readonly rangeBytes: number;
  /**
   * Age that a change must have when a file is read: another one within the same tick of the file system's clock would
   * leave every time as it is.
   */
  readonly settledMs: number;
}

/** Below five thousand messages a thread is at one mailbox for a fraction of a second only. */
export const AHEAD_LIMITS: AheadLimits = {
  aboveMessages: 5000,
  waitingMessages: 300_000,
  rangeFiles: 2000,
  rangeBytes: 32 << 20,
  settledMs: 2000,
};

/** A mailbox to be looked ahead at. Plain values: tasks and results cross threads. */
export interface OutlineTask {
  readonly settings: ScanSettings;
  readonly ref: MailboxRef;
}

/** Which files a mailbox should have. */
export interface MailboxOutline {
  /** Which directories they lie in, see `directories.ts`. */
  readonly directories: string;
  /** Of all live records, ascending. */
  readonly uids: Uint32Array<ArrayBuffer>;
  /** All live records. In one piece: for many buffers of one message Node takes the square of their number. */
  readonly live: Pick<LiveRecords, "count" | "core" | "archived">;
}

/** Some live records: rows of the packed group `core`, and for each 1 if its file is on the archive partition. */
export interface RecordRange {
  /** Row of the first in the whole mailbox. */
  readonly firstRow: number;
  readonly count: number;
  readonly core: Uint8Array<ArrayBuffer>;
  readonly archived: Uint8Array<ArrayBuffer>;
}

/** Files to be read ahead. */
export interface RangeTask {
  readonly settings: ScanSettings;
  readonly ref: MailboxRef;
  readonly directories: string;
  readonly range: RecordRange;
  readonly settledMs: number;
}

/** What was read ahead: rows of the packed groups, all zeros where nothing is to be carried over. */
export interface RangeFiles {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly stat: Uint8Array<ArrayBuffer>;
  readonly bytesRead: number;
  readonly filesRead: number;
}

/** The buffers to hand over with a range that is posted to another thread. */
export function rangeBuffers({ core, archived }: RecordRange): ArrayBuffer[] {
  return [core.buffer, archived.buffer];
}

/** The buffers to hand over with an outline: nobody else has them. */
export function outlineBuffers({ uids, live }: MailboxOutline): ArrayBuffer[] {
  const buffers = [uids, live.core, live.archived].map((bytes) => bytes.buffer);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
