/**
 * Finds out which side changed a record behind its index header's back. A header adds its records up: in counters, and
 * in a sync CRC that is an XOR over them. One that does not fit its records tells by how much; records of the partner
 * that account for exactly that are what the header still remembers.
 */
import { crc32 } from "node:zlib";
import { flagNames } from "../../mail/flags.ts";
import type { Counters } from "../../mail/mailbox.ts";
import type { Message } from "../../mail/message.ts";

/** CRC of one live record as it goes into the mailbox's "basic" sync CRC (cyrus-imapd `mailbox.c`, crc_basic). */
export function recordCrc(message: Message): number {
  let flags = 0;
  for (const name of flagNames(message.flags)) flags ^= crc32(Buffer.from(name, "latin1"));
  const guid = message.guid === null ? "0".repeat(40) : Buffer.from(message.guid).toString("hex");
  const { uid, modseq, lastUpdated, internalDate } = message;
  return crc32(`${uid} ${modseq ?? 0n} ${lastUpdated} (${flags >>> 0}) ${internalDate} ${guid}`);
}

/** One message whose records differ although both sides are past the change; null where a side has lost its record. */
export interface SilentChange {
  /** As the side in question has it. */
  readonly own: Message | null;
  /** As its header may remember it. */
  readonly partner: Message | null;
}

/** By how much a header differs from what its records add up to. Null where the header has no such sum. */
interface Discrepancy {
  readonly crc: number | null;
  readonly counters: readonly (bigint | null)[];
}

/** Beyond this many records another set may well give the same 32 bits by chance. */
const MOST_RECORDS = 20;

/**
 * Which of `changes` account for all that is wrong with the sums of one side's header: all of them together, or one, or
 * a set of some.
 *
 * @returns indexes into `changes`, ascending; empty when nothing is wrong or they do not explain it
 */
export function explainsDiscrepancy(
  changes: readonly SilentChange[],
  stored: Counters | null,
  counted: Counters | null,
): number[] {
  if (stored === null || counted === null || changes.length === 0) return [];
  const wrong = discrepancyOf(stored, counted);
  if (isNone(wrong)) return [];
  const sums = changes.map(sumsOf);
  const explains = (set: readonly number[]) =>
    set.length > 0 &&
    addUp(
      set.map((i) => sums[i] ?? NOTHING),
      wrong,
    );
  // A change of something that no header adds up explains nothing.
  const all = changes.map((_, i) => i).filter((i) => !isNone(sums[i] ?? NOTHING));
  if (explains(all)) return all;
  const single = all.find((i) => explains([i]));
  if (single !== undefined) return [single];
  if (wrong.crc === null || all.length > MOST_RECORDS) return [];
  const set = someSetOf(
    all.map((i) => sums[i]?.crc ?? 0),
    wrong.crc,
  ).map((n) => all[n] ?? 0);
  return explains(set) ? set : [];
}

/**
 * True where all that is wrong with the sums of one side's header is that some of `faulty` have another GUID or size in
 * their records than their files have: the header remembers what the files are. That is one fault, which the findings
 * about those files tell.
 */
export function headerRemembersFiles(
  faulty: readonly Message[],
  stored: Counters | null,
  counted: Counters | null,
): boolean {
  if (stored?.syncCrcAnnot !== counted?.syncCrcAnnot) return false;
  const changes = faulty.map((own) => {
    const { sha1, sizeBytes } = own.file;
    return { own, partner: { ...own, guid: sha1 ?? own.guid, sizeBytes: sizeBytes ?? own.sizeBytes } };
  });
  return explainsDiscrepancy(changes, stored, counted).length > 0;
}

/** Faulty files of one mailbox that are kept for {@link headerRemembersFiles}; more of them are no slip of a record. */
export const MOST_FAULTY = 1000;

/** True when an index header does not add up to its own records. */
export function contradictsRecords(stored: Counters | null, counted: Counters | null): boolean {
  return stored !== null && counted !== null && !isNone(discrepancyOf(stored, counted));
}

function discrepancyOf(stored: Counters, counted: Counters): Discrepancy {
  const crcs = [stored.syncCrcBasic, counted.syncCrcBasic] as const;
  const differences = COUNTERS.map((name) => {
    const [header, records] = [stored[name], counted[name]];
    return header === null || records === null ? null : BigInt(header) - BigInt(records);
  });
  return { crc: crcs[0] === null || crcs[1] === null ? null : (crcs[0] ^ crcs[1]) >>> 0, counters: differences };
}

function isNone({ crc, counters }: Discrepancy): boolean {
  return (crc ?? 0) === 0 && counters.every((difference) => (difference ?? 0n) === 0n);
}

const COUNTERS = ["exists", "unseen", "answered", "flagged", "deleted", "quotaUsed"] as const;

/** What a header would have to be wrong by if it had missed one change. */
interface Sums {
  readonly crc: number;
  readonly counters: readonly bigint[];
}

const NOTHING: Sums = { crc: 0, counters: COUNTERS.map(() => 0n) };

function sumsOf({ own, partner }: SilentChange): Sums {
  const [now, then] = [recordSums(own), recordSums(partner)];
  return { crc: (now.crc ^ then.crc) >>> 0, counters: then.counters.map((n, i) => n - (now.counters[i] ?? 0n)) };
}

function recordSums(record: Message | null): Sums {
  if (record === null) return NOTHING;
  const names = flagNames(record.flags);
  const has = (name: string) => (names.includes(name) ? 1n : 0n);
  const flags = [1n - has("\\seen"), has("\\answered"), has("\\flagged"), has("\\deleted")];
  return { crc: recordCrc(record), counters: [1n, ...flags, record.sizeBytes] };
}

function addUp(set: readonly Sums[], wrong: Discrepancy): boolean {
  const crc = set.reduce((sum, one) => (sum ^ one.crc) >>> 0, 0);
  if (wrong.crc !== null && wrong.crc !== crc) return false;
  return wrong.counters.every(
    (difference, i) =>
      difference === null || difference === set.reduce((sum, one) => sum + (one.counters[i] ?? 0n), 0n),
  );
}

/** A set of numbers whose XOR is `sum`, found by elimination over single bits; empty when there is none. */
function someSetOf(numbers: readonly number[], sum: number): number[] {
  const basis: { readonly value: number; readonly set: number }[] = [];
  const reduce = (value: number, set: number) => {
    for (const known of basis) {
      if ((value ^ known.value) >>> 0 < value) [value, set] = [(value ^ known.value) >>> 0, set ^ known.set];
    }
    return { value, set };
  };
  for (const [i, number] of numbers.entries()) {
    const reduced = reduce(number, 1 << i);
    // None has the leading bit of one before it: so one pass in this order takes out every leading bit.
    if (reduced.value !== 0) basis.push(reduced);
  }
  const { value, set } = reduce(sum, 0);
  return value === 0 ? numbers.flatMap((_, i) => ((set >>> i) & 1 ? [i] : [])) : [];
}
