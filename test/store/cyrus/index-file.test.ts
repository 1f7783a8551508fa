import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { CorruptStoreError } from "../../../src/errors.ts";
import { canonicalFlags } from "../../../src/mail/flags.ts";
import { namesFile } from "../../../src/mail/guid.ts";
import type { Message } from "../../../src/mail/message.ts";
import { unpackRecord } from "../../../src/mail/packed-messages.ts";
import { FlagSets } from "../../../src/store/cyrus/flag-sets.ts";
import { decodeIndex, unsupportedIndex } from "../../../src/store/cyrus/index-file.ts";
import { surveyIndex } from "../../../src/store/cyrus/index-survey.ts";
import { decodeMailboxHeader } from "../../../src/store/cyrus/mailbox-header.ts";
import { readExpected, type UnpackedFixture, unpackFixture } from "../../support/fixtures.ts";
import { anyIndexSpec } from "../../support/index-arbitrary.ts";
import {
  ARCHIVED,
  EXPUNGED,
  type IndexSpec,
  type RecordSpec,
  sealHeader,
  WRITABLE_VERSIONS,
  writeIndex,
} from "../../support/index-writer.ts";

const noFlags = new FlagSets([]);

/** What Cyrus' own mbexamine and IMAP said of the mailboxes of fixture d, as far as it is compared here. */
interface ExpectedVersions {
  readonly versions: Readonly<Record<string, Readonly<Record<string, ExpectedMailbox>>>>;
}
interface ExpectedMailbox {
  readonly path: string;
  readonly uniqueid: string;
  readonly acl: string;
  readonly userFlags: readonly string[];
  readonly generation: number;
  readonly minorVersion: number;
  readonly startOffset: number;
  readonly recordSize: number;
  readonly exists: number;
  readonly quotaMailboxUsed: number;
  readonly lastAppendDate: number;
  readonly uidvalidity: number;
  readonly lastUid: number;
  readonly deleted: number;
  readonly answered: number;
  readonly flagged: number;
  readonly highestmodseq: number;
  readonly status: Readonly<Record<"MESSAGES" | "UIDNEXT" | "UIDVALIDITY" | "UNSEEN" | "SIZE", number>>;
  readonly options: string;
  readonly expunged: readonly { readonly uid: number; readonly fileMd5: string }[];
  readonly records: readonly ExpectedRecord[];
}
interface ExpectedRecord {
  readonly uid: number;
  readonly internaldate: number;
  readonly savedate: number;
  readonly size: number;
  readonly lastUpdated: number;
  readonly systemFlags: number;
  readonly guid?: string;
  readonly modseq?: number;
  readonly cid?: string;
  readonly userFlags: readonly string[];
  readonly internalFlags: readonly string[];
  readonly imap: { readonly flags: readonly string[]; readonly size: number };
  readonly fileMd5: string;
  readonly fileSha1: string;
  readonly fileSize: number;
}

describe("decodeIndex() on every version that Cyrus 3.6.1 writes", () => {
  let fixture: UnpackedFixture;
  before(() => {
    fixture = unpackFixture("d-index-versions");
  });
  after(() => fixture.cleanup());
  const expected = readExpected("d-index-versions.expected.json") as ExpectedVersions;

  for (const [version, mailboxes] of Object.entries(expected.versions)) {
    for (const [name, mailbox] of Object.entries(mailboxes)) {
      it(`agrees with mbexamine on ${name} as ${version}`, () => checkMailbox(join(fixture.root, version), mailbox));
    }
  }
});

