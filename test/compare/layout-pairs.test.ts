/**
 * Pairs of which each side lies on disk in a layout of its own: nothing is found where there is nothing, and every fault
 * once where there are some. `SPOOLDIFF_LAYOUT_PAIRS` asks for more of them than CI has time for.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Variance } from "../../src/compare/variance.ts";
import { LEVELS, type Level } from "../../src/mail/message.ts";
import { WRITABLE_VERSIONS } from "../support/index-writer.ts";
import { compareFiles } from "../support/pipeline.ts";
import { chosenSeed } from "../support/random.ts";
import { type EditedPair, editedPair } from "../support/spool/arbitrary.ts";
import { EDITS, type ExpectedFinding } from "../support/spool/edits.ts";
import { ITEM_EDITS, type PairLayouts } from "../support/spool/item-edits.ts";
import { LAYOUTS } from "../support/spool/layout.ts";
import { layoutOf } from "../support/spool/layout-arbitrary.ts";
import { mailboxOf, modelMailbox, modelMessage, type PairModel, pairOf, READ_AT } from "../support/spool/model.ts";
import { inFolder, scanModel } from "../support/spool/scan-pair.ts";
import { storeOf } from "../support/spool/store-arbitrary.ts";

const SEED = chosenSeed();
/** Before 12, expunged records lie in a file of their own. */
const VERSIONS = WRITABLE_VERSIONS.filter((version) => version >= 12);
const PAIRS = Number(process.env.SPOOLDIFF_LAYOUT_PAIRS ?? 18);

/** Edits that make a scan wait for whether they stand still. */
const SLOW = /orphan|recordLost|wrongCounter|staleRecord/;
const KINDS = Object.keys(EDITS);
const QUICK = KINDS.filter((kind) => !SLOW.test(kind) && EDITS[kind]?.needs !== "sums");

/** The whole counterexample fills pages: what is printed is the way back to it, and how the two sides lay. */
async function assertProperty<T extends { readonly layouts: PairLayouts }>(
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  check: (value: T) => Promise<void>,
): Promise<void> {
  const bound = PAIRS <= 18 ? { interruptAfterTimeLimit: 30_000 } : {};
  const settings = { numRuns, seed: SEED, endOnFailure: true, ...bound, ...replayed() };
  const details = await fc.check(fc.asyncProperty(arbitrary, check), settings);
  if (!details.failed || details.interrupted) return;
  const layouts = JSON.stringify(details.counterexample?.[0].layouts);
  const cause = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  assert.fail(`seed ${details.seed}, path ${details.counterexamplePath}: ${cause}\n${layouts}`);
}

/** `SPOOLDIFF_PATH` makes one counterexample again. */
function replayed(): { readonly path?: string } {
  const path = process.env.SPOOLDIFF_PATH;
  return path === undefined ? {} : { path };
}

type PairLevels = Readonly<Record<"primary" | "replica", Level>>;

const FULL: PairLevels = { primary: "full", replica: "full" };

async function compareLaidOut(pair: PairModel, layouts: PairLayouts, levels = FULL) {
  return inFolder(async (folder) => {
    const at = READ_AT * 1000;
    const replica = await scanModel(folder, "r", pair.replica, {
      ...{ layout: layouts.replica, level: levels.replica, host: "mx2", readAtMs: at },
    });
    const later = { level: levels.primary, host: "mx1", readAtMs: at + 10_000 };
    const primary = await scanModel(folder, "p", pair.primary, { layout: layouts.primary, ...later });
    return compareFiles(primary, replica);
  });
}

/** A pair, how each side lies on disk, and what there is to be found. */
interface LaidOutPair {
  readonly edited: EditedPair;
  readonly layouts: PairLayouts;
  readonly itemEdits: readonly { readonly kind: string; readonly side: "primary" | "replica"; readonly at: number }[];
}

const layoutPair = (arbitrary: ReturnType<typeof layoutOf>) => fc.record({ primary: arbitrary, replica: arbitrary });

