/** What must hold of any spool and any faults. A failure prints its seed and path: give them to `fc.assert`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Variance } from "../../src/compare/variance.ts";
import { LEVELS } from "../../src/mail/message.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { compareFiles } from "../support/pipeline.ts";
import { chosenSeed } from "../support/random.ts";
import { type EditedPair, editedPair, spool } from "../support/spool/arbitrary.ts";
import { EDITS } from "../support/spool/edits.ts";
import { pairOf, READ_AT } from "../support/spool/model.ts";
import { inFolder, scanModel, scanPair } from "../support/spool/scan-pair.ts";

const SEED = chosenSeed();

/** Edits that make a scan wait for whether they stand still. */
const SLOW = /orphan|recordLost|wrongCounter|staleRecord/;
const QUICK = Object.keys(EDITS).filter((kind) => !SLOW.test(kind) && EDITS[kind]?.needs !== "sums");

function assertProperty<T>(
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  seed: number,
  check: (value: T) => Promise<void>,
) {
  return fc.assert(fc.asyncProperty(arbitrary, check), { numRuns, seed, interruptAfterTimeLimit: 60_000 });
}

/** One line a finding; of records changed behind a header's back any of the mailbox will do. */
function lines(findings: Iterable<Line>, behindHeader: ReadonlySet<string>): string[] {
  return [...findings]
    .map(({ class: name, state, side, mailbox, uid }) =>
      [name, state, side, mailbox, behindHeader.has(mailbox ?? "") ? "*" : uid].join(" "),
    )
    .sort();
}

interface Line {
  readonly class: string;
  readonly state: string;
  readonly side: string;
  readonly mailbox: string | null;
  readonly uid?: number | undefined;
}

function lineOf({ class: name, state, side, subject }: Variance): Line {
  return { class: name, state, side, mailbox: subject.mailbox, uid: subject.uid };
}

async function findsJustTheEdits({ pair, edits, expected, behindHeader }: EditedPair): Promise<void> {
  await inFolder(async (folder) => {
    const { primary, replica } = await scanPair(folder, pair);
    const { summary, variances } = compareFiles(primary, replica);
    const message = edits.join("; ");
    assert.deepEqual(lines(variances.map(lineOf), behindHeader), lines(expected, behindHeader), message);
    assert.equal(summary.verdict === "in-sync", expected.length === 0, message);
    mirrors(variances, compareFiles(replica, primary).variances, message);
  });
}

/** With the sides swapped the same things differ, and what is damaged is damaged on the other side. */
function mirrors(variances: readonly Variance[], swapped: readonly Variance[], message: string): void {
  const things = (all: readonly Variance[]) =>
    all.map(({ class: name, subject }) => `${name} ${subject.mailbox} ${subject.uid}`).sort();
  assert.deepEqual(things(swapped), things(variances), message);
  const other: Record<string, string> = { primary: "replica", replica: "primary", both: "both" };
  const damaged = (all: readonly Variance[], side: (side: string) => string | undefined) =>
    all
      .filter(({ state }) => state === "damaged")
      .map(({ class: name, subject, side: where }) => `${name} ${subject.mailbox} ${subject.uid} ${side(where)}`)
      .sort();
  assert.deepEqual(
    damaged(swapped, (side) => side),
    damaged(variances, (side) => other[side]),
    message,
  );
}

describe(`compareManifests() of random models (seed ${SEED})`, { concurrency: 6 }, () => {
  // Both wait most of the time, for the disk or for an index to hold still: so several run at once.
  for (const shard of [1, 2, 3]) {
    it(`finds just the edits, and mirrors them (${shard})`, async () => {
      await assertProperty(editedPair(12, QUICK), 18, SEED + shard, findsJustTheEdits);
    });
    it(`finds just the edits, with some that take their time (${shard})`, async () => {
      await assertProperty(editedPair(8), 7, SEED - shard, findsJustTheEdits);
    });
  }

  it("finds nothing where the other side is the same store, scanned again in the other layout", async () => {
    await assertProperty(spool, 15, SEED, async (model) => {
      await inFolder(async (folder) => {
        const { primary, replica } = pairOf(model);
        const level = LEVELS[model.mailboxes.length % LEVELS.length] ?? "full";
        const at = { level, readAtMs: READ_AT * 1000 };
        const legacy = await scanModel(folder, "legacy", primary, { ...at, layout: "legacy" });
        const uuid = await scanModel(folder, "uuid", replica, { ...at, layout: "uuid" });
        for (const [one, another] of [
          [legacy, uuid],
          [uuid, legacy],
        ] as const) {
          const { summary, variances, mailboxes } = compareFiles(one, another);
          assert.deepEqual([variances, mailboxes], [[], []]);
          assert.equal(summary.verdict, "in-sync");
          assert.equal(summary.counts.mailboxes.compared, model.mailboxes.length);
        }
      });
    });
  });

  it("has the same rows and rollups whether this thread or two others read", async () => {
    await assertProperty(editedPair(6, QUICK), 3, SEED, async ({ pair }) => {
      await inFolder(async (folder) => {
        const at = { readAtMs: READ_AT * 1000 };
        const here = await scanModel(folder, "here", pair.primary, { ...at, workers: 0 });
        const there = await scanModel(folder, "there", pair.primary, { ...at, workers: 2 });
        assert.deepEqual(rowsOf(there, `${folder}/there`), rowsOf(here, `${folder}/here`));
      });
    });
  });
});

/** Everything that a manifest holds of mailboxes and messages, without where this copy of the spool lies and its inodes. */
function rowsOf(manifest: string, root: string): unknown[] {
  const reader = ManifestReader.open(manifest);
  try {
    return [...reader.mailboxes()].map((mailbox) => ({
      ...mailbox,
      directories: mailbox.directories.map((directory) => directory.replace(root, "")),
      found: mailbox.found?.replaceAll(root, ""),
      messages: [...reader.messages(mailbox.id)],
      expunged: reader.expunged(mailbox.id),
      acl: reader.acl(mailbox.id),
    }));
  } finally {
    reader.close();
  }
}
