/** The pure decoders of items: known values of each generation, and nothing but their own error for any other bytes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CorruptStoreError } from "../../../../src/errors.ts";
import { inboxOf } from "../../../../src/mail/name.ts";
import { decodeAnnotation } from "../../../../src/store/cyrus/items/annotation.ts";
import { decodeMessageAnnotations } from "../../../../src/store/cyrus/items/message-annotations.ts";
import { decodeQuota } from "../../../../src/store/cyrus/items/quota.ts";
import { decodeSeenStates } from "../../../../src/store/cyrus/items/seen-state.ts";
import { decodeSieveMessage } from "../../../../src/store/cyrus/items/sieve-message.ts";
import { decodeSubscriptions } from "../../../../src/store/cyrus/items/subscriptions.ts";
import { canonicalSequence } from "../../../../src/store/cyrus/items/uid-sequence.ts";
import { chosenSeed } from "../../../support/random.ts";
import { type Long, writeAnnotationValue } from "./annotation-writer.ts";

const SEED = chosenSeed();
const bytes = fc.uint8Array({ maxLength: 60 }).map((b) => Buffer.from(b).toString("latin1"));

/** Fails unless `decode` returns, or throws the one error that decoders throw. */
function onlyCorrupt(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    assert.ok(error instanceof CorruptStoreError, String(error));
  }
}

describe(`decodeSubscriptions() (seed ${SEED})`, () => {
  const version = (v: string) => ["\x1fVER\x1f", v] as const;
  const decode = (user: string, ...entries: (readonly [string, string])[]) =>
    decodeSubscriptions(entries, inboxOf(user), "/sub");

  it("takes keys up to 3.4 for internal names", () => {
    assert.deepEqual(decode("alice", ["user.alice.Sent", ""], ["north.test!user.sven", ""]), [
      "north.test!user.sven",
      "user.alice.Sent",
    ]);
    assert.deepEqual(decode("alice", ["INBOX.x", ""], ["NINBOX", ""]), ["INBOX.x", "NINBOX"]);
  });

  for (const v of ["2", "3"]) {
    it(`puts the user's own INBOX in its place in version ${v}`, () => {
      const keys = ["NINBOX", "NINBOX\x1fa.b", "Nuser\x1fbob", "Nother.test\x1duser\x1feve\x1fx"];
      const entries = [version(v), ...keys.map((key) => [key, ""] as const)];
      assert.deepEqual(decode("dave.smith", ...entries), [
        "other.test!user.eve.x",
        "user.bob",
        "user.dave^smith",
        "user.dave^smith.a^b",
      ]);
      assert.deepEqual(decode("eve@other.test", version(v), ["NINBOX\x1fx", ""]), ["other.test!user.eve.x"]);
    });
  }

  it("undoes what version 2 makes of names that only begin like the user's INBOX", () => {
    assert.deepEqual(decode("matt", version("2"), ["NINBOXhew", ""]), ["user.matthew"]);
    assert.deepEqual(decode("matt", version("3"), ["NINBOXhew", ""]), ["INBOXhew"]);
  });

  it("names each mailbox once, whichever way it was written", () => {
    assert.deepEqual(decode("matt", version("3"), ["NINBOX\x1fa", ""], ["Nuser\x1fmatt\x1fa", ""]), ["user.matt.a"]);
  });

  it("refuses a version or a key that it does not know", () => {
    assert.throws(() => decode("matt", version("4"), ["NINBOX", ""]), CorruptStoreError);
    assert.throws(() => decode("matt", version("3"), ["XINBOX", ""]), CorruptStoreError);
  });

  it("fails only with CorruptStoreError, whatever the keys", () => {
    const key = fc.oneof(bytes, fc.constantFrom("\x1fVER\x1f", "NINBOX"));
    const value = fc.oneof(bytes, fc.constantFrom("2", "3"));
    const entries = fc.array(fc.tuple(key, value), { maxLength: 5 });
    const property = fc.property(entries, bytes, (all, user) => onlyCorrupt(() => decode(user, ...all)));
    fc.assert(property, { seed: SEED });
  });
});

