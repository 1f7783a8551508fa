/** A model of one Cyrus store: what its mailbox list, its indexes and its disk hold. Edits of it are faults. */
import { createHash } from "node:crypto";
import { EXPUNGED } from "../index-writer.ts";

/** When the replica of a model pair is read, in seconds since 1970. Facts of a model lie before it. */
export const READ_AT = 1_700_000_000;

/** A message: its record, and its file. Flags: 1 \Answered, 2 \Flagged, 4 \Deleted, 8 \Draft, 16 \Seen. */
export interface ModelMessage {
  uid: number;
  body: string;
  flags: number;
  keywords: string[];
  modseq: number;
  lastUpdated: number;
  internalDate: number;
  saveDate: number;
  expunged: boolean;
  /** An annotation of the message: shared, or the owner's. */
  comment?: { ofOwner: boolean; value: string };
  /** The GUID of the record where it is not that of `body`; 40 hex digits. */
  guid?: string;
  /** What the file holds instead of `body`; null for no file. */
  file?: string | null;
  /** Name of an inode that several messages of one store share. */
  inode?: string;
}

/** A mailbox: its entry in the list, its index, its directory. */
export interface ModelMailbox {
  name: string;
  uniqueId: string;
  /** Letter of its type since 3.6; plain mail where it is left out. */
  type?: string;
  partition: string;
  uidValidity: number;
  foldermodseq: number;
  listMtime: number;
  acl: [string, string][];
  /** Oldest first; what was purged is gone. */
  messages: ModelMessage[];
  lastUid: number;
  highestModseq: number;
  deletedModseq: number;
  options: number;
  /** mtime of index and header. */
  changedAt: number;
  /** Records that the sums of the index header are made of, where they are not those of `messages`. */
  summed?: ModelMessage[];
  /** Added to the header's count of \Answered. */
  answeredTooMany?: number;
  /** The uidvalidity of the index, where it is not that of the list. */
  indexUidValidity?: number;
  /** One bit of this record's size is wrong, its checksum is not. */
  staleRecord?: number;
  /** Files without a record, by UID. */
  orphans?: Map<number, string>;
  /** The directory is not there. */
  directoryMissing?: boolean;
  /** The list does not have it. */
  unlisted?: boolean;
}

export interface ModelTombstone {
  name: string;
  uniqueId: string;
  foldermodseq: number;
  mtime: number;
}

/** What belongs to users and mailboxes, and is no message. Users as `dave.smith@north.test`. */
export interface ModelItems {
  /** Names of mailboxes, by user. */
  subscriptions: Record<string, string[]>;
  /** Users whose subscriptions cannot be read. */
  damagedSubscriptions?: string[];
  seen: { user: string; uniqueId: string; uids: number[] }[];
  quotas: { root: string; storage: number }[];
  scripts: { user: string; name: string; source: string; active: boolean }[];
  /** No user: shared; a value of null cannot be read. */
  annotations: { mailbox: string; entry: string; user: string; value: string | null }[];
}

export interface SpoolModel {
  mailboxes: ModelMailbox[];
  tombstones: ModelTombstone[];
  items?: ModelItems;
}

/** Two hosts. */
export interface PairModel {
  primary: SpoolModel;
  replica: SpoolModel;
}

export type ModelSide = keyof PairModel;

/** A pair in sync, each side its own copy of `spool`. */
export function pairOf(spool: SpoolModel): PairModel {
  return { primary: structuredClone(spool), replica: structuredClone(spool) };
}

/** A message of a quiet past. Its modseq is its UID plus one, so that there is one below. */
export function modelMessage(uid: number, over: Partial<ModelMessage> = {}): ModelMessage {
  const lastUpdated = READ_AT - 50_000 + uid;
  return {
    ...{ uid, body: `Subject: message ${uid}\r\n\r\n${"text ".repeat(1 + (uid % 9))}\r\n`, flags: 0, keywords: [] },
    ...{ modseq: uid + 1, lastUpdated, internalDate: READ_AT - 90_000 + uid, saveDate: lastUpdated },
    ...{ expunged: false },
    ...over,
  };
}

/** A mailbox with these messages; the rest follows. */
export function modelMailbox(name: string, messages: ModelMessage[], over: Partial<ModelMailbox> = {}): ModelMailbox {
  return {
    ...{
      name,
      uniqueId: idOf(name),
      partition: "default",
      uidValidity: READ_AT - 200_000,
      foldermodseq: 2,
      listMtime: READ_AT - 200_000,
    },
    ...{ acl: [["alice", "lrswipkxtecdan"]], messages, lastUid: messages.at(-1)?.uid ?? 0 },
    ...{ highestModseq: Math.max(2, ...messages.map(({ modseq }) => modseq)), deletedModseq: 0, options: 1 },
    changedAt: READ_AT - 40_000,
    ...over,
  };
}

/** A uniqueid as Cyrus makes them, the same for equal seeds. */
export function idOf(seed: string): string {
  return BigInt(`0x${createHash("sha256").update(seed, "latin1").digest("hex")}`)
    .toString(36)
    .slice(0, 24);
}

/** Name of a user's INBOX. */
export function inboxNameOf(user: string): string {
  const at = user.lastIndexOf("@");
  const local = (at < 0 ? user : user.slice(0, at)).replaceAll(".", "^");
  return at < 0 ? `user.${local}` : `${user.slice(at + 1)}!user.${local}`;
}

/** The user in whose tree a mailbox is, or null. */
export function ownerOfName(name: string): string | null {
  const match = /^(?:([^!]+)!)?user\.([^.]+)/s.exec(name);
  if (match === null) return null;
  const local = (match[2] ?? "").replaceAll("^", ".");
  return match[1] === undefined ? local : `${local}@${match[1]}`;
}

/** The SHA-1 of a message, in hex. */
export function guidOf(body: string): string {
  return createHash("sha1").update(body, "latin1").digest("hex");
}

/** Messages that are not expunged. */
export function liveOf(messages: readonly ModelMessage[]): ModelMessage[] {
  return messages.filter(({ expunged }) => !expunged);
}

/** The mailbox of a name, which must be there. */
export function mailboxOf(spool: SpoolModel, name: string): ModelMailbox {
  const found = spool.mailboxes.find((mailbox) => mailbox.name === name);
  if (found === undefined) throw new RangeError(`The model has no mailbox ${name}`);
  return found;
}

/** The record of a UID, which must be there. */
export function messageOf(mailbox: ModelMailbox, uid: number): ModelMessage {
  const found = mailbox.messages.find((message) => message.uid === uid);
  if (found === undefined) throw new RangeError(`The model has no message ${uid} in ${mailbox.name}`);
  return found;
}

/** The flag word of a record. */
export function flagWord({ flags, expunged }: ModelMessage): number {
  return expunged ? (flags | EXPUNGED) >>> 0 : flags;
}
