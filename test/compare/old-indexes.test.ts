/** Pairs with indexes of old versions, and of two versions: UUIDs, cyrus.expunge, and what cannot be compared. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type RecordSpec, WRITABLE_VERSIONS, type WritableVersion, writeIndex } from "../support/index-writer.ts";
import { compareFiles, scanConf } from "../support/pipeline.ts";
import { flagWord, guidOf, type ModelMessage, modelMailbox, modelMessage, READ_AT } from "../support/spool/model.ts";
import { inFolder } from "../support/spool/scan-pair.ts";
import { writeSpool } from "../support/spool/write-spool.ts";

/** Kinds of UUID of versions 7 to 9: made of the MD5, dealt out by the server, none. */
type Uuids = "md5" | "dealt" | "none";

/** How one side is to be. */
interface SideSpec {
  readonly version: WritableVersion;
  readonly uuids?: Uuids;
  /** Files that hold something else, by UID. */
  readonly files?: Readonly<Record<number, string>>;
  /** Without the record of this message, which is expunged and was so at this time. */
  readonly expunge?: { readonly uid: number; readonly at: number };
  /** What the cyrus.expunge holds instead of an index. */
  readonly expungeBytes?: string;
  readonly indexBytes?: Buffer;
  readonly uidValidity?: number;
}

const MESSAGES = [
  modelMessage(1, { flags: 1 }),
  modelMessage(2, { expunged: true }),
  modelMessage(3, { keywords: ["Work"] }),
  modelMessage(4),
];
const NAME = "user.alice";

function uuidOf(body: string, kind: Uuids): string {
  if (kind === "none") return "0".repeat(24);
  const rest = createHash("md5").update(body, "latin1").digest("hex").slice(0, 22);
  // A server deals out its own number, whatever the message.
  return kind === "md5" ? `02${rest}` : `01${[...rest].reverse().join("")}`;
}

function recordOf(message: ModelMessage, { version, uuids = "md5" }: SideSpec): RecordSpec {
  const { uid, body, modseq, lastUpdated, internalDate, saveDate, keywords } = message;
  const guid = version >= 7 && version <= 9 ? uuidOf(body, uuids) : guidOf(body);
  const record = { uid, guid, size: body.length, modseq, lastUpdated, internalDate, saveDate, createdModseq: 2 };
  return { ...record, flags: flagWord(message), userFlags: keywords.map(() => 0) };
}

/** Writes one side; its index as Cyrus of that time has it. */
function writeSide(root: string, spec: SideSpec): string {
  const over = spec.uidValidity === undefined ? {} : { uidValidity: spec.uidValidity };
  const mailbox = modelMailbox(NAME, structuredClone(MESSAGES), over);
  for (const [uid, file] of Object.entries(spec.files ?? {})) {
    for (const message of mailbox.messages) if (message.uid === Number(uid)) message.file = file;
  }
  const conf = writeSpool(root, { mailboxes: [mailbox], tombstones: [] }, "legacy");
  const directory = join(root, "spool/user/alice");
  const old = spec.version < 12;
  const isGone = ({ uid, expunged }: ModelMessage) => expunged || uid === spec.expunge?.uid;
  const records = mailbox.messages.filter((m) => !old || !isGone(m));
  const { lastUid, uidValidity, highestModseq, options } = mailbox;
  const mailboxHeader = readFileSync(join(directory, "cyrus.header"));
  const marks = { lastUid, uidValidity, highestModseq, options, createdModseq: 2 };
  const index = writeIndex({
    ...{ version: spec.version, flagNames: ["Work"], mailboxHeader },
    ...{ records: records.map((m) => recordOf(m, spec)), header: marks },
  });
  const files: Record<string, Buffer | string> = { "cyrus.index": spec.indexBytes ?? index };
  if (old) {
    const expunged = mailbox.messages.filter(isGone).map((m) => {
      const record = recordOf({ ...m, expunged: false }, spec);
      return m.uid === spec.expunge?.uid ? { ...record, lastUpdated: spec.expunge.at } : record;
    });
    files["cyrus.expunge"] =
      spec.expungeBytes ?? writeIndex({ version: spec.version, records: expunged, header: marks });
  }
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(directory, name), bytes, "latin1");
    utimesSync(join(directory, name), mailbox.changedAt, mailbox.changedAt);
  }
  return conf;
}

async function compareSides(primary: SideSpec, replica: SideSpec) {
  return inFolder(async (folder) => {
    const scan = (name: "primary" | "replica", spec: SideSpec, readAtMs: number) =>
      scanConf(writeSide(join(folder, name), spec), join(folder, `${name}.db`), { host: name, readAtMs });
    const second = await scan("replica", replica, READ_AT * 1000);
    const first = await scan("primary", primary, (READ_AT + 10) * 1000);
    const { summary, variances, notes } = compareFiles(first, second);
    const found = variances.map((v) => `${v.class} ${v.state} ${v.side} ${v.subject.uid ?? ""}`.trim());
    return {
      summary,
      found,
      variances,
      notes: notes.map((note) => `${note.class} ${note.side} ${note.count ?? ""}`.trim()),
    };
  });
}

/** Something else of the same length. */
const damaged = (uid: number) => (MESSAGES.find((m) => m.uid === uid)?.body ?? "").replace("text", "tixt");

