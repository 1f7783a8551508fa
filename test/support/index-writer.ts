/**
 * Writes `cyrus.index` (versions 6–20) and `cyrus.header` for tests. Knows the offsets by itself, in the order of
 * Cyrus' own tables, so that a wrong offset in the reader shows.
 */
import { crc32 } from "node:zlib";

export type WritableVersion = 6 | 7 | 8 | 9 | 10 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20;
export const WRITABLE_VERSIONS: readonly WritableVersion[] = [6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20];

/** One record. What is left out is zero; `modseq` and `size` default to 1. */
export interface RecordSpec {
  readonly uid: number;
  readonly internalDate?: number;
  /** Nanoseconds within the second; only version 20 keeps them. */
  readonly internalDateNs?: number;
  readonly lastUpdated?: number;
  readonly size?: bigint | number;
  /** Low half: 1 \Answered, 2 \Flagged, 4 \Deleted, 8 \Draft, 16 \Seen. High half: see {@link EXPUNGED} … */
  readonly flags?: number;
  /** Numbers of user flags, 0–127. */
  readonly userFlags?: readonly number[];
  /** 40 hex digits; 24 for a UUID in versions 7 to 9. */
  readonly guid?: string;
  readonly modseq?: bigint | number;
  readonly cid?: bigint;
  readonly baseCid?: bigint;
  readonly createdModseq?: bigint | number;
  readonly saveDate?: number;
}

export const EXPUNGED = 0x8000_0000;
export const UNLINKED = 0x4000_0000;
export const ARCHIVED = 0x2000_0000;

/** An index. Counters and marks follow from the records unless `header` says otherwise. */
export interface IndexSpec {
  readonly version?: WritableVersion;
  readonly records?: readonly RecordSpec[];
  /** What the header's counters, sync CRC and marks are made of where that is not `records`. */
  readonly summed?: readonly RecordSpec[];
  /** As in the `cyrus.header`; the sync CRC needs them. */
  readonly flagNames?: readonly (string | null)[];
  /** Annotations of messages, which the second sync CRC needs; no user is the shared one. */
  readonly annotations?: readonly { uid: number; entry: string; user?: string; value: string }[];
  /** Bytes of the `cyrus.header` that belongs to it; header_file_crc is 0 (unknown) without. */
  readonly mailboxHeader?: Buffer;
  readonly header?: Partial<Readonly<Record<HeaderField, bigint | number>>>;
}

type Width = 4 | 8 | "time";
type HeaderField = keyof typeof HEADER_WIDTHS;

const HEADER_WIDTHS = {
  generation: 4,
  lastAppendDate: "time",
  lastUid: 4,
  quotaUsed: 8,
  pop3LastLogin: "time",
  uidValidity: 4,
  deleted: 4,
  answered: 4,
  flagged: 4,
  exists: 4,
  options: 4,
  leakedCache: 4,
  highestModseq: 8,
  deletedModseq: 8,
  firstExpunged: "time",
  lastRepackTime: "time",
  headerFileCrc: 4,
  syncCrcBasic: 4,
  recentUid: 4,
  recentTime: "time",
  pop3ShowAfter: "time",
  quotaAnnotUsed: 4,
  syncCrcAnnot: 4,
  unseen: 4,
  createdModseq: 8,
} as const satisfies Record<string, Width>;

const HEAD_6 =
  "lastAppendDate lastUid quotaUsed pop3LastLogin uidValidity deleted answered flagged options leakedCache";
const HEAD_12 =
  "lastAppendDate lastUid quotaUsed pop3LastLogin uidValidity deleted answered flagged options leakedCache " +
  "highestModseq deletedModseq exists firstExpunged lastRepackTime headerFileCrc syncCrcBasic recentUid recentTime";
const HEAD_14 = `${HEAD_12} pop3ShowAfter quotaAnnotUsed syncCrcAnnot unseen`;
const HEAD_19 =
  "lastAppendDate lastUid quotaUsed pop3LastLogin uidValidity deleted answered flagged exists options leakedCache " +
  "highestModseq deletedModseq firstExpunged lastRepackTime headerFileCrc syncCrcBasic recentUid recentTime " +
  "pop3ShowAfter quotaAnnotUsed syncCrcAnnot unseen createdModseq";
/** The quota fields between createdModseq and firstExpunged of version 20 stay zero (`+N` skips bytes). */
const HEAD_20 =
  "lastAppendDate quotaUsed pop3LastLogin deleted answered flagged exists options leakedCache highestModseq " +
  "deletedModseq lastUid uidValidity headerFileCrc syncCrcBasic recentTime pop3ShowAfter syncCrcAnnot unseen " +
  "createdModseq +32 firstExpunged lastRepackTime recentUid";

