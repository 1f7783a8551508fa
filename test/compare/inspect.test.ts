/** One host alone: every fault that needs no partner to be seen is found, once, and nothing where there is none. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspectManifest } from "../../src/compare/inspect.ts";
import { ExitCode } from "../../src/errors.ts";
import { FindingStore } from "../../src/findings/store.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { StoredManifestView } from "../../src/manifest/view.ts";
import { sealHeader, sealRecord } from "../support/index-writer.ts";
import { scanConf } from "../support/pipeline.ts";
import { LAYOUTS, type ModelLayout, pathOf } from "../support/spool/layout.ts";
import {
  idOf,
  type ModelMailbox,
  type ModelMessage,
  mailboxOf,
  messageOf,
  modelMailbox,
  modelMessage,
  READ_AT,
  type SpoolModel,
} from "../support/spool/model.ts";
import { inFolder } from "../support/spool/scan-pair.ts";
import { writeSpool } from "../support/spool/write-spool.ts";

const INBOX = "user.alice";
const SENT = "user.alice.Sent";
/** The message that faults are planted in. */
const UID = 2;

/** The list is a flat file, so that a test can change it as text. */
const LAYOUT: ModelLayout = { ...LAYOUTS.legacy, list: "flat" };

function healthySpool(): SpoolModel {
  const messages = () => [1, UID, 3, 4].map((uid) => modelMessage(uid, { flags: uid === 3 ? 16 : 0 }));
  return { mailboxes: [modelMailbox(INBOX, messages()), modelMailbox(SENT, messages())], tombstones: [] };
}

interface Expected {
  readonly class: string;
  readonly state: string;
  readonly mailbox: string | null;
  readonly uid?: number;
  readonly item?: string;
}

/** A fault: how it comes into the model before it is written, or onto the disk after. */
interface Fault {
  readonly plant?: (spool: SpoolModel, inbox: ModelMailbox, message: ModelMessage) => unknown;
  readonly damage?: (disk: Disk) => void;
  readonly found: Expected;
}

/** The files of the store on disk. */
class Disk {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  path(name: string, mailbox = INBOX): string {
    return join(this.#root, "spool", pathOf(modelMailbox(mailbox, []), LAYOUT), name);
  }

  change(path: string, change: (text: string) => string): void {
    const before = readFileSync(path, "latin1");
    const after = change(before);
    assert.notEqual(after, before);
    writeFileSync(path, after, "latin1");
  }

