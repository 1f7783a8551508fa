/** Items: what a scan hands over comes back, and what two manifests do not have alike is found. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ITEM_KINDS, type Item, type MailboxItem, type UnreadMailboxItems } from "../../src/mail/item.ts";
import type { ItemFacts } from "../../src/mail/scan-facts.ts";
import { StoredManifestPair } from "../../src/manifest/pair.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { verifyManifest } from "../../src/manifest/verify.ts";
import { chosenSeed } from "../support/random.ts";
import { fullMessage, fullReading } from "./full-contents.ts";
import { inFolder, writeManifest } from "./written.ts";

const SEED = chosenSeed();

const ALICE = fullReading([fullMessage(1)], { name: "user.alice", uniqueId: "a1", annotations: [] });
const BOB = fullReading([fullMessage(1)], { name: "user.bob", uniqueId: "b1", annotations: [] });
/** Of 2.4: the list knows no uniqueid, and the header had none either. */
const CAROL = fullReading([], { name: "user.carol", uniqueId: null, annotations: [] });
const MAILBOXES = [ALICE, BOB, CAROL];

const PLACES = [
  null,
  { uniqueId: "a1", name: "user.alice" },
  { uniqueId: null, name: "user.bob" },
  { uniqueId: null, name: "user.carol" },
] as const;

const name = fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const item: fc.Arbitrary<MailboxItem> = fc.record({
  ...{ kind: fc.constantFrom(...ITEM_KINDS.slice(1)), mailbox: fc.constantFrom(...PLACES), owner: name, key: name },
  ...{ value: name, mtime: fc.option(fc.integer()), modseq: fc.option(fc.bigInt(0n, 2n ** 63n - 1n)) },
});
const identity = ({ kind, mailbox, owner, key }: MailboxItem) => JSON.stringify([kind, mailbox?.name, owner, key]);
const items = fc.uniqueArray(item, { maxLength: 30, selector: identity });

/** Those that belong to mailboxes, whatever else the property gives one to. */
const MAILBOX_KINDS = new Set<string>(["seen", "annotation", "message-annotation"]);

function plain(facts: ItemFacts | null): (Item & { mailbox: string | null }) | null {
  if (facts === null) return null;
  const { kind, mailbox, owner, key, value, mtime, modseq } = facts;
  return { kind, mailbox, owner, key, value, mtime, modseq };
}

function expected(written: MailboxItem) {
  return { ...written, mailbox: written.mailbox?.name ?? null };
}

function inOrder<T extends { kind: string; owner: string; key: string; mailbox: string | null }>(all: T[]): T[] {
  const columns = (one: T) => [one.kind, one.owner, one.key, one.mailbox ?? ""];
  return all.sort((a, b) => {
    for (const [i, value] of columns(a).entries()) {
      const other = columns(b)[i] ?? "";
      if (value !== other) return value < other ? -1 : 1;
    }
    return 0;
  });
}

describe(`ManifestReader.items() (seed ${SEED})`, () => {
  it("gives back every item with its mailbox, in order", () => {
    fc.assert(
      fc.property(items, (written) =>
        inFolder((folder) => {
          const path = writeManifest(`${folder}/m.db`, { mailboxes: MAILBOXES, items: written });
          const reader = ManifestReader.open(path);
          try {
            verifyManifest(reader);
            const all = [...reader.items()].filter(({ kind }) => kind !== "acl");
            assert.deepEqual(all.map(plain), inOrder(written.map(expected)));
            const seen = written.filter(({ kind }) => kind === "seen");
            assert.deepEqual([...reader.items("seen")].map(plain), inOrder(seen.map(expected)));
          } finally {
            reader.close();
          }
        }),
      ),
      { numRuns: 40, seed: SEED },
    );
  });

  it("leaves out those of mailboxes that never came, and of two with one identity the second", () => {
    const one = { kind: "annotation", owner: "", key: "/comment", value: "first", mtime: null, modseq: null } as const;
    const mailbox = { uniqueId: "a1", name: "user.alice" };
    inFolder((folder) => {
      const written = [
        { ...one, mailbox },
        { ...one, mailbox, value: "second" },
        { ...one, mailbox: { uniqueId: "z9", name: "user.zoe" } },
      ];
      const reader = ManifestReader.open(writeManifest(`${folder}/m.db`, { mailboxes: MAILBOXES, items: written }));
      assert.deepEqual([...reader.items("annotation")].map(plain), [{ ...one, mailbox: "user.alice" }]);
      reader.close();
    });
  });

  it("holds annotations of messages with their mailbox", () => {
    const annotation = { owner: "", key: "1 /comment", value: "x", mtime: null, modseq: 7n } as const;
    const reading = fullReading([fullMessage(1)], { annotations: [{ kind: "message-annotation", ...annotation }] });
    inFolder((folder) => {
      const reader = ManifestReader.open(writeManifest(`${folder}/m.db`, { mailboxes: [reading] }));
      const found = [...reader.items("message-annotation")];
      assert.deepEqual(found.map(plain), [{ kind: "message-annotation", ...annotation, mailbox: reading.name }]);
      assert.deepEqual(reader.unreadItems(), []);
      reader.close();
    });
  });
});

