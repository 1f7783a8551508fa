/** When rollups may be equal: only where all that they cover was read, and is as the index says. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManifestError } from "../../src/errors.ts";
import type { MailboxReading } from "../../src/mail/mailbox.ts";
import { FILE_PROBLEMS, type Level, type Message } from "../../src/mail/message.ts";
import { sumsOf } from "../../src/mail/message-sums.ts";
import { StoredManifestPair } from "../../src/manifest/pair.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { verifyManifest } from "../../src/manifest/verify.ts";
import { fullMessage, fullReading } from "./full-contents.ts";
import { inFolder, writeManifest } from "./written.ts";

function rollupsOf(reading: MailboxReading, level: Level = "full") {
  return inFolder((folder) => {
    const reader = ManifestReader.open(writeManifest(`${folder}/m.db`, { mailboxes: [reading] }, { level }));
    try {
      const { core, ext, content, meta } = reader.mailbox(1).facts.rollups;
      return { core: hex(core), ext: hex(ext), content: hex(content), meta: hex(meta) };
    } finally {
      reader.close();
    }
  });
}

const hex = (digest: Uint8Array | null) => (digest === null ? null : Buffer.from(digest).toString("hex"));
const MESSAGE = fullMessage(1);
const withFile = (file: Partial<Message["file"]>) =>
  fullReading([fullMessage(1, { file: { ...MESSAGE.file, ...file } })]);
const HEALTHY = rollupsOf(fullReading([MESSAGE]));

/** How many of the one pair of mailboxes agree in everything. */
function equalPairs(one: MailboxReading, another: MailboxReading, level: Level): number {
  return inFolder((folder) => {
    const [primary = "", replica = ""] = [one, another].map((reading, i) =>
      writeManifest(`${folder}/${i}.db`, { mailboxes: [reading] }, { level, id: String(i).repeat(32) }),
    );
    const pair = StoredManifestPair.open(primary, replica);
    try {
      const { pairs, equal } = pair.pairCounts();
      assert.equal(pairs, 1);
      assert.equal([...pair.equalPairs()].length, equal);
      return equal;
    } finally {
      pair.close();
    }
  });
}

describe("sumsOf()", () => {
  const bare = fullReading([MESSAGE, fullMessage(2)]);
  const { sums: _, ...reading } = bare;

  it("gives what the writer computes where a reading does not bring it", () => {
    const { messages, expunged } = reading;
    assert.deepEqual(rollupsOf({ ...reading, sums: sumsOf(messages, expunged) }), rollupsOf(reading));
  });

  it("is found to be wrong where it is of other messages", () => {
    const others = fullReading([fullMessage(3), fullMessage(4)]);
    inFolder((folder) => {
      const sums = sumsOf(others.messages, others.expunged);
      const manifest = writeManifest(`${folder}/m.db`, { mailboxes: [{ ...reading, sums }] }, { level: "full" });
      const reader = ManifestReader.open(manifest);
      try {
        assert.throws(() => verifyManifest(reader), ManifestError);
      } finally {
        reader.close();
      }
    });
  });
});

describe("rollUp()", () => {
  it("covers each field of a message in one rollup", () => {
    const changes: readonly [keyof typeof HEALTHY, Partial<Message>][] = [
      ["core", { uid: 2 }],
      ["core", { sizeBytes: 5n, file: { ...MESSAGE.file, sizeBytes: 5n } }],
      ["core", { internalDate: 1 }],
      ["core", { lastUpdated: 1 }],
      ["core", { modseq: 1n }],
      ["core", { modseq: null }],
      ["core", { guid: null }],
      ["core", { flags: "" }],
      ["ext", { saveDate: 1 }],
      ["ext", { saveDate: null }],
      ["ext", { createdModseq: 9n }],
      ["ext", { cid: null }],
      ["content", { file: { ...MESSAGE.file, md5: new Uint8Array(16) } }],
      ["content", { file: { ...MESSAGE.file, xxh64: null } }],
    ];
    for (const [rollup, change] of changes) {
      const found = rollupsOf(fullReading([fullMessage(1, change)]));
      assert.notEqual(found[rollup], HEALTHY[rollup], JSON.stringify(Object.keys(change)));
      const others = (["core", "ext", "content", "meta"] as const).filter((name) => name !== rollup);
      // A size is in both: what the index says, and what the file has.
      const rest = others.filter((name) => !("sizeBytes" in change && name === "content"));
      for (const name of rest) assert.equal(found[name], HEALTHY[name], `${name} by ${Object.keys(change)}`);
    }
  });

  it("leaves out what only one host can say", () => {
    const found = rollupsOf(
      fullReading([MESSAGE], { directories: ["/elsewhere"], readAtMs: 5, filesMtimeMs: 6, expunged: [], orphans: [] }),
    );
    assert.deepEqual(found, HEALTHY);
  });
});

describe("the rollup of content", () => {
  it("is NULL when a file is missing, could not be read, or is not what the index says", () => {
    const faulty = [
      ...FILE_PROBLEMS.map((problem) => withFile({ problem })),
      withFile({ sizeBytes: 1n }),
      withFile({ sha1: new Uint8Array(20) }),
    ];
    for (const reading of faulty) assert.equal(rollupsOf(reading).content, null);
  });

  it("is NULL at level index, where nobody looked", () => {
    const unseen = withFile({ sizeBytes: null, md5: null, sha1: null, xxh64: null });
    assert.equal(rollupsOf(unseen, "index").content, null);
    assert.notEqual(rollupsOf(unseen, "index").core, null);
  });

  it("makes two mailboxes equal only when it is not NULL, unless nobody was to look", () => {
    const sound = { orphans: [], problems: [] };
    assert.equal(equalPairs(fullReading([MESSAGE], sound), fullReading([MESSAGE], sound), "full"), 1);
    // A fault of a host's own records keeps a pair from being plainly equal, however alike the sides are.
    assert.equal(equalPairs(fullReading([MESSAGE]), fullReading([MESSAGE]), "full"), 0);
    const faulty = withFile({ sha1: new Uint8Array(20) });
    assert.equal(equalPairs(faulty, faulty, "full"), 0);
    const unseen = withFile({ sizeBytes: null, md5: null, sha1: null, xxh64: null });
    const unlooked = { ...unseen, ...sound };
    assert.equal(equalPairs(unlooked, unlooked, "index"), 1);
  });
});

describe("the rollups of a mailbox that was not read", () => {
  it("are NULL, and equal nothing", () => {
    const unread = fullReading([], { status: "index-corrupt", found: "garbage", expunged: [], orphans: [] });
    const { core, ext, content } = rollupsOf(unread);
    assert.deepEqual([core, ext, content], [null, null, null]);
    assert.equal(equalPairs(unread, unread, "full"), 0);
  });
});
