import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { unpackRecord } from "../../../src/mail/packed-messages.ts";
import { decodeMailboxHeader } from "../../../src/store/cyrus/mailbox-header.ts";
import { cyrusMailboxReader } from "../../../src/store/cyrus/reader.ts";
import type { IndexReading, MailboxRef } from "../../../src/store/mail-store.ts";
import { mailboxReaderFor } from "../../../src/store/reader-registry.ts";
import { type UnpackedFixture, unpackFixture } from "../../support/fixtures.ts";
import { anyIndexSpec } from "../../support/index-arbitrary.ts";
import { type IndexSpec, sealHeader, sealRecord, writeIndex, writeMailboxHeader } from "../../support/index-writer.ts";

const { readIndex, messageUid, messageFileName } = cyrusMailboxReader;

function refOf(directory: string, uniqueId: string | null = null): MailboxRef {
  const bytes = Buffer.from(directory, "utf8").toString("latin1");
  return {
    name: nameOf(directory),
    uniqueId,
    listing: {
      partition: "default",
      type: "e",
      uidValidity: null,
      foldermodseq: null,
      createdModseq: null,
      mtime: null,
      acl: null,
    },
    indexFile: `${bytes}/cyrus.index`,
    headerFile: `${bytes}/cyrus.header`,
    annotationsFile: `${bytes}/cyrus.annotations`,
    expungeFile: `${bytes}/cyrus.expunge`,
    messageDirectories: [bytes],
    messageRoots: [bytes],
  };
}

