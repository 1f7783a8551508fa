import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CorruptStoreError } from "../../../src/errors.ts";
import { decodeMailboxHeader, HEADER_MAGIC } from "../../../src/store/cyrus/mailbox-header.ts";
import { writeMailboxHeader } from "../../support/index-writer.ts";

const decode = (body: string) => decodeMailboxHeader(Buffer.from(HEADER_MAGIC + body, "latin1"), "/s/cyrus.header");

describe("decodeMailboxHeader()", () => {
  it("has a magic of 115 bytes", () => {
    assert.equal(HEADER_MAGIC.length, 115);
  });

  it("reads the dlist form", () => {
    const body =
      '%(T el N user.alice I j3rf14mqsqqnypz7amnynwsp Q user.alice A %(alice lrs "group:a b" lr) U ($Label1 NIL Work))\n';
    assert.deepEqual(decode(body), {
      uniqueId: "j3rf14mqsqqnypz7amnynwsp",
      name: "user.alice",
      quotaRoot: "user.alice",
      acl: [
        ["alice", "lrs"],
        ["group:a b", "lr"],
      ],
      flagNames: ["$Label1", null, "Work"],
      type: "el",
    });
  });

  it("takes absent parts of the dlist form for absent", () => {
    assert.deepEqual(decode("%(I abc)\n"), {
      uniqueId: "abc",
      name: null,
      quotaRoot: null,
      acl: null,
      flagNames: [],
      type: null,
    });
  });

  it("reads the text form, where an empty token is an unused flag number", () => {
    assert.deepEqual(decode("user.erin\tm1uqydrh2vxjtob7\n$Label1  Work \nerin\tlrs\tcyrus\tlr\t\n"), {
      uniqueId: "m1uqydrh2vxjtob7",
      name: null,
      quotaRoot: "user.erin",
      acl: [
        ["erin", "lrs"],
        ["cyrus", "lr"],
      ],
      flagNames: ["$Label1", null, "Work"],
      type: null,
    });
  });

  it("reads a text form without quota root, uniqueid, flags or ACL", () => {
    assert.deepEqual(decode("\n\n\n"), {
      uniqueId: null,
      name: null,
      quotaRoot: null,
      acl: [],
      flagNames: [],
      type: null,
    });
    assert.equal(decode("user.old\n\n\n").quotaRoot, "user.old");
    assert.equal(decode("\tabc\n\n\n").uniqueId, "abc");
  });

  it("ignores names for which records have no bit", () => {
    const names = Array.from({ length: 140 }, (_, number) => `k${number}`);
    assert.equal(decode(`\tabc\n${names.join(" ")} \n\n`).flagNames.length, 128);
  });

  it("refuses what is neither form", () => {
    for (const body of [
      "",
      "\n\n",
      "a\tb\nflags\nacl",
      "\n\nalice\n",
      "\n\n\nmore\n",
      "%(I (a b))\n",
      "%(I abc",
      "%(A x)\n",
    ]) {
      assert.throws(() => decode(body), CorruptStoreError, JSON.stringify(body));
    }
    assert.throws(() => decodeMailboxHeader(Buffer.alloc(0), "/s/cyrus.header"), CorruptStoreError);
    assert.throws(() => decodeMailboxHeader(Buffer.from(HEADER_MAGIC.slice(1)), "/s/cyrus.header"), CorruptStoreError);
  });

  it("reads back what is written, in both forms", () => {
    const name = fc.stringMatching(/^[A-Za-z$][A-Za-z0-9.^-]{0,10}$/).filter((text) => text.toUpperCase() !== "NIL");
    const flagNames = fc.array(fc.option(name), { maxLength: 128 });
    fc.assert(
      fc.property(name, name, flagNames, fc.boolean(), (uniqueId, quotaRoot, flags, textForm) => {
        const bytes = writeMailboxHeader({ uniqueId, name: "user.x", quotaRoot, flagNames: flags, textForm });
        const header = decodeMailboxHeader(bytes, "/s/cyrus.header");
        while (flags.length > 0 && flags.at(-1) === null) flags.pop();
        assert.deepEqual(
          [header.uniqueId, header.quotaRoot, header.flagNames, header.acl],
          [uniqueId, quotaRoot, flags, [["alice", "lrswipkxtecdan"]]],
        );
      }),
    );
  });

  it("fails only with CorruptStoreError, whatever follows the magic", () => {
    const shaped = fc.string({
      unit: fc.constantFrom("%(", "(", ")", " ", "\t", "\n", '"', "\\", "{3}", "I", "A", "U", "NIL"),
    });
    fc.assert(
      fc.property(fc.oneof(shaped, fc.string({ unit: "binary" })), (body) => {
        try {
          decode(body);
        } catch (error) {
          assert.ok(error instanceof CorruptStoreError, String(error));
        }
      }),
    );
  });
});
