import { crc32 } from "node:zlib";
import type { Counters } from "../../mail/mailbox.ts";
import type { FlagSets } from "./flag-sets.ts";
import { flagSetAt, type IndexFile, RECORD_EXPUNGED, readTime, recordOffset } from "./index-file.ts";
import { recordSyncCrc } from "./sync-crc.ts";

/** What one pass over all records of an index found. */
export interface IndexSurvey {
  /** What the header's counters should be, as far as the version has them. */
  readonly counted: Counters;
  /** Records that cannot be right, in index order; at most {@link MAX_FAULTS} of them are described. */
  readonly faults: readonly RecordFault[];
  readonly faultCount: number;
  /** Equal exactly when the same records are wrong in the same way. */
  readonly faultDigest: number;
}

interface RecordFault {
  /** Of the record, in the file. */
  readonly offset: number;
  readonly uid: number;
  readonly found: string;
}

export const MAX_FAULTS = 20;

/** High word of the first number that a signed 64-bit integer, which is what manifests hold, has no room for. */
const TOO_HIGH = 0x8000_0000;

const FAULTS = [
  "does not match its checksum",
  "has a UID that does not come in ascending order",
  "has a UID above the header's last UID",
  "has a modseq of 2^63 or more",
  "has a modseq above the header's highest",
  "has a size of 2^63 or more",
] as const;

/**
 * Counts the records of an index and checks each against its checksum and against what the header says of all.
 *
 * @param flagSets the flag names of the mailbox's `cyrus.header`; with others the sync CRC comes out wrong
 */
export function surveyIndex(index: IndexFile, flagSets: FlagSets): IndexSurvey {
  const tally = new Tally();
  const faults = new FaultList();
  const { layout, view, bytes } = index;
  const { uid: uidAt, modseq: modseqAt, createdModseq: createdAt, size: sizeAt } = layout.record;
  const limit = splitModseq(index.header.highestModseq);
  let previousUid = 0;
  for (let i = 0; i < index.recordCount; i++) {
    const at = recordOffset(layout, i);
    const uid = view.getUint32(at + uidAt);
    const crcAt = at + layout.recordSize - 4;
    if (layout.checksums && view.getUint32(crcAt) !== crc32(bytes.subarray(at, crcAt))) {
      // None of its fields can be relied on, so none is judged, and the next record has no say on its UID.
      faults.add(at, uid, 0);
      continue;
    }
    if (uid <= previousUid) faults.add(at, uid, 1);
    if (uid > index.header.lastUid) faults.add(at, uid, 2);
    previousUid = Math.max(previousUid, uid);
    const high = modseqAt === null ? 0 : view.getUint32(at + modseqAt);
    const low = modseqAt === null ? 0 : view.getUint32(at + modseqAt + 4);
    const createdHigh = createdAt === null ? 0 : view.getUint32(at + createdAt);
    if (high >= TOO_HIGH || createdHigh >= TOO_HIGH) faults.add(at, uid, 3);
    else if (limit !== null && (high > limit.high || (high === limit.high && low > limit.low))) faults.add(at, uid, 4);
    if (layout.wide && view.getUint32(at + sizeAt) >= TOO_HIGH) faults.add(at, uid, 5);
    tally.add(index, at, uid, high, low, flagSets);
  }
  return { counted: tally.counters(index), ...faults.result() };
}

/** Running totals over live records. */
class Tally {
  #live = 0;
  #unseen = 0;
  #answered = 0;
  #flagged = 0;
  #deleted = 0;
  /** Sum of all sizes in two words, carried over so that no step leaves what a double holds exactly. */
  #bytesLow = 0;
  #bytesHigh = 0;
  #crc = 0;

  add(index: IndexFile, at: number, uid: number, modseqHigh: number, modseqLow: number, flagSets: FlagSets): void {
    const { layout, view, bytes } = index;
    const { record } = layout;
    const bits = view.getUint32(at + record.systemFlags);
    if (bits & RECORD_EXPUNGED) return;
    this.#live++;
    if (bits & 0x01) this.#answered++;
    if (bits & 0x02) this.#flagged++;
    if (bits & 0x04) this.#deleted++;
    if (!(bits & 0x10)) this.#unseen++;
    if (layout.wide) this.#bytesHigh += view.getUint32(at + record.size);
    this.#bytesLow += view.getUint32(at + record.size + (layout.wide ? 4 : 0));
    if (this.#bytesLow >= 0x1_0000_0000) {
      this.#bytesLow -= 0x1_0000_0000;
      this.#bytesHigh++;
    }
    if (layout.header.syncCrcBasic === null || record.guid === null) return;
    this.#crc ^= recordSyncCrc(
      {
        uid,
        modseqHigh,
        modseqLow,
        lastUpdated: readTime(view, layout, at + record.lastUpdated),
        flagCrc: flagSetAt(index, at, bits, flagSets).crc,
        internalDate: readTime(view, layout, at + record.internalDate),
      },
      bytes,
      at + record.guid,
    );
  }

  counters({ layout, recordCount }: IndexFile): Counters {
    return {
      // What 3.6 writes as version 6–10 holds expunged records too, and its number of records counts them.
      exists: layout.header.exists === null ? recordCount : this.#live,
      unseen: layout.header.unseen === null ? null : this.#unseen,
      answered: this.#answered,
      flagged: this.#flagged,
      deleted: this.#deleted,
      // Only records that are faulty themselves can bring it near 2^63.
      quotaUsed: BigInt.asUintN(63, (BigInt(this.#bytesHigh) << 32n) + BigInt(this.#bytesLow)),
      syncCrcBasic: layout.header.syncCrcBasic === null ? null : this.#crc >>> 0,
      syncCrcAnnot: null,
    };
  }
}

/** Collects faults: the first ones in words, all of them in a number and a digest. */
class FaultList {
  readonly #faults: RecordFault[] = [];
  readonly #row = Buffer.alloc(13);
  #count = 0;
  #digest = 0;

  add(offset: number, uid: number, kind: 0 | 1 | 2 | 3 | 4 | 5): void {
    this.#row.writeDoubleBE(offset, 0);
    this.#row.writeUInt32BE(uid, 8);
    this.#row[12] = kind;
    this.#digest = crc32(this.#row, this.#digest);
    if (this.#count++ < MAX_FAULTS) this.#faults.push({ offset, uid, found: FAULTS[kind] });
  }

  result() {
    return { faults: this.#faults, faultCount: this.#count, faultDigest: this.#digest };
  }
}

function splitModseq(modseq: bigint | null): { readonly high: number; readonly low: number } | null {
  if (modseq === null) return null;
  return { high: Number(modseq >> 32n), low: Number(modseq & 0xffff_ffffn) };
}