/** With faults: both sides of a version that orders them, so that what is to be found does not depend on it. */
const laidOutPair = (kinds: readonly string[]): fc.Arbitrary<LaidOutPair> =>
  fc.boolean().chain((domains) =>
    fc.record({
      edited: editedPair(5, kinds, storeOf({ domains }), 0),
      layouts: layoutPair(layoutOf(["3.4", "3.6"], { domains })),
      itemEdits: fc.uniqueArray(
        fc.record({
          kind: fc.constantFrom(...Object.keys(ITEM_EDITS)),
          side: fc.constantFrom("primary" as const, "replica" as const),
          at: fc.nat(100),
        }),
        // Both make the same items unlike.
        {
          maxLength: 3,
          selector: ({ kind }) => kind.replace(/Damaged|sCutOff/, "").replace("unsubscribed", "subscription"),
        },
      ),
    }),
  );

type Blamed = (mailbox: string | null, uid: number | undefined) => string | number | undefined;

const byUid: Blamed = (_, uid) => uid;

function lineOf({ class: name, state, side, subject }: Variance, blamed = byUid): string {
  const { mailbox, uid, owner, key } = subject;
  // The owner of a quota root follows from its name.
  return [name, state, side, mailbox, blamed(mailbox, uid), name === "quota-differs" ? undefined : owner, key].join(
    " ",
  );
}

function expectedLine(finding: ExpectedFinding, blamed: Blamed): string {
  const { class: name, state, side, mailbox, uid, owner, key } = finding;
  return [name, state, side, mailbox, blamed(mailbox, uid), owner, key].join(" ");
}

/** Fields, and the first index version that has them; Cyrus' own tables. */
const FIELDS_SINCE = { cid: 13, pop3_show_after: 13, savedate: 15, createdmodseq: 16, basecid: 20 };

/** What the report must say that it could not compare. */
function unknownFields({ primary, replica }: PairLayouts): string[] {
  const versions = [primary.indexVersion, replica.indexVersion];
  const fields = Object.entries(FIELDS_SINCE)
    .filter(([, since]) => Math.min(...versions) < since && Math.max(...versions) >= since)
    .map(([field]) => field);
  const ofMailbox = fields.includes("createdmodseq") ? ["createdmodseq of the mailbox"] : [];
  const listed = (primary.generation === "2.4") === (replica.generation === "2.4") ? [] : ["foldermodseq"];
  return [...fields, ...ofMailbox, ...listed].sort();
}

