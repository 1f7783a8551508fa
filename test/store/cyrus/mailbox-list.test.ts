import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeTwoskip } from "../../../src/store/cyrus/cyrusdb/twoskip.ts";
import { decodeMailboxList } from "../../../src/store/cyrus/mailbox-list.ts";

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

  it("lists neither intermediate, reserved nor remote mailboxes, and puts a moving one among the problems", () => {
    const list = decode(
      ["Nuser\x1fa", "%(T e I aa P p)"],
      ["Nuser\x1fb", "%(T i I bb)"],
      ["Nuser\x1fc", "%(T ez I cc P p)"],
      ["Nuser\x1fd", "%(T er I dd P p S host)"],
      ["Nuser\x1fe", "%(T em I ee P p)"],
    );
    assert.deepEqual(
      list.mailboxes.map(({ name, legacyLayout }) => [name, legacyLayout]),
      [["user.a", false]],
    );
    assert.equal(list.problems.length, 1);
    assert.match(list.problems[0]?.found ?? "", /^entry "Nuser\\u001fe": .*moved/);
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

  it("makes a problem of each entry that cannot be right, and reads the others", () => {
    const list = decode(
      ["Nuser\x1fa", "%(T e I aa P p)"],
      ["Nuser\x1fb", "%(T e I aa P"],
      ["Nuser\x1fc", "%(T e I cc P p V 99999999999)"],
      ["Nuser\x1fd", "%(T e I dd)"],
      ["Nuser\x1fe", "(list)"],
      ["Xother", "%()"],
    );
    assert.deepEqual(
      list.mailboxes.map(({ name }) => name),
      ["user.a"],
    );
    assert.equal(list.problems.length, 5);
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
