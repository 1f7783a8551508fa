import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { readDatabase } from "../../../src/store/cyrus/cyrusdb/read-database.ts";
import { decodeTwoskip } from "../../../src/store/cyrus/cyrusdb/twoskip.ts";
import { decodeMailboxList } from "../../../src/store/cyrus/mailbox-list.ts";

const frozen = (name: string) => fileURLToPath(new URL(`../../fixtures/cyrusdb/${name}`, import.meta.url));
const decode = (...entries: [string, string][]) => decodeMailboxList(entries, "/conf/mailboxes.db");

describe("decodeMailboxList()", () => {
  it("has deleted mailboxes below DELETED, whatever the server calls them", () => {
    const name = (...parts: string[]) => `N${parts.join("\x1f")}`;
    const value = (id: string) => `%(T e I ${id} P default V 1)`;
    const entries: [string, string][] = [
      [name("Gone.for", "user", "a", "X", "65000000"), value("aa")],
      [name("user", "a", "Gone.for"), value("bb")],
      [`Nn.test\x1d${name("Gone.for", "user", "b", "65000000").slice(1)}`, value("cc")],
      ["Iaa", "%(N x H (%(N user\x1fa\x1fX F 3)))"],
    ];
    const { mailboxes, tombstones } = decodeMailboxList(entries, "/db", "Gone^for");
    const names = ["DELETED.user.a.X.65000000", "n.test!DELETED.user.b.65000000", "user.a.Gone^for"];
    assert.deepEqual(
      mailboxes.map((mailbox) => mailbox.name),
      names,
    );
    assert.deepEqual(
      tombstones.map(({ name: former, reason }) => [former, reason]),
      [["user.a.X", "deleted"]],
    );
  });

  it("reads a list that Cyrus 3.6 wrote", () => {
    const file = new URL("../../fixtures/cyrusdb/3.6-a-legacy-primary.twoskip", import.meta.url);
    const list = decodeMailboxList(decodeTwoskip(readFileSync(file), "/db"), "/db");
    assert.equal(list.generation, "3.6");
    assert.equal(list.mailboxes.length, 38);
    assert.deepEqual(list.problems, []);
    assert.ok(
      list.mailboxes.every(({ legacyLayout, listing }) => legacyLayout && listing.type?.includes("l") === false),
    );
    const names = list.mailboxes.map(({ name }) => name);
    assert.deepEqual(names, [...names].sort());
    assert.ok(names.includes("user.dave^smith.a^b") && names.includes("user.alice.trailing^dot^"));
    assert.deepEqual(
      list.tombstones.map(({ name, reason, uniqueId }) => [name, reason, uniqueId]),
      [
        ["user.alice.Gone", "deleted", "pszwh9ppl2o0ajmxpo4q28j0"],
        ["user.alice.Gone.Child", "deleted", "4rq3o7dtcyvgelz0i543b7ru"],
        ["user.bob.Old Stuff", "renamed", "0fuzd40n4gt54i2qr8z8xuvp"],
        ["user.carol.Phoenix", "deleted", "lkgfivjtfilhyy9rqukvm880"],
      ],
    );
    assert.deepEqual(list.mailboxes.find(({ name }) => name === "shared.Team Space")?.listing, {
      partition: "default",
      type: "e",
      uidValidity: 1795505342,
      foldermodseq: 15n,
      createdModseq: 11n,
      mtime: 1795505339,
      acl: [
        ["anyone", "lrsp"],
        ["cyrus", "lrswipkxtecdan"],
        ["alice", "lrswipted"],
        ["bob", "lrsw"],
      ],
    });
  });

  for (const kind of ["twoskip", "skiplist", "flat"]) {
    it(`reads every kind of entry of 2.5 to 3.4 out of ${kind}`, async () => {
      const list = decodeMailboxList((await readDatabase(frozen(`mailboxes-2.5.${kind}`))).entries, "/db");
      assert.equal(list.generation, "2.5");
      assert.deepEqual(list.problems, []);
      assert.deepEqual(
        list.mailboxes.map(({ name, uniqueId, listing, unread }) => [
          ...[name, uniqueId?.slice(0, 2), listing.type, listing.partition],
          ...[listing.foldermodseq, unread?.slice(0, 18)],
        ]),
        [
          ["DELETED.user.alice.Old.5B2C0A11", "5c", "e", "default", 40n, undefined],
          ["north.test!user.sven", "3c", "e", "default", 3n, undefined],
          ["shared.calendar", "0f", "c", "ssd", 9n, undefined],
          ["shared.news", "1f", "n", "default", null, undefined],
          ["user.alice", "2f", "e", "default", 12n, undefined],
          ["user.alice.Moving", "7f", "em", "default", null, "it is being moved;"],
          ["user.alice.Team", "9f", "e", "default", null, undefined],
          ["user.alice.Upper.Lower", "bf", "e", "default", null, undefined],
          ["user.dave^smith", "cf", "e", "default", null, undefined],
        ],
      );
      assert.ok(list.mailboxes.every(({ legacyLayout }) => legacyLayout));
      assert.deepEqual(list.mailboxes.find(({ name }) => name === "user.alice.Team")?.listing.acl, [
        ["a b", "lr"],
        ["alice", "lrs"],
      ]);
      assert.deepEqual(list.tombstones, [
        {
          ...{ name: "user.alice.Gone", uniqueId: "6f1e2d3c4b5a6978", reason: "deleted" },
          ...{ foldermodseq: 41n, uidValidity: 1300000004, mtime: 1529612818 },
        },
      ]);
    });

    it(`reads every kind of entry up to 2.4 out of ${kind}`, async () => {
      const list = decodeMailboxList((await readDatabase(frozen(`mailboxes-2.3.${kind}`))).entries, "/db");
      assert.equal(list.generation, "2.3");
      assert.deepEqual(list.problems, []);
      assert.deepEqual(
        list.mailboxes.map(({ name, uniqueId, listing, unread }) => [
          ...[name, uniqueId, listing.type, listing.partition],
          ...[listing.acl?.length, unread?.slice(0, 18)],
        ]),
        [
          ["DELETED.user.alice.Old.46165A10", null, "e", "default", 1, undefined],
          ["north.test!user.sven", null, "e", "default", 1, undefined],
          ["shared.news", null, "n", "news", 1, undefined],
          ["user.alice", null, "e", "default", 2, undefined],
          ["user.alice.Moving", null, "em", "default", 1, "it is being moved;"],
          ["user.alice.Sent Mail", "2f1e2d3c4b5a6978", "e", "default", 1, undefined],
        ],
      );
      assert.deepEqual(
        list.tombstones.map(({ name, reason }) => [name, reason]),
        [["user.gone", "deleted"]],
      );
    });
  }

  it("gives former names although another mailbox has the name now, and none twice", () => {
    const list = decode(
      [
        "Iaa",
        "%(T e N user\x1fa\x1fNew P p H (%(N user\x1fa\x1fOld M 5 V 6 F 7 T ed) %(N user\x1fa\x1fOlder F 3 T ed)))",
      ],
      ["Ibb", "%(T e N user\x1fa\x1fOld P p H ())"],
      ["Nuser\x1fa\x1fNew", "%(T e I aa P p)"],
      ["Nuser\x1fa\x1fOld", "%(T e I bb P p)"],
      ["Nuser\x1fa\x1fOlder", "%(T ed I aa F 3)"],
    );
    assert.deepEqual(
      list.mailboxes.map(({ name, uniqueId }) => [name, uniqueId]),
      [
        ["user.a.New", "aa"],
        ["user.a.Old", "bb"],
      ],
    );
    assert.deepEqual(
      list.tombstones.map(({ name, uniqueId, reason, foldermodseq }) => [name, uniqueId, reason, foldermodseq]),
      [
        ["user.a.Old", "aa", "renamed", 7n],
        ["user.a.Older", "aa", "renamed", 3n],
      ],
    );
  });

  it("lists neither intermediate, reserved nor remote mailboxes, and says of a moving one that it cannot be read", () => {
    const list = decode(
      ["Nuser\x1fa", "%(T e I aa P p)"],
      ["Nuser\x1fb", "%(T i I bb)"],
      ["Nuser\x1fc", "%(T ez I cc P p)"],
      ["Nuser\x1fd", "%(T er I dd P p S host)"],
      ["Nuser\x1fe", "%(T em I ee P p)"],
    );
    assert.deepEqual(
      list.mailboxes.map(({ name, legacyLayout, unread }) => [name, legacyLayout, unread]),
      [
        ["user.a", false, undefined],
        ["user.e", false, "it is being moved; it can be read when that has ended"],
      ],
    );
    assert.deepEqual(list.problems, []);
  });

  it("lists both mailboxes that have one uniqueid", () => {
    const list = decode(["Nuser\x1fa", "%(T e I aa P p)"], ["Nuser\x1fb", "%(T e I aa P p)"]);
    assert.deepEqual(
      list.mailboxes.map(({ uniqueId }) => uniqueId),
      ["aa", "aa"],
    );
  });

  it("reads names of virtual domains, and keeps the dots of the domain", () => {
    const list = decode(["Nother.test\x1duser\x1feve.b\x1fSent", "%(T e I aa P p)"]);
    assert.equal(list.mailboxes[0]?.name, "other.test!user.eve^b.Sent");
  });

  it("reads lists of 2.5 to 3.4, where plain mail has no type and keys may begin with N or I", () => {
    const list = decode(
      ["$RACL$x", "junk"],
      ["Internal", "%(A %(anyone lr) I 0f P main V 1300000000)"],
      ["News.x", "%(A %() I 1f P main T n V 1300000001 M 1300000002 F 9)"],
      ["user.a", "%(T d I 2f V 1300000003)"],
    );
    assert.equal(list.generation, "2.5");
    assert.deepEqual(
      list.mailboxes.map(({ name, uniqueId, listing, legacyLayout }) => [name, uniqueId, listing.type, legacyLayout]),
      [
        ["Internal", "0f", "e", true],
        ["News.x", "1f", "n", true],
      ],
    );
    assert.deepEqual(list.tombstones[0]?.name, "user.a");
  });

  it("reads lists up to 2.4", () => {
    const list = decode(
      ["user.a", "0 default a\tlrswipcda\tanyone\tlr\t"],
      ["user.b", "1 other.host!default b\tlr\t"],
      ["user.c", "(uniqueid 5a5b specialuse \\Sent) 4 news c\tlr\t"],
      ["user.d", "16 default "],
    );
    assert.equal(list.generation, "2.3");
    assert.deepEqual(list.mailboxes[0], {
      name: "user.a",
      uniqueId: null,
      legacyLayout: true,
      listing: {
        partition: "default",
        type: "e",
        uidValidity: null,
        foldermodseq: null,
        createdModseq: null,
        mtime: null,
        acl: [
          ["a", "lrswipcda"],
          ["anyone", "lr"],
        ],
      },
    });
    assert.deepEqual([list.mailboxes[1]?.name, list.mailboxes[1]?.uniqueId], ["user.c", "5a5b"]);
    assert.equal(list.mailboxes.length, 2);
    assert.equal(list.tombstones[0]?.name, "user.d");
  });

  it("does not guess what an entry of an unknown type is", () => {
    const list = decode(
      ["Nuser\x1fa", "%(T q I aa P p)"],
      ["Nuser\x1fb", "%(T ex I bb P p)"],
      ["Nuser\x1fc", "%(T edl I cc)"],
      ["Nuser\x1fd", "%(T fl I dd P p)"],
      ["Nuser\x1fe", "%(T jj I ee P p)"],
    );
    assert.deepEqual(
      list.mailboxes.map(({ name, listing, unread }) => [name, listing.type, unread]),
      [
        ["user.a", null, 'its type "q" is not known'],
        ["user.b", null, 'its type "ex" is not known'],
        ["user.d", "f", undefined],
        ["user.e", null, 'its type "jj" is not known'],
      ],
    );
    assert.deepEqual(
      list.tombstones.map(({ name }) => name),
      ["user.c"],
    );
    const old = decode(["user.a", "32 default a\tlr\t"], ["user.b", "0 default b\tlr\t"]);
    assert.deepEqual(
      old.mailboxes.map(({ name, unread }) => [name, unread]),
      [
        ["user.a", "its type 32 is not known"],
        ["user.b", undefined],
      ],
    );
  });

  it("gives a mailbox for each entry that cannot be right, but nothing of it, and reads the others", () => {
    const list = decode(
      ["Nuser\x1fa", "%(T e I aa P p)"],
      ["Nuser\x1fb", "%(T e I aa P"],
      ["Nuser\x1fc", "%(T e I cc P p V 99999999999)"],
      ["Nuser\x1fd", "%(T e I dd)"],
      ["Nuser\x1fe", "(list)"],
      ["Xother", "%()"],
    );
    assert.deepEqual(
      list.mailboxes.map(({ name, uniqueId, unread }) => [name, uniqueId, unread]),
      [
        ["user.a", "aa", undefined],
        ["user.b", null, "a space is missing between two items"],
        ["user.c", null, "the value of V is no number that it could be"],
        ["user.d", null, "it names no partition"],
        ["user.e", null, "the value is no map"],
      ],
    );
    assert.equal(list.problems.length, 1);
    assert.ok(list.problems.every(({ what, path }) => what === "mailbox-list" && path === "/conf/mailboxes.db"));
  });

  it("never throws, whatever keys and values are", () => {
    const text = fc.string({
      unit: fc.constantFrom("N", "I", "\x1f", "%(", ")", " ", "T", "H", "(", "V", "1", "d", "\xff"),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (entries) => {
        decodeMailboxList(entries, "/db");
      }),
    );
  });
});