describe(`canonicalSequence() (seed ${SEED})`, () => {
  for (const [text, last, canonical] of [
    ["", 9, ""],
    ["1:3,7", 9, "1:3,7"],
    ["3,1:2,9:*", 12, "1:3,9:12"],
    ["5:2,4", 9, "2:5"],
    ["*", 0, ""],
    ["0:2", 9, "1:2"],
    ["4294967295,1", 9, "1,4294967295"],
  ] as const) {
    it(`makes "${canonical}" of "${text}"`, () => assert.equal(canonicalSequence(text, last), canonical));
  }

  for (const text of [",", "1,", "1:", "a", "1:2:3", "4294967296", "-1", " 1"]) {
    it(`knows that "${text}" is no sequence`, () => assert.equal(canonicalSequence(text, 9), null));
  }

  it("gives one form to all sequences of the same UIDs", () => {
    const uids = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    const property = fc.property(uids, (all) => {
      const canonical = canonicalSequence(all.join(","), 0);
      const listed = (canonical ?? "").split(",").flatMap((range) => {
        const [from = 0, to = from] = range.split(":").map(Number);
        return Array.from({ length: to - from + 1 }, (_, i) => from + i);
      });
      assert.deepEqual(
        listed,
        [...all].sort((a, b) => a - b),
      );
      assert.equal(canonicalSequence([...all].reverse().join(","), 0), canonical);
      assert.doesNotMatch(canonical ?? "", /(\d+):\1\b/);
    });
    fc.assert(property, { seed: SEED });
  });
});

describe(`decodeSeenStates() (seed ${SEED})`, () => {
  it("reads what a user has read, and when", () => {
    const entries = [
      ["a1", "1 1795505427 3 1795505419 2,1"],
      ["b1", "1 1795505428 0 0 "],
      ["c1", "1 1795505429 7 0"],
      ["d1", "1 1 7 0 1:*"],
    ] as const;
    assert.deepEqual(decodeSeenStates(entries, "/seen"), [
      { uniqueId: "a1", uids: "1:2", lastRead: 1795505427 },
      { uniqueId: "b1", uids: "", lastRead: 1795505428 },
      { uniqueId: "c1", uids: "", lastRead: 1795505429 },
      { uniqueId: "d1", uids: "1:7", lastRead: 1 },
    ]);
  });

  for (const value of ["", "2 1 2 3 1:2", "1 1 2 3 x", "1 x 2 3 1", "1 1 2", "1 1 2 3 1 4"]) {
    it(`refuses "${value}"`, () => assert.throws(() => decodeSeenStates([["a1", value]], "/seen"), CorruptStoreError));
  }

  it("fails only with CorruptStoreError, whatever the value", () => {
    const property = fc.property(bytes, bytes, (id, value) => {
      onlyCorrupt(() => decodeSeenStates([[id, value]], "/seen"));
      onlyCorrupt(() => decodeSeenStates([[id, `1 1 9 1 ${value}`]], "/seen"));
    });
    fc.assert(property, { seed: SEED });
  });
});

describe(`decodeQuota() (seed ${SEED})`, () => {
  for (const [value, limits, usage, modseq] of [
    ["90188 1000\n", "STORAGE 1000", "STORAGE 90188", null],
    ["90188\n1000\n", "STORAGE 1000", "STORAGE 90188", null],
    ["0\n-1\n", "", "STORAGE 0", null],
    ["%(S (5 10) M (2 -1) MODSEQ 22)\n", "STORAGE 10", "MESSAGE 2 STORAGE 5", 22n],
    [
      "%(S (5) M (2 100) AS (1) NF (4 6))",
      "MAILBOX 6 MESSAGE 100",
      "ANNOTATION-STORAGE 1 MAILBOX 4 MESSAGE 2 STORAGE 5",
      null,
    ],
    ["%(S (18446744073709551615 010))", "STORAGE 10", "STORAGE 18446744073709551615", null],
  ] as const) {
    it(`reads ${JSON.stringify(value)}`, () => assert.deepEqual(decodeQuota(value, "/q"), { limits, usage, modseq }));
  }

  for (const value of ["", "x", "1", "1 2 3", "%(S x)", "%(S (1 2 3))", "%(S (1", "%(S %(1 2))", "%(S ((1) 2))"]) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.throws(() => decodeQuota(value, "/q"), CorruptStoreError));
  }

  it("fails only with CorruptStoreError, whatever the value", () => {
    const property = fc.property(bytes, (value) => {
      for (const text of [value, `%(S (${value}`, `%(${value})`]) onlyCorrupt(() => decodeQuota(text, "/q"));
    });
    fc.assert(property, { seed: SEED });
  });
});