/** By where it lies in the layout by name, else by its header. */
function nameOf(directory: string): string {
  if (!directory.includes("/uuid/")) return directory.replace(/^.*\/spool\//, "").replaceAll("/", ".");
  return decodeMailboxHeader(readFileSync(join(directory, "cyrus.header")), "").name ?? "";
}

function snapshotOf(reading: IndexReading) {
  assert.equal(
    reading.status,
    "read",
    JSON.stringify(reading, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
  );
  assert.ok(reading.status === "read");
  return reading.snapshot;
}

function inconsistentOf(reading: IndexReading) {
  assert.ok(reading.status === "inconsistent", `status is ${reading.status}`);
  return reading;
}

/** Directories below `root` that hold an index. */
function mailboxDirectories(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.name === "cyrus.index")
    .map((entry) => entry.parentPath);
}

describe("readIndex() on spools that Cyrus 3.6.1 wrote", () => {
  const fixtures: UnpackedFixture[] = [];
  const unpack = (name: Parameters<typeof unpackFixture>[0]) => {
    const fixture = unpackFixture(name);
    fixtures.push(fixture);
    return fixture.root;
  };
  after(() => {
    for (const fixture of fixtures) fixture.cleanup();
  });

  for (const [name, mailboxes] of [
    ["a-legacy-insync", 76],
    ["b-uuid-insync", 76],
    ["d-index-versions", 56],
  ] as const) {
    it(`reads every mailbox of ${name}`, () => {
      const directories = mailboxDirectories(unpack(name));
      assert.equal(directories.length, mailboxes);
      for (const directory of directories) {
        const snapshot = snapshotOf(readIndex(refOf(directory)));
        assert.deepEqual(snapshot.counted, snapshot.stored);
        assert.match(snapshot.uniqueId ?? "", /^[0-9a-z]{24}$/);
      }
    });
  }

  it("sees the faults of c-damaged-legacy that lie in an index, and no others", () => {
    const root = unpack("c-damaged-legacy");
    const readings = new Map(mailboxDirectories(root).map((path) => [path, readIndex(refOf(path))]));
    const spool = join(root, "replica/spool/user/alice");
    const bad = [...readings].filter(([, reading]) => reading.status !== "read").map(([path]) => path);
    assert.deepEqual(bad.sort(), [join(spool, "Archive/2024"), join(spool, "casetest")]);
    // F10: the directory of a listed mailbox is gone.
    const lost = join(root, "replica/spool/user/carol/Sent");
    assert.deepEqual(readIndex(refOf(lost)), { status: "missing", path: lost });
    // F12: the header's uidvalidity, with a good checksum: only the mailbox list can tell.
    const primary = snapshotOf(readIndex(refOf(join(root, "primary/spool/user/alice/Entw&APw-rfe"))));
    const replica = snapshotOf(readIndex(refOf(join(spool, "Entw&APw-rfe"))));
    assert.equal(replica.header.uidValidity, primary.header.uidValidity + 1);
    // F19: a record that fails its checksum.
    const { accept, found } = inconsistentOf(readIndex(refOf(join(spool, "casetest"))));
    assert.equal(accept.status, "index-corrupt");
    assert.match(found, /byte 160 \(UID 1\) does not match its checksum/);
    // F22: a flag without its counter.
    const silent = inconsistentOf(readIndex(refOf(join(spool, "Archive/2024"))));
    assert.match(silent.signature, /^flagged:1;syncCrcBasic:\d+$/);
    const { stored, counted } = snapshotOf(silent.accept);
    assert.equal(counted.flagged, stored.flagged + 1);
    assert.notEqual(counted.syncCrcBasic, stored.syncCrcBasic);
  });
});

describe("readIndex()", () => {
  let directory: string;
  let index: string;
  let header: string;
  const uniqueId = "j3rf14mqsqqnypz7amnynwsp";
  const flagNames = ["Work", "$Label1"];
  const mailboxHeader = writeMailboxHeader({ uniqueId, name: "user.alice", quotaRoot: "user.alice", flagNames });
  const records = [
    { uid: 1, size: 100, modseq: 5, flags: 16, guid: "ab".repeat(20) },
    { uid: 4, size: 200, modseq: 9, userFlags: [1], guid: "cd".repeat(20) },
  ];
  const indexOf = (spec: IndexSpec = {}) => writeIndex({ records, flagNames, mailboxHeader, ...spec });
  const read = (id: string | null = uniqueId) => readIndex(refOf(directory, id));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "spooldiff-reader-"));
    index = join(directory, "cyrus.index");
    header = join(directory, "cyrus.header");
    writeFileSync(index, indexOf());
    writeFileSync(header, mailboxHeader);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("gives one consistent snapshot", () => {
    const from = Date.now();
    utimesSync(index, 1_700_000_000, 1_700_000_000);
    utimesSync(header, 1_700_000_100, 1_700_000_100);
    const snapshot = snapshotOf(read());
    assert.ok(snapshot.readAtMs >= from && snapshot.readAtMs <= Date.now());
    assert.equal(snapshot.filesMtimeMs, 1_700_000_100_000);
    assert.equal(snapshot.uniqueId, uniqueId);
    assert.equal(snapshot.quotaRoot, "user.alice");
    assert.deepEqual(snapshot.flagNames, flagNames);
    assert.deepEqual([snapshot.live.count, snapshot.expunged, [...(snapshot.uids ?? [])]], [2, [], [1, 4]]);
    assert.equal(unpackRecord(snapshot.live, 1).uid, 4);
    assert.equal(unpackRecord(snapshot.live, 1).flags, "$label1");
  });

  it("says what is missing: the index, or the directory too", () => {
    rmSync(index);
    assert.deepEqual(read(), { status: "missing", path: index });
    rmSync(directory, { recursive: true });
    assert.deepEqual(read(), { status: "missing", path: directory });
    writeFileSync(directory, "a file in its place");
    assert.deepEqual(read(), { status: "missing", path: directory });
  });

  it("takes a mailbox that is deleted and awaits cleanup for missing", () => {
    writeFileSync(index, indexOf({ header: { options: 0x8000_0001 } }));
    assert.deepEqual(read(), { status: "missing", path: directory });
  });

  it("never waits for, nor follows, what is no regular file", () => {
    const replacements: readonly (readonly [string, (path: string) => void])[] = [
      ["a FIFO", (path) => execFileSync("sh", ["-c", 'mkfifo "$0"', path])],
      ["a directory", (path) => mkdirSync(path)],
      ["a symbolic link", (path) => symlinkSync("/dev/zero", path)],
    ];
    for (const [kind, make] of replacements) {
      for (const [path, status] of [
        [header, "header-corrupt"],
        [index, "index-corrupt"],
      ] as const) {
        const kept = `${path}.kept`;
        renameSync(path, kept);
        make(path);
        const name = path === index ? "cyrus.index" : "cyrus.header";
        assert.deepEqual(read(), { status, found: `${name} is ${kind}` });
        rmSync(path, { recursive: true });
        renameSync(kept, path);
      }
    }
  });

  it("names the error where the system refuses", {
    skip: process.getuid?.() === 0 && "root may read everything",
  }, () => {
    chmodSync(header, 0);
    assert.deepEqual(read(), { status: "unreadable", path: header, errno: "EACCES" });
    chmodSync(index, 0);
    assert.deepEqual(read(), { status: "unreadable", path: index, errno: "EACCES" });
  });

  it("survives names that no system call takes", () => {
    const ref = { ...refOf(directory), indexFile: `${directory}/a\0b` };
    assert.deepEqual(readIndex(ref), { status: "unreadable", path: ref.indexFile, errno: "EINVAL" });
    const long = { ...refOf(directory), indexFile: `${directory}/${"x".repeat(300)}` };
    assert.deepEqual(readIndex(long), { status: "unreadable", path: long.indexFile, errno: "ENAMETOOLONG" });
  });

  it("calls a sound index of another version unsupported", () => {
    const bytes = indexOf();
    bytes.writeUInt32BE(21, 8);
    writeFileSync(index, sealHeader(bytes));
    assert.equal(read().status, "unsupported");
  });

  it("calls garbage, and an index cut short, corrupt once it stands still", () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(500, 0xa5),
      indexOf().subarray(0, 300),
      indexOf().subarray(0, 90),
    ]) {
      writeFileSync(index, bytes);
      const reading = inconsistentOf(read());
      assert.equal(reading.accept.status, "index-corrupt");
      assert.equal(inconsistentOf(read()).signature, reading.signature);
    }
  });

  it("tells two states of a torn header apart", () => {
    const torn = (byte: number) => {
      const bytes = indexOf();
      bytes[70] = byte;
      writeFileSync(index, bytes);
      return inconsistentOf(read()).signature;
    };
    assert.notEqual(torn(1), torn(2));
  });

  it("refuses the directory of another mailbox", () => {
    assert.deepEqual(inconsistentOf(read("another")).accept, {
      status: "header-corrupt",
      found: `cyrus.header holds mailbox ${uniqueId}, the mailbox list says another`,
    });
    snapshotOf(read(null));
  });

  it("calls a lost or unparsable cyrus.header corrupt once it stands still", () => {
    writeFileSync(header, "nonsense");
    assert.equal(inconsistentOf(read()).accept.status, "header-corrupt");
    rmSync(header);
    assert.deepEqual(inconsistentOf(read()).accept, { status: "header-corrupt", found: "cyrus.header is missing" });
  });

  it("calls a cyrus.header that the index does not know corrupt once it stands still", () => {
    writeFileSync(header, writeMailboxHeader({ uniqueId, name: "user.alice", flagNames }));
    assert.deepEqual(inconsistentOf(read()).accept, {
      status: "index-corrupt",
      found: "cyrus.header does not match header_file_crc",
    });
    writeFileSync(index, indexOf({ header: { headerFileCrc: 0 } }));
    snapshotOf(read());
  });

  it("hands over the records where only counters contradict them", () => {
    writeFileSync(index, indexOf({ header: { exists: 7, quotaUsed: 1, unseen: 0 } }));
    const { accept, signature } = inconsistentOf(read());
    assert.equal(signature, "exists:-5;unseen:1;quotaUsed:299");
    assert.equal(snapshotOf(accept).stored.exists, 7);
    assert.equal(snapshotOf(accept).counted.exists, 2);
  });

  it("keeps the signature of a contradiction while the mailbox goes on changing", () => {
    const wrong = (more: IndexSpec["records"]) => {
      const all = [...records, ...(more ?? [])];
      const right = writeIndex({ records: all, flagNames, mailboxHeader });
      const bytes = writeIndex({ records: all, flagNames, mailboxHeader, header: { exists: all.length + 5 } });
      // A wrong sync CRC too, off by the same bits.
      bytes.writeUInt32BE((right.readUInt32BE(100) ^ 0x1234) >>> 0, 100);
      writeFileSync(index, sealHeader(bytes));
      return inconsistentOf(read()).signature;
    };
    assert.equal(wrong([]), `exists:-5;syncCrcBasic:${0x1234}`);
    assert.equal(wrong([{ uid: 9, flags: 2 }]), wrong([]));
  });

  it("is not consistent between a writer's records and its header", () => {
    const bytes = indexOf();
    const states = new Set<string>();
    for (const uid of [9, 10]) {
      // As Cyrus appends: the record first, then the header that counts it.
      const next = writeIndex({ records: [...records, { uid, modseq: 10 }], flagNames, mailboxHeader });
      const torn = Buffer.concat([bytes.subarray(0, 160), next.subarray(160)]);
      torn.writeUInt32BE(3, 20);
      sealHeader(torn);
      writeFileSync(index, torn);
      states.add(inconsistentOf(read()).signature);
      writeFileSync(index, next);
      snapshotOf(read());
    }
    assert.equal(states.size, 2);
    // In place: a flag is set, its counter is not yet.
    bytes[160 + 35]! |= 2;
    sealRecord(bytes, 0);
    writeFileSync(index, bytes);
    assert.match(inconsistentOf(read()).signature, /^flagged:1;syncCrcBasic:/);
  });

  it("ignores what follows the last record", () => {
    appendFileSync(index, Buffer.alloc(1000, 0xee));
    snapshotOf(read());
  });

  it("reads back any index, and never throws for a damaged one", () => {
    const change = fc.record({ at: fc.nat(900), value: fc.nat(255) });
    fc.assert(
      fc.property(anyIndexSpec(), fc.array(change, { maxLength: 4 }), fc.nat(900), (spec, changes, cut) => {
        const own = writeMailboxHeader({ uniqueId, name: "user.alice", flagNames: spec.flagNames });
        const good = writeIndex({ ...spec, mailboxHeader: own });
        writeFileSync(header, own);
        writeFileSync(index, good);
        assert.deepEqual(snapshotOf(read()).counted, snapshotOf(read()).stored);
        const bad = Buffer.from(good);
        for (const { at, value } of changes) if (at < bad.length) bad[at] = value;
        writeFileSync(index, bad);
        const changed = read();
        writeFileSync(index, bad.subarray(0, cut));
        const cutOff = read();
        // From version 12 on each byte is under some checksum: whatever differs is seen.
        if (spec.version >= 12) {
          assert.equal(changed.status === "read", bad.equals(good));
          assert.equal(cutOff.status === "read", cut >= bad.length && bad.equals(good));
        }
        writeFileSync(index, good);
        writeFileSync(header, own.subarray(0, cut));
        assert.equal(read().status === "read", cut >= own.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe("messageUid()", () => {
  it("takes a canonical decimal number and a dot", () => {
    assert.equal(messageUid("12."), 12);
    assert.equal(messageUid("4294967295."), 4_294_967_295);
    for (const name of [
      "12",
      "012.",
      "0.",
      "4294967296.",
      "99999999999.",
      "-1.",
      "1.5.",
      "1.\n",
      " 1.",
      "cyrus.index",
      "1.NEW",
      "",
    ]) {
      assert.equal(messageUid(name), null, JSON.stringify(name));
    }
  });

  it("reads what messageFileName() writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), (uid) =>
        assert.equal(messageUid(messageFileName(uid)), uid),
      ),
    );
  });
});

describe("mailboxReaderFor()", () => {
  it("has the reader of Cyrus mailboxes", () => {
    assert.equal(mailboxReaderFor("cyrus"), cyrusMailboxReader);
  });
});