function checkMailbox(root: string, mailbox: ExpectedMailbox): void {
  const directory = join(root, mailbox.path);
  const index = decodeIndex(readFileSync(join(directory, "cyrus.index")), "cyrus.index");
  const mailboxHeader = decodeMailboxHeader(readFileSync(join(directory, "cyrus.header")), "cyrus.header");
  const flagSets = new FlagSets(mailboxHeader.flagNames);
  const survey = surveyIndex(index, flagSets);
  const { header, stored } = index;
  const old = header.minorVersion < 12;
  assert.equal(mailboxHeader.uniqueId, mailbox.uniqueid);
  assert.equal(header.minorVersion, mailbox.minorVersion);
  assert.equal(header.uidValidity, mailbox.uidvalidity);
  assert.equal(header.lastUid, mailbox.lastUid);
  assert.equal(header.lastAppendDate, mailbox.lastAppendDate);
  assert.equal(mailbox.options, "POP3_NEW_UIDL");
  assert.equal(header.options, 1);
  assert.deepEqual(
    [index.bytes.readUInt32BE(0), index.layout.startOffset, index.layout.recordSize],
    [mailbox.generation, mailbox.startOffset, mailbox.recordSize],
  );
  assert.equal(
    (mailboxHeader.acl ?? []).map((entry) => entry.map((word) => `${word}\t`).join("")).join(""),
    mailbox.acl,
  );
  assert.deepEqual(
    mailboxHeader.flagNames.filter((name) => name !== null),
    mailbox.userFlags,
  );
  const { status } = mailbox;
  assert.deepEqual(
    [stored.exists, header.lastUid + 1, header.uidValidity],
    [status.MESSAGES, status.UIDNEXT, status.UIDVALIDITY],
  );
  assert.equal(stored.quotaUsed, BigInt(status.SIZE));
  // Versions 6 and 7 have no modseq: mbexamine prints 1.
  assert.equal(header.highestModseq, header.minorVersion < 8 ? null : BigInt(mailbox.highestmodseq));
  // First quirk of 3.6: `exists` of what it writes below version 12 counts expunged records too, and so does its STATUS.
  assert.equal(stored.exists, mailbox.exists);
  assert.equal(stored.exists, mailbox.records.length + (old ? mailbox.expunged.length : 0));
  assert.equal(stored.quotaUsed, BigInt(mailbox.quotaMailboxUsed));
  assert.deepEqual(
    [stored.answered, stored.flagged, stored.deleted],
    [mailbox.answered, mailbox.flagged, mailbox.deleted],
  );
  assert.equal(stored.unseen, header.minorVersion < 14 ? null : mailbox.status.UNSEEN);
  assert.deepEqual(survey.counted, { ...stored, syncCrcAnnot: null });
  assert.equal(survey.faultCount, 0);
  const live = Array.from({ length: survey.live.count }, (_, row) => unpackRecord(survey.live, row));
  assert.deepEqual(
    survey.expunged.map(({ uid }) => uid),
    mailbox.expunged.map(({ uid }) => uid),
  );
  assert.deepEqual(
    [...survey.uids],
    [...mailbox.records, ...mailbox.expunged].map(({ uid }) => uid).sort((a, b) => a - b),
  );
  assert.ok(survey.live.archived.every((bit) => bit === 0));
  assert.equal(live.length, mailbox.records.length);
  for (const [i, record] of live.entries()) {
    checkRecord(header.minorVersion, record, mailbox.records[i]!);
    checkFile(directory, record, mailbox.records[i]!);
  }
  for (const { uid, fileMd5 } of mailbox.expunged) assert.equal(digest("md5", join(directory, `${uid}.`)), fileMd5);
}

function checkRecord(minorVersion: number, record: Omit<Message, "file">, expected: ExpectedRecord): void {
  assert.equal(record.uid, expected.uid);
  assert.equal(record.internalDate, expected.internaldate);
  assert.equal(record.lastUpdated, expected.lastUpdated);
  assert.equal(record.sizeBytes, BigInt(expected.size));
  assert.equal(record.modseq, minorVersion < 8 ? null : BigInt(expected.modseq ?? 0));
  assert.equal(record.saveDate, minorVersion < 15 ? null : expected.savedate);
  // mbexamine prints it without leading zeros.
  assert.equal(hex(record.cid), minorVersion < 13 ? null : (expected.cid ?? "").padStart(16, "0"));
  // Below version 10 there is no GUID; version 10 made from 9 has only zeros.
  const guid = expected.guid ?? "0".repeat(40);
  assert.equal(hex(record.guid), minorVersion < 10 || /^0*$/.test(guid) ? null : guid);
  // Second quirk: below version 12 the owner's \Seen is in his seen database, from where IMAP takes it.
  const flags = expected.imap.flags.filter((flag) => flag !== "\\Recent" && (minorVersion >= 12 || flag !== "\\Seen"));
  assert.equal(record.flags, canonicalFlags(flags));
  assert.equal(
    record.flags,
    canonicalFlags([...systemFlags(expected.systemFlags, minorVersion), ...expected.userFlags]),
  );
  assert.deepEqual(expected.internalFlags, []);
  assert.equal(record.baseCid, null);
  // Nothing prints it: made by the reconstruct that wrote these versions, out of the record of version 17.
  assert.equal(record.createdModseq === null, minorVersion < 16);
}

