import type { ExpungedMessage } from "./message.ts";
import { PackedColumns } from "./packed-columns.ts";
import type { PackedMessages } from "./packed-messages.ts";
import { type MessageRollups, rollUp } from "./rollups.ts";

/** What the rows of one mailbox come to: all that is computed from every row of it. */
export interface MessageSums {
  readonly totals: MessageTotals;
  readonly rollups: MessageRollups;
}

/** What the rows of one mailbox add up to. */
export interface MessageTotals {
  readonly faults: number;
  readonly guidsMissing: number;
  readonly stats: number;
  /** Highest last_updated, in seconds; null without messages. */
  readonly newestUpdate: number | null;
  readonly bytes: bigint;
}

/** Sums are kept as numbers up to here. */
const MODEST_BYTES = 2 ** 50;

/** Sums up the rows of one mailbox. `expunged` must be in ascending UID order. */
export function sumsOf(messages: PackedMessages, expunged: readonly ExpungedMessage[]): MessageSums {
  return { totals: totalsOf(messages), rollups: together(rollUp(messages, expunged)) };
}

/** The rollups in one buffer of their own, which crosses threads as one. */
function together({ core, ext, content, rows }: MessageRollups): MessageRollups {
  const bytes = new Uint8Array(4 * ROLLUP_BYTES);
  const [a, b, c, d] = [core, ext, content, rows].map((digest, i) => {
    bytes.set(digest, i * ROLLUP_BYTES);
    return bytes.subarray(i * ROLLUP_BYTES, (i + 1) * ROLLUP_BYTES);
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return { core: a, ext: b, content: c, rows: d };
}

const ROLLUP_BYTES = 32;

function totalsOf(packed: PackedMessages): MessageTotals {
  const columns = new PackedColumns(packed);
  let faults = 0;
  let guidsMissing = 0;
  let stats = 0;
  let newest: number | null = null;
  let bytes = 0;
  let manyBytes = 0n;
  for (let row = 0; row < packed.count; row++) {
    if (columns.isFaulty(row)) faults++;
    if (!columns.hasDigest(row)) guidsMissing++;
    if (columns.statPresence(row) !== 0) stats++;
    const updated = Number(columns.lastUpdated(row));
    if (newest === null || updated > newest) newest = updated;
    const size = columns.size(row);
    // Exact: a thousand of such sizes are still far from what a number can hold.
    if (size < MODEST_BYTES) bytes += Number(size);
    else manyBytes += BigInt(size);
    if (bytes >= MODEST_BYTES) {
      manyBytes += BigInt(bytes);
      bytes = 0;
    }
  }
  return { faults, guidsMissing, stats, newestUpdate: newest, bytes: manyBytes + BigInt(bytes) };
}
