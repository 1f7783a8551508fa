/** Records, mailboxes and positions for tests of the judge, with defaults that agree. Times in seconds since 1970. */
import type { MailboxPairPosition, MailboxPosition } from "../../src/compare/judge/message.ts";
import type { JudgeSettings } from "../../src/compare/judge/order.ts";
import { type ExpungedMessage, type Message, NOT_LOOKED_AT } from "../../src/mail/message.ts";
import type { ComparableFields, MailboxFacts } from "../../src/mail/scan-facts.ts";

/** A quiet moment of 2023 around which facts of tests happen. */
export const NOON = 1_700_000_000;

export const ALL_FIELDS: ComparableFields = {
  ...{ guid: true, modseq: true, seen: true, saveDate: true, createdModseq: true, cid: true, baseCid: true },
  ...{ fileSize: true, md5: true, xxh64: true },
};

/** A GUID or digest of 20 equal bytes. */
export function guid(byte: number): Uint8Array {
  return new Uint8Array(20).fill(byte);
}

export function message(over: Partial<Message> = {}): Message {
  return {
    ...{ uid: 5, sizeBytes: 100n, internalDate: NOON - 90_000, lastUpdated: NOON - 80_000, modseq: 10n },
    ...{ guid: guid(1), flags: "", saveDate: NOON - 80_000, createdModseq: 9n, cid: null, baseCid: null },
    file: NOT_LOOKED_AT,
    ...over,
  };
}

export function expunged(over: Partial<ExpungedMessage> = {}): ExpungedMessage {
  return { uid: 5, modseq: 10n, lastUpdated: NOON - 80_000, guid: guid(1), ...over };
}

/** Where a mailbox stands that has ten messages and is at modseq 50. */
export function position(over: Partial<MailboxPosition> = {}): MailboxPosition {
  return {
    lastUid: 10,
    highestModseq: 50n,
    deletedModseq: 0n,
    lastRepackTime: null,
    filesMtime: NOON - 50_000,
    ...over,
  };
}

/** Both sides at one point; the replica read at noon, the primary ten seconds later. */
export function positions(over: Partial<MailboxPairPosition> = {}): MailboxPairPosition {
  return {
    ...{ primary: position(), replica: position(), fields: ALL_FIELDS, ordered: true },
    times: { primaryMs: (NOON + 10) * 1000, replicaMs: NOON * 1000 },
    ...over,
  };
}

/** The defaults of `spooldiff compare`, the order of the scans not proved. */
export const SETTINGS: JudgeSettings = { settleSeconds: 900, skewSeconds: 5, primaryReadAfterReplica: false };
export const PROVED: JudgeSettings = { ...SETTINGS, primaryReadAfterReplica: true };

/** A mailbox that was read, with no messages. */
export function mailbox(over: Partial<MailboxFacts> = {}): MailboxFacts {
  return {
    ...{ id: 1, name: "user.alice.Work", uniqueId: "a1", listed: true, status: "read", found: null },
    ...{ readAtMs: NOON * 1000, filesMtimeMs: (NOON - 50_000) * 1000, directories: [] },
    listing: {
      ...{ partition: "default", type: "e", uidValidity: NOON - 100_000, foldermodseq: 7n, createdModseq: 7n },
      ...{ mtime: NOON - 70_000, acl: null },
    },
    header: {
      ...{ minorVersion: 17, uidValidity: NOON - 100_000, lastUid: 10, highestModseq: 50n, deletedModseq: 0n },
      ...{ createdModseq: 7n, options: 1, recentUid: 0, recentTime: 0, pop3LastLogin: 0, pop3ShowAfter: 0 },
      ...{ lastAppendDate: 0, lastRepackTime: 0 },
    },
    ...{
      stored: null,
      counted: null,
      quotaRoot: null,
      keywords: [],
      newestUpdate: null,
      fileFaults: 0,
      suspect: false,
    },
    ...{ guidsMissing: 0, rollups: { core: null, ext: null, content: null, meta: null } },
    ...over,
  };
}

/** A mailbox with another entry in the mailbox list. */
export function listed(over: Partial<NonNullable<MailboxFacts["listing"]>>, rest: Partial<MailboxFacts> = {}) {
  const base = mailbox(rest);
  return { ...base, listing: base.listing === null ? null : { ...base.listing, ...over } };
}

/** A mailbox with another index header. */
export function headed(over: Partial<NonNullable<MailboxFacts["header"]>>, rest: Partial<MailboxFacts> = {}) {
  const base = mailbox(rest);
  return { ...base, header: base.header === null ? null : { ...base.header, ...over } };
}