  list(change: (text: string) => string): void {
    this.change(join(this.#root, "conf/mailboxes.db"), change);
  }

  /** Changes the index and makes the checksum of its header good again. */
  index(change: (bytes: Buffer) => void, seal = true): void {
    const bytes = readFileSync(this.path("cyrus.index"));
    change(bytes);
    writeFileSync(this.path("cyrus.index"), seal ? sealHeader(bytes) : bytes);
  }
}

const ofInbox = (name: string, item?: string): Expected => ({
  ...{ class: name, state: "damaged", mailbox: INBOX },
  ...(item === undefined ? {} : { item }),
});
const ofMessage = (name: string, uid = UID): Expected => ({ ...ofInbox(name), uid });

/** Adds one to a word of the header of index version 17. */
const oneMoreAt = (at: number) => (disk: Disk) =>
  disk.index((bytes) => bytes.writeUInt32BE(bytes.readUInt32BE(at) + 1, at));

const flipped = (body: string) => body.replace("message", "massage");

const FAULTS: Readonly<Record<string, Fault>> = {
  "a file of other content": {
    plant: (_, __, message) => Object.assign(message, { file: flipped(message.body) }),
    found: ofMessage("file-corrupt"),
  },
  "a file of other content, and another GUID than its own in the record": {
    plant: (_, __, message) => Object.assign(message, { file: flipped(message.body), guid: "ab".repeat(20) }),
    found: ofMessage("file-corrupt"),
  },
  "a GUID that was changed in the record and in the header's sums": {
    plant: (_, __, message) => Object.assign(message, { guid: "ab".repeat(20) }),
    found: ofMessage("file-corrupt"),
  },
  "a GUID that was changed behind the header's back": {
    plant: (_, inbox, message) => {
      inbox.summed = structuredClone(inbox.messages);
      message.guid = "ab".repeat(20);
    },
    found: ofMessage("file-corrupt"),
  },
  "a size that was changed behind the header's back": {
    damage: (disk) =>
      disk.index((bytes) => {
        const at = bytes.readUInt32BE(12) + bytes.readUInt32BE(16) + 12;
        bytes.writeUInt32BE(bytes.readUInt32BE(at) ^ 0x40, at);
        sealRecord(bytes, 1);
      }),
    found: ofMessage("file-size-differs"),
  },
  "a flag that was changed behind the header's back": {
    plant: (_, inbox, message) => {
      inbox.summed = structuredClone(inbox.messages);
      message.flags ^= 2;
    },
    found: ofInbox("index-counters-wrong", "flagged, sync_crc"),
  },
  "a truncated file": {
    plant: (_, __, message) => Object.assign(message, { file: message.body.slice(0, 20) }),
    found: ofMessage("file-size-differs"),
  },
  "a missing file": {
    plant: (_, __, message) => Object.assign(message, { file: null }),
    found: ofMessage("file-missing"),
  },
  "a file without a record": {
    plant: (_, inbox) => Object.assign(inbox, { orphans: new Map([[9, "Subject: nobody's\r\n\r\n"]]) }),
    found: ofMessage("file-orphan", 9),
  },
  "a wrong count of messages": { damage: oneMoreAt(84), found: ofInbox("index-counters-wrong", "exists") },
  "a wrong count of unseen ones": { damage: oneMoreAt(124), found: ofInbox("index-counters-wrong", "unseen") },
  "a wrong count of answered ones": { damage: oneMoreAt(52), found: ofInbox("index-counters-wrong", "answered") },
  "a wrong count of flagged ones": { damage: oneMoreAt(56), found: ofInbox("index-counters-wrong", "flagged") },
  "a wrong count of deleted ones": { damage: oneMoreAt(48), found: ofInbox("index-counters-wrong", "deleted") },
  "a wrong sum of sizes": { damage: oneMoreAt(36), found: ofInbox("index-counters-wrong", "quota_used") },
  "a wrong sync CRC": { damage: oneMoreAt(100), found: ofInbox("index-counters-wrong", "sync_crc") },
  "a wrong sync CRC of annotations": { damage: oneMoreAt(120), found: ofInbox("index-counters-wrong", "annotcrc") },
  "a header that fails its checksum": {
    damage: (disk) => disk.index((bytes) => bytes.writeUInt32BE(99, 28), false),
    found: ofInbox("index-corrupt"),
  },
  "a record that fails its checksum": {
    plant: (_, inbox) => Object.assign(inbox, { staleRecord: UID }),
    found: ofInbox("index-corrupt"),
  },
  "a UID twice": {
    damage: (disk) =>
      disk.index((bytes) => {
        bytes.writeUInt32BE(1, bytes.readUInt32BE(12) + bytes.readUInt32BE(16));
        sealRecord(bytes, 1);
      }),
    found: ofInbox("index-corrupt"),
  },
  "a modseq above the highest": {
    plant: (_, __, message) => Object.assign(message, { modseq: 1000 }),
    found: ofInbox("index-corrupt"),
  },
  "an index that was cut off": {
    damage: (disk) => disk.change(disk.path("cyrus.index"), (text) => text.slice(0, -1)),
    found: ofInbox("index-corrupt"),
  },
  "a cyrus.header that is not the index's": {
    damage: (disk) => disk.change(disk.path("cyrus.header"), (text) => text.replace("lrswipkxtecdan", "lrs")),
    found: ofInbox("index-corrupt"),
  },
  "a cyrus.header that is none": {
    damage: (disk) => disk.change(disk.path("cyrus.header"), () => "garbage"),
    found: ofInbox("mailbox-unreadable"),
  },
  "a cyrus.header that is gone": {
    damage: (disk) => rmSync(disk.path("cyrus.header")),
    found: ofInbox("mailbox-unreadable"),
  },
  "another uniqueid in the list than in cyrus.header": {
    damage: (disk) => disk.list((text) => text.replaceAll(idOf(INBOX), idOf("another"))),
    found: ofInbox("mailbox-unreadable"),
  },
  "another uidvalidity in the list than in the index": {
    plant: (_, inbox) => Object.assign(inbox, { indexUidValidity: inbox.uidValidity + 1 }),
    found: ofInbox("uidvalidity-contradicts-mailbox-list"),
  },
  "no directory": {
    plant: (spool) => Object.assign(mailboxOf(spool, SENT), { directoryMissing: true }),
    found: { ...ofInbox("mailbox-directory-missing"), mailbox: SENT },
  },
  "no index": {
    damage: (disk) => rmSync(disk.path("cyrus.index")),
    found: ofInbox("index-corrupt"),
  },
  "a directory that the list does not know": {
    plant: (_, inbox) => Object.assign(inbox, { unlisted: true }),
    found: ofInbox("mailbox-not-in-list"),
  },
  "one uniqueid for two mailboxes": {
    plant: (spool) => Object.assign(mailboxOf(spool, SENT), { uniqueId: idOf(INBOX) }),
    found: ofInbox("uniqueid-duplicate"),
  },
};

/** What `inspect` says of a store with this fault, or with none. */
async function inspected({ plant, damage }: Omit<Fault, "found">, layout = LAYOUT) {
  return inFolder(async (folder) => {
    const spool = healthySpool();
    const inbox = mailboxOf(spool, INBOX);
    plant?.(spool, inbox, messageOf(inbox, UID));
    const conf = writeSpool(join(folder, "store"), spool, layout);
    damage?.(new Disk(join(folder, "store")));
    const manifest = await scanConf(conf, join(folder, "m.db"), { readAtMs: READ_AT * 1000, role: "replica" });
    const reader = ManifestReader.open(manifest);
    const store = new FindingStore();
    try {
      const { exitCode } = inspectManifest(new StoredManifestView(reader), store, () => true);
      return { exitCode, variances: [...store.variances()], notes: [...store.notes()] };
    } finally {
      store.close();
      reader.close();
    }
  });
}

// Nearly all of their time is the waiting of scans that look again.
describe("inspectManifest()", { concurrency: 8 }, () => {
  for (const layout of [
    LAYOUT,
    { ...LAYOUTS.uuid, archive: true },
    { ...LAYOUTS.legacy, generation: "3.4" } as const,
  ]) {
    it(`finds nothing in a healthy store (${layout.generation}, ${layout.directories})`, async () => {
      assert.deepEqual(await inspected({}, layout), { exitCode: ExitCode.ok, variances: [], notes: [] });
    });
  }

  for (const [name, { found, ...fault }] of Object.entries(FAULTS)) {
    it(`finds ${name}, once`, async () => {
      const { exitCode, variances } = await inspected(fault);
      const expected = { side: "replica", uid: undefined, item: undefined, ...found };
      const seen = variances.map(({ class: name, state, side, subject: { mailbox, uid, item } }) => ({
        ...{ class: name, state, side, mailbox, uid, item },
      }));
      assert.deepEqual(seen, [expected]);
      assert.equal(exitCode, ExitCode.variance);
    });
  }

  it("says of a mailbox without a uniqueid, and of records without a GUID, that they are so, and no more", async () => {
    const withoutIds = { ...LAYOUT, generation: "2.4" } as const;
    const { exitCode, variances, notes } = await inspected(
      {
        plant: (_, inbox, message) => {
          inbox.uniqueId = "";
          message.guid = "0".repeat(40);
        },
      },
      withoutIds,
    );
    assert.deepEqual([exitCode, variances], [ExitCode.ok, []]);
    assert.deepEqual(
      notes.map(({ class: name, mailbox, count }) => [name, mailbox, count]),
      [
        ["guid-missing", INBOX, 1],
        ["uniqueid-missing", INBOX, undefined],
      ],
    );
  });
});
