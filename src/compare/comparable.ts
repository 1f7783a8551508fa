import { type Level, levelReaches } from "../mail/message.ts";
import type { ComparableFields, MailboxFacts } from "../mail/scan-facts.ts";

/** First index version that holds a field in its records. Cyrus 2.3 … 3.13; `cyrus.index` has no version 11. */
const SINCE_VERSION = { modseq: 8, seen: 12, cid: 13, saveDate: 15, createdModseq: 16, baseCid: 20 } as const;

/** First index version that holds a field in its header. */
const HEADER_SINCE = {
  highestmodseq: 8,
  "options but for POP3 UIDLs": 8,
  "recentuid and recenttime": 12,
  pop3_show_after: 13,
  "createdmodseq of the mailbox": 16,
} as const;

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
    guid: guidKind(primary) !== "none" && guidKind(primary) === guidKind(replica),
    modseq: version >= SINCE_VERSION.modseq,
    seen: version >= SINCE_VERSION.seen,
    cid: version >= SINCE_VERSION.cid,
    saveDate: version >= SINCE_VERSION.saveDate,
    createdModseq: version >= SINCE_VERSION.createdModseq,
    baseCid: version >= SINCE_VERSION.baseCid,
    fileSize: both("stat"),
    md5: both("full"),
    xxh64: both("quick"),
  };
}

/** True when the modseqs of both sides can be held against each other. */
export function isOrdered(primary: MailboxFacts, replica: MailboxFacts): boolean {
  return lowerVersion(primary, replica) >= ORDERED_SINCE;
}

/** Index options that users set and that replicate. */
const REPLICATED_OPTIONS = 0b11101;
/** Versions 6 and 7 have one: that POP3 UIDLs are of the newer form. */
const OLDEST_OPTIONS = 0b1;

/** The bits of the options that both sides can have. */
export function comparableOptions(primary: MailboxFacts, replica: MailboxFacts): number {
  return lowerVersion(primary, replica) < HEADER_SINCE["options but for POP3 UIDLs"]
    ? OLDEST_OPTIONS
    : REPLICATED_OPTIONS;
}

/** Fields that one side alone can supply, for the report's "not comparable" line: `field: reason`, one a field. */
export function notComparable(primary: MailboxFacts, replica: MailboxFacts): string[] {
  if (primary.header === null || replica.header === null) return [];
  const versions = [primary.header.minorVersion, replica.header.minorVersion];
  const lacking = (since: number) => Math.min(...versions) < since && Math.max(...versions) >= since;
  const fields = Object.entries(SINCE_VERSION).map(([field, since]) => [FIELD_NAMES[field] ?? field, since] as const);
  const lines = [...fields, ...Object.entries(HEADER_SINCE)]
    .filter(([, since]) => lacking(since))
    .map(([field, since]) => `${field}: an index before version ${since} has none`);
  const withOrder = [primary, replica].filter(({ listing }) => (listing?.foldermodseq ?? null) !== null);
  if (withOrder.length === 1) lines.push("foldermodseq: the mailbox list of a host before 3.0 has none");
  if (guidKind(primary) === guidKind(replica)) return lines;
  return [...lines, "guid: a SHA-1 in an index of version 10 and later, a UUID in versions 7 to 9, none before"];
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  seen: "\\Seen of the owner",
  saveDate: "savedate",
  createdModseq: "createdmodseq",
  baseCid: "basecid",
};

/** What the index of a mailbox holds in the place of a GUID. */
function guidKind({ header }: MailboxFacts): "none" | "uuid" | "sha1" {
  const version = header?.minorVersion ?? 0;
  return version < 7 ? "none" : version < 10 ? "uuid" : "sha1";
}

function lowerVersion(primary: MailboxFacts, replica: MailboxFacts): number {
  return Math.min(primary.header?.minorVersion ?? 0, replica.header?.minorVersion ?? 0);
}
