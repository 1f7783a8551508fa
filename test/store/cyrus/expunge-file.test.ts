import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { CorruptStoreError } from "../../../src/errors.ts";
import { decodeExpunged, mergeExpunged, readExpungeFile } from "../../../src/store/cyrus/expunge-file.ts";
import { cyrusMailboxReader } from "../../../src/store/cyrus/reader.ts";
import type { MailboxRef } from "../../../src/store/mail-store.ts";
import { anyIndexSpec } from "../../support/index-arbitrary.ts";
import { writeIndex, writeMailboxHeader } from "../../support/index-writer.ts";

const uids = (messages: readonly { readonly uid: number }[]) => messages.map(({ uid }) => uid);

describe("decodeExpunged()", () => {
  const records = [{ uid: 2, modseq: 8, lastUpdated: 77, guid: "02".repeat(20) }, { uid: 5 }];

  it("takes every record for expunged, whatever its flags", () => {
    const [first, second] = decodeExpunged(writeIndex({ version: 9, records }), "cyrus.expunge", 9);
    const guid = new Uint8Array(12).fill(2);
    assert.deepEqual(first, { uid: 2, modseq: 8n, lastUpdated: 77, guid });
    assert.deepEqual([second?.uid, second?.guid], [5, null]);
  });

  it("names path and offset of a record that cannot be right", () => {
    const failure = (bytes: Buffer, lastUid: number): CorruptStoreError => {
      try {
        decodeExpunged(bytes, "/spool/user/a/cyrus.expunge", lastUid);
      } catch (error) {
        assert.ok(error instanceof CorruptStoreError);
        return error;
      }
      throw new Error("it was decoded");
    };
    const above = failure(writeIndex({ version: 10, records }), 4);
    assert.deepEqual([above.path, above.offset], ["/spool/user/a/cyrus.expunge", 96 + 88]);
    const twice = failure(writeIndex({ version: 6, records: [{ uid: 3 }, { uid: 3 }] }), 9);
    assert.deepEqual([twice.offset, /ascending/.test(twice.found)], [76 + 60, true]);
    assert.equal(
      failure(writeIndex({ version: 8, records: [{ uid: 3, modseq: 2n ** 63n }], header: { highestModseq: 1 } }), 9)
        .offset,
      92,
    );
    assert.match(failure(writeIndex({ version: 10, records }).subarray(0, -1), 9).found, /2 records need/);
  });

  it("fails only with CorruptStoreError", () => {
    const change = fc.record({ at: fc.nat(700), value: fc.nat(255) });
    fc.assert(
      fc.property(anyIndexSpec(), fc.array(change, { maxLength: 4 }), fc.nat(900), (spec, changes, length) => {
        const bytes = writeIndex(spec);
        for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
        try {
          decodeExpunged(bytes.subarray(0, length), "x", 2 ** 32 - 1);
        } catch (error) {
          assert.ok(error instanceof CorruptStoreError, String(error));
        }
      }),
    );
  });
});

describe("mergeExpunged()", () => {
  it("keeps the order of UIDs, and the first of two", () => {
    const one = (uid: number, lastUpdated: number) => ({ uid, lastUpdated, modseq: null, guid: null });
    const merged = mergeExpunged([one(4, 1), one(9, 1)], [one(2, 2), one(4, 2)]);
    assert.deepEqual(
      merged.map(({ uid, lastUpdated }) => [uid, lastUpdated]),
      [
        [2, 2],
        [4, 1],
        [9, 1],
      ],
    );
  });
});

describe("readIndex() with a cyrus.expunge", () => {
  let directory: string;
  const at = (name: string) => join(directory, name);
  const ref = () =>
    ({
      ...{ name: "user.a", uniqueId: "abc", indexFile: at("cyrus.index"), headerFile: at("cyrus.header") },
      ...{ annotationsFile: at("cyrus.annotations"), expungeFile: at("cyrus.expunge") },
    }) as MailboxRef;
  const put = (version: 10 | 12, expunged: Buffer | null) => {
    writeFileSync(
      at("cyrus.index"),
      writeIndex({ version, records: [{ uid: 3 }, { uid: 6 }], header: { lastUid: 8 } }),
    );
    writeFileSync(at("cyrus.header"), writeMailboxHeader({ uniqueId: "abc", name: "user.a", textForm: true }));
    if (expunged !== null) writeFileSync(at("cyrus.expunge"), expunged);
    return cyrusMailboxReader.readIndex(ref());
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "spooldiff-expunge-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("adds its records to those of the index, which alone says what is live", () => {
    const reading = put(10, writeIndex({ version: 10, records: [{ uid: 1 }, { uid: 3 }, { uid: 7 }] }));
    assert.ok(reading.status === "read", JSON.stringify(reading.status));
    const { live, expunged, uids: all, counted, problems } = reading.snapshot;
    assert.deepEqual([live.count, uids(expunged), [...(all ?? [])], counted.exists], [2, [1, 7], [1, 3, 6, 7], 2]);
    assert.deepEqual(problems, []);
  });

  it("takes its absence for none, and does not look for it from version 12 on", () => {
    const none = put(10, null);
    assert.ok(none.status === "read");
    assert.deepEqual([none.snapshot.expunged, [...(none.snapshot.uids ?? [])]], [[], [3, 6]]);
    const newer = put(12, Buffer.from("rubbish"));
    assert.ok(newer.status === "read" && newer.snapshot.problems.length === 0);
  });

  it("contradicts itself while it cannot be read, and then leaves open what is expunged", () => {
    for (const bytes of [Buffer.from("rubbish"), writeIndex({ version: 10, records: [{ uid: 9 }] })]) {
      const reading = put(10, bytes);
      assert.ok(reading.status === "inconsistent" && reading.accept.status === "read");
      const { uids: all, problems, live } = reading.accept.snapshot;
      assert.deepEqual(
        [all, live.count, problems[0]?.what, problems[0]?.path],
        [null, 2, "expunge", at("cyrus.expunge")],
      );
      assert.match(problems[0]?.found ?? "", /^cyrus\.expunge: /);
    }
    rmSync(at("cyrus.expunge"));
    symlinkSync("/etc/passwd", at("cyrus.expunge"));
    assert.match(readExpungeFile(at("cyrus.expunge"), 9).problem?.found ?? "", /a symbolic link/);
  });
});
