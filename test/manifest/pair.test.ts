/** Which mailboxes are a pair, against a plain walk over all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StoredManifestPair } from "../../src/manifest/pair.ts";
import { fullMessage, fullReading } from "./full-contents.ts";
import { inFolder, writeManifest } from "./written.ts";

/** A mailbox as far as pairing asks; `grade` stands for what it holds. */
interface Sketch {
  readonly uniqueId: string | null;
  readonly listed: boolean;
  readonly grade: number;
}

const sketch: fc.Arbitrary<Sketch> = fc.record({
  uniqueId: fc.constantFrom(null, "a", "b", "c", "d", "e"),
  listed: fc.constantFrom(true, true, true, false),
  grade: fc.constantFrom(1, 1, 1, 2),
});

/** Two sides that have much in common: else hardly any pair is complete. */
const sides = fc
  .tuple(
    fc.array(sketch, { maxLength: 6 }),
    fc.array(sketch, { maxLength: 6 }),
    fc.constantFrom("same", "more", "other"),
  )
  .map(([one, another, how]) => [one, how === "same" ? one : how === "more" ? [...one, ...another] : another] as const);

/** One of a kind each; most pairs of hosts are so. */
const unique = fc
  .subarray(["a", "b", "c", "d"], { minLength: 1 })
  .map((ids) => ids.map((uniqueId): Sketch => ({ uniqueId, listed: true, grade: 1 })))
  .map((all) => [all, all] as const);

const readingOf = ({ uniqueId, listed, grade }: Sketch, at: number) =>
  fullReading([fullMessage(grade)], { name: `user.m${at}`, uniqueId, listed });

/** The listed mailboxes by uniqueid, those left out that several have. */
function byUniqueId(side: readonly Sketch[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const id of new Set(side.map(({ uniqueId }) => uniqueId))) {
    const all = side.flatMap((mailbox, i) => (mailbox.listed && mailbox.uniqueId === id ? [i + 1] : []));
    if (id !== null && all.length === 1) ids.set(id, all[0] ?? 0);
  }
  return ids;
}

const listedOnly = (side: readonly Sketch[]) => side.flatMap(({ listed }, i) => (listed ? [i + 1] : []));

function check(primary: readonly Sketch[], replica: readonly Sketch[], scoped: boolean): void {
  inFolder((folder) => {
    const write = (name: string, side: readonly Sketch[]) =>
      writeManifest(`${folder}/${name}.db`, { mailboxes: side.map(readingOf) }, { id: name.repeat(32) });
    const pair = StoredManifestPair.open(write("0", primary), write("1", replica));
    try {
      if (scoped) pair.narrow(() => true);
      const [p, r] = [byUniqueId(primary), byUniqueId(replica)];
      const pairs = [...p].flatMap(([id, one]) => (r.has(id) ? [{ primary: one, replica: r.get(id) ?? 0 }] : []));
      const paired = { primary: new Set(pairs.map((x) => x.primary)), replica: new Set(pairs.map((x) => x.replica)) };
      const sorted = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b);
      for (const side of ["primary", "replica"] as const) {
        const alone = listedOnly(side === "primary" ? primary : replica).filter((id) => !paired[side].has(id));
        assert.deepEqual(sorted(pair.unpaired(side)), alone, side);
      }
      const found = [...pair.differingPairs(), ...pair.equalPairs()];
      assert.deepEqual(sorted(found.map((x) => x.primary)), sorted(paired.primary));
      for (const each of found) assert.ok(pairs.some((x) => x.primary === each.primary && x.replica === each.replica));
      const counts = pair.pairCounts();
      assert.equal(counts.pairs, pairs.length);
      assert.equal(counts.equal, [...pair.equalPairs()].length);
    } finally {
      pair.close();
    }
  });
}

test("StoredManifestPair finds every listed mailbox in one pair, or unpaired", () => {
  fc.assert(
    fc.property(fc.oneof(sides, unique), fc.boolean(), ([one, another], scoped) => check(one, another, scoped)),
    { numRuns: 60 },
  );
});

test("StoredManifestPair counts pairs anew when it is narrowed", () => {
  inFolder((folder) => {
    const mailboxes = ["a", "b"].map((uniqueId, i) => readingOf({ uniqueId, listed: true, grade: 1 }, i));
    const [one, two] = ["0", "1"].map((id) =>
      writeManifest(`${folder}/${id}.db`, { mailboxes }, { id: id.repeat(32) }),
    );
    const pair = StoredManifestPair.open(one ?? "", two ?? "");
    try {
      assert.equal(pair.pairCounts().pairs, 2);
      pair.narrow((name) => name === "user.m0");
      assert.equal(pair.pairCounts().pairs, 1);
      assert.deepEqual(pair.unpaired("primary"), []);
    } finally {
      pair.close();
    }
  });
});