describe("compareManifests() of indexes of every version", { concurrency: 4 }, () => {
  for (const version of WRITABLE_VERSIONS) {
    it(`finds nothing where both sides have version ${version} and agree`, async () => {
      const { found, summary, notes } = await compareSides({ version }, { version });
      assert.deepEqual([found, summary.verdict, summary.scope.notComparable], [[], "in-sync", []]);
      assert.deepEqual(notes, []);
    });

    it(`finds nothing against version 17, and names once what version ${version} has not`, async () => {
      const { found, summary } = await compareSides({ version: 17 }, { version });
      assert.deepEqual([found, summary.verdict], [[], "in-sync"]);
      const fields = summary.scope.notComparable.map((line) => line.slice(0, line.indexOf(":")));
      assert.equal(new Set(fields).size, fields.length);
      assert.equal(fields.includes("guid"), version < 10);
      assert.equal(fields.includes("modseq"), version < 8);
      assert.equal(fields.includes("\\Seen of the owner"), version < 12);
      assert.equal(fields.includes("savedate"), version < 15);
    });
  }
});

describe("compareManifests() of UUIDs", { concurrency: 4 }, () => {
  const md5 = { version: 9, uuids: "md5" } as const;
  const dealt = { version: 9, uuids: "dealt" } as const;

  it("finds the side whose file is not the one that a UUID of its MD5 stands for", async () => {
    for (const version of [7, 8, 9] as const) {
      const { found, variances } = await compareSides(
        { ...md5, version },
        { ...md5, version, files: { 3: damaged(3) } },
      );
      assert.deepEqual(found, ["file-corrupt damaged replica 3"]);
      assert.match(variances[0]?.explain ?? "", /its MD5 is not the GUID/);
    }
  });

  it("finds on both sides what is damaged alike", async () => {
    const files = { 3: damaged(3) };
    assert.deepEqual((await compareSides({ ...md5, files }, { ...md5, files })).found, ["file-corrupt damaged both 3"]);
    const mixed = await compareSides({ version: 17, files }, { ...md5, files });
    assert.deepEqual(mixed.found, ["file-corrupt damaged both 3"]);
  });

  it("cannot say which file is right by a UUID that was dealt out, nor by none, and notes that", async () => {
    for (const uuids of ["dealt", "none"] as const) {
      const side = { version: 9, uuids } as const;
      const { found, notes } = await compareSides(side, { ...side, files: { 3: damaged(3) } });
      assert.deepEqual(found, ["file-content-differs diverged unknown 3"]);
      assert.deepEqual(notes, ["guid-missing primary 3", "guid-missing replica 3"]);
    }
  });

  it("compares contents by their digests where one side has SHA-1 and the other UUIDs", async () => {
    const there = await compareSides({ version: 17 }, { ...dealt, files: { 4: damaged(4) } });
    assert.deepEqual(there.found, ["file-content-differs diverged unknown 4"]);
    const here = await compareSides({ version: 17, files: { 4: damaged(4) } }, md5);
    assert.deepEqual(here.found, ["file-corrupt damaged primary 4"]);
    const lines = here.summary.scope.notComparable.filter((line) => line.startsWith("guid"));
    assert.deepEqual(lines, [
      "guid: a SHA-1 in an index of version 10 and later, a UUID in versions 7 to 9, none before",
    ]);
  });
});

describe("compareManifests() of another UIDVALIDITY", () => {
  it("matches messages by their digests where a GUID tells of one side alone", async () => {
    for (const version of [6, 9, 17] as const) {
      const replica = { version, uidValidity: READ_AT - 100_000, files: { 3: damaged(3) } };
      const { variances } = await compareSides({ version: 17 }, replica);
      const different = variances.find((v) => v.class === "uidvalidity-differs");
      // Where both have SHA-1 the records say what the message is, whatever its file has become.
      assert.equal(different?.primary?.withoutPartner, version === 17 ? 0 : 1);
    }
  });
});

describe("compareManifests() of cyrus.expunge", { concurrency: 4 }, () => {
  const young = { uid: 4, at: READ_AT - 60 };
  const old = { uid: 4, at: READ_AT - 5000 };

  it("takes a message that one side has just expunged for one on its way, and an old one for lost", async () => {
    for (const version of [6, 9, 10] as const) {
      const now = await compareSides({ version, expunge: young }, { version });
      assert.deepEqual(now.found, ["message-missing in-flight replica 4"]);
      const before = await compareSides({ version, expunge: old }, { version });
      assert.deepEqual(before.found, ["message-missing diverged primary 4"]);
      assert.equal(before.summary.exitCode, 1);
    }
  });

  it("calls no file an orphan whose record nobody can read", async () => {
    const { found, summary, variances } = await compareSides({ version: 10 }, { version: 10, expungeBytes: "rubbish" });
    assert.deepEqual(found, ["mailbox-unreadable unproven replica"]);
    assert.match(String(variances[0]?.replica?.found), /^cyrus\.expunge: /);
    assert.equal(summary.exitCode, 3);
  });
});

describe("compareManifests() of an index of a version that nobody knows", () => {
  for (const version of [0, 5, 11, 21]) {
    it(`says so of version ${version}, of this mailbox alone`, async () => {
      const bytes = writeIndex({ version: 10, records: [{ uid: 1 }] });
      bytes.writeUInt32BE(version, 8);
      const { found, summary, variances } = await compareSides({ version: 17 }, { version: 17, indexBytes: bytes });
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", /^(index-corrupt damaged|mailbox-unreadable unproven) replica$/);
      assert.match(JSON.stringify(variances[0]?.replica), new RegExp(`version ${version} `));
      assert.notEqual(summary.exitCode, 0);
    });
  }
});
