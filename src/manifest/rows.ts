/** Rows of a manifest, checked and turned into the vocabulary of `mail/`. One function a table. */
import { UUID_BYTES } from "../mail/guid.ts";
import { ITEM_KINDS } from "../mail/item.ts";
import {
  MAILBOX_STATUSES,
  type OrphanFile,
  type PendingName,
  type ReadProblem,
  type Tombstone,
} from "../mail/mailbox.ts";
import { type ExpungedMessage, FILE_PROBLEMS, LEVELS, type Message } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { FileStat } from "../mail/packed-messages.ts";
import type { ItemFacts, MailboxFacts, ScanFacts, UnreadItems } from "../mail/scan-facts.ts";
import type { CheckedRow } from "./checked-row.ts";
import { MAILBOX_FACTS } from "./facts.ts";

const U32 = 0xffff_ffff;
const SIGNED = -Number.MAX_SAFE_INTEGER;
const I63 = 1n << 63n;

/** Takes the columns of `selectManifest`. */
export function scanFacts(row: CheckedRow): { facts: ScanFacts; root: Uint8Array | null } {
  const id = row.text();
  const host = row.text();
  const instance = row.text();
  const role = row.textOrNull(["primary", "replica"]);
  const store = row.text();
  const tool = row.text();
  row.integer(); // format: equals user_version, which was checked
  const canon = row.integer();
  const level = row.text(LEVELS);
  row.text(["complete", "narrowed"]);
  const options = parseOptions(row.text());
  const facts = {
    ...{ id, host, instance, role, store, tool, canon, level, ...options },
    afterId: row.textOrNull(),
    startedAtMs: row.integer(),
    listReadAtMs: row.integer(),
    itemsReadAtMs: row.integerOrNull(),
    finishedAtMs: row.integer(),
    mailboxes: row.integer(),
    messages: row.integer(),
    messageBytes: row.bigInteger(),
    bytesRead: row.bigInteger(),
    bytesCarried: row.bigInteger(),
    oldestCarriedAtMs: row.integerOrNull(),
  };
  return { facts, root: row.bytesOrNull(32) };
}

/** Takes the columns of `MAILBOX_COLUMNS`. */
export function mailboxFacts(row: CheckedRow): { facts: MailboxFacts; rows: Uint8Array | null } {
  const head = {
    id: row.integer(1),
    name: row.name(),
    uniqueId: row.textOrNull(),
    listed: row.integer(0, 1) === 1,
    status: row.text(MAILBOX_STATUSES),
    found: row.textOrNull(),
    readAtMs: row.integer(),
    filesMtimeMs: row.integerOrNull(SIGNED),
    directories: [row.nameOrNull(), row.nameOrNull()].filter((d) => d !== null),
  };
  const listing = listingOf(row, head.listed);
  const header = headerOf(row);
  const counters = { stored: countersOf(row), counted: countersOf(row) };
  const totals = {
    quotaRoot: row.nameOrNull(),
    keywords: splitNames(row.nameOrNull()),
    newestUpdate: row.integerOrNull(SIGNED),
    fileFaults: row.integerOrNull(),
    guidsMissing: row.integerOrNull(),
    suspect: row.integer(0, 1) === 1,
  };
  row.checkDigest(MAILBOX_FACTS, "mailbox");
  const facts = {
    ...head,
    listing,
    header,
    ...counters,
    ...totals,
    rollups: {
      core: row.bytesOrNull(32),
      ext: row.bytesOrNull(32),
      content: row.bytesOrNull(32),
      meta: row.bytesOrNull(32),
    },
  };
  return { facts, rows: row.bytesOrNull(32) };
}

/** Takes the columns of `MESSAGE_COLUMNS` without the mailbox. */
export function message(row: CheckedRow): Message {
  const uid = row.integer(1, U32);
  const guid = row.bytesOrNull(20, UUID_BYTES);
  const sizeBytes = row.bigInteger();
  const internalDate = row.integer(SIGNED);
  const lastUpdated = row.integer(SIGNED);
  const modseq = row.bigIntegerOrNull();
  const flags = row.name();
  const saveDate = row.integerOrNull(SIGNED);
  const createdModseq = row.bigIntegerOrNull();
  const cid = row.bytesOrNull(8);
  const baseCid = row.bytesOrNull(8);
  const problem = row.textOrNull(FILE_PROBLEMS);
  const fileSize = row.bigIntegerOrNull();
  const md5 = row.bytesOrNull(16);
  const sha1 = row.bytesOrNull(20);
  const xxh64 = row.bytesOrNull(8);
  const file = { problem, sizeBytes: fileSize, md5, sha1, xxh64 };
  const record = { uid, sizeBytes, internalDate, lastUpdated, modseq, guid, flags };
  return { ...record, saveDate, createdModseq, cid, baseCid, file };
}

/** Takes root, inode, size, mtime_ns, ctime_ns, read_at_ms; null where the row has no stat. */
export function fileStat(row: CheckedRow): FileStat | null {
  const root = row.integerOrNull(0, 1);
  const inode = row.bytesOrNull(8);
  const sizeBytes = row.bigIntegerOrNull();
  const mtimeNs = row.bigIntegerOrNull(-I63);
  const ctimeNs = row.bigIntegerOrNull(-I63);
  const readAtMs = row.integerOrNull();
  if (root === null || inode === null || sizeBytes === null || mtimeNs === null || ctimeNs === null) return null;
  const inodeNumber = Buffer.from(inode).readBigUInt64BE();
  return { root: root === 1 ? 1 : 0, inode: inodeNumber, sizeBytes, mtimeNs, ctimeNs, readAtMs };
}