/** Header size, record size, and the header's fields in order from byte 24. */
const VERSIONS: Readonly<Record<WritableVersion, readonly [number, number, string]>> = {
  6: [76, 60, HEAD_6],
  7: [76, 72, HEAD_6],
  8: [92, 80, `${HEAD_6} highestModseq`],
  9: [96, 80, `${HEAD_6} highestModseq`],
  10: [96, 88, `${HEAD_6} highestModseq`],
  12: [128, 96, HEAD_12],
  13: [128, 104, `${HEAD_12} pop3ShowAfter quotaAnnotUsed syncCrcAnnot`],
  14: [160, 104, HEAD_14],
  15: [160, 104, HEAD_14],
  16: [160, 112, `${HEAD_14} createdModseq`],
  17: [160, 112, `${HEAD_14} createdModseq`],
  18: [160, 112, `${HEAD_14} createdModseq`],
  19: [160, 112, HEAD_19],
  20: [192, 144, HEAD_20],
};

/** The bytes of an index, with good checksums. */
export function writeIndex(spec: IndexSpec = {}): Buffer {
  const version = spec.version ?? 17;
  const records = spec.records ?? [];
  const [startOffset, recordSize, fields] = VERSIONS[version];
  const bytes = Buffer.alloc(startOffset + records.length * recordSize);
  for (const [at, value] of [version, startOffset, recordSize, records.length].entries()) {
    bytes.writeUInt32BE(value, 8 + 4 * at);
  }
  const values: Partial<Record<HeaderField, bigint | number>> = {
    ...headerOf(spec, spec.summed ?? records),
    ...spec.header,
  };
  bytes.writeUInt32BE(Number(values.generation ?? 1), 0);
  let at = 24;
  for (const field of fields.split(" ")) {
    if (field.startsWith("+")) at += Number(field);
    else at = put(bytes, at, HEADER_WIDTHS[field as HeaderField], version, values[field as HeaderField] ?? 0);
  }
  for (const [i, record] of records.entries()) {
    putRecord(bytes, startOffset + i * recordSize, version, record);
    sealRecord(bytes, i);
  }
  return sealHeader(bytes);
}

