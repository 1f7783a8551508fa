/*
 * Writes `cyrus.index` version 17 (Cyrus 3.4 to 3.8): a header of 160 bytes, then a record of 112 bytes for each
 * message in UID order. All integers are big-endian; the last four bytes of header and record are the CRC-32 of the
 * bytes before them. The file also proves itself: counters, and two "sync CRCs" over the values of all records.
 *
 * Layout: cyrus-imapd 3.6 `imap/mailbox.h`, OFFSET_*; CRCs: `imap/mailbox.c`, crc_basic and crc_virtannot.
 * This shares no code with `src/store/cyrus` on purpose: a mistake made twice would not be seen.
 */
import { crc32 } from "node:zlib";

const HEADER_BYTES = 160;
const RECORD_BYTES = 112;
const CACHE_VERSION = 11;
/** What the CRC over annotations starts from since Cyrus 3.2. */
const ANNOTATION_CRC_START = 12345678;
const ANNOTATION_PREFIX = "/vendor/cmu/cyrus-imapd/";

/** Bits of a record's system flags. */
export const SystemFlag = { answered: 1, flagged: 2, deleted: 4, draft: 8, seen: 16 } as const;

const SYSTEM_FLAG_CRCS: readonly (readonly [number, number])[] = [
  [SystemFlag.deleted, crc32("\\deleted")],
  [SystemFlag.answered, crc32("\\answered")],
  [SystemFlag.flagged, crc32("\\flagged")],
  [SystemFlag.draft, crc32("\\draft")],
  [SystemFlag.seen, crc32("\\seen")],
];

/** The values of one live message. */
export interface IndexedMessage {
  readonly uid: number;
  readonly sizeBytes: number;
  readonly headerBytes: number;
  /** Seconds since 1970; also its save date and last change. */
  readonly internalDate: number;
  /** SHA-1 of its file, 40 lower-case hex digits. */
  readonly guid: string;
  /** Of its last change, and of its creation. */
  readonly modseq: number;
  readonly createdModseq: number;
  /** Conversation id, 16 lower-case hex digits without a leading zero. */
  readonly cid: string;
  /** Sum of {@link SystemFlag} bits. */
  readonly systemFlags: number;
  /** Positions in the mailbox's list of flag names. */
  readonly keywords: readonly number[];
}

/** Collects the records of one mailbox, then gives the whole file. */
export class IndexBuilder {
  readonly #keywordCrcs: readonly number[];
  #records = Buffer.alloc(16 * RECORD_BYTES);
  #messages = 0;
  #lastUid = 0;
  #highestModseq = 1;
  #lastAppendDate = 0;
  #bytes = 0;
  #basicCrc = 0;
  #annotationCrc = ANNOTATION_CRC_START;
  readonly #with = { answered: 0, flagged: 0, deleted: 0, seen: 0 };

  /** @param flagNames as `cyrus.header` lists them */
  constructor(flagNames: readonly string[]) {
    this.#keywordCrcs = flagNames.map((name) => crc32(name.toLowerCase()));
  }

  get lastUid(): number {
    return this.#lastUid;
  }

  get highestModseq(): number {
    return this.#highestModseq;
  }

