import { setImmediate } from "node:timers/promises";
import type { ByteString } from "../mail/name.ts";
import type { LostRoots } from "./lost-roots.ts";
import type { EarlierReadings } from "./scan-options.ts";
import type { ScanTally } from "./scan-tally.ts";
import type { ScanItem } from "./scan-task.ts";
import { traceOf } from "./trace.ts";

/** Mailboxes looked at between two turns of the event loop, where a signal to stop is heard. */
const AT_A_TURN = 64;

/**
 * Keeps what earlier runs of this scan have read and what has not changed since.
 *
 * @returns the mailboxes that are to be read
 */
export async function keepUnchanged(
  items: readonly ScanItem[],
  earlier: EarlierReadings,
  { roots, tally, signal }: { roots: LostRoots; tally: ScanTally; signal: AbortSignal },
): Promise<ScanItem[]> {
  const left: ScanItem[] = [];
  const names = new Set<ByteString>();
  for (const [number, item] of items.entries()) {
    if (number % AT_A_TURN === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    const trace = roots.lostFor(item.ref) === null && !names.has(item.ref.name) ? traceOf(item.ref) : null;
    names.add(item.ref.name);
    const kept = trace === null ? null : earlier.keep(item.ref, trace.digest);
    if (kept === null) left.push(item);
    else tally.kept(kept);
  }
  earlier.forgetOthers();
  return left;
}
