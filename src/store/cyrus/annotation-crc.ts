/**
 * The "annot" sync CRC of a mailbox (2.5 and later): START, and the XOR over all live records of
 *
 *   CRC-32 of "UID ENTRY USER VALUE"
 *
 * for each annotation of the message, and for what the index holds itself in the place of one: `thrid` (the cid in hex)
 * from version 13 on, `savedate` 15, `createdmodseq` 16, `internaldate.nsec` and `basethrid` 20. Entries that the index
 * holds itself are skipped where they stand in `cyrus.annotations`.
 *
 * Versions of Cyrus differ in START (0 in 2.5 and 3.0, 12345678 since), in whether annotations without any user count
 * (2.5, 3.0), and in whether hex is padded with zeros (3.13). The sum is kept up from change to change, so after an
 * upgrade it is as the former version began it: every one of these ways is sound.
 *
 * @see cyrus-imapd `imap/mailbox.c`, crc_annot, crc_virtannot, mailbox_is_virtannot (2.5, 3.0, 3.2, 3.6)
 */
import { crc32 } from "node:zlib";
import type { ByteString } from "../../mail/name.ts";
import type { IndexFile } from "./index-file.ts";
import { CRC_START, crcByte, crcDecimal, crcHex, FixedText, finishCrc } from "./running-crc.ts";

const VENDOR = "/vendor/cmu/cyrus-imapd/";

/** First index version that holds an entry itself. */
const IN_INDEX_SINCE: ReadonlyMap<ByteString, number> = new Map([
  [`${VENDOR}thrid`, 13],
  [`${VENDOR}savedate`, 15],
  [`${VENDOR}createdmodseq`, 16],
  [`${VENDOR}internaldate.nsec`, 20],
  [`${VENDOR}basethrid`, 20],
]);

const STARTS = [12345678, 0] as const;

/** Beyond this many ids that could be written in two ways any sum could be explained. */
const MOST_DOUBTFUL = 16;

/** The share of one annotation in `cyrus.annotations`. */
export interface AnnotationCrc {
  readonly uid: number;
  readonly crc: number;
  /** Index versions from this one on hold it themselves; null: none does. */
  readonly inIndexSince: number | null;
  /** Its key names no user, not even the empty one of shared annotations. */
  readonly nobodys: boolean;
}

/** @param user empty for a shared annotation; the owner's by name */
export function annotationCrc(
  uid: number,
  entry: ByteString,
  user: ByteString,
  value: ByteString,
  nobodys: boolean,
): AnnotationCrc {
  const crc = crc32(Buffer.from(`${uid} ${entry} ${user} ${value}`, "latin1"));
  return { uid, crc, inIndexSince: IN_INDEX_SINCE.get(entry) ?? null, nobodys };
}

/** What the records of an index alone add to the sum. */
export interface IndexShare {
  /** With hex as short as it can be. */
  readonly crc: number;
  /** By what each id adds to that if it is padded with zeros. */
  readonly padding: readonly number[];
}

/** What stands between UID and value. */
const textOf = (name: string) => new FixedText(` ${VENDOR}${name}  `);
const THRID = textOf("thrid");
const SAVEDATE = textOf("savedate");
const CREATEDMODSEQ = textOf("createdmodseq");
const NSEC = textOf("internaldate.nsec");
const BASETHRID = textOf("basethrid");

/** Adds up what the records of an index hold themselves. */
export class IndexShareSum {
  readonly #index: IndexFile;
  #crc = 0;
  readonly #padding: number[] = [];

  constructor(index: IndexFile) {
    this.#index = index;
  }

