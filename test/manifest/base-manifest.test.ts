/** What a base gives of message files is what its rows say, whatever stands in them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeBaseContent, joinBaseStat, knownFilesOf } from "../../src/mail/base-rows.ts";
import type { KnownFiles } from "../../src/mail/known-files.ts";
import { MessagePacker, unpackContent, unpackStat } from "../../src/mail/packed-messages.ts";
import type { MessageFacts } from "../../src/mail/scan-facts.ts";
import { BaseManifest } from "../../src/manifest/base-manifest.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { fullContents } from "./full-contents.ts";
import { message } from "./readings.ts";
import { IDENTITY, inFolder, TIMES, writeManifest } from "./written.ts";

const SETTLED_MS = 2000;
const LAYOUT = "partitions";

/** Any message; often one whose file was read during the scan, and long unchanged then. */
const scanned = fc.tuple(message, fc.boolean(), fc.nat(9000), fc.boolean()).map(([[record, stat], sound, at, old]) => {
  if (!sound || stat === null) return [record, stat] as const;
  const readAtMs = TIMES.startedAtMs + at;
  const ctimeNs = BigInt(readAtMs - SETTLED_MS + (old ? -1 : 1)) * 1_000_000n;
  const file = {
    ...{ problem: null, md5: new Uint8Array(16).fill(at), sha1: new Uint8Array(20).fill(3) },
    ...{ xxh64: new Uint8Array(8).fill(0xff), sizeBytes: stat.sizeBytes },
  };
  return [
    { ...record, file },
    { ...stat, ctimeNs, readAtMs },
  ] as const;
});

describe("BaseManifest.rowsOf()", () => {
  it("gives what may be carried over of what the rows say, to the last bit", () => {
    const [mailbox] = fullContents().mailboxes;
    assert.ok(mailbox !== undefined && mailbox.status === "read");
    let given = 0;
    fc.assert(
      fc.property(fc.array(scanned, { minLength: 1, maxLength: 12 }), fc.boolean(), (rows, rereadAll) =>
        inFolder((folder) => {
          const packer = new MessagePacker(rows.length);
          for (const [i, [record, stat]] of rows.entries()) packer.add({ uid: 7 * i + 1, ...record }, stat);
          const reading = { ...mailbox, listed: true, messages: packer.finish(), expunged: [] };
          const path = writeManifest(`${folder}/m.db`, { mailboxes: [reading] }, options());
          const base = BaseManifest.open(path, {
            ...{ instance: IDENTITY.instance, store: IDENTITY.store, layout: LAYOUT, level: "full" },
            ...{ startedAtMs: TIMES.finishedAtMs + 1, reread: { kind: rereadAll ? "all" : "none" } },
          });
          const reader = ManifestReader.open(path);
          try {
            const { name, uniqueId, listing } = reading;
            const rows = base.rowsOf({ name, uniqueId, partition: listing?.partition ?? null });
            const known = rows === null ? null : knownFilesOf(rows);
            assert.ok(rows === null || known !== null);
            const expected = [...reader.messagesWithStat(1)].filter(isCarriable).map(({ uid, file, stat }) => {
              // Both sizes are of one fstat, so that one of them is given.
              return { uid, file, stat: { ...stat, sizeBytes: file.sizeBytes }, due: rereadAll };
            });
            assert.deepEqual(known === null ? [] : unpacked(known), plain(expected));
            assert.equal(base.unsound, 0);
            given += expected.length;
            assert.equal(base.rowsOf({ name, uniqueId, partition: "elsewhere" }), null);
            assert.equal(base.rowsOf({ name, uniqueId: "of nobody", partition: null }), null);
          } finally {
            reader.close();
            base.close();
          }
        }),
      ),
      { numRuns: 60 },
    );
    assert.ok(given > 0);
  });
});

describe("decodeBaseContent(), joinBaseStat()", () => {
  it("take any bytes, and give nothing that is not in order", () => {
    let taken = 0;
    const terms = { presence: 0, readFromMs: -1e99, readToMs: 1e99, settledMs: -1e99, dueToMs: 0 };
    fc.assert(
      fc.property(fc.boolean(), text(69), text(65), (inOrder, someContent, someStat) => {
        // Of rows in any order hardly any are taken.
        const [content, stat] = inOrder ? [sorted(someContent, 69), sorted(someStat, 65)] : [someContent, someStat];
        const decoded = decodeBaseContent(content);
        if (decoded === null) return;
        const known = joinBaseStat(stat, decoded, terms);
        const uids = [...(known?.uids ?? [])];
        taken += uids.length;
        assert.deepEqual(
          uids,
          [...new Set(uids)].sort((a, b) => a - b),
        );
      }),
    );
    assert.ok(taken > 0);
  });
});

/** The whole rows among `bytes`, each UID but 0 once, in order. */
function sorted(bytes: Uint8Array, rowBytes: number): Uint8Array {
  const rows = new Map<string, Uint8Array>();
  for (let from = 0; from + rowBytes <= bytes.length; from += rowBytes) {
    const row = bytes.subarray(from, from + rowBytes);
    const uid = Buffer.from(row.subarray(0, 8)).toString("latin1");
    if (uid !== "00000000") rows.set(uid, row);
  }
  return Buffer.concat([...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row));
}

/** Rows of so many bytes, with UIDs of any order, and perhaps a piece of another row. */
function text(rowBytes: number): fc.Arbitrary<Uint8Array> {
  const rest = fc.uint8Array({ minLength: rowBytes - 8, maxLength: rowBytes - 8 });
  const row = fc.tuple(fc.nat(6), rest).map(([uid, bytes]) => {
    return Buffer.concat([Buffer.from(uid.toString(16).padStart(8, "0")), bytes]);
  });
  const piece = fc.oneof({ weight: 4, arbitrary: fc.constant(new Uint8Array()) }, fc.uint8Array({ maxLength: 40 }));
  return fc.tuple(fc.array(row, { maxLength: 5 }), piece).map(([rows, left]) => Buffer.concat([...rows, left]));
}

function options() {
  return { options: { include: [], exclude: [], layout: LAYOUT } };
}

function isCarriable({ file, stat }: MessageFacts): boolean {
  if (file.problem !== null || file.sizeBytes === null || file.md5 === null || file.sha1 === null) return false;
  if (file.xxh64 === null || stat === null || stat.readAtMs === null) return false;
  if (stat.readAtMs < TIMES.startedAtMs || stat.readAtMs > TIMES.finishedAtMs) return false;
  return stat.ctimeNs + BigInt(SETTLED_MS) * 1_000_000n <= BigInt(stat.readAtMs) * 1_000_000n;
}

function unpacked({ uids, content, stat, due }: KnownFiles): unknown {
  return plain(
    [...uids].map((uid, row) => {
      return { uid, file: unpackContent(content, row), stat: unpackStat({ stat }, row), due: due[row] === 1 };
    }),
  );
}

/** Buffers and arrays of bytes alike. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "bigint" ? `${part}` : part instanceof Uint8Array ? Buffer.from(part).toString("hex") : part,
    ).replaceAll(/\{"type":"Buffer","data":(\[[\d,]*\])\}/g, (_, data: string) =>
      JSON.stringify(Buffer.from(JSON.parse(data) as number[]).toString("hex")),
    ),
  );
}
