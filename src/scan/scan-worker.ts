/** The file that worker threads load: the same functions, with their results handed over instead of copied. */
import { move, transferableSymbol, valueSymbol } from "piscina";
import { transferListOf } from "../mail/packed-messages.ts";
import { confirmOrphansOf, scanMailboxes } from "./scan-mailboxes.ts";
import type { OrphanOutcome, OrphanTask, ScanTask } from "./scan-task.ts";

/** {@link scanMailboxes}, in a worker thread. */
export async function scan(task: ScanTask): Promise<unknown> {
  const outcomes = await scanMailboxes(task);
  const buffers = outcomes.flatMap((outcome) =>
    outcome.kind === "reading" ? transferListOf(outcome.reading.messages) : [],
  );
  // The result of `move` is what piscina's documentation asks for: an object with these two symbols.
  return move({ [transferableSymbol]: buffers, [valueSymbol]: outcomes });
}

/** {@link confirmOrphansOf}, in a worker thread. */
export function confirm(task: OrphanTask): Promise<OrphanOutcome[]> {
  return confirmOrphansOf(task);
}
