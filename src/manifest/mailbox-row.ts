import type { Value } from "../mail/canonical-digest.ts";
import type { Counters, MailboxReading } from "../mail/mailbox.ts";
import type { ByteString } from "../mail/name.ts";

/** The bytes of a name or path, as they are stored. */
export function blob(text: ByteString): Buffer {
  return Buffer.from(text, "latin1");
}

/** The values of the first columns of `mailbox`, up to `keywords`; what its messages add up to follows. */
export function mailboxValues(id: number, reading: MailboxReading): Value[] {
  const { listing, header } = reading;
  return [
    id,
    blob(reading.name),
    reading.uniqueId,
    reading.listed ? 1 : 0,
    reading.status,
    reading.found,
    Math.round(reading.readAtMs),
    reading.filesMtimeMs === null ? null : Math.round(reading.filesMtimeMs),
    blobOrNull(reading.directories[0]),
    blobOrNull(reading.directories[1]),
    listing?.partition ?? null,
    listing?.type ?? null,
    listing?.uidValidity ?? null,
    listing?.createdModseq ?? null,
    listing?.foldermodseq ?? null,
    listing?.mtime ?? null,
    header?.minorVersion ?? null,
    header?.uidValidity ?? null,
    header?.lastUid ?? null,
    header?.highestModseq ?? null,
    header?.deletedModseq ?? null,
    header?.createdModseq ?? null,
    header?.options ?? null,
    header?.recentUid ?? null,
    header?.recentTime ?? null,
    header?.pop3LastLogin ?? null,
    header?.pop3ShowAfter ?? null,
    header?.lastAppendDate ?? null,
    header?.lastRepackTime ?? null,
    ...counterValues(reading.stored),
    ...counterValues(reading.counted),
    blobOrNull(reading.quotaRoot),
    header === null ? null : blob(reading.keywords.join(" ")),
  ];
}

/** Identifiers are unique in a healthy ACL; of a damaged one the last entry counts, as it does for Cyrus. */
export function aclEntries(reading: MailboxReading): Iterable<[ByteString, ByteString]> {
  return new Map(reading.listing?.acl ?? []).entries();
}

function counterValues(counters: Counters | null): Value[] {
  return [
    counters?.exists ?? null,
    counters?.unseen ?? null,
    counters?.answered ?? null,
    counters?.flagged ?? null,
    counters?.deleted ?? null,
    counters === null ? null : storable(counters.quotaUsed),
    counters?.syncCrcBasic ?? null,
    counters?.syncCrcAnnot ?? null,
  ];
}

const I63_MAX = 2n ** 63n - 1n;

/** A sum of sizes that SQLite can hold: those of a few absurd records add up to more. */
export function storable(sum: bigint): bigint {
  return sum > I63_MAX ? I63_MAX : sum;
}

function blobOrNull(text: ByteString | null | undefined): Buffer | null {
  return text === null || text === undefined ? null : blob(text);
}
