/** Contents of a manifest that has a row in every table and a value in every column. */
import type { ItemKind, MailboxItem } from "../../src/mail/item.ts";
import type { MailboxReading } from "../../src/mail/mailbox.ts";
import type { Message } from "../../src/mail/message.ts";
import { type FileStat, MessagePacker } from "../../src/mail/packed-messages.ts";
import type { Contents } from "./written.ts";

const bytes = (length: number, first: number) => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);

/** Message `uid`, with its file as the index says. */
export function fullMessage(uid: number, over: Partial<Message> = {}): Message {
  const guid = bytes(20, uid);
  return {
    ...{ uid, sizeBytes: 100n + BigInt(uid), internalDate: 1_600_000_000, lastUpdated: 1_650_000_000 + uid },
    ...{ modseq: BigInt(10 + uid), guid, flags: uid % 2 ? "\\seen work" : "\\answered", saveDate: 1_650_000_000 },
    ...{ createdModseq: BigInt(uid), cid: bytes(8, uid), baseCid: bytes(8, uid + 1) },
    file: { problem: null, sizeBytes: 100n + BigInt(uid), md5: bytes(16, uid), sha1: guid, xxh64: bytes(8, uid) },
    ...over,
  };
}

const stat = (uid: number): FileStat => ({
  ...{ root: 0, inode: BigInt(1000 + uid), sizeBytes: 100n + BigInt(uid), mtimeNs: 5n, ctimeNs: 6n, readAtMs: 7 },
});

/** A mailbox of a healthy index, with these messages. */
export function fullReading(messages: readonly Message[], over: Partial<MailboxReading> = {}): MailboxReading {
  const packer = new MessagePacker(messages.length);
  for (const message of messages) packer.add(message, stat(message.uid));
  const counters = { exists: messages.length, unseen: 1, answered: 1, flagged: 1, deleted: 1, quotaUsed: 7n };
  return {
    ...{ name: "user.alice", uniqueId: "a1", listed: true, status: "read", found: null },
    listing: {
      ...{ partition: "default", type: "e", uidValidity: 9, foldermodseq: 3n, createdModseq: 2n, mtime: 8 },
      acl: [
        ["alice", "lrs"],
        ["bob", "lr"],
      ],
    },
    header: {
      ...{ minorVersion: 17, uidValidity: 9, lastUid: 40, highestModseq: 60n, deletedModseq: 5n, createdModseq: 2n },
      ...{ options: 1, recentUid: 3, recentTime: 4, pop3LastLogin: 5, pop3ShowAfter: 6, lastAppendDate: 7 },
      ...{ lastRepackTime: 8 },
    },
    ...{ readAtMs: 1000, filesMtimeMs: 900, stored: { ...counters, syncCrcBasic: 5, syncCrcAnnot: 9 } },
    ...{
      counted: { ...counters, syncCrcBasic: 5, syncCrcAnnot: 9 },
      quotaRoot: "user.alice",
      keywords: ["work", "later"],
    },
    ...{ directories: ["/srv/spool/a", "/srv/archive/a"], messages: packer.finish() },
    expunged: [{ uid: 33, modseq: 50n, lastUpdated: 1_650_000_100, guid: bytes(20, 33) }],
    orphans: [
      { uid: 50, path: "/srv/spool/a/50.", sizeBytes: 3n, md5: bytes(16, 9), sha1: bytes(20, 9), xxh64: bytes(8, 9) },
    ],
    problems: [{ what: "message", path: "/srv/spool/a/51.", uid: 51, errno: "EIO", found: "an input/output error" }],
    annotations: [
      { kind: "message-annotation", owner: "alice", key: "1 /comment", value: "private", mtime: 9, modseq: 44n },
    ],
    ...{ bytesRead: 500n, filesRead: 4 },
    ...over,
  };
}

function item(kind: ItemKind): MailboxItem {
  return { kind, owner: "", key: "", value: "", mtime: 1_650_000_200, modseq: 45n, mailbox: null };
}

/** Rows in all tables. */
export function fullContents(): Contents {
  return {
    mailboxes: [
      fullReading([1, 2, 3].map((uid) => fullMessage(uid))),
      fullReading(
        [fullMessage(5, { file: { problem: "missing", sizeBytes: null, md5: null, sha1: null, xxh64: null } })],
        {
          ...{ name: "user.bob", uniqueId: "b1", expunged: [], orphans: [], problems: [] },
        },
      ),
    ],
    tombstones: [
      { name: "user.alice.Gone", uniqueId: "g1", reason: "deleted", foldermodseq: 4n, uidValidity: 9, mtime: 99 },
    ],
    items: [
      { ...item("subscription"), owner: "alice", key: "user.bob" },
      { ...item("seen"), owner: "bob", value: "1:3", mailbox: { uniqueId: "a1", name: "user.alice" } },
      { ...item("quota"), key: "user.alice", value: "STORAGE 1000" },
    ],
    unread: [
      { kind: "sieve", owner: "alice", key: null, mailbox: null },
      { kind: "quota", owner: "", key: "user.bob", mailbox: null },
      { kind: "annotation", owner: null, key: null, mailbox: { uniqueId: null, name: "user.bob" } },
    ],
    pending: [{ type: "MAILBOX", name: "user.alice", log: "log" }],
    problems: [{ what: "partition", path: "/srv/other", uid: 1, errno: "ENOENT", found: "no such directory" }],
  };
}
