import { recordSize } from "../../mail/packed-columns.ts";
import { CORE_BYTES, uidsOf } from "../../mail/packed-messages.ts";
import type { LiveRecords, MailboxReader, MailboxRef } from "../../store/mail-store.ts";
import { lookAtIndex } from "../read-index.ts";
import type { AheadLimits, MailboxOutline, RecordRange } from "./ahead-task.ts";
import { directoriesOf } from "./directories.ts";

/** Says which files a mailbox should have, by its index as it is now; null where that is not in order. */
export function outlineOf(reader: MailboxReader, ref: MailboxRef): MailboxOutline | null {
  const directories = directoriesOf(ref);
  const index = lookAtIndex(reader, ref, null);
  if (index.status !== "read") return null;
  const { live } = index.snapshot;
  const { count, core, archived } = live;
  return { directories, uids: uidsOf(live), live: { count, core, archived } };
}

/** Cuts records into ranges by the number of their files and the bytes of these, each when it is asked for. */
export function* cutRanges(
  live: Pick<LiveRecords, "count" | "core" | "archived">,
  { rangeFiles, rangeBytes }: Pick<AheadLimits, "rangeFiles" | "rangeBytes">,
): Generator<RecordRange> {
  const core = new DataView(live.core.buffer, live.core.byteOffset, live.core.byteLength);
  let firstRow = 0;
  let bytes = 0;
  for (let row = 0; row < live.count; row++) {
    const size = recordSize(core, row);
    if (row > firstRow && (row - firstRow >= rangeFiles || bytes + size > rangeBytes)) {
      yield rangeOf(live, firstRow, row);
      firstRow = row;
      bytes = 0;
    }
    bytes += size;
  }
  if (live.count > firstRow) yield rangeOf(live, firstRow, live.count);
}

function rangeOf({ core, archived }: Pick<LiveRecords, "core" | "archived">, from: number, to: number): RecordRange {
  // Copies, so that each goes to its thread by itself.
  return {
    firstRow: from,
    count: to - from,
    core: new Uint8Array(core.subarray(from * CORE_BYTES, to * CORE_BYTES)),
    archived: new Uint8Array(archived.subarray(from, to)),
  };
}
