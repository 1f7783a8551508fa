import type { Level } from "../mail/message.ts";
import type { MailboxReader, MailboxRef } from "../store/mail-store.ts";
import type { Rates } from "./brake.ts";
import type { ScanItem } from "./scan-task.ts";

/** About how many messages make a task: below, handing over costs more than it should; above, threads wait at the end. */
const TASK_MESSAGES = 400;
const TASK_MAILBOXES = 64;
const LONG_TASK = 2 * TASK_MESSAGES;
/** Tasks that each thread should have at least, where there are so many mailboxes. */
const TASKS_OF_THREAD = 4;

/** Messages of this size and more take as long as their bytes do, smaller ones as long as opening them. */
const LARGE_MESSAGE_BYTES = 75_000;

/** About how many bytes a message has, where bytes are what holds a scan back. */
const MESSAGE_BYTES = 50_000;
/** A task under a brake takes about so long: what it has read is handed over, and outlives this process, only then. */
const TASK_SECONDS = 0.2;

/** Mailboxes for one task. */
export interface Batch {
  readonly items: readonly ScanItem[];
  /** True where it takes several times as long as tasks should. */
  readonly isLong: boolean;
}

/** How much a task should have, at most. */
export interface TaskLimits {
  readonly work: number;
  readonly mailboxes: number;
}

/** How much a task should have of `mailboxes`, where `threads` share these rates. */
export function taskLimits(
  { bytesPerSecond, filesPerSecond }: Rates,
  { threads, mailboxes }: { readonly threads: number; readonly mailboxes: number },
): TaskLimits {
  const shares = Math.max(1, threads);
  const files = Math.min(filesPerSecond ?? Infinity, (bytesPerSecond ?? Infinity) / MESSAGE_BYTES);
  const work = Math.max(1, Math.min(TASK_MESSAGES, Math.floor((files * TASK_SECONDS) / shares)));
  const fair = Math.ceil(mailboxes / (TASKS_OF_THREAD * shares));
  return { work, mailboxes: Math.max(1, Math.min(TASK_MAILBOXES, fair)) };
}

/** How much there is to do in a mailbox; see {@link workIn}. */
export type WorkOf = (ref: MailboxRef) => number;

/**
 * How much there is to do in mailboxes at this level, in messages: where bytes are read, as many messages of
 * {@link LARGE_MESSAGE_BYTES} as they would make, if that is more.
 */
export function workIn(reader: MailboxReader, level: Level): WorkOf {
  const readsBytes = level === "quick" || level === "full";
  return (ref) => {
    const { messages, bytes } = reader.extentOf(ref);
    return readsBytes ? Math.max(messages, Math.ceil(bytes / LARGE_MESSAGE_BYTES)) : messages;
  };
}

/**
 * Cuts mailboxes into tasks by how much there is to do in them. A mailbox is never split here: files of a huge one may
 * have been looked at before, see `ahead/`.
 *
 * @param most work and mailboxes of a task
 */
export function* batchesOf(items: Iterable<ScanItem>, workOf: WorkOf, most: TaskLimits): Generator<Batch> {
  let batch: ScanItem[] = [];
  let work = 0;
  for (const item of items) {
    const more = 1 + workOf(item.ref);
    if (batch.length > 0 && (work + more > most.work || batch.length >= most.mailboxes)) {
      yield { items: batch, isLong: work > LONG_TASK };
      batch = [];
      work = 0;
    }
    batch.push(item);
    work += more;
  }
  if (batch.length > 0) yield { items: batch, isLong: work > LONG_TASK };
}
