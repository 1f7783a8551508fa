import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { MailboxReading } from "../../src/mail/mailbox.ts";
import { unpackMessage, unpackStat } from "../../src/mail/packed-messages.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { verifyManifest } from "../../src/manifest/verify.ts";
import { chosenSeed } from "../support/random.ts";
import { problems, readMailbox, unreadMailbox } from "./readings.ts";
import { IDENTITY, inFolder, TIMES, writeManifest } from "./written.ts";

const SEED = chosenSeed();

/** Digests as plain bytes: a Buffer and a view of the same bytes are equal. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}

function messagesOf({ messages }: MailboxReading): unknown[] {
  return Array.from({ length: messages.count }, (_, row) => ({
    ...unpackMessage(messages, row),
    stat: unpackStat(messages, row),
  }));
}

/** What must come back of a reading that was written. */
function mailboxOf(reading: MailboxReading): Record<string, unknown> {
  const { name, uniqueId, listed, status, found, readAtMs, filesMtimeMs, header, stored, counted } = reading;
  const { quotaRoot, keywords, directories } = reading;
  const listing = reading.listing === null ? null : { ...reading.listing, acl: null };
  return {
    ...{ name, uniqueId, listed, status, found, readAtMs, filesMtimeMs, header, stored, counted, quotaRoot, keywords },
    ...{ directories, listing },
  };
}

const acls = ({ listing }: MailboxReading) =>
  [...(listing?.acl ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map((entry) => [...entry]);

describe(`ManifestWriter and ManifestReader (seed ${SEED})`, () => {
  it("give back every value of mailboxes, messages and what belongs to them", () => {
    const reading = fc.oneof({ arbitrary: readMailbox, weight: 4 }, { arbitrary: unreadMailbox, weight: 1 });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 4 }), (readings) =>
        inFolder((folder) => {
          const reader = ManifestReader.open(writeManifest(`${folder}/m.db`, { mailboxes: readings }));
          try {
            for (const [i, written] of readings.entries()) {
              const { facts } = reader.mailbox(i + 1);
              const expected = mailboxOf(written);
              const got = Object.fromEntries(
                Object.keys(expected).map((key) => [key, facts[key as keyof typeof facts]]),
              );
              assert.deepEqual(plain(got), plain(expected));
              assert.deepEqual(plain([...reader.messagesWithStat(i + 1)]), plain(messagesOf(written)));
              assert.deepEqual(plain(reader.expunged(i + 1)), plain(written.expunged));
              assert.deepEqual(plain(reader.orphans(i + 1)), plain([...written.orphans].sort((a, b) => a.uid - b.uid)));
              assert.deepEqual(reader.acl(i + 1), acls(written));
              assert.deepEqual(
                reader
                  .problemsOf(i + 1)
                  .map(({ what, path, uid, errno, found }) => ({ what, path, uid, errno, found })),
                plain(written.problems),
              );
            }
            assert.deepEqual(
              [...reader.mailboxes()].map(({ name }) => name),
              readings
                .map(({ name }) => name)
                .sort((a, b) => Buffer.compare(Buffer.from(a, "latin1"), Buffer.from(b, "latin1"))),
            );
            const totals = verifyManifest(reader);
            assert.equal(
              totals.messages,
              readings.reduce((sum, { messages }) => sum + messages.count, 0),
            );
            assert.equal(
              totals.expunged,
              readings.reduce((sum, { expunged }) => sum + expunged.length, 0),
            );
          } finally {
            reader.close();
          }
        }),
      ),
      { numRuns: 60, seed: SEED },
    );
  });

  it("give back tombstones, pending names, problems and the scan itself", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    const name = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((b) => Buffer.from(b).toString("latin1"));
    const u63 = fc.bigInt(0n, 2n ** 63n - 1n);
    const tombstone = fc.record({
      ...{ name, uniqueId: fc.option(text), reason: fc.constantFrom("deleted" as const, "renamed" as const) },
      ...{ foldermodseq: fc.option(u63), uidValidity: fc.option(fc.nat(2 ** 32 - 1)), mtime: fc.option(fc.nat()) },
    });
    const scan = fc.record({
      ...{ host: text, role: fc.constantFrom("primary" as const, "replica" as const, null), store: text, tool: text },
      ...{
        level: fc.constantFrom("index" as const, "full" as const),
        narrowed: fc.boolean(),
        afterId: fc.option(text),
      },
      options: fc.record({ include: fc.array(text), exclude: fc.array(text) }),
    });
    const pending = fc.record({ type: text, name, log: name });
    fc.assert(
      fc.property(fc.array(tombstone), fc.array(pending), problems, scan, (tombstones, names, found, identity) =>
        inFolder((folder) => {
          const contents = { mailboxes: [], tombstones, pending: names, problems: found };
          const reader = ManifestReader.open(writeManifest(`${folder}/m.db`, contents, identity));
          try {
            assert.deepEqual(plain(reader.tombstones()), plain(tombstones));
            assert.deepEqual(plain(reader.pending()), plain(names));
            assert.deepEqual(
              reader.problems(),
              found.map((problem) => ({ ...problem, mailbox: null })),
            );
            const { narrowed: _, options, ...told } = { ...IDENTITY, ...identity };
            const facts = { ...told, ...TIMES, include: options.include, exclude: options.exclude };
            assert.deepEqual(reader.facts, { ...reader.facts, ...facts });
            verifyManifest(reader);
          } finally {
            reader.close();
          }
        }),
      ),
      { numRuns: 30, seed: SEED },
    );
  });
});