describe("ManifestReader.unreadItems()", () => {
  it("gives back what was not read, and mailboxes whose annotations were not", () => {
    const unread: UnreadMailboxItems[] = [
      { kind: "sieve", owner: null, key: null, mailbox: null },
      { kind: "quota", owner: "", key: "user.bob", mailbox: null },
      { kind: "seen", owner: "alice", key: null, mailbox: { uniqueId: "b1", name: null } },
    ];
    const mailboxes = [fullReading([], { annotations: null }), BOB];
    inFolder((folder) => {
      const reader = ManifestReader.open(writeManifest(`${folder}/m.db`, { mailboxes, unread }));
      assert.deepEqual(reader.unreadItems(), [
        { kind: "message-annotation", owner: null, key: null, mailboxId: 1, uniqueId: "a1" },
        { kind: "sieve", owner: null, key: null, mailboxId: null, uniqueId: null },
        { kind: "quota", owner: "", key: "user.bob", mailboxId: null, uniqueId: null },
        { kind: "seen", owner: "alice", key: null, mailboxId: 2, uniqueId: "b1" },
      ]);
      reader.close();
    });
  });
});

describe(`StoredManifestPair.differingItems() (seed ${SEED})`, () => {
  it("finds what a plain walk over both sides finds", () => {
    fc.assert(
      fc.property(items, items, items, (both, primary, replica) =>
        inFolder((folder) => {
          const sides = [
            [...primary, ...both],
            [...replica, ...both],
          ].map((all, i) => ({ all: new Map(all.map((one) => [identity(one), one])), path: `${folder}/${i}.db` }));
          for (const { all, path } of sides) {
            // Ids of mailboxes differ between the sides.
            const mailboxes = path.endsWith("0.db") ? MAILBOXES : [...MAILBOXES].reverse();
            writeManifest(path, { mailboxes, items: [...all.values()] });
          }
          const pair = StoredManifestPair.open(`${folder}/0.db`, `${folder}/1.db`);
          const found = [...pair.differingItems()].map((one) => [plain(one.primary), plain(one.replica)]);
          const ofAlice = [...pair.differingItemsOf(1, MAILBOXES.length)];
          assert.deepEqual(
            ofAlice.map((one) => [plain(one.primary), plain(one.replica)]),
            found.filter(([p, r]) => (p ?? r)?.mailbox === "user.alice" && MAILBOX_KINDS.has((p ?? r)?.kind ?? "")),
          );
          pair.close();
          const keys = new Set(sides.flatMap(({ all }) => [...all.keys()]));
          const wanted = [...keys]
            .map((key) => sides.map(({ all }) => all.get(key)))
            .filter(([p, r]) => p?.value !== r?.value)
            .map((two) => two.map((one) => (one === undefined ? null : expected(one))));
          const byKey = (list: unknown[][]) =>
            list.map((two) => [key(two), two]).sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1));
          assert.deepEqual(byKey(found), byKey(wanted));
        }),
      ),
      { numRuns: 40, seed: SEED },
    );
  });

  it("takes no mailbox for another that has its uniqueid without being listed", () => {
    const annotation = {
      kind: "message-annotation",
      owner: "",
      key: "1 /x",
      value: "v",
      mtime: null,
      modseq: 1n,
    } as const;
    const listed = fullReading([fullMessage(1)], { annotations: [annotation] });
    const stray = {
      ...listed,
      name: "user.stray",
      listed: false,
      listing: null,
      annotations: [{ ...annotation, value: "w" }],
    };
    inFolder((folder) => {
      writeManifest(`${folder}/0.db`, { mailboxes: [listed, stray] });
      writeManifest(`${folder}/1.db`, { mailboxes: [listed] });
      const pair = StoredManifestPair.open(`${folder}/0.db`, `${folder}/1.db`);
      assert.deepEqual([...pair.differingItems()], []);
      pair.close();
    });
  });
});

/** What a pair of items is known by. */
function key(two: unknown): string {
  const [primary, replica] = two as ({ kind: string; mailbox: string | null; owner: string; key: string } | null)[];
  const one = primary ?? replica;
  return JSON.stringify([one?.kind, one?.mailbox, one?.owner, one?.key]);
}