/** Makes the header's checksum good again after a change; before version 12 there is none. */
export function sealHeader(bytes: Buffer): Buffer {
  if (bytes.readUInt32BE(8) <= 10) return bytes;
  const end = bytes.readUInt32BE(12) - 4;
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

/** Makes the checksum of record `i` good again after a change. */
export function sealRecord(bytes: Buffer, i: number): Buffer {
  if (bytes.readUInt32BE(8) <= 10) return bytes;
  const recordSize = bytes.readUInt32BE(16);
  const at = bytes.readUInt32BE(12) + i * recordSize;
  bytes.writeUInt32BE(crc32(bytes.subarray(at, at + recordSize - 4)), at + recordSize - 4);
  return bytes;
}

export interface MailboxHeaderSpec {
  readonly uniqueId: string;
  readonly name: string;
  readonly quotaRoot?: string;
  readonly acl?: readonly (readonly [string, string])[];
  readonly flagNames?: readonly (string | null)[];
  /** The three-line form of 3.4 and before. */
  readonly textForm?: boolean;
}

/** The bytes of a `cyrus.header`. Names of flags and in the ACL may not need quoting. */
export function writeMailboxHeader(spec: MailboxHeaderSpec): Buffer {
  const acl = spec.acl ?? [["alice", "lrswipkxtecdan"]];
  const flags = spec.flagNames ?? [];
  const magic =
    "\xa1\x02\x8b\x0dCyrus mailbox header\n" +
    '"The best thing about this system was that it had lots of goals."\n\t--Jim Morris on Andrew\n';
  const quota = spec.quotaRoot === undefined ? "" : ` Q ${spec.quotaRoot}`;
  const body = spec.textForm
    ? `${spec.quotaRoot ?? ""}\t${spec.uniqueId}\n${flags.map((f) => `${f ?? ""} `).join("")}\n` +
      `${acl.map(([who, rights]) => `${who}\t${rights}\t`).join("")}\n`
    : `%(T e N ${quoted(spec.name)} I ${spec.uniqueId}${quota} A %(${acl.map((entry) => entry.join(" ")).join(" ")}) ` +
      `U (${flags.map((f) => f ?? "NIL").join(" ")}))\n`;
  return Buffer.from(magic + body, "latin1");
}

/** A name in a dlist, as an atom where it can be one. */
function quoted(name: string): string {
  return /^[^\s"\\(){}%]+$/.test(name) ? name : `"${name.replace(/["\\]/g, "\\$&")}"`;
}

function headerOf(spec: IndexSpec, records: readonly RecordSpec[]): Partial<Record<HeaderField, bigint | number>> {
  const live = records.filter(({ flags = 0 }) => (flags & EXPUNGED) === 0);
  const having = (bit: number) => live.filter(({ flags = 0 }) => (flags & bit) !== 0).length;
  const modseqs = records.map(({ modseq = 1 }) => BigInt(modseq));
  return {
    lastUid: records.at(-1)?.uid ?? 0,
    uidValidity: 1_700_000_000,
    quotaUsed: live.reduce((sum, { size = 1 }) => sum + BigInt(size), 0n),
    exists: live.length,
    answered: having(1),
    flagged: having(2),
    deleted: having(4),
    unseen: live.length - having(16),
    options: 1,
    highestModseq: modseqs.reduce((a, b) => (a > b ? a : b), 1n),
    createdModseq: 1,
    headerFileCrc: spec.mailboxHeader === undefined ? 0 : crc32(spec.mailboxHeader),
    syncCrcBasic: live.reduce((sum, record) => sum ^ syncCrc(record, spec.flagNames ?? []), 0) >>> 0,
    syncCrcAnnot: annotCrcOf(spec, live),
  };
}

function annotCrcOf({ version = 17, annotations = [] }: IndexSpec, live: readonly RecordSpec[]): number {
  let crc = 12_345_678;
  for (const record of live) crc ^= annotCrc(version, record);
  for (const { uid, entry, user = "", value } of annotations) {
    if (live.some((record) => record.uid === uid))
      crc ^= crc32(Buffer.from(`${uid} ${entry} ${user} ${value}`, "latin1"));
  }
  return crc >>> 0;
}

/** What the index counts as annotations of a message. */
function annotCrc(version: number, record: RecordSpec): number {
  const { uid, cid = 0n, baseCid = 0n, saveDate = 0, createdModseq = 0, internalDateNs = 0 } = record;
  const one = (name: string, value: unknown) => crc32(`${uid} /vendor/cmu/cyrus-imapd/${name}  ${value}`);
  let crc = 0;
  if (version >= 13 && cid !== 0n) crc ^= one("thrid", cid.toString(16));
  if (version >= 15 && saveDate !== 0) crc ^= one("savedate", saveDate);
  if (version >= 16 && BigInt(createdModseq) !== 0n) crc ^= one("createdmodseq", createdModseq);
  if (version >= 20 && internalDateNs !== 0) crc ^= one("internaldate.nsec", internalDateNs);
  if (version >= 20 && baseCid !== 0n) crc ^= one("basethrid", baseCid.toString(16).padStart(16, "0"));
  return crc;
}

function syncCrc(record: RecordSpec, names: readonly (string | null)[]): number {
  const { uid, modseq = 1, lastUpdated = 0, internalDate = 0, guid = "0".repeat(40) } = record;
  const system = ["\\answered", "\\flagged", "\\deleted", "\\draft", "\\seen"];
  const set = system.filter((_, bit) => ((record.flags ?? 0) >> bit) & 1);
  for (const number of record.userFlags ?? []) {
    const name = names[number];
    if (name) set.push(name.toLowerCase());
  }
  const flagCrc = set.reduce((sum, name) => sum ^ crc32(Buffer.from(name, "latin1")), 0) >>> 0;
  return crc32(`${uid} ${modseq} ${lastUpdated} (${flagCrc}) ${internalDate} ${guid}`);
}

function putRecord(bytes: Buffer, start: number, version: WritableVersion, record: RecordSpec): void {
  const wide = version === 20;
  const set = (offset: number, width: Width, value: bigint | number = 0) =>
    put(bytes, start + offset, width, version, value);
  set(0, 4, record.uid);
  set(wide ? 8 : 4, "time", record.internalDate);
  if (wide && record.internalDateNs !== undefined) {
    set(8, 8, BigInt(record.internalDate ?? 0) * 1_000_000_000n + BigInt(record.internalDateNs));
  }
  set(wide ? 24 : 12, wide ? 8 : 4, record.size ?? 1);
  set(wide ? 112 : 28, "time", record.lastUpdated);
  set(wide ? 36 : 32, 4, (record.flags ?? 0) >>> 0);
  const words = [0, 0, 0, 0];
  for (const number of record.userFlags ?? []) words[number >> 5]! |= 1 << (number & 31);
  for (const [w, word] of words.entries()) set((wide ? 40 : 36) + 4 * w, 4, word >>> 0);
  set(56, 4, 11);
  if (version >= 7 && version <= 9) bytes.write(record.guid?.slice(0, 24) ?? "", start + 60, 12, "hex");
  if (version >= 10) bytes.write(record.guid ?? "", start + 60, 20, "hex");
  if (version >= 8) set(version < 10 ? 72 : 80, 8, record.modseq ?? 1);
  if (version >= 13) set(88, 8, record.cid);
  if (version >= 15) set(wide ? 120 : 52, "time", record.saveDate);
  if (version >= 16) set(96, 8, record.createdModseq);
  if (wide) set(128, 8, record.baseCid);
}

function put(bytes: Buffer, at: number, width: Width, version: WritableVersion, value: bigint | number): number {
  if (width === 8) return bytes.writeBigUInt64BE(BigInt(value), at);
  if (width === "time" && version === 20) return bytes.writeBigUInt64BE(BigInt(value) * 1_000_000_000n, at);
  return bytes.writeUInt32BE(Number(value), at);
}
