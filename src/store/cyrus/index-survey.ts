import { crc32 } from "node:zlib";
import type { Counters } from "../../mail/mailbox.ts";
import type { ExpungedMessage } from "../../mail/message.ts";
import type { LiveRecords } from "../mail-store.ts";
import { type IndexShare, IndexShareSum } from "./annotation-crc.ts";
import type { FlagSets } from "./flag-sets.ts";
import { expungedMessage, flagSetAt, type IndexFile, RECORD_EXPUNGED, readTime, recordOffset } from "./index-file.ts";
import { RecordPacker } from "./record-packer.ts";
import { crcOf } from "./running-crc.ts";
import { recordSyncCrc } from "./sync-crc.ts";

/** What one pass over all records of an index found. Records that fail their checksum are not among those read. */
export interface IndexSurvey {
  /** What the header's counters should be, as far as the version has them; but for the CRC over annotations. */
  readonly counted: Counters;
  /** What the records add to the CRC over annotations. */
  readonly annotationShare: IndexShare;
  readonly live: LiveRecords;
  readonly expunged: readonly ExpungedMessage[];
  /** Of all records, in index order. */
  readonly uids: Uint32Array;
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
 * Decodes the records of an index, counts them, and checks each against its checksum and against what the header says of
 * all.
 *
 * @param flagSets the flag names of the mailbox's `cyrus.header`; with others the sync CRC comes out wrong
 */
export function surveyIndex(index: IndexFile, flagSets: FlagSets): IndexSurvey {
  const tally = new Tally(index);
  const faults = new FaultList();
  const { layout, view } = index;
  const { uid: uidAt, modseq: modseqAt, createdModseq: createdAt, size: sizeAt } = layout.record;
  const limit = splitModseq(index.header.highestModseq);
  let previousUid = 0;
  for (let i = 0; i < index.recordCount; i++) {
    const at = recordOffset(layout, i);
    const uid = view.getUint32(at + uidAt);
    const crcAt = at + layout.recordSize - 4;
    if (layout.checksums && view.getUint32(crcAt) !== crcOf(view, at, crcAt)) {
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
    tally.add(at, uid, high, low, flagSets);
  }
  return { ...tally.result(), ...faults.result() };
}

/** Takes in the records that are sound, and keeps the running totals over the live ones. */
class Tally {
  readonly #index: IndexFile;
  readonly #packer: RecordPacker;
  readonly #share: IndexShareSum;
  readonly #hasSyncCrcs: boolean;
  readonly #hasAnnotationCrc: boolean;
  readonly #expunged: ExpungedMessage[] = [];
  readonly #uids: Uint32Array;
  #records = 0;
  #live = 0;
  #unseen = 0;
  #answered = 0;
  #flagged = 0;
  #deleted = 0;
  /** Sum of all sizes in two words, carried over so that no step leaves what a double holds exactly. */
  #bytesLow = 0;
  #bytesHigh = 0;
  #crc = 0;

  constructor(index: IndexFile) {
    this.#index = index;
    this.#packer = new RecordPacker(index);
    this.#share = new IndexShareSum(index);
    this.#uids = new Uint32Array(index.recordCount);
    const { header, record } = index.layout;
    this.#hasSyncCrcs = header.syncCrcBasic !== null && record.guid !== null;
    this.#hasAnnotationCrc = header.syncCrcAnnot !== null;
  }

  add(at: number, uid: number, modseqHigh: number, modseqLow: number, flagSets: FlagSets): void {
    const { layout, view, bytes } = this.#index;
    const { record } = layout;
    const bits = view.getUint32(at + record.systemFlags);
    const live = (bits & RECORD_EXPUNGED) === 0;
    const saveDate = record.saveDate === null ? 0 : readTime(view, layout, at + record.saveDate);
    this.#uids[this.#records++] = uid;
    if (this.#hasAnnotationCrc) this.#share.add(at, uid, saveDate, live);
    if (!live) {
      this.#expunged.push(expungedMessage(this.#index, at));
      return;
    }
    const flags = flagSetAt(this.#index, at, bits, flagSets);
    const internalDate = readTime(view, layout, at + record.internalDate);
    const lastUpdated = readTime(view, layout, at + record.lastUpdated);
    this.#packer.add({ at, uid, bits, flags, internalDate, lastUpdated, saveDate });
    this.#count(at, bits);
    if (!this.#hasSyncCrcs) return;
    const fields = { uid, modseqHigh, modseqLow, lastUpdated, flagCrc: flags.crc, internalDate };
    this.#crc ^= recordSyncCrc(fields, bytes, at + (record.guid ?? 0));
  }

  result(): Omit<IndexSurvey, "faults" | "faultCount" | "faultDigest"> {
    return {
      counted: this.#counters(),
      annotationShare: this.#share.finish(),
      live: this.#packer.finish(),
      expunged: this.#expunged,
      uids: this.#uids.subarray(0, this.#records),
    };
  }

  #count(at: number, bits: number): void {
    const { layout, view } = this.#index;
    this.#live++;
    if (bits & 0x01) this.#answered++;
    if (bits & 0x02) this.#flagged++;
    if (bits & 0x04) this.#deleted++;
    if (!(bits & 0x10)) this.#unseen++;
    const sizeAt = at + layout.record.size;
    if (layout.wide) this.#bytesHigh += view.getUint32(sizeAt);
    this.#bytesLow += view.getUint32(sizeAt + (layout.wide ? 4 : 0));
    if (this.#bytesLow >= 0x1_0000_0000) {
      this.#bytesLow -= 0x1_0000_0000;
      this.#bytesHigh++;
    }
  }

  #counters(): Counters {
    const { layout, recordCount } = this.#index;
    return {
      // What 3.6 writes as version 6–10 holds expunged records too, and its number of records counts them.
      exists: layout.header.exists === null ? recordCount : this.#live,
      unseen: layout.header.unseen === null ? null : this.#unseen,
      answered: this.#answered,
      flagged: this.#flagged,
      deleted: this.#deleted,
      // Only records that are faulty themselves can bring it near 2^63.
      quotaUsed: BigInt.asUintN(63, (BigInt(this.#bytesHigh) << 32n) + BigInt(this.#bytesLow)),
      syncCrcBasic: this.#hasSyncCrcs ? this.#crc >>> 0 : null,
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