describe(`decodeAnnotation() (seed ${SEED})`, () => {
  const KEY = "a1\0/comment\0alice\0";
  const common = { where: "a1", entry: "/comment", user: "alice" };

  for (const long of ["64-bit little-endian", "64-bit big-endian", "32-bit"] as const satisfies readonly Long[]) {
    it(`reads values of ${long} hosts, of every generation`, () => {
      const text = fc.oneof(
        bytes,
        fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 400 }),
        fc.constant("\0"),
      );
      const property = fc.property(text, fc.bigInt(1n, 2n ** 64n - 1n), (value, modseq) => {
        if (value === "") return;
        const decode = (bytesOf: string) => decodeAnnotation([KEY, bytesOf], "/annotations");
        const write = (rest: Parameters<typeof writeAnnotationValue>[2]) => writeAnnotationValue(value, long, rest);
        assert.deepEqual(decode(write({})), { ...common, value, modseq: null });
        assert.deepEqual(decode(write({ modseq, flags: 0 })), { ...common, value, modseq });
        assert.equal(decode(write({ modseq, flags: 1 })), null);
      });
      fc.assert(property, { seed: SEED });
    });
  }

  it("knows no annotation without a value, and no modseq 0", () => {
    const long = "64-bit little-endian";
    assert.equal(decodeAnnotation([KEY, writeAnnotationValue("", long, { modseq: 7n, flags: 0 })], "/x"), null);
    const zero = writeAnnotationValue("v", long, { modseq: 0n, flags: 0 });
    assert.deepEqual(decodeAnnotation([KEY, zero], "/x"), { ...common, value: "v", modseq: null });
  });

  it("tells the server's, shared ones, and those without a user at all", () => {
    const value = writeAnnotationValue("v", "64-bit little-endian", {});
    const keyed = (key: string) => {
      const { where, entry, user } = decodeAnnotation([key, value], "/x") ?? assert.fail("there is none");
      return [where, entry, user];
    };
    assert.deepEqual(keyed("\0/motd\0\0"), ["", "/motd", ""]);
    assert.deepEqual(keyed("user.bob\0/a/b\0"), ["user.bob", "/a/b", ""]);
    assert.deepEqual(keyed("7\0/comment\0bob"), ["7", "/comment", "bob"]);
  });

  it("fails only with CorruptStoreError, whatever key and value", () => {
    const property = fc.property(bytes, bytes, fc.nat(80), (key, value, length) => {
      onlyCorrupt(() => decodeAnnotation([key, value], "/x"));
      onlyCorrupt(() => decodeAnnotation([KEY, value], "/x"));
      onlyCorrupt(() => decodeAnnotation([KEY, `\0\0\0${String.fromCharCode(length)}\0\0\0\0${value}`], "/x"));
      onlyCorrupt(() => decodeMessageAnnotations([[`1\0/${key}`, value]], "user.alice", "/x"));
    });
    fc.assert(property, { seed: SEED });
  });

  it("refuses a value that is cut off", () => {
    const whole = writeAnnotationValue("some text", "64-bit little-endian", { modseq: 7n, flags: 0 });
    for (let length = 0; length < whole.length; length++) {
      const decode = () => decodeAnnotation([KEY, whole.slice(0, length)], "/x");
      // Shorter generations are other annotations only where they end in the same place.
      if ([18, whole.length - 9, whole.length - 1].includes(length)) assert.notEqual(decode(), null);
      else assert.throws(decode, CorruptStoreError, `${length} bytes`);
    }
  });
});

