import assert from "node:assert/strict";
import { test } from "node:test";
import { SpooldiffError } from "../../src/errors.ts";
import { checkDigester } from "../../src/hash/check-digester.ts";
import { createFileDigester } from "../../src/hash/create-digester.ts";
import type { Digests, FileDigester } from "../../src/hash/digester.ts";

const lanes = await createFileDigester("full", "lanes");

test("checkDigester() accepts right digests", async () => {
  checkDigester(lanes);
  checkDigester(await createFileDigester("full", "plain"));
});

test("checkDigester() refuses a single wrong bit", () => {
  for (const which of ["md5", "sha1"] as const) {
    const broken = altered((digests, files) => {
      if (files !== 11) return digests;
      const wrong = Uint8Array.from(digests[which] ?? []);
      wrong[7] = (wrong[7] ?? 0) ^ 0x10;
      return { ...digests, [which]: wrong };
    });
    const isFailure = (error: unknown) => error instanceof SpooldiffError && error.code === "wrong-digest";
    assert.throws(() => checkDigester(broken), isFailure);
  }
});

test("checkDigester() refuses a digester that swallows a file", () => {
  const swallowing = altered((digests, files) => (files === 4 ? null : digests));
  assert.throws(() => checkDigester(swallowing), /1 of 18 are missing/);
});

test("checkDigester() refuses a digester that has no MD5 and SHA-1", async () => {
  const quick = await createFileDigester("quick");
  assert.throws(() => checkDigester(quick), /none instead of/);
});

/** The digester `lanes` with its results changed; `alter` is told how many there were before. */
function altered(alter: (digests: Digests, files: number) => Digests | null): FileDigester {
  let files = 0;
  return {
    notice: null,
    depth: lanes.depth,
    arena: lanes.arena,
    room: (bytes) => lanes.room(bytes),
    roomAt: (bytes) => lanes.roomAt(bytes),
    place: (bytes, output, at) => lanes.place(bytes, output, at),
    add: (bytes, done) =>
      lanes.add(bytes, (digests) => {
        const result = alter(digests, files++);
        if (result !== null) done(result);
      }),
    flush: () => lanes.flush(),
    stream: () => lanes.stream(),
  };
}
