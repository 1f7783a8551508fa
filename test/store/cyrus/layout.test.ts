import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { interpretImapdConf } from "../../../src/store/cyrus/config.ts";
import { hashLetter, placesOf } from "../../../src/store/cyrus/layout.ts";
import { nameOfPath } from "../../../src/store/cyrus/unlisted.ts";

/** A configuration with one partition at /d, and the settings given. */
function configOf(settings: Record<string, string>) {
  const all = { configdirectory: "/c", "partition-default": "/d", ...settings };
  const entries = Object.entries(all).map(([key, value]) => [key, { value, file: "/imapd.conf", line: 1 }] as const);
  return interpretImapdConf({ settings: new Map(entries), files: ["/imapd.conf"] });
}

/** Message directories by name, likeliest first. */
function directories(settings: Record<string, string>, name: string): string[] {
  const places = placesOf(configOf(settings), { name, uniqueId: null, partition: "default", legacyLayout: true });
  assert.ok(!("refused" in places), JSON.stringify(places));
  return places.map(({ messageDirectories }) => messageDirectories[0] ?? "");
}

const NONE = {};
const HASH = { hashimapspool: "yes" };
const FULL = { hashimapspool: "yes", fulldirhash: "yes" };

describe("placesOf()", () => {
  for (const [settings, name, expected] of [
    // Every row is what mbpath of Cyrus 3.6.1 says.
    [NONE, "user.alice", ["/d/user/alice"]],
    [NONE, "user.alice.Archive.2024.Q1", ["/d/user/alice/Archive/2024/Q1"]],
    [NONE, "user.dave^smith", ["/d/user/dave^smith"]],
    [NONE, "shared.announce", ["/d/shared/announce"]],
    [{ fulldirhash: "yes" }, "user.alice", ["/d/user/alice"]],
    [HASH, "user.alice", ["/d/a/user/alice"]],
    [HASH, "user.alice.Archive.2024.Q1", ["/d/a/user/alice/Archive/2024/Q1"]],
    [HASH, "user.dave^smith", ["/d/d/user/dave^smith"]],
    [HASH, "shared.announce", ["/d/a/shared/announce"]],
    [HASH, "shared", ["/d/s/shared"]],
    [HASH, "shared.Team Space", ["/d/t/shared/Team Space"]],
    [HASH, "DELETED.user.alice.Gone.6B053431", ["/d/u/DELETED/user/alice/Gone/6B053431"]],
    [HASH, "user.0815", ["/d/q/user/0815"]],
    [{ deletedprefix: "Gone" }, "DELETED.user.alice.X.6B053431", ["/d/Gone/user/alice/X/6B053431"]],
    [{ deletedprefix: "Gone" }, "n.test!DELETED.user.b.6B", ["/d/domain/n.test/Gone/user/b/6B"]],
    [FULL, "user.alice", ["/d/L/user/alice"]],
    [FULL, "shared.announce", ["/d/B/shared/announce"]],
    [FULL, "shared", ["/d/T/shared"]],
    [NONE, "other.test!user.eve", ["/d/domain/other.test/user/eve"]],
    [HASH, "other.test!user.eve", ["/d/domain/o/other.test/e/user/eve"]],
    [{ ...HASH, defaultdomain: "other.test" }, "other.test!user.eve", ["/d/e/user/eve"]],
  ] as const) {
    it(`puts ${name} where Cyrus does, with ${Object.keys(settings).join(" and ") || "nothing set"}`, () => {
      assert.deepEqual(directories(settings, name), expected);
    });
  }

  it("puts a dotted name with fulldirhash where 3.x does first, then where 2.x did", () => {
    const [first, second] = directories(FULL, "user.dave^smith");
    assert.equal(first, "/d/G/user/dave^smith");
    assert.equal(second, `/d/${hashLetter("dave^smith", true)}/user/dave^smith`);
    assert.notEqual(first, second);
  });

  it("tries all four combinations where the configuration is not known", () => {
    const config = { ...configOf({}), hashImapSpool: null, fullDirHash: null };
    const places = placesOf(config, { name: "user.alice", uniqueId: null, partition: "default", legacyLayout: true });
    assert.ok(!("refused" in places));
    const found = places.map(({ messageDirectories }) => messageDirectories[0]);
    assert.deepEqual(found, ["/d/user/alice", "/d/a/user/alice", "/d/L/user/alice"]);
  });

  it("puts each file below its own root", () => {
    const config = configOf({
      "metapartition-default": "/m",
      metapartition_files: "header cache",
      "archivepartition-default": "/a",
      "metadir-index-default": "/i",
    });
    const uniqueId = "j3rf14mqsqqnypz7amnynwsp";
    const places = placesOf(config, { name: "user.alice", uniqueId, partition: "default", legacyLayout: false });
    assert.deepEqual(places, [
      {
        indexFile: `/i/uuid/j/3/${uniqueId}/cyrus.index`,
        headerFile: `/m/uuid/j/3/${uniqueId}/cyrus.header`,
        annotationsFile: `/i/uuid/j/3/${uniqueId}/cyrus.annotations`,
        expungeFile: `/d/uuid/j/3/${uniqueId}/cyrus.expunge`,
        messageDirectories: [`/d/uuid/j/3/${uniqueId}`, `/a/uuid/j/3/${uniqueId}`],
        messageRoots: ["/d", "/a"],
      },
    ]);
  });

  for (const name of [
    "user.a/../../etc",
    "user..a",
    "",
    "user.",
    "user.a\0b",
    "..!user.a",
    ".!user.a",
    "!user.a",
    "a/b!user.c",
  ]) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      const places = placesOf(configOf({}), { name, uniqueId: "aa", partition: "default", legacyLayout: true });
      assert.ok("refused" in places);
    });
  }

  for (const uniqueId of [null, "", "a", "..", "../../etc", "a/b", "ab/../../c", "ab\0"]) {
    it(`refuses the uniqueid ${JSON.stringify(uniqueId)}`, () => {
      const places = placesOf(configOf({}), { name: "user.a", uniqueId, partition: "default", legacyLayout: false });
      assert.ok("refused" in places);
    });
  }

  it("refuses a partition that is not configured", () => {
    const places = placesOf(configOf({}), {
      name: "user.a",
      uniqueId: "aa",
      partition: "__proto__",
      legacyLayout: true,
    });
    assert.ok("refused" in places);
  });

  it("never leaves the partition, whatever the name", () => {
    const name = fc.string({ unit: fc.constantFrom(".", "/", "..", "!", "a", "user", "^", "\0", "domain") });
    fc.assert(
      fc.property(name, fc.constantFrom(NONE, HASH, FULL), (text, settings) => {
        const by = { name: text, uniqueId: text, partition: "default" };
        for (const legacyLayout of [true, false]) {
          const places = placesOf(configOf(settings), { ...by, legacyLayout });
          if ("refused" in places) continue;
          for (const directory of places.flatMap(({ messageDirectories }) => messageDirectories)) {
            assert.equal(new URL(`file://${encodeURI(directory)}`).pathname, encodeURI(directory));
            assert.ok(directory.startsWith("/d/") && !directory.includes("//"), directory);
          }
        }
      }),
    );
  });
});

describe("nameOfPath()", () => {
  const part = fc.string({ unit: fc.constantFrom("a", "B", "^", " ", "q", "\xff"), minLength: 1, maxLength: 5 });
  const domain = fc.option(fc.constantFrom("other.test", "a.b"), { nil: null });

  it("leads back from every place that a name can have", () => {
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 2, maxLength: 4 }),
        domain,
        fc.constantFrom(NONE, HASH, FULL),
        (p, d, s) => {
          const name = `${d === null ? "" : `${d}!`}${p.join(".")}`;
          for (const directory of directories(s, name)) {
            const found = nameOfPath(configOf(s), directory.slice("/d/".length)) ?? "";
            assert.ok(directories(s, found).includes(directory), `${name} came back as ${found}`);
            if (s === NONE) assert.equal(found, name);
          }
        },
      ),
    );
  });

  it("gives no name to a directory below the wrong letter, or with a dot", () => {
    assert.equal(nameOfPath(configOf(HASH), "b/user/alice"), null);
    assert.equal(nameOfPath(configOf(NONE), "user/alice/a.b"), null);
  });
});
