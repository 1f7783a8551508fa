import { flagNames } from "../mail/flags.ts";
import type { OrphanFile } from "../mail/mailbox.ts";
import type { Message } from "../mail/message.ts";
import { displayName } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import type { Evidence, MailboxStatusNumbers } from "./variance.ts";

/** What the record and the file of a message say about the file. */
export function fileEvidence(message: Message): Evidence {
  const { file } = message;
  return compact({
    size: file.sizeBytes === null ? null : Number(file.sizeBytes),
    indexSize: Number(message.sizeBytes),
    md5: hex(file.md5),
    sha1: hex(file.sha1),
    xxh64: hex(file.xxh64),
    guid: hex(message.guid),
    problem: file.problem,
  });
}

/** What the record of a message says about the message. */
export function recordEvidence(message: Message): Evidence {
  return compact({
    flags: flagNames(message.flags),
    modseq: message.modseq?.toString() ?? null,
    lastUpdated: isoSeconds(message.lastUpdated),
    internaldate: isoSeconds(message.internalDate),
    size: Number(message.sizeBytes),
    guid: hex(message.guid),
    savedate: isoSeconds(message.saveDate),
    createdmodseq: message.createdModseq?.toString() ?? null,
    cid: hex(message.cid),
    basecid: hex(message.baseCid),
  });
}

/** What tells a message that only one side has: enough to find it, and to place it in the order of changes. */
export function existenceEvidence(message: Message): Evidence {
  return compact({
    size: Number(message.sizeBytes),
    internaldate: isoSeconds(message.internalDate),
    guid: hex(message.guid),
    modseq: message.modseq?.toString() ?? null,
    lastUpdated: isoSeconds(message.lastUpdated),
  });
}

/** A file that no record accounts for. */
export function orphanEvidence(orphan: OrphanFile): Evidence {
  return compact({
    size: orphan.sizeBytes === null ? null : Number(orphan.sizeBytes),
    md5: hex(orphan.md5),
    sha1: hex(orphan.sha1),
    xxh64: hex(orphan.xxh64),
  });
}

/** What identifies a mailbox and its place in the order of its list. */
export function listEvidence(mailbox: MailboxFacts): Evidence {
  return compact({
    name: displayName(mailbox.name).text,
    uniqueid: mailbox.uniqueId,
    uidvalidity: mailbox.header?.uidValidity ?? mailbox.listing?.uidValidity ?? null,
    foldermodseq: mailbox.listing?.foldermodseq?.toString() ?? null,
    partition: mailbox.listing?.partition ?? null,
    type: mailbox.listing?.type ?? null,
    listMtime: isoSeconds(mailbox.listing?.mtime ?? null),
    messages: mailbox.counted?.exists ?? null,
  });
}

/** The numbers of the seed's second check; null when the index was not read. */
export function statusNumbers(mailbox: MailboxFacts): MailboxStatusNumbers | null {
  const { header, counted } = mailbox;
  if (header === null || counted === null) return null;
  return {
    messages: counted.exists,
    unseen: counted.unseen,
    uidvalidity: header.uidValidity,
    uidnext: header.lastUid + 1,
    highestmodseq: header.highestModseq?.toString() ?? null,
  };
}

/** Digests and ids as lower-case hex. */
export function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}

/** Seconds since 1970 as ISO 8601 UTC. What no calendar holds is given as the bare number. */
export function isoSeconds(seconds: number | null): string | null {
  if (seconds === null) return null;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(".000Z", "Z");
}

/** Leaves out what is not known, so that evidence holds facts only. */
function compact(evidence: Evidence): Evidence {
  return Object.fromEntries(Object.entries(evidence).filter(([, value]) => value !== null));
}
