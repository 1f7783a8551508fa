import { type Level, levelReaches } from "../mail/message.ts";
import type { ComparableFields, MailboxFacts } from "../mail/scan-facts.ts";

/** First index version that holds a field in its records. Cyrus 2.3 … 3.2; `cyrus.index` has no version 11. */
const SINCE_VERSION = { modseq: 8, guid: 10, seen: 12, cid: 13, saveDate: 15, createdModseq: 16 } as const;

/** Modseqs of both sides are one shared order from this version on. */
const ORDERED_SINCE = 12;

/** The fields that both sides of a mailbox can supply, by their index versions and the levels of the scans. */
export function comparableFields(
  primary: MailboxFacts,
  replica: MailboxFacts,
  levels: { readonly primary: Level; readonly replica: Level },
): ComparableFields {
  const version = lowerVersion(primary, replica);
  const both = (level: Level) => levelReaches(levels.primary, level) && levelReaches(levels.replica, level);
  return {
    guid: version >= SINCE_VERSION.guid,
    modseq: version >= SINCE_VERSION.modseq,
    seen: version >= SINCE_VERSION.seen,
    cid: version >= SINCE_VERSION.cid,
    saveDate: version >= SINCE_VERSION.saveDate,
    createdModseq: version >= SINCE_VERSION.createdModseq,
    fileSize: both("stat"),
    md5: both("full"),
    xxh64: both("quick"),
  };
}

/** True when the modseqs of both sides can be held against each other. */
export function isOrdered(primary: MailboxFacts, replica: MailboxFacts): boolean {
  return lowerVersion(primary, replica) >= ORDERED_SINCE;
}

/** Fields that only the newer side has, for the report's "not comparable" line: `field: reason`. */
export function notComparable(primary: MailboxFacts, replica: MailboxFacts): string[] {
  if (primary.header === null || replica.header === null) return [];
  const p = primary.header.minorVersion;
  const r = replica.header.minorVersion;
  const low = Math.min(p, r);
  return Object.entries(SINCE_VERSION)
    .filter(([, since]) => low < since && Math.max(p, r) >= since)
    .map(
      ([field, since]) =>
        `${FIELD_NAMES[field as keyof typeof SINCE_VERSION]}: an index of version ${low} has none before ${since}`,
    );
}

const FIELD_NAMES: Record<keyof typeof SINCE_VERSION, string> = {
  modseq: "modseq",
  guid: "guid",
  seen: "\\Seen",
  cid: "cid",
  saveDate: "savedate",
  createdModseq: "createdmodseq",
};

function lowerVersion(primary: MailboxFacts, replica: MailboxFacts): number {
  return Math.min(primary.header?.minorVersion ?? 0, replica.header?.minorVersion ?? 0);
}
