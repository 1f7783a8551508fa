/**
 * Where the fields of a `cyrus.index` lie, by minor version.
 *
 *   header   start_offset bytes; its first six words are the same in every version:
 *            generation_no 0, format 4, minor_version 8, start_offset 12, record_size 16, num_records 20
 *   records  num_records × record_size bytes, in strictly ascending UID order
 *
 * Integers are unsigned and big-endian. From version 12 on the last word of the header, and of each record, is the
 * CRC-32 of what comes before it.
 *
 * @see cyrus-imapd `imap/mailbox.h` and, from 3.9 on, `imap/index_file.c`: the OFFSET_* macros and field tables of the
 *   release named at each row
 */

/** Offsets of header fields; null where the version has no such field. */
interface HeaderOffsets {
  readonly lastAppendDate: number;
  readonly lastUid: number;
  /** 8 bytes. */
  readonly quotaUsed: number;
  readonly pop3LastLogin: number;
  readonly uidValidity: number;
  readonly deleted: number;
  readonly answered: number;
  readonly flagged: number;
  readonly exists: number | null;
  readonly unseen: number | null;
  readonly options: number;
  /** 8 bytes, as the two after it. */
  readonly highestModseq: number | null;
  readonly deletedModseq: number | null;
  readonly createdModseq: number | null;
  readonly lastRepackTime: number | null;
  readonly headerFileCrc: number | null;
  readonly syncCrcBasic: number | null;
  readonly syncCrcAnnot: number | null;
  readonly recentUid: number | null;
  readonly recentTime: number | null;
  readonly pop3ShowAfter: number | null;
}

/** Offsets of the fields of one record; null where the version has no such field. */
interface RecordOffsets {
  readonly uid: number;
  readonly internalDate: number;
  readonly lastUpdated: number;
  readonly size: number;
  /** The 32-bit word of system flags (low half) and internal flags (high half). */
  readonly systemFlags: number;
  /** Four 32-bit words. */
  readonly userFlags: number;
  readonly saveDate: number | null;
  /** As many bytes as {@link IndexLayout.guidBytes} says. */
  readonly guid: number | null;
  /** 8 bytes, as the two after it. */
  readonly modseq: number | null;
  readonly cid: number | null;
  readonly createdModseq: number | null;
  /** 8 bytes. */
  readonly baseCid: number | null;
}

export interface IndexLayout {
  readonly minorVersion: number;
  readonly startOffset: number;
  readonly recordSize: number;
  readonly checksums: boolean;
  /** Times are 32-bit seconds and sizes 32 bits; or nanoseconds and sizes in 64 bits each. */
  readonly wide: boolean;
  /** \Seen of the owner is in the records (else it is in the seen databases only). */
  readonly ownerSeen: boolean;
  /** 20: SHA-1 of the file. 12: a UUID, see `mail/guid.ts`. */
  readonly guidBytes: 12 | 20;
  readonly header: HeaderOffsets;
  readonly record: RecordOffsets;
}

/** Length of the part of the header that is the same in every version. */
export const PREAMBLE_BYTES = 24;

/** No version has a longer header. */
export const LONGEST_HEADER_BYTES = 192;

const HEADER_V6: HeaderOffsets = {
  lastAppendDate: 24,
  lastUid: 28,
  quotaUsed: 32,
  pop3LastLogin: 40,
  uidValidity: 44,
  deleted: 48,
  answered: 52,
  flagged: 56,
  exists: null,
  unseen: null,
  options: 60,
  highestModseq: null,
  deletedModseq: null,
  createdModseq: null,
  lastRepackTime: null,
  headerFileCrc: null,
  syncCrcBasic: null,
  syncCrcAnnot: null,
  recentUid: null,
  recentTime: null,
  pop3ShowAfter: null,
};
const HEADER_V8: HeaderOffsets = { ...HEADER_V6, highestModseq: 68 };
const HEADER_V12: HeaderOffsets = {
  ...HEADER_V8,
  deletedModseq: 76,
  exists: 84,
  lastRepackTime: 92,
  headerFileCrc: 96,
  syncCrcBasic: 100,
  recentUid: 104,
  recentTime: 108,
};
const HEADER_V13: HeaderOffsets = { ...HEADER_V12, pop3ShowAfter: 112, syncCrcAnnot: 120 };
const HEADER_V14: HeaderOffsets = { ...HEADER_V13, unseen: 124 };
const HEADER_V16: HeaderOffsets = { ...HEADER_V14, createdModseq: 128 };
const HEADER_V19: HeaderOffsets = { ...HEADER_V16, exists: 60, options: 64, highestModseq: 72, deletedModseq: 80 };
const HEADER_V20: HeaderOffsets = {
  ...HEADER_V19,
  lastUid: 88,
  uidValidity: 92,
  recentTime: 104,
  lastRepackTime: 176,
  recentUid: 184,
};

