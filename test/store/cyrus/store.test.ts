import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ConfigurationError, UsageError } from "../../../src/errors.ts";
import type { MailStore } from "../../../src/store/mail-store.ts";
import { openStore } from "../../../src/store/registry.ts";
import { writeFlat } from "../../support/cyrusdb-writer.ts";
import { type UnpackedFixture, unpackFixture } from "../../support/fixtures.ts";

const open = (configFile: string) => openStore("cyrus", { configFile, partitions: [], configDirectory: null });

for (const [fixture, shape] of [
  ["a-legacy-insync", "by name"],
  ["b-uuid-insync", "by id"],
] as const) {
  describe(`openStore() on a spool of Cyrus 3.6 with directories ${shape}`, () => {
    let spool: UnpackedFixture;
    let store: MailStore;
    before(async () => {
      spool = unpackFixture(fixture);
      store = await open(join(spool.root, "primary/imapd.conf"));
    });
    after(() => spool.cleanup());

    it("finds every mailbox where the server put it, and each by its directory alone", async () => {
      const { mailboxes, problems, tombstones, readAtMs } = await store.readMailboxList();
      assert.equal(mailboxes.length, 38);
      assert.deepEqual([problems.length, tombstones.length], [0, 4]);
      assert.ok(Math.abs(Date.now() - readAtMs) < 60_000);
      for (const mailbox of mailboxes) {
        const found = await store.describeUnlisted(dirname(mailbox.indexFile), "default");
        const {
          name,
          uniqueId,
          indexFile,
          headerFile,
          annotationsFile,
          expungeFile,
          messageDirectories,
          messageRoots,
        } = mailbox;
        assert.ok(found !== null, name);
        // Both headers are stale after a rename: by name the path is right, by id only the list is.
        if (shape === "by name" || found.name === name) assert.equal(found.name, name);
        const same = {
          uniqueId,
          indexFile,
          headerFile,
          annotationsFile,
          expungeFile,
          messageDirectories,
          messageRoots,
        };
        assert.deepEqual({ ...found, ...same }, found);
      }
    });

    it("describes itself and reads what is pending", async () => {
      await store.readMailboxList();
      assert.match(store.description[0] ?? "", /mailboxes\.db \(twoskip\), entries as since 3\.6, 38 mailboxes$/);
      assert.deepEqual(store.roots, [
        { partition: "default", kind: "spool", directory: join(spool.root, "primary/spool") },
      ]);
      assert.equal(store.identityPath, join(spool.root, "primary/conf"));
      const { names, problems } = await store.readPending();
      assert.deepEqual(problems, []);
      assert.deepEqual(names[0], { type: "MAILBOX", name: "user.alice", log: "log" });
    });

    it("says null for a directory that is no mailbox", async () => {
      assert.equal(await store.describeUnlisted(join(spool.root, "primary/spool"), "default"), null);
      assert.equal(await store.describeUnlisted(join(spool.root, "primary/spool/stage."), "default"), null);
      assert.equal(await store.describeUnlisted(join(spool.root, "primary/conf"), "default"), null);
      assert.equal(await store.describeUnlisted(join(spool.root, "primary/spool/user"), "other"), null);
    });
  });
}

describe("openStore()", () => {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-store-"));
  after(() => rmSync(folder, { recursive: true }));

  /** A store with directories and a flat list; returns its root. */
  function build(name: string, list: Record<string, string>, directories: string[]): string {
    const root = join(folder, name);
    for (const directory of ["conf", "spool", ...directories]) mkdirSync(join(root, directory), { recursive: true });
    for (const directory of directories) writeFileSync(join(root, directory, "cyrus.index"), "");
    const changes = Object.entries(list).map(([put, value]) => ({ put, value }));
    writeFileSync(join(root, "conf/mailboxes.db"), writeFlat({ transactions: [changes], tail: [] }));
    return root;
  }
  const byDirectories = (root: string) =>
    openStore("cyrus", {
      configFile: null,
      partitions: [{ name: "default", directory: join(root, "spool") }],
      configDirectory: join(root, "conf"),
    });

  it("picks the place that exists where several are possible", async () => {
    const list = { "user.a": "0 default a\tlr\t", "user.b": "0 default b\tlr\t", "user.c": "0 default c\tlr\t" };
    const root = build("places", list, ["spool/user/a", "spool/b/user/b"]);
    const { mailboxes } = await (await byDirectories(root)).readMailboxList();
    assert.deepEqual(
      mailboxes.map(({ messageDirectories }) => messageDirectories[0]?.slice(root.length)),
      ["/spool/user/a", "/spool/b/user/b", "/spool/user/c"],
    );
  });

  it("gives no place to a mailbox of a hostile name or an unknown partition, and lists it all the same", async () => {
    const list = {
      "Nuser\x1fa": "%(T el I aa P default)",
      "Nuser\x1f/../../../etc": "%(T el I bb P default)",
      "Nuser\x1f\x1fb": "%(T el I cc P default)",
      "Nuser\x1fd": "%(T e I ../../x P default)",
      "Nuser\x1fe": "%(T el I ee P nowhere)",
      "..\x1duser\x1ff": "%(T el I ff P default)",
    };
    const root = build("hostile", list, ["spool/user/a"]);
    const { mailboxes, problems } = await (await byDirectories(root)).readMailboxList();
    assert.equal(problems.length, 1, "the key that is of no known kind");
    assert.equal(mailboxes.length, Object.keys(list).length - 1);
    const placed = mailboxes.filter(({ nowhere }) => nowhere === undefined);
    assert.deepEqual(
      placed.map(({ name }) => name),
      ["user.a"],
    );
    for (const { name, nowhere, indexFile, messageDirectories } of mailboxes.filter((m) => !placed.includes(m))) {
      assert.deepEqual([indexFile, messageDirectories], ["", []], name);
      assert.equal(nowhere?.partition, name === "user.e", name);
    }
  });

  it("says what an unlisted directory is although its header cannot be read", async () => {
    const root = build("unlisted", {}, ["spool/a/user/a^b/Sent", "spool/uuid/x/y/xyz", "spool/user/a.b"]);
    const store = await byDirectories(root);
    const describe = async (path: string) => {
      const found = await store.describeUnlisted(join(root, path), "default");
      return [found?.name, found?.uniqueId];
    };
    assert.deepEqual(await describe("spool/a/user/a^b/Sent"), ["user.a^b.Sent", null]);
    assert.deepEqual(await describe("spool/uuid/x/y/xyz"), ["uuid/x/y/xyz", "xyz"]);
    assert.deepEqual(await describe("spool/user/a.b"), ["user/a.b", null]);
  });

  it("refuses a store without a list, a config directory, or of an unknown kind", async () => {
    const root = build("none", {}, []);
    rmSync(join(root, "conf/mailboxes.db"));
    await assert.rejects(byDirectories(root), ConfigurationError);
    rmSync(join(root, "conf"), { recursive: true });
    await assert.rejects(byDirectories(root), /Cannot read the config directory .* there is no such directory/);
    for (const kind of ["maildir", "toString"]) {
      await assert.rejects(openStore(kind, { configFile: "/x", partitions: [], configDirectory: null }), UsageError);
    }
  });
});
