import { digestOf } from "../mail/canonical-digest.ts";
import { namesFile } from "../mail/guid.ts";
import type { Counters, MailboxReading } from "../mail/mailbox.ts";
import type { FileReading } from "../mail/message.ts";

/** Kind of the digest over the columns of a mailbox row that a comparison does not read of every row. */
export const MAILBOX_FACTS = "mailbox facts";

/** Bits of the index options that users set and that replicate (POP3 UIDL, shared seen, duplicates, alarms). */
const REPLICATED_OPTIONS = 0b11101;

/** True when a message file is not what its index record says, or could not be read. */
export function isFaulty(message: { readonly sizeBytes: bigint; readonly guid: Uint8Array | null }, file: FileReading) {
  if (file.problem !== null) return true;
  if (file.sizeBytes !== null && file.sizeBytes !== message.sizeBytes) return true;
  return namesFile(message.guid, file) === false;
}

/** True when this host's own records have something to report of a mailbox, or may have. */
export function isSuspect(reading: MailboxReading, faultyFiles: number): boolean {
  if (!reading.listed || reading.status !== "read" || reading.uniqueId === null || faultyFiles > 0) return true;
  if (reading.orphans.length > 0 || reading.problems.length > 0) return true;
  const listed = reading.listing?.uidValidity ?? null;
  if (listed !== null && listed !== reading.header?.uidValidity) return true;
  const { stored, counted } = reading;
  if (stored === null || counted === null) return true;
  return (Object.keys(counted) as (keyof Counters)[]).some((name) => {
    return stored[name] !== null && counted[name] !== null && stored[name] !== counted[name];
  });
}

/** Rights as a set: Cyrus stores the letters in no fixed order. */
function canonicalRights(rights: string): string {
  return [...new Set(rights)].sort().join("");
}

/** The rollup of what a mailbox itself is, beside its messages. Fields that only speak of one host are left out. */
export function metaRollup(reading: MailboxReading): Buffer | null {
  const { header, listing } = reading;
  if (header === null) return null;
  const acl = [...(listing?.acl ?? [])].map(([id, rights]) => `${id}\t${canonicalRights(rights)}`).sort();
  return digestOf("meta", [
    reading.name,
    reading.uniqueId,
    listing?.type ?? null,
    listing?.partition ?? null,
    listing?.foldermodseq ?? null,
    header.uidValidity,
    header.lastUid,
    header.highestModseq,
    header.createdModseq,
    header.options & REPLICATED_OPTIONS,
    // What only a note is made of: a pair that differs in it has to be looked at.
    ...[header.recentUid, header.recentTime, header.pop3LastLogin, header.pop3ShowAfter, header.lastAppendDate],
    reading.stored?.syncCrcAnnot ?? null,
    reading.quotaRoot,
    acl.join("\n"),
  ]);
}
