import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { createFileDigester, type Digests, WHOLE_FILE_BYTES } from "../../src/hash/digester.ts";
import { xxh64Reference } from "../support/xxh64-reference.ts";

const full = await createFileDigester("full");
const quick = await createFileDigester("quick");

test("add() agrees with node:crypto for every length from 0 to 200, in any order", () => {
  const files = Array.from({ length: 201 }, (_, length) => randomBytes(length));
  const results: (Digests | undefined)[] = [];
  for (const [i, file] of files.entries()) {
    full.room(file.length + 1).set(file);
    full.add(file.length, (digests) => {
      results[i] = digests;
    });
  }
  full.flush();
  for (const [i, file] of files.entries()) assertDigests(results[i], file);
});

test("add() agrees with node:crypto around the sizes at which its room grows", () => {
  const sizes = [1 << 16, 1 << 17, 1 << 20, 1 << 21, WHOLE_FILE_BYTES].flatMap((n) => [n - 1, n, n + 1]);
  for (const size of sizes) {
    const file = Buffer.alloc(size, randomBytes(997));
    full.room(size).set(file);
    let result: Digests | undefined;
    full.add(size, (digests) => {
      result = digests;
    });
    full.flush();
    assertDigests(result, file);
  }
});

test("add() leaves earlier digests alone", () => {
  const kept: Digests[] = [];
  for (const text of ["first", "second"]) {
    full.room(text.length).set(Buffer.from(text));
    full.add(text.length, (digests) => kept.push(digests));
  }
  full.flush();
  assertDigests(kept[0], Buffer.from("first"));
  assertDigests(kept[1], Buffer.from("second"));
});

test("room() refuses what must be streamed", () => {
  assert.throws(() => full.room(WHOLE_FILE_BYTES + 2), RangeError);
});

test("stream() agrees with node:crypto whatever the pieces", () => {
  for (const sizes of [[], [0], [1, 2, 3], [1 << 20, 1 << 20, 7], [(1 << 20) + 1, 31, 3 << 20]]) {
    const pieces = sizes.map((size) => Buffer.alloc(size, randomBytes(991)));
    const stream = full.stream();
    for (const piece of pieces) stream.update(piece);
    assertDigests(stream.digest(), Buffer.concat(pieces));
  }
});

test("createFileDigester() at depth quick gives xxHash64 only", () => {
  const file = randomBytes(1000);
  quick.room(1000).set(file);
  quick.add(1000, (digests) => {
    assert.deepEqual(digests, { md5: null, sha1: null, xxh64: xxh64Reference(file) });
  });
  const stream = quick.stream();
  stream.update(file);
  assert.deepEqual(stream.digest(), { md5: null, sha1: null, xxh64: xxh64Reference(file) });
});

function assertDigests(digests: Digests | undefined, file: Uint8Array): void {
  assert.ok(digests !== undefined, "done was called");
  const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString("hex"));
  assert.equal(hex(digests.md5), createHash("md5").update(file).digest("hex"));
  assert.equal(hex(digests.sha1), createHash("sha1").update(file).digest("hex"));
  assert.equal(hex(digests.xxh64), hex(xxh64Reference(file)));
}