  /** Messages come in ascending UID order. */
  add(message: IndexedMessage): void {
    if (message.uid <= this.#lastUid) throw new RangeError(`UID ${message.uid} does not follow ${this.#lastUid}`);
    const at = RECORD_BYTES * this.#messages;
    if (at === this.#records.length) this.#records = Buffer.concat([this.#records], 2 * at);
    encodeRecord(this.#records.subarray(at, at + RECORD_BYTES), message);
    this.#messages++;
    this.#lastUid = message.uid;
    this.#highestModseq = Math.max(this.#highestModseq, message.modseq);
    this.#lastAppendDate = Math.max(this.#lastAppendDate, message.internalDate);
    this.#bytes += message.sizeBytes;
    for (const flag of ["answered", "flagged", "deleted", "seen"] as const) {
      if (message.systemFlags & SystemFlag[flag]) this.#with[flag]++;
    }
    this.#basicCrc ^= this.#basicCrcOf(message);
    this.#annotationCrc ^= annotationCrcOf(message);
  }

  /** @param headerFileCrc CRC-32 of the whole `cyrus.header` */
  finish(uidValidity: number, headerFileCrc: number): Buffer {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(17, 8);
    header.writeUInt32BE(HEADER_BYTES, 12);
    header.writeUInt32BE(RECORD_BYTES, 16);
    header.writeUInt32BE(this.#messages, 20);
    header.writeUInt32BE(this.#lastAppendDate, 24);
    header.writeUInt32BE(this.#lastUid, 28);
    header.writeBigUInt64BE(BigInt(this.#bytes), 32); // quota_mailbox_used
    header.writeUInt32BE(uidValidity, 44);
    header.writeUInt32BE(this.#with.deleted, 48);
    header.writeUInt32BE(this.#with.answered, 52);
    header.writeUInt32BE(this.#with.flagged, 56);
    header.writeUInt32BE(1, 60); // options: the POP3 UIDL form of all mailboxes since 2.2
    header.writeBigUInt64BE(BigInt(this.#highestModseq), 68);
    header.writeUInt32BE(this.#messages, 84); // exists: nothing is expunged
    header.writeUInt32BE(headerFileCrc, 96);
    header.writeUInt32BE(this.#basicCrc >>> 0, 100);
    header.writeUInt32BE(this.#annotationCrc >>> 0, 120);
    header.writeUInt32BE(this.#messages - this.#with.seen, 124); // unseen
    header.writeBigUInt64BE(1n, 128); // createdmodseq
    header.writeUInt32BE(uidValidity, 136); // changes_epoch
    seal(header);
    return Buffer.concat([header, this.#records.subarray(0, RECORD_BYTES * this.#messages)]);
  }

  #basicCrcOf(message: IndexedMessage): number {
    let flagCrc = 0;
    for (const [bit, crc] of SYSTEM_FLAG_CRCS) if (message.systemFlags & bit) flagCrc ^= crc;
    for (const keyword of message.keywords) flagCrc ^= this.#keywordCrcs[keyword] ?? 0;
    const { uid, modseq, internalDate, guid } = message;
    return crc32(`${uid} ${modseq} ${internalDate} (${flagCrc >>> 0}) ${internalDate} ${guid}`);
  }
}

/** What the index keeps itself but counts as annotations: conversation id, save date, modseq at creation. */
function annotationCrcOf(message: IndexedMessage): number {
  const one = (name: string, value: string | number) => crc32(`${message.uid} ${ANNOTATION_PREFIX}${name}  ${value}`);
  return (
    one("thrid", message.cid) ^ one("savedate", message.internalDate) ^ one("createdmodseq", message.createdModseq)
  );
}

function encodeRecord(record: Buffer, message: IndexedMessage): void {
  record.writeUInt32BE(message.uid, 0);
  record.writeUInt32BE(message.internalDate, 4);
  record.writeUInt32BE(message.internalDate - (message.internalDate % 86_400), 8); // sentdate, a day
  record.writeUInt32BE(message.sizeBytes, 12);
  record.writeUInt32BE(message.headerBytes, 16);
  record.writeUInt32BE(message.internalDate, 20); // gmtime
  record.writeUInt32BE(message.internalDate, 28); // last_updated
  record.writeUInt32BE(message.systemFlags, 32);
  let userFlags = 0;
  for (const keyword of message.keywords) userFlags |= 1 << keyword;
  record.writeUInt32BE(userFlags >>> 0, 36);
  record.writeUInt32BE(message.internalDate, 52); // savedate
  record.writeUInt32BE(CACHE_VERSION, 56);
  record.write(message.guid, 60, "hex");
  record.writeBigUInt64BE(BigInt(message.modseq), 80);
  record.write(message.cid, 88, "hex");
  record.writeBigUInt64BE(BigInt(message.createdModseq), 96);
  // cache_offset and cache_crc stay 0 ("unknown"): the benchmark's spools have an empty cyrus.cache.
  seal(record);
}

function seal(bytes: Buffer): void {
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
}