const RECORD_V6: RecordOffsets = {
  uid: 0,
  internalDate: 4,
  lastUpdated: 28,
  size: 12,
  systemFlags: 32,
  userFlags: 36,
  saveDate: null,
  guid: null,
  modseq: null,
  cid: null,
  createdModseq: null,
  baseCid: null,
};
const RECORD_V7: RecordOffsets = { ...RECORD_V6, guid: 60 };
const RECORD_V8: RecordOffsets = { ...RECORD_V7, modseq: 72 };
const RECORD_V10: RecordOffsets = { ...RECORD_V7, modseq: 80 };
const RECORD_V13: RecordOffsets = { ...RECORD_V10, cid: 88 };
const RECORD_V15: RecordOffsets = { ...RECORD_V13, saveDate: 52 };
const RECORD_V16: RecordOffsets = { ...RECORD_V15, createdModseq: 96 };
const RECORD_V20: RecordOffsets = {
  ...RECORD_V16,
  internalDate: 8,
  size: 24,
  systemFlags: 36,
  userFlags: 40,
  lastUpdated: 112,
  saveDate: 120,
  baseCid: 128,
};

function row(
  minorVersion: number,
  [startOffset, recordSize]: readonly [number, number],
  header: HeaderOffsets,
  record: RecordOffsets,
): IndexLayout {
  const checksums = minorVersion >= 12;
  const wide = minorVersion >= 20;
  const guidBytes = minorVersion < 10 ? 12 : 20;
  return { minorVersion, startOffset, recordSize, checksums, wide, ownerSeen: checksums, guidBytes, header, record };
}

/** Version 11 never left FastMail; what is below 6 Cyrus itself has not read since 2.4. */
export const INDEX_LAYOUTS: readonly IndexLayout[] = [
  row(6, [76, 60], HEADER_V6, RECORD_V6), // 2.1.18, 2.2.13
  row(7, [76, 72], HEADER_V6, RECORD_V7), // 2.3.0: + UUID
  row(8, [92, 80], HEADER_V8, RECORD_V8), // 2.3 between releases: + MODSEQ
  row(9, [96, 80], HEADER_V8, RECORD_V8), // 2.3.7
  row(10, [96, 88], HEADER_V8, RECORD_V10), // 2.3.10: UUID becomes MESSAGE_GUID of 20 bytes
  row(12, [128, 96], HEADER_V12, RECORD_V10), // 2.4.0: + CRCs, EXISTS, SYNC_CRC
  row(13, [128, 104], HEADER_V13, RECORD_V13), // 2.5.0, 3.0.0: + THRID (cid), SYNCCRCS_ANNOT
  row(14, [160, 104], HEADER_V14, RECORD_V13), // 3.1 development: + UNSEEN
  row(15, [160, 104], HEADER_V14, RECORD_V15), // 3.1 development: + SAVEDATE
  row(16, [160, 112], HEADER_V16, RECORD_V16), // 3.2: + CREATEDMODSEQ
  row(17, [160, 112], HEADER_V16, RECORD_V16), // 3.4, 3.6, 3.8: + CHANGES_EPOCH
  row(18, [160, 112], HEADER_V16, RECORD_V16), // 3.9 development: + QUOTA_DELETED_USED, QUOTA_EXPUNGED_USED
  row(19, [160, 112], HEADER_V19, RECORD_V16), // 3.10, 3.12: the same header fields in another order
  row(20, [192, 144], HEADER_V20, RECORD_V20), // 3.13 development: 64-bit times and sizes
];

const layouts = new Map(INDEX_LAYOUTS.map((layout) => [layout.minorVersion, layout]));

/** The layout of a minor version, or null for one that this program does not read. */
export function indexLayout(minorVersion: number): IndexLayout | null {
  return layouts.get(minorVersion) ?? null;
}
