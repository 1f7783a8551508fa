/** Readings of mailboxes, as a scan hands them to a manifest: any of them, and one that has a row in every table. */
import fc from "fast-check";
import type { Item } from "../../src/mail/item.ts";
import {
  type Counters,
  type IndexHeader,
  MAILBOX_STATUSES,
  type MailboxListing,
  type MailboxReading,
  type OrphanFile,
  type ReadProblem,
} from "../../src/mail/mailbox.ts";
import { type ExpungedMessage, FILE_PROBLEMS, type FileReading, type Message } from "../../src/mail/message.ts";
import { type FileStat, MessagePacker, noMessages } from "../../src/mail/packed-messages.ts";

const U32 = 2 ** 32 - 1;
const I63 = 2n ** 63n - 1n;

const u32 = fc.oneof(fc.nat(U32), fc.constantFrom(0, 1, 2 ** 31, U32));
const u63 = fc.oneof(fc.bigInt(0n, I63), fc.constantFrom(0n, 2n ** 53n, I63));
/** Version 20 keeps times in nanoseconds of 64 bits. */
const seconds = fc.oneof(u32, fc.integer({ min: -9_223_372_036, max: 9_223_372_036 }));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
/** Any bytes; a name is not empty. */
const byteString = (minLength = 1) =>
  fc.uint8Array({ minLength, maxLength: 30 }).map((name) => Buffer.from(name).toString("latin1"));
const word = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 });
const text = fc.string({ unit: "binary", maxLength: 40 });
const keyword = fc.stringMatching(/^[a-zA-Z$_-]{1,12}$/);

const file: fc.Arbitrary<FileReading> = fc.record({
  problem: orNull(fc.constantFrom(...FILE_PROBLEMS)),
  sizeBytes: orNull(u63),
  md5: orNull(bytes(16)),
  sha1: orNull(bytes(20)),
  xxh64: orNull(bytes(8)),
});

const stat: fc.Arbitrary<FileStat> = fc.record({
  root: fc.constantFrom(0 as const, 1 as const),
  inode: fc.bigInt(0n, 2n ** 64n - 1n),
  sizeBytes: u63,
  mtimeNs: fc.bigInt(-I63, I63),
  ctimeNs: fc.bigInt(-I63, I63),
  readAtMs: orNull(fc.nat(2 ** 41)),
});

/** A SHA-1, or a UUID of either kind. */
const guid = fc.oneof(
  orNull(bytes(20)),
  bytes(12),
  bytes(11).map((rest) => Uint8Array.of(2, ...rest)),
);

/** A message and what stat said of its file; its UID comes later. */
export const message: fc.Arbitrary<readonly [Omit<Message, "uid">, FileStat | null]> = fc.tuple(
  fc.record({
    ...{ sizeBytes: u63, internalDate: seconds, lastUpdated: seconds, modseq: orNull(u63), guid },
    flags: fc.subarray(["$label", "\\answered", "\\seen", "work%20flow", "z\xff"]).map((names) => names.join(" ")),
    ...{
      saveDate: orNull(seconds),
      createdModseq: orNull(u63),
      cid: orNull(bytes(8)),
      baseCid: orNull(bytes(8)),
      file,
    },
  }),
  orNull(stat),
);

/** Ascending UIDs up to the greatest there is. */
const uids = (length: number) =>
  fc
    .uniqueArray(fc.oneof(fc.integer({ min: 1, max: U32 }), fc.integer({ min: 1, max: 50 })), {
      minLength: length,
      maxLength: length,
    })
    .map((all) => all.sort((a, b) => a - b));

export const messages = fc
  .array(message, { maxLength: 60 })
  .chain((rows) => uids(rows.length).map((all) => rows.map(([m, s], i) => [{ ...m, uid: all[i] ?? 0 }, s] as const)));

const expunged: fc.Arbitrary<ExpungedMessage[]> = fc
  .array(fc.record({ modseq: orNull(u63), lastUpdated: seconds, guid }), { maxLength: 5 })
  .chain((rows) => uids(rows.length).map((all) => rows.map((row, i) => ({ ...row, uid: all[i] ?? 0 }))));