/** The file that the record is of, and where it is a digest the GUID. */
function checkFile(directory: string, { uid, sizeBytes, guid }: Omit<Message, "file">, expected: ExpectedRecord): void {
  const path = join(directory, `${uid}.`);
  const [md5, sha1] = [digest("md5", path), digest("sha1", path)];
  assert.deepEqual([md5, sha1], [expected.fileMd5, expected.fileSha1]);
  assert.deepEqual([sizeBytes, expected.fileSize], [BigInt(expected.imap.size), expected.imap.size]);
  const file = { md5: Buffer.from(md5, "hex"), sha1: Buffer.from(sha1, "hex") };
  assert.equal(namesFile(guid, file), guid === null ? null : true);
}

function digest(name: "md5" | "sha1", path: string): string {
  return createHash(name).update(readFileSync(path)).digest("hex");
}

function systemFlags(bits: number, minorVersion: number): string[] {
  const names = ["\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Seen"];
  return names.filter((name, bit) => (bits >> bit) & 1 && (minorVersion >= 12 || name !== "\\Seen"));
}

const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString("hex"));

const bigint = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).readBigUInt64BE();

/** What a record of this version holds of a GUID; a UUID that begins with zero is none. */
function guidIn(version: number, guid: string): string | null {
  if (version < 10) return guid.startsWith("00") ? null : guid.slice(0, 24);
  return /^0*$/.test(guid) ? null : guid;
}

function flagsOf({ version = 17, flagNames = [] }: IndexSpec, { flags = 0, userFlags = [] }: RecordSpec): string {
  const system = ["\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Seen"];
  const set = system.filter((name, bit) => (flags >> bit) & 1 && (version >= 12 || name !== "\\Seen"));
  return canonicalFlags([...set, ...userFlags.map((number) => flagNames[number] ?? null).filter((f) => f !== null)]);
}

describe("decodeIndex()", () => {
  it("reads back every field of every version", () => {
    fc.assert(
      fc.property(anyIndexSpec(), (spec) => {
        const index = decodeIndex(writeIndex(spec), "cyrus.index");
        const flagSets = new FlagSets(spec.flagNames);
        const survey = surveyIndex(index, flagSets);
        assert.deepEqual(survey.faults, []);
        assert.deepEqual(survey.counted, { ...index.stored, syncCrcAnnot: null });
        const since = <T>(version: number, value: T) => (spec.version < version ? null : value);
        assert.equal(index.header.highestModseq, since(8, spec.header.highestModseq));
        assert.equal(index.header.deletedModseq, since(12, spec.header.deletedModseq));
        assert.equal(index.header.lastAppendDate, spec.header.lastAppendDate);
        assert.equal(index.header.lastRepackTime, since(12, spec.header.lastRepackTime));
        assert.equal(index.header.recentUid, since(12, spec.header.recentUid));
        assert.equal(index.header.recentTime, since(12, spec.header.recentTime));
        assert.equal(index.header.pop3LastLogin, spec.header.pop3LastLogin);
        assert.equal(index.header.pop3ShowAfter, since(13, spec.header.pop3ShowAfter));
        assert.equal(index.stored.syncCrcAnnot === null, spec.version < 13);
        assert.equal(index.header.createdModseq, since(16, spec.header.createdModseq));
        assert.deepEqual(
          [...survey.uids],
          spec.records.map(({ uid }) => uid),
        );
        const isExpunged = ({ flags }: { flags: number }) => (flags & EXPUNGED) !== 0;
        assert.deepEqual(
          survey.expunged.map((message) => ({ ...message, guid: hex(message.guid) })),
          spec.records.filter(isExpunged).map(({ uid, modseq, lastUpdated, guid }) => {
            return { uid, modseq: since(8, modseq), lastUpdated, guid: since(7, guidIn(spec.version, guid)) };
          }),
        );
        const live = spec.records.filter((record) => !isExpunged(record));
        assert.equal(survey.live.count, live.length);
        for (const [row, written] of live.entries()) {
          const record = unpackRecord(survey.live, row);
          assert.equal(record.uid, written.uid);
          assert.equal(record.sizeBytes, BigInt(written.size));
          assert.equal(record.internalDate, written.internalDate);
          assert.equal(record.lastUpdated, written.lastUpdated);
          assert.equal(record.modseq, since(8, written.modseq));
          assert.equal(hex(record.guid), since(7, guidIn(spec.version, written.guid)));
          assert.equal(record.saveDate, since(15, written.saveDate));
          assert.equal(record.createdModseq, since(16, written.createdModseq));
          assert.equal(bigint(record.cid), since(13, written.cid));
          assert.equal(bigint(record.baseCid), since(20, written.baseCid));
          assert.equal(record.flags, flagsOf(spec, written));
          assert.equal(survey.live.archived[row], (written.flags & ARCHIVED) !== 0 ? 1 : 0);
        }
      }),
    );
  });

  it("cuts the nanoseconds of version 20 down to whole seconds", () => {
    for (const [internalDate, internalDateNs] of [
      [0, 999_999_999],
      [1_767_225_600, 0],
      [1_767_225_600, 999_999_999],
      [4_294_967_296, 1],
      [18_446_744_073, 709_551_615],
    ] as const) {
      const index = decodeIndex(writeIndex({ version: 20, records: [{ uid: 1, internalDate, internalDateNs }] }), "i");
      assert.equal(unpackRecord(surveyIndex(index, noFlags).live, 0).internalDate, internalDate);
    }
  });

  it("takes a sync CRC as unknown where both are zero, but not in an empty mailbox", () => {
    const zero = { syncCrcBasic: 0, syncCrcAnnot: 0 };
    const crcOf = (spec: Parameters<typeof writeIndex>[0]) => decodeIndex(writeIndex(spec), "i").stored.syncCrcBasic;
    assert.equal(crcOf({ records: [{ uid: 1 }], header: zero }), null);
    assert.equal(crcOf({ records: [{ uid: 1 }], header: { syncCrcBasic: 0 } }), 0);
    assert.equal(crcOf({ records: [], header: zero }), 0);
    assert.equal(crcOf({ version: 12, records: [{ uid: 1 }], header: { syncCrcBasic: 0 } }), null);
  });

  it("ignores bytes after the last record", () => {
    const bytes = Buffer.concat([writeIndex({ records: [{ uid: 7 }] }), Buffer.alloc(50, 0xff)]);
    assert.equal(decodeIndex(bytes, "i").recordCount, 1);
  });

  it("refuses a file that ends before its last record, and a header that fails its checksum", () => {
    const bytes = writeIndex({ records: [{ uid: 7 }] });
    assert.throws(() => decodeIndex(bytes.subarray(0, -1), "i"), /1 records need 272 bytes, the file has 271/);
    assert.throws(() => decodeIndex(bytes.subarray(0, 150), "i"), CorruptStoreError);
    bytes[44]! ^= 1;
    assert.throws(() => decodeIndex(bytes, "i"), /does not match its checksum/);
  });

  it("refuses counters that no manifest can hold", () => {
    assert.throws(() => decodeIndex(writeIndex({ header: { highestModseq: 2n ** 63n } }), "i"), CorruptStoreError);
  });

  it("fails only with CorruptStoreError on bytes of any kind", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => decodesOrIsCorrupt(Buffer.from(bytes))));
    const change = fc.record({ at: fc.nat(700), value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff) });
    fc.assert(
      fc.property(
        anyIndexSpec(),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(800),
        (spec, changes, length) => {
          const bytes = writeIndex(spec);
          for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
          decodesOrIsCorrupt(bytes);
          decodesOrIsCorrupt(bytes.subarray(0, length));
          // With a good header checksum the damage is let in further.
          if (bytes.readUInt32BE(12) < bytes.length && bytes.readUInt32BE(12) > 24)
            decodesOrIsCorrupt(sealHeader(bytes));
        },
      ),
    );
  });
});