describe("decodeSieveMessage()", () => {
  const message = (subject: string, body: string) =>
    Buffer.from(`From: <a@x>\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n\r\n${body}`, "latin1");
  const decode = (subject: string) => decodeSieveMessage(message(subject, "keep;\r\n\r\n"));

  it("takes the body for the source, as it is", () => {
    assert.equal(decode("main")?.source.toString(), "keep;\r\n\r\n");
    assert.equal(decode("main")?.name, "main");
  });

  it("decodes names that are not ASCII, also in several words", () => {
    assert.equal(decode("=?UTF-8?Q?bl=C3=A5_a?=")?.name, "bl\xc3\xa5 a");
    assert.equal(decode("=?UTF-8?Q?bl=C3?=\r\n =?utf-8?B?pQ==?=")?.name, "bl\xc3\xa5");
    assert.equal(decode("urn:ietf:params:jmap:vacationresponse")?.name, "jmap_vacation");
  });

  it("is null for what is no script", () => {
    assert.equal(decodeSieveMessage(Buffer.from("Subject: x\r\n")), null);
    assert.equal(decodeSieveMessage(Buffer.from("From: x\r\n\r\nkeep;")), null);
    fc.assert(fc.property(bytes, (text) => onlyCorrupt(() => decodeSieveMessage(Buffer.from(text, "latin1")))));
  });
});

describe("decodeMessageAnnotations()", () => {
  const value = writeAnnotationValue("v", "64-bit little-endian", { modseq: 7n, flags: 0 });
  const long = writeAnnotationValue("x".repeat(1025), "64-bit little-endian", { modseq: 7n, flags: 0 });
  const decode = (mailbox: string, ...keys: string[]) =>
    decodeMessageAnnotations(
      keys.map((key) => [key, value] as const),
      mailbox,
      "/x",
    ).map(({ uid, item }) => [uid, item.owner, item.key]);

  it("names the owner of the mailbox, and takes nobody for the owner of a shared one", () => {
    const key = "3\0/comment\0[.OwNeR.]\0";
    assert.deepEqual(decode("north.test!user.dave^s.x", key), [[3, "dave.s@north.test", "3 /comment"]]);
    assert.deepEqual(decode("shared.x", key), [[3, "[.OwNeR.]", "3 /comment"]]);
    assert.deepEqual(decode("user.alice", "3\0/comment\0bob\0"), [[3, "bob", "3 /comment"]]);
  });

  it("leaves out what the index holds in other versions, and what is of no message", () => {
    const vendor = "/vendor/cmu/cyrus-imapd";
    const keys = [`3\0${vendor}/thrid\0\0`, `3\0${vendor}/savedate\0\0`, "0\0/comment\0\0", "x\0/comment\0\0"];
    assert.deepEqual(decode("user.alice", ...keys, `3\0${vendor}/other\0\0`), [[3, "", `3 ${vendor}/other`]]);
  });

  it("keeps the digest of a long value", () => {
    const [one] = decodeMessageAnnotations([["3\0/comment\0\0", long]], "user.alice", "/x");
    assert.equal(one?.item.value, "sha1:dc0849dc97d2e7d5f575b1abdc5fa96d4989165f (1025 bytes)");
    assert.equal(one?.value, "x".repeat(1025));
  });

  it("keeps the digest of what is private, but for settings", () => {
    const privately = (entry: string) =>
      decodeMessageAnnotations([[`3\0${entry}\0bob\0`, value]], "user.alice", "/x")[0]?.item.value;
    assert.equal(privately("/comment"), "sha1:7a38d8cbd20d9932ba948efaa364bb62651d5ad4 (1 bytes)");
    assert.equal(privately("/specialuse"), "v");
    assert.equal(privately("/specialuse/other"), privately("/comment"));
  });
});
