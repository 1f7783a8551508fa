/**
 * What one manifest says against itself, with no partner needed. Design §3.1, §3.5: file against GUID and size, counters
 * and checksums against records, index against mailbox list.
 */
import { mayBeEqual, namesFile } from "../../mail/guid.ts";
import type { Counters } from "../../mail/mailbox.ts";
import type { Message } from "../../mail/message.ts";
import type { MailboxFacts } from "../../mail/scan-facts.ts";
import type { VarianceClass } from "../classes.ts";

/** A fault of one side by its own records. */
export interface OwnFault {
  readonly class: VarianceClass;
  readonly state: "damaged" | "unproven";
  readonly item?: string;
}

const STATUS_FAULTS: Partial<Record<MailboxFacts["status"], OwnFault>> = {
  "index-corrupt": { class: "index-corrupt", state: "damaged" },
  "header-corrupt": { class: "mailbox-unreadable", state: "damaged" },
  "directory-missing": { class: "mailbox-directory-missing", state: "damaged" },
  unreadable: { class: "mailbox-unreadable", state: "unproven" },
  unstable: { class: "mailbox-unreadable", state: "unproven" },
  unsupported: { class: "mailbox-unreadable", state: "unproven" },
};

/**
 * Faults of a mailbox as a whole. One that hides all others of the mailbox (it could not be read) comes alone; a
 * mailbox whose partition was not checked has none, since the partition is the finding.
 */
export function mailboxFaults(mailbox: MailboxFacts): OwnFault[] {
  if (!mailbox.listed) return [{ class: "mailbox-not-in-list", state: "damaged" }];
  const whole = STATUS_FAULTS[mailbox.status];
  if (whole !== undefined) return [whole];
  const faults: OwnFault[] = [];
  if (contradictsList(mailbox)) faults.push({ class: "uidvalidity-contradicts-mailbox-list", state: "damaged" });
  const wrong = wrongCounters(mailbox.stored, mailbox.counted);
  if (wrong.length > 0) faults.push({ class: "index-counters-wrong", state: "damaged", item: wrong.join(", ") });
  return faults;
}

/** True when the index has another uidvalidity than the mailbox list of the same host. */
export function contradictsList(mailbox: MailboxFacts): boolean {
  const listed = mailbox.listing?.uidValidity ?? null;
  return listed !== null && mailbox.header !== null && listed !== mailbox.header.uidValidity;
}

/** Names of the counters in an index header that its records do not add up to. */
function wrongCounters(stored: Counters | null, counted: Counters | null): string[] {
  if (stored === null || counted === null) return [];
  const wrong: string[] = [];
  if (stored.exists !== counted.exists) wrong.push("exists");
  if (stored.unseen !== null && counted.unseen !== null && stored.unseen !== counted.unseen) wrong.push("unseen");
  if (stored.answered !== counted.answered) wrong.push("answered");
  if (stored.flagged !== counted.flagged) wrong.push("flagged");
  if (stored.deleted !== counted.deleted) wrong.push("deleted");
  if (stored.quotaUsed !== counted.quotaUsed) wrong.push("quota_used");
  const crcs = [stored.syncCrcBasic, counted.syncCrcBasic];
  if (!crcs.includes(null) && crcs[0] !== crcs[1]) wrong.push("sync_crc");
  const annot = [stored.syncCrcAnnot, counted.syncCrcAnnot];
  if (!annot.includes(null) && annot[0] !== annot[1]) wrong.push("annotcrc");
  return wrong;
}

/** The fault of a message file by the record of its own index, or null. Size and digest both wrong: the size only. */
export function fileFault(message: Message): OwnFault | null {
  const { file } = message;
  if (file.problem === "missing") return { class: "file-missing", state: "damaged" };
  if (file.problem !== null) return { class: "file-unreadable", state: "unproven", item: file.problem };
  if (file.sizeBytes !== null && file.sizeBytes !== message.sizeBytes) {
    return { class: "file-size-differs", state: "damaged" };
  }
  return namesFile(message.guid, file) === false ? { class: "file-corrupt", state: "damaged" } : null;
}

/** True when a fault stands alike on both sides, so that it is one finding and no side has a good copy. */
export function sharedFault(primary: Message, replica: Message): boolean {
  const a = fileFault(primary);
  const b = fileFault(replica);
  if (a === null || b === null || a.class !== b.class || a.class === "file-unreadable") return false;
  if ((primary.guid === null) !== (replica.guid === null) || !mayBeEqual(primary.guid, replica.guid)) return false;
  if (a.class === "file-missing") return true;
  const { file } = primary;
  return file.sizeBytes === replica.file.sizeBytes && sameOrBothNull(file.sha1, replica.file.sha1);
}

function sameOrBothNull(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}