function decodesOrIsCorrupt(bytes: Buffer): void {
  unsupportedIndex(bytes);
  try {
    const index = decodeIndex(bytes, "i");
    const { live } = surveyIndex(index, noFlags);
    for (let row = 0; row < live.count; row++) unpackRecord(live, row);
  } catch (error) {
    assert.ok(error instanceof CorruptStoreError, String(error));
  }
}

describe("unsupportedIndex()", () => {
  const withVersion = (version: number) => {
    const bytes = writeIndex({ records: [{ uid: 1 }] });
    bytes.writeUInt32BE(version, 8);
    return bytes;
  };

  it("knows every supported version", () => {
    for (const version of WRITABLE_VERSIONS) assert.equal(unsupportedIndex(writeIndex({ version })), null);
  });

  it("names a sound index of another version", () => {
    assert.match(unsupportedIndex(sealHeader(withVersion(21))) ?? "", /index version 21/);
    assert.match(unsupportedIndex(sealHeader(withVersion(11))) ?? "", /index version 11/);
    const old = Buffer.alloc(200);
    for (const [at, value] of [5, 68, 56, 2].entries()) old.writeUInt32BE(value, 8 + 4 * at);
    assert.match(unsupportedIndex(old) ?? "", /index version 5/);
  });

  it("takes a version that the checksum contradicts for damage", () => {
    assert.equal(unsupportedIndex(withVersion(21)), null);
    assert.equal(unsupportedIndex(withVersion(0x11000011)), null);
    assert.equal(unsupportedIndex(Buffer.alloc(200, 0x41)), null);
  });
});
