import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { isDigest, mayBeEqual, namesFile } from "../../src/mail/guid.ts";

const digest = (name: "md5" | "sha1", text: string) => createHash(name).update(text).digest();
const file = { md5: digest("md5", "a message"), sha1: digest("sha1", "a message") };
const other = { md5: digest("md5", "another"), sha1: digest("sha1", "another") };
const md5Uuid = Buffer.from([2, ...file.md5.subarray(0, 11)]);
const dealtUuid = Buffer.from([1, ...file.md5.subarray(0, 11)]);

describe("namesFile()", () => {
  it("holds a SHA-1 against the SHA-1, and a UUID made of an MD5 against the MD5", () => {
    for (const guid of [file.sha1, md5Uuid]) {
      assert.equal(namesFile(guid, file), true);
      assert.equal(namesFile(guid, other), false);
      assert.equal(namesFile(guid, { md5: null, sha1: null }), null);
    }
    assert.equal(namesFile(md5Uuid, { md5: null, sha1: file.sha1 }), null);
    assert.equal(namesFile(file.sha1, { md5: file.md5, sha1: null }), null);
  });

  it("looks at every byte of a UUID", () => {
    for (let at = 1; at < 12; at++) {
      const wrong = Buffer.from(md5Uuid);
      wrong[at]! ^= 1;
      assert.equal(namesFile(wrong, file), false, `byte ${at}`);
    }
  });

  it("proves nothing by a UUID of another kind, nor by none", () => {
    for (const guid of [null, dealtUuid]) {
      assert.equal(namesFile(guid, file), null);
      assert.equal(namesFile(guid, other), null);
    }
    assert.deepEqual([isDigest(file.sha1), isDigest(md5Uuid), isDigest(dealtUuid)], [true, true, false]);
  });
});

describe("mayBeEqual()", () => {
  it("tells GUIDs of one kind apart, and says nothing of two kinds", () => {
    assert.equal(mayBeEqual(file.sha1, other.sha1), false);
    assert.equal(mayBeEqual(md5Uuid, dealtUuid), false);
    assert.equal(mayBeEqual(md5Uuid, Buffer.from(md5Uuid)), true);
    assert.equal(mayBeEqual(md5Uuid, other.sha1), true);
    assert.equal(mayBeEqual(null, other.sha1), true);
  });
});
