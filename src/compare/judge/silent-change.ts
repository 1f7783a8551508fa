/**
 * Finds out which side changed a record behind its index header's back. The sync CRC in a header is an XOR over its
 * records, so a header that does not fit its records tells by how much; a record of the partner that accounts for
 * exactly that is what the header still remembers.
 */
import { crc32 } from "node:zlib";
import { flagNames } from "../../mail/flags.ts";
import type { Message } from "../../mail/message.ts";

/** CRC of one live record as it goes into the mailbox's "basic" sync CRC (cyrus-imapd `mailbox.c`, crc_basic). */
export function recordCrc(message: Message): number {
  let flags = 0;
  for (const name of flagNames(message.flags)) flags ^= crc32(Buffer.from(name, "latin1"));
  const guid = message.guid === null ? "0".repeat(40) : Buffer.from(message.guid).toString("hex");
  const { uid, modseq, lastUpdated, internalDate } = message;
  return crc32(`${uid} ${modseq ?? 0n} ${lastUpdated} (${flags >>> 0}) ${internalDate} ${guid}`);
}

/** Two records of one message that differ although both sides are past the change. */
export interface RecordPair {
  readonly primary: Message;
  readonly replica: Message;
}

/**
 * Which of `pairs` account for what is wrong with one side's sync CRC: all of them together, or exactly one.
 *
 * @param discrepancy XOR of stored and counted CRC of that side, not 0
 * @returns indexes into `pairs`; empty when the records do not explain it
 */
export function explainsDiscrepancy(pairs: readonly RecordPair[], discrepancy: number): number[] {
  const changes = pairs.map((pair) => (recordCrc(pair.primary) ^ recordCrc(pair.replica)) >>> 0);
  const all = changes.reduce((sum, change) => (sum ^ change) >>> 0, 0);
  if (all === discrepancy) return changes.map((_, i) => i);
  const single = changes.indexOf(discrepancy);
  return single < 0 ? [] : [single];
}
