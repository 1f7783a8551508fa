import { statSync } from "node:fs";
import { errnoOf } from "../errors.ts";
import type { ScanItem } from "./scan-task.ts";

/** About how many messages make a task: below, handing over costs more than it should; above, threads wait at the end. */
const TASK_MESSAGES = 400;
const TASK_MAILBOXES = 64;

/** Bytes of the index for each message: 80–144 by version. */
const RECORD_BYTES = 104;

/**
 * Cuts mailboxes into tasks by the number of their messages, as the size of their index files suggests it. A mailbox is
 * never split.
 */
export function* batchesOf(items: Iterable<ScanItem>): Generator<ScanItem[]> {
  let batch: ScanItem[] = [];
  let messages = 0;
  for (const item of items) {
    const expected = messagesIn(item);
    if (batch.length > 0 && (messages + expected > TASK_MESSAGES || batch.length >= TASK_MAILBOXES)) {
      yield batch;
      batch = [];
      messages = 0;
    }
    batch.push(item);
    messages += expected;
  }
  if (batch.length > 0) yield batch;
}

function messagesIn({ ref }: ScanItem): number {
  try {
    // Not the asynchronous one, which costs fifteen times as much: there is one for each mailbox.
    const { size } = statSync(Buffer.from(ref.indexFile, "latin1"));
    return Math.ceil(size / RECORD_BYTES);
  } catch (error) {
    // Whatever is wrong with it, the worker will find and say it.
    if (errnoOf(error) === null) throw error;
    return 0;
  }
}
