/**
 * The message files of one mailbox as a base gives them: SQLite puts the columns of all rows into one text each (four
 * times as fast as a row at a time), which are taken apart here.
 *
 *   content  uid 8 hex digits, presence 1 (as in the packed group, 0 for a file with a problem), size 16; MD5 16 bytes,
 *            SHA-1 20, xxHash64 8, zeros where absent
 *   stat     uid 8 hex digits, root 1, mtime_ns 16, ctime_ns 16, read_at_ms 16 (all f: never read); inode 8 bytes
 */
import type { KnownFiles } from "./known-files.ts";
import { CONTENT_BYTES, STAT_BYTES } from "./packed-messages.ts";
import { contentRollup } from "./rollups.ts";

/** What a base has of the files of one mailbox: to be taken apart by the thread that reads the mailbox. */
export interface BaseRows {
  /** The two texts. */
  readonly content: Uint8Array<ArrayBuffer>;
  readonly stat: Uint8Array<ArrayBuffer>;
  /** Rollup of the content as it was sealed; null: it was found to be right already. */
  readonly rollup: Uint8Array | null;
  readonly terms: Carriable;
}

/** Takes the rows of a mailbox apart; null where they are not those that were sealed. */
export function knownFilesOf({ content: text, stat, rollup, terms }: BaseRows): KnownFiles | null {
  const content = decodeBaseContent(text);
  if (content === null) return null;
  if (rollup !== null && !contentRollup(content.content).equals(rollup)) return null;
  return joinBaseStat(stat, content, terms);
}

/** Bytes of a row in each of the two texts. */
const BASE_CONTENT_BYTES = 8 + 1 + 16 + 16 + 20 + 8;
const BASE_STAT_BYTES = 8 + 1 + 3 * 16 + 8;

const [CONTENT_PRESENCE, CONTENT_SIZE, CONTENT_DIGESTS] = [8, 9, 25] as const;
const [STAT_ROOT, STAT_MTIME, STAT_CTIME, STAT_READ, STAT_INODE] = [8, 9, 25, 41, 57] as const;
const DIGEST_BYTES = 16 + 20 + 8;