const header: fc.Arbitrary<IndexHeader> = fc.record({
  ...{ minorVersion: fc.integer({ min: 6, max: 20 }), uidValidity: u32, lastUid: u32, highestModseq: orNull(u63) },
  ...{ deletedModseq: orNull(u63), createdModseq: orNull(u63), options: u32, recentUid: orNull(u32) },
  ...{ recentTime: orNull(seconds), pop3LastLogin: seconds, pop3ShowAfter: orNull(seconds), lastAppendDate: seconds },
  ...{ lastRepackTime: orNull(seconds) },
});

const counters: fc.Arbitrary<Counters> = fc.record({
  ...{ exists: u32, unseen: orNull(u32), answered: u32, flagged: u32, deleted: u32, quotaUsed: u63 },
  ...{ syncCrcBasic: orNull(u32), syncCrcAnnot: orNull(u32) },
});

const listing: fc.Arbitrary<MailboxListing> = fc.record({
  ...{ partition: orNull(word), type: word, uidValidity: orNull(u32), foldermodseq: orNull(u63) },
  ...{ createdModseq: orNull(u63), mtime: orNull(seconds) },
  acl: orNull(
    fc.uniqueArray(fc.tuple(byteString(), byteString(0)), { maxLength: 4, selector: ([identifier]) => identifier }),
  ),
});

const orphans: fc.Arbitrary<OrphanFile[]> = fc.uniqueArray(
  fc.record({
    ...{ uid: fc.integer({ min: 1, max: U32 }), path: byteString(), sizeBytes: orNull(u63), md5: orNull(bytes(16)) },
    ...{ sha1: orNull(bytes(20)), xxh64: orNull(bytes(8)) },
  }),
  { maxLength: 3, selector: ({ uid }) => uid },
);

export const problems: fc.Arbitrary<ReadProblem[]> = fc.array(
  fc.record({ what: word, path: byteString(), uid: orNull(u32), errno: orNull(word), found: text }),
  { maxLength: 3 },
);

export const annotations: fc.Arbitrary<Item[]> = fc.uniqueArray(
  fc.record({
    ...{
      kind: fc.constant("message-annotation" as const),
      owner: byteString(0),
      key: byteString(),
      value: byteString(0),
    },
    ...{ mtime: orNull(seconds), modseq: orNull(u63) },
  }),
  { maxLength: 3, selector: ({ owner, key }) => `${owner}\0${key}` },
);

const identity = fc.record({
  ...{ name: byteString(), uniqueId: orNull(word), readAtMs: fc.nat(2 ** 41), filesMtimeMs: orNull(fc.nat(2 ** 41)) },
  ...{ quotaRoot: orNull(byteString(0)), directories: fc.array(byteString(), { maxLength: 2 }), orphans, problems },
  ...{ bytesRead: fc.bigInt(0n, 2n ** 60n), filesRead: fc.nat(), annotations: orNull(annotations) },
  listing: orNull(listing),
});

/** A mailbox that was read, with any values that its fields can have. */
export const readMailbox: fc.Arbitrary<MailboxReading> = fc
  .tuple(
    identity,
    fc.record({ header, stored: counters, counted: counters, keywords: fc.array(keyword) }),
    messages,
    expunged,
  )
  .map(([who, index, live, gone]) => {
    const packer = new MessagePacker(live.length);
    for (const [m, s] of live) packer.add(m, s);
    const state = { status: "read", found: null } as const;
    return { ...who, ...index, ...state, listed: who.listing !== null, messages: packer.finish(), expunged: gone };
  });

/** A mailbox that could not be read. */
export const unreadMailbox: fc.Arbitrary<MailboxReading> = fc
  .tuple(identity, fc.constantFrom(...MAILBOX_STATUSES.slice(1)), text)
  .map(([who, status, found]) => ({
    ...who,
    ...{ status, found, listed: who.listing !== null, header: null, stored: null, counted: null, quotaRoot: null },
    ...{ keywords: [], messages: noMessages(), expunged: [], orphans: [] },
  }));
