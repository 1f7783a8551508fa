import type { IndexReading, IndexSnapshot, MailboxReader, MailboxRef } from "../store/mail-store.ts";
import { isPassing, pause } from "./retry.ts";
import type { Contradiction } from "./scan-task.ts";

/** A contradiction is stable when it stands in at least this many reads in a row … */
const STABLE_READS = 5;
/** … over at least this time. */
export const STABLE_MS = 1000;

/** Waits between the reads of one look. Under non-stop writes 99 % of all snapshots are consistent at the first. */
const WAITS_MS = [5, 15, 50];

/** How one look at a mailbox's metadata ended. */
export type IndexLook =
  | {
      readonly status: "read";
      readonly snapshot: IndexSnapshot;
      /** The stable contradiction in spite of which the snapshot is accepted. */
      readonly contradiction: Contradiction | null;
    }
  | { readonly status: "contradicted"; readonly contradiction: Contradiction; readonly found: string }
  | Exclude<IndexReading, { status: "read" | "inconsistent" }>;

/**
 * Reads a mailbox's metadata, a few times within a tenth of a second where it does not hold still. Puts the thread to
 * sleep in between.
 *
 * @param before what earlier looks at this mailbox had found; a contradiction that has meanwhile stood long enough is
 *   accepted as it is
 * @param beforeRead called before each read
 */
export function lookAtIndex(
  reader: MailboxReader,
  ref: MailboxRef,
  before: Contradiction | null,
  beforeRead: () => void = () => {},
): IndexLook {
  let known = before;
  for (let reads = 0; ; reads++) {
    beforeRead();
    const reading = reader.readIndex(ref);
    if (reading.status === "read") return { ...reading, contradiction: null };
    const waitMs = WAITS_MS[reads];
    if (reading.status === "inconsistent") {
      known = extend(known, reading.signature);
      if (isStable(known)) return accepted(reading.accept, known);
      // Whether another mailbox stands here by now, no further look by the same list can tell.
      if (waitMs === undefined && reading.accept.status === "header-corrupt") return reading.accept;
      if (waitMs === undefined) return { status: "contradicted", contradiction: known, found: reading.found };
    } else if (waitMs === undefined || !mayPass(reading)) {
      return reading;
    }
    pause(waitMs);
  }
}

function extend(known: Contradiction | null, signature: string): Contradiction {
  if (known?.signature !== signature) return { signature, reads: 1, sinceMs: Date.now() };
  return { ...known, reads: known.reads + 1 };
}

function isStable(known: Contradiction): boolean {
  return known.reads >= STABLE_READS && Date.now() - known.sinceMs >= STABLE_MS;
}

function accepted(accept: (IndexReading & { status: "inconsistent" })["accept"], known: Contradiction): IndexLook {
  return accept.status === "read" ? { ...accept, contradiction: known } : accept;
}

/** True if the same read may bring something better in a moment. A missing file is looked for at the end of the scan. */
function mayPass(reading: IndexReading): boolean {
  if (reading.status === "unreadable") return isPassing(reading.errno);
  return reading.status === "index-corrupt" || reading.status === "header-corrupt";
}