/** The group `content` of all messages of a mailbox, and their UIDs. */
export interface BaseContent {
  readonly uids: Uint32Array<ArrayBuffer>;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Takes the text `content` apart; null where it is not made of whole rows in ascending order of UIDs. */
export function decodeBaseContent(text: Uint8Array): BaseContent | null {
  if (text.length % BASE_CONTENT_BYTES !== 0) return null;
  const count = text.length / BASE_CONTENT_BYTES;
  const uids = new Uint32Array(count);
  const content = new Uint8Array(count * CONTENT_BYTES);
  for (let row = 0, last = 0; row < count; row++) {
    const from = row * BASE_CONTENT_BYTES;
    const to = row * CONTENT_BYTES;
    const uid = word(text, from);
    if (uid <= last) return null;
    last = uid;
    uids[row] = uid;
    content[to + 1] = nibble(text, from + CONTENT_PRESENCE);
    putLittleEndian(content, to + 2, text, from + CONTENT_SIZE);
    for (let i = 0; i < DIGEST_BYTES; i++) content[to + 10 + i] = text[from + CONTENT_DIGESTS + i] ?? 0;
  }
  return { uids, content };
}

/** Which files may be carried over. Times in milliseconds since 1970. */
export interface Carriable {
  /** Presence bits that a row must have. */
  readonly presence: number;
  /** When the bytes may have been read at all: the base tells no other times. */
  readonly readFromMs: number;
  readonly readToMs: number;
  /** How much older than that the last change must be: a later one within the same tick would not show. */
  readonly settledMs: number;
  /** Bytes that were read then or before are to be read again. */
  readonly dueToMs: number;
}

/** Joins the stats of a mailbox with its content; null where they are not made of whole rows in order. */
export function joinBaseStat(text: Uint8Array, base: BaseContent, terms: Carriable): KnownFiles | null {
  if (text.length % BASE_STAT_BYTES !== 0) return null;
  const { uids, content } = base;
  const stat = new Uint8Array(uids.length * STAT_BYTES);
  const due = new Uint8Array(uids.length);
  const kept: number[] = [];
  let row = 0;
  for (let from = 0, last = 0; from < text.length; from += BASE_STAT_BYTES) {
    const uid = word(text, from);
    if (uid <= last) return null;
    last = uid;
    while (row < uids.length && (uids[row] ?? 0) < uid) row++;
    if (uids[row] !== uid || !isCarriable(text, from, content, row, terms)) continue;
    kept.push(row);
    due[row] = number(text, from + STAT_READ) <= terms.dueToMs ? 1 : 0;
    putStatRow(stat, row * STAT_BYTES, text, from, content, row * CONTENT_BYTES);
  }
  const known = { uids, content, stat, due };
  return kept.length === uids.length ? known : onlyRows(known, kept);
}

function isCarriable(text: Uint8Array, from: number, content: Uint8Array, row: number, terms: Carriable): boolean {
  if (((content[row * CONTENT_BYTES + 1] ?? 0) & terms.presence) !== terms.presence) return false;
  const readAtMs = number(text, from + STAT_READ);
  if (readAtMs < terms.readFromMs || readAtMs > terms.readToMs) return false;
  // A number is exact to a microsecond here, which the age of two seconds need not be.
  return number(text, from + STAT_CTIME) / 1e6 + terms.settledMs <= readAtMs;
}

function putStatRow(stat: Uint8Array, to: number, text: Uint8Array, from: number, content: Uint8Array, at: number) {
  stat[to] = 3; // there is a stat, and the bytes were read
  stat[to + 1] = nibble(text, from + STAT_ROOT);
  for (let i = 0; i < 8; i++) {
    stat[to + 2 + i] = text[from + STAT_INODE + i] ?? 0;
    stat[to + 10 + i] = content[at + 2 + i] ?? 0;
  }
  putLittleEndian(stat, to + 18, text, from + STAT_MTIME);
  putLittleEndian(stat, to + 26, text, from + STAT_CTIME);
  putLittleEndian(stat, to + 34, text, from + STAT_READ);
}

function onlyRows({ uids, content, stat, due }: KnownFiles, rows: readonly number[]): KnownFiles {
  const gathered = (bytes: Uint8Array, rowBytes: number) => {
    const some = new Uint8Array(rows.length * rowBytes);
    for (const [i, row] of rows.entries()) {
      some.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), i * rowBytes);
    }
    return some;
  };
  return {
    uids: Uint32Array.from(rows, (row) => uids[row] ?? 0),
    content: gathered(content, CONTENT_BYTES),
    stat: gathered(stat, STAT_BYTES),
    due: gathered(due, 1),
  };
}

/** Value of a hexadecimal digit as SQLite writes it; anything else gives a wrong number, which fits no file. */
function nibble(text: Uint8Array, at: number): number {
  const code = text[at] ?? 0;
  return code < 0x3a ? code & 15 : (code - 0x57) & 15;
}

/** Eight digits. */
function word(text: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 8; i++) value = (value << 4) | nibble(text, at + i);
  return value >>> 0;
}

/** Sixteen digits, as a number: exact below 2^53, and about right above. */
function number(text: Uint8Array, at: number): number {
  return (word(text, at) | 0) * 0x1_0000_0000 + word(text, at + 8);
}

/** Sixteen digits as eight bytes, the lowest first. */
function putLittleEndian(into: Uint8Array, to: number, text: Uint8Array, from: number): void {
  for (let i = 0; i < 8; i++) into[to + 7 - i] = (nibble(text, from + 2 * i) << 4) | nibble(text, from + 2 * i + 1);
}
