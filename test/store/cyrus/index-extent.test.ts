import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { indexExtent } from "../../../src/store/cyrus/index-extent.ts";
import { cyrusMailboxReader } from "../../../src/store/cyrus/reader.ts";
import type { MailboxRef } from "../../../src/store/mail-store.ts";
import { WRITABLE_VERSIONS, writeIndex } from "../../support/index-writer.ts";

const NOTHING = { messages: 0, bytes: 0 };
let folder: string;
before(() => {
  folder = mkdtempSync(`${tmpdir()}/spooldiff-extent-`);
});
after(() => rmSync(folder, { recursive: true }));

function extentOf(bytes: Uint8Array): unknown {
  writeFileSync(`${folder}/cyrus.index`, bytes);
  return indexExtent({ indexFile: `${folder}/cyrus.index` } as MailboxRef);
}

describe("indexExtent()", () => {
  it("reads what the head of an index of any version says", () => {
    assert.equal(cyrusMailboxReader.extentOf, indexExtent);
    for (const version of WRITABLE_VERSIONS) {
      const records = [1, 2, 7].map((uid) => ({ uid, size: 1000 * uid }));
      assert.deepEqual(
        extentOf(writeIndex({ version, records })),
        { messages: 3, bytes: 10_000 },
        `version ${version}`,
      );
    }
  });

  it("takes no more records than the file has room for, and nothing from what is no index", () => {
    const index = writeIndex({ records: [{ uid: 1, size: 5 }] });
    index.writeUInt32BE(0xffff_ffff, 20);
    assert.deepEqual(extentOf(index), { messages: 1, bytes: 5 });
    assert.deepEqual(extentOf(index.subarray(0, 100)), NOTHING);
    assert.deepEqual(extentOf(new Uint8Array()), NOTHING);
    for (const [name, make] of [
      ["directory", (path: string) => mkdirSync(path)],
      ["link", (path: string) => symlinkSync("cyrus.index", path)],
      ["absent", () => {}],
      ["with\0nul", () => {}],
    ] as const) {
      make(`${folder}/${name}`);
      assert.deepEqual(indexExtent({ indexFile: `${folder}/${name}` } as MailboxRef), NOTHING, name);
    }
  });

  it("never throws, whatever the file holds", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void extentOf(bytes)));
  });
});