  /**
   * Adds a record.
   *
   * @param at where it begins, in the file
   * @param live only live records count; but of others what is due to padding may have stayed in the sum
   */
  add(at: number, uid: number, saveDate: number, live: boolean): void {
    const { view, layout } = this.#index;
    const { cid, createdModseq, baseCid, internalDate } = layout.record;
    const start = crcDecimal(CRC_START, uid);
    if (cid !== null) this.#addId(THRID.after(start), at + cid, live);
    if (baseCid !== null) this.#addId(BASETHRID.after(start), at + baseCid, live);
    if (!live) return;
    if (saveDate !== 0) this.#crc ^= finishCrc(crcDecimal(SAVEDATE.after(start), saveDate));
    if (createdModseq !== null) {
      const high = view.getUint32(at + createdModseq);
      const low = view.getUint32(at + createdModseq + 4);
      if (high !== 0 || low !== 0) this.#crc ^= finishCrc(crcModseq(CREATEDMODSEQ.after(start), high, low));
    }
    if (!layout.wide) return;
    const nanoseconds = Number(view.getBigUint64(at + internalDate) % 1_000_000_000n);
    if (nanoseconds !== 0) this.#crc ^= finishCrc(crcDecimal(NSEC.after(start), nanoseconds));
  }

  finish(): IndexShare {
    return { crc: this.#crc >>> 0, padding: this.#padding };
  }

  /** @param state after all that comes before the id */
  #addId(state: number, at: number, live: boolean): void {
    const high = this.#index.view.getUint32(at);
    const low = this.#index.view.getUint32(at + 4);
    if (high === 0 && low === 0) return;
    const isPadded = high >>> 28 !== 0;
    if (isPadded && !live) return;
    const padded = finishCrc(crcHex(crcHex(state, high, 8), low, 8));
    const short = isPadded ? padded : finishCrc(crcShortHex(state, high, low));
    if (live) this.#crc ^= short;
    if (!isPadded && this.#padding.length <= MOST_DOUBTFUL) this.#padding.push((short ^ padded) >>> 0);
  }
}

/**
 * The sum as the header should have it: where one of the sound ways gives what is `stored`, that; else the way of 3.2 and
 * later. Null where nobody can tell.
 *
 * @param annotations of live messages
 */
export function countAnnotationCrc(
  stored: number,
  version: number,
  share: IndexShare,
  annotations: readonly AnnotationCrc[],
): number | null {
  let users = 0;
  let nobodys = 0;
  for (const { crc, inIndexSince, nobodys: isNobodys } of annotations) {
    if (inIndexSince !== null && version >= inIndexSince) continue;
    if (isNobodys) nobodys ^= crc;
    else users ^= crc;
  }
  const plain = share.crc ^ users;
  for (const start of STARTS) {
    for (const extra of [0, nobodys]) {
      const off = (plain ^ start ^ extra ^ stored) >>> 0;
      if (off === 0 || isSumOf(share.padding, off)) return stored;
    }
  }
  return share.padding.length > MOST_DOUBTFUL ? null : (plain ^ STARTS[0]) >>> 0;
}

/** True if `sum` is the XOR of some of the numbers: elimination over their bits. All of them count, however many. */
function isSumOf(numbers: readonly number[], sum: number): boolean {
  const byHighestBit = new Map<number, number>();
  const reduce = (value: number): number => {
    let rest = value;
    while (rest !== 0) {
      const known = byHighestBit.get(Math.clz32(rest));
      if (known === undefined) return rest;
      rest = (rest ^ known) >>> 0;
    }
    return 0;
  };
  for (const number of numbers) {
    const rest = reduce(number);
    if (rest !== 0) byHighestBit.set(Math.clz32(rest), rest);
  }
  return reduce(sum) === 0;
}

function crcModseq(state: number, high: number, low: number): number {
  // Below 2^53 a double holds it exactly.
  if (high < 0x20_0000) return crcDecimal(state, high * 0x1_0000_0000 + low);
  let now = state;
  for (const digit of ((BigInt(high) << 32n) | BigInt(low)).toString()) now = crcByte(now, digit.charCodeAt(0));
  return now;
}

function crcShortHex(state: number, high: number, low: number): number {
  const length = (word: number) => Math.max(1, Math.ceil((32 - Math.clz32(word)) / 4));
  return high === 0 ? crcHex(state, low, length(low)) : crcHex(crcHex(state, high, length(high)), low, 8);
}
