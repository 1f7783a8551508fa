import { statSync } from "node:fs";
import { errnoOf } from "../errors.ts";
import type { MailboxRef } from "../store/mail-store.ts";
import type { Rates } from "./brake.ts";
import type { ScanItem } from "./scan-task.ts";

/** About how many messages make a task: below, handing over costs more than it should; above, threads wait at the end. */
const TASK_MESSAGES = 400;
const TASK_MAILBOXES = 64;

/** Bytes of the index for each message: 80–144 by version. */
const RECORD_BYTES = 104;

/** About how many bytes a message has, where bytes are what holds a scan back. */
const MESSAGE_BYTES = 50_000;
/** A task under a brake takes about so long: what it has read is handed over, and outlives this process, only then. */
const TASK_SECONDS = 0.2;

/** About how many messages and mailboxes a task should have, where `threads` of them share these rates. */
export function taskSize({ bytesPerSecond, filesPerSecond }: Rates, threads: number): number {
  const files = Math.min(filesPerSecond ?? Infinity, (bytesPerSecond ?? Infinity) / MESSAGE_BYTES);
  return Math.max(1, Math.min(TASK_MESSAGES, Math.floor((files * TASK_SECONDS) / Math.max(1, threads))));
}

/**
 * Cuts mailboxes into tasks by the number of their messages, as the size of their index files suggests it. A mailbox is
 * never split here: files of a huge one may have been looked at before, see `ahead/`.
 *
 * @param most messages and mailboxes of a task
 */
export function* batchesOf(items: Iterable<ScanItem>, most = TASK_MESSAGES): Generator<ScanItem[]> {
  let batch: ScanItem[] = [];
  let messages = 0;
  for (const item of items) {
    const expected = 1 + expectedMessages(item.ref);
    if (batch.length > 0 && (messages + expected > most || batch.length >= TASK_MAILBOXES)) {
      yield batch;
      batch = [];
      messages = 0;
    }
    batch.push(item);
    messages += expected;
  }
  if (batch.length > 0) yield batch;
}

/** About how many messages a mailbox has, as the size of its index file suggests it. */
export function expectedMessages({ indexFile }: Pick<MailboxRef, "indexFile">): number {
  try {
    // Not the asynchronous one, which costs fifteen times as much: there is one for each mailbox.
    const { size } = statSync(Buffer.from(indexFile, "latin1"));
    return Math.ceil(size / RECORD_BYTES);
  } catch (error) {
    // Whatever is wrong with it, the worker will find and say it.
    if (errnoOf(error) === null) throw error;
    return 0;
  }
}