/** Takes the columns of `selectExpunged`. */
export function expunged(row: CheckedRow): ExpungedMessage {
  const uid = row.integer(1, U32);
  const guid = row.bytesOrNull(20, UUID_BYTES);
  return { uid, guid, modseq: row.bigIntegerOrNull(), lastUpdated: row.integer(SIGNED) };
}

/** Takes the columns of `selectOrphans`. */
export function orphan(row: CheckedRow): OrphanFile {
  return {
    uid: row.integer(1, U32),
    path: row.name(),
    sizeBytes: row.bigIntegerOrNull(),
    md5: row.bytesOrNull(16),
    sha1: row.bytesOrNull(20),
    xxh64: row.bytesOrNull(8),
  };
}

/** Takes the columns of `ITEM_COLUMNS`. */
export function item(row: CheckedRow): ItemFacts {
  return {
    kind: row.text(ITEM_KINDS),
    mailboxId: row.integerOrNull(1),
    uniqueId: row.textOrNull(),
    mailbox: row.nameOrNull(),
    owner: row.name(),
    key: row.name(),
    value: row.name(),
    mtime: row.integerOrNull(SIGNED),
    modseq: row.bigIntegerOrNull(),
  };
}

/** Takes the columns of `selectUnreadItems`. */
export function unreadItems(row: CheckedRow): UnreadItems {
  return {
    kind: row.text(ITEM_KINDS),
    mailboxId: row.integerOrNull(1),
    uniqueId: row.textOrNull(),
    owner: row.nameOrNull(),
    key: row.nameOrNull(),
  };
}

/** Takes the columns of `selectTombstones`. */
export function tombstone(row: CheckedRow): Tombstone {
  return {
    name: row.name(),
    uniqueId: row.textOrNull(),
    reason: row.text(["deleted", "renamed"]),
    foldermodseq: row.bigIntegerOrNull(),
    uidValidity: row.integerOrNull(0, U32),
    mtime: row.integerOrNull(SIGNED),
  };
}

/** Takes the columns of `selectPending`. */
export function pendingName(row: CheckedRow): PendingName {
  return { type: row.text(), name: row.name(), log: row.name() };
}

/** Takes the columns of `selectProblems`. */
export function readProblem(row: CheckedRow): ReadProblem & { mailbox: number | null } {
  return {
    mailbox: row.integerOrNull(1),
    what: row.text(),
    path: row.name(),
    uid: row.integerOrNull(0, U32),
    errno: row.textOrNull(),
    found: row.text(),
  };
}

function listingOf(row: CheckedRow, listed: boolean): MailboxFacts["listing"] {
  const listing = {
    partition: row.textOrNull(),
    type: row.textOrNull(),
    uidValidity: row.integerOrNull(0, U32),
    createdModseq: row.bigIntegerOrNull(),
    foldermodseq: row.bigIntegerOrNull(),
    mtime: row.integerOrNull(SIGNED),
    acl: null,
  };
  return listed ? listing : null;
}

function headerOf(row: CheckedRow): MailboxFacts["header"] {
  const minorVersion = row.integerOrNull();
  const uidValidity = row.integerOrNull(0, U32);
  const lastUid = row.integerOrNull(0, U32);
  const header = {
    highestModseq: row.bigIntegerOrNull(),
    deletedModseq: row.bigIntegerOrNull(),
    createdModseq: row.bigIntegerOrNull(),
    options: row.integerOrNull(0, U32) ?? 0,
    recentUid: row.integerOrNull(0, U32),
    recentTime: row.integerOrNull(SIGNED),
    pop3LastLogin: row.integerOrNull(SIGNED) ?? 0,
    pop3ShowAfter: row.integerOrNull(SIGNED),
    lastAppendDate: row.integerOrNull(SIGNED) ?? 0,
    lastRepackTime: row.integerOrNull(SIGNED),
  };
  if (minorVersion === null || uidValidity === null || lastUid === null) return null;
  return { minorVersion, uidValidity, lastUid, ...header };
}

function countersOf(row: CheckedRow): MailboxFacts["stored"] {
  const exists = row.integerOrNull(0, U32);
  const unseen = row.integerOrNull(0, U32);
  const answered = row.integerOrNull(0, U32);
  const flagged = row.integerOrNull(0, U32);
  const deleted = row.integerOrNull(0, U32);
  const quotaUsed = row.bigIntegerOrNull();
  const syncCrcBasic = row.integerOrNull(0, U32);
  const syncCrcAnnot = row.integerOrNull(0, U32);
  if (exists === null || answered === null || flagged === null || deleted === null || quotaUsed === null) return null;
  return { exists, unseen, answered, flagged, deleted, quotaUsed, syncCrcBasic, syncCrcAnnot };
}

function splitNames(text: ByteString | null): ByteString[] {
  return text === null || text === "" ? [] : text.split(" ");
}

function parseOptions(text: string): Pick<ScanFacts, "include" | "exclude" | "only" | "stopped" | "layout"> {
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch {
    options = null;
  }
  const field = (object: unknown, key: string): unknown =>
    typeof object === "object" && object !== null ? (object as Record<string, unknown>)[key] : null;
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  const stopped = typeof field(options, "stopped") === "string" ? { stopped: true as const } : {};
  const layout = field(options, "layout");
  const noted = { ...stopped, ...(typeof layout === "string" ? { layout } : {}) };
  const narrowed = { include: texts(field(options, "include")), exclude: texts(field(options, "exclude")), ...noted };
  const only = field(options, "only");
  const digest = field(only, "digest");
  return typeof digest === "string" ? { ...narrowed, only: { digest, lines: texts(field(only, "lines")) } } : narrowed;
}