describe(`scans and comparisons of any two layouts (seed ${SEED})`, { concurrency: 2 }, () => {
  it("find nothing in a pair in sync, of any generations, index versions and levels", async () => {
    const any = fc.boolean().chain((domains) =>
      fc.record({
        spool: storeOf({ domains }),
        layouts: layoutPair(layoutOf(["2.4", "3.4", "3.6"], { domains, indexVersions: VERSIONS })),
        levels: fc.record({ primary: fc.constantFrom(...LEVELS), replica: fc.constantFrom(...LEVELS) }),
      }),
    );
    await assertProperty(any, PAIRS, async ({ spool, layouts, levels }) => {
      const { summary, variances, mailboxes } = await compareLaidOut(pairOf(spool), layouts, levels);
      assert.deepEqual(
        [variances.map((variance) => lineOf(variance)), mailboxes.map(({ mailbox }) => mailbox)],
        [[], []],
      );
      // What the lower level did not read was not compared.
      const verdict = levels.primary === levels.replica ? ["in-sync", 0] : ["incomplete", 3];
      assert.deepEqual([summary.verdict, summary.exitCode], verdict);
      const unknown = summary.scope.notComparable.map((line) => line.replace(/:.*/, "")).sort();
      assert.deepEqual(unknown, unknownFields(layouts));
      assert.ok(summary.counts.mailboxes.compared >= spool.mailboxes.length);
    });
  });

  it("find a uniqueid that two mailboxes have once, and nothing that follows from it", async () => {
    for (const side of ["primary", "replica"] as const) {
      const [alice, bob] = ["alice", "bob"].map((user) => modelMailbox(`user.${user}`, [modelMessage(1)]));
      assert.ok(alice !== undefined && bob !== undefined);
      const seen = [alice, bob].map(({ uniqueId }) => ({ user: "carol", uniqueId, uids: [1] }));
      const annotations = [{ mailbox: "user.bob", entry: "/comment", user: "", value: "v" }];
      const items = { subscriptions: {}, seen, quotas: [], scripts: [], annotations };
      const pair = pairOf({ mailboxes: [alice, bob], tombstones: [], items });
      mailboxOf(pair[side], "user.bob").uniqueId = alice.uniqueId;
      const { variances } = await compareLaidOut(pair, { primary: LAYOUTS.legacy, replica: LAYOUTS.legacy });
      assert.deepEqual(
        variances.map((variance) => lineOf(variance)),
        [`uniqueid-duplicate damaged ${side} user.alice   `],
      );
    }
  });

  it("find what both lists have lost once, also where one layout does not tell the domain", async () => {
    const mailbox = modelMailbox("north.test!user.alice.Old", [modelMessage(1)]);
    const pair = pairOf({
      mailboxes: [modelMailbox("north.test!user.alice", [modelMessage(1)]), mailbox],
      tombstones: [],
    });
    for (const side of [pair.primary, pair.replica]) mailboxOf(side, mailbox.name).unlisted = true;
    const domains = { virtDomains: "on", defaultDomain: "north.test" } as const;
    const [byName, byId] = [
      { ...LAYOUTS.legacy, generation: "3.4", ...domains } as const,
      { ...LAYOUTS.uuid, ...domains },
    ];
    for (const layouts of [
      { primary: byName, replica: byId },
      { primary: byId, replica: byName },
    ]) {
      const { variances } = await compareLaidOut(pair, layouts);
      assert.deepEqual(
        variances.map((variance) => lineOf(variance)),
        ["mailbox-not-in-list damaged both north.test!user.alice.Old   "],
      );
    }
  });

  it("find what one list has lost by the name that the other one has", async () => {
    const name = "north.test!user.alice.Old";
    const pair = pairOf({ mailboxes: [modelMailbox(name, [modelMessage(1)])], tombstones: [] });
    pair.replica.mailboxes.push(modelMailbox("user.bob", [modelMessage(1)]));
    pair.primary.mailboxes.push(modelMailbox("user.bob", [modelMessage(1)]));
    mailboxOf(pair.replica, name).unlisted = true;
    const replica = { ...LAYOUTS.legacy, generation: "3.4", virtDomains: "on", defaultDomain: "north.test" } as const;
    const primary = { ...LAYOUTS.uuid, virtDomains: "on" } as const;
    const { variances } = await compareLaidOut(pair, { primary, replica });
    assert.deepEqual(
      variances.map((variance) => lineOf(variance)),
      [`mailbox-not-in-list damaged replica ${name}   `],
    );
  });

  it("find every fault once, and nothing else", async () => {
    await assertProperty(laidOutPair(QUICK), PAIRS, findsJustTheFaults);
  });

  it("find every fault once, with some that take their time", async () => {
    await assertProperty(laidOutPair(KINDS), Math.ceil(PAIRS / 6), findsJustTheFaults);
  });
});

async function findsJustTheFaults({ edited, layouts, itemEdits }: LaidOutPair): Promise<void> {
  const { pair, expected, behindHeader } = edited;
  const ofItems = itemEdits.flatMap(({ kind, ...target }) => ITEM_EDITS[kind]?.(pair, target, layouts) ?? []);
  const { summary, variances } = await compareLaidOut(pair, layouts);
  // Of records that were changed behind the header's back, any of the mailbox may be blamed.
  const blamed = (mailbox: string | null, uid: number | undefined) => (behindHeader.has(mailbox ?? "") ? "*" : uid);
  const wanted = [...expected, ...ofItems].map((finding) => expectedLine(finding, blamed)).sort();
  assert.deepEqual(variances.map((variance) => lineOf(variance, blamed)).sort(), wanted);
  assert.equal(summary.verdict === "in-sync", wanted.length === 0);
}
