/** The file that worker threads load: the same functions, with their results handed over instead of copied. */
import { move, transferableSymbol, valueSymbol } from "piscina";
import { transferListOf } from "../mail/packed-messages.ts";
import { type OutlineTask, outlineBuffers, type RangeTask } from "./ahead/ahead-task.ts";
import { confirmOrphansOf, lookAtRangeOf, outlineOfTask, scanMailboxes } from "./scan-mailboxes.ts";
import type { OrphanOutcome, OrphanTask, ScanTask } from "./scan-task.ts";

/** {@link scanMailboxes}, in a worker thread. */
export async function scan(task: ScanTask): Promise<unknown> {
  const outcomes = await scanMailboxes(task);
  const buffers = outcomes.flatMap((outcome) =>
    outcome.kind === "reading" ? transferListOf(outcome.reading.messages) : [],
  );
  return handedOver(outcomes, buffers);
}

/** {@link outlineOfTask}, in a worker thread. */
export async function outline(task: OutlineTask): Promise<unknown> {
  const found = await outlineOfTask(task);
  return found === null ? null : handedOver(found, outlineBuffers(found));
}

/** {@link lookAtRangeOf}, in a worker thread. */
export async function lookAtRange(task: RangeTask): Promise<unknown> {
  const found = await lookAtRangeOf(task);
  return found === null ? null : handedOver(found, [found.content.buffer, found.stat.buffer]);
}

/** {@link confirmOrphansOf}, in a worker thread. */
export function confirm(task: OrphanTask): Promise<OrphanOutcome[]> {
  return confirmOrphansOf(task);
}

/** The result of `move` is what piscina's documentation asks for: an object with these two symbols. */
function handedOver(value: object, buffers: ArrayBuffer[]): unknown {
  return move({ [transferableSymbol]: buffers, [valueSymbol]: value });
}
