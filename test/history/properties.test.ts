/** Random series of comparisons against a plain model of what they should remember. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { PairHistory } from "../../src/history/pair-history.ts";
import type { CountedPair, SeenFinding } from "../../src/history/records.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { OUTCOME } from "./recorded.ts";

let folder: string;
before(() => {
  folder = memoryFolder("spooldiff-history-");
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** One comparison: which messages it finds something in, with which values, and which it looks at. */
const run = fc.record({
  found: fc.uniqueArray(fc.record({ uid: fc.integer({ min: 1, max: 6 }), value: fc.integer({ min: 0, max: 1 }) }), {
    selector: ({ uid }) => uid,
  }),
  looksAt: fc.uniqueArray(fc.integer({ min: 1, max: 6 })),
  swapped: fc.boolean(),
  /** Hours since the one before; of one that goes back the manifests are stale. */
  hours: fc.integer({ min: -3, max: 5 }),
});

interface Remembered {
  status: "open" | "cleared";
  runs: number;
  first: number;
  value: number;
  /** When this row of equal values began. */
  since: number;
  sinceSwapped: boolean;
}

function findingOf(uid: number, value: number): SeenFinding {
  return {
    thing: { kind: "flags", mailbox: "u1", uid, owner: "", key: "" },
    ...{ name: "user.alice", class: "flags-differ", state: "diverged", side: "replica", cause: null },
    ...{ rule: "both-reached", indexVersion: 17, values: Buffer.alloc(16, value) },
  };
}

let files = 0;
test("PairHistory remembers what a plain model does", () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 12 }), (runs) => {
      const path = join(folder, `${++files}.db`);
      const model = new Map<number, Remembered>();
      let [counted, lastMs, lastSwapped, atMs] = [0, Number.NEGATIVE_INFINITY, false, 1_000_000_000];
      runs.forEach(({ found, looksAt, swapped, hours }, n) => {
        atMs += hours * 3_600_000;
        const history = PairHistory.open(path, pairAt(atMs, n, swapped));
        const counts = atMs >= lastMs;
        assert.equal(history.standing.notCounted === null, counts);
        for (const [uid, known] of model) {
          const sighting = history.sightingOf(findingOf(uid, known.value).thing, Buffer.alloc(16, known.value));
          // An earlier comparison in other roles has read other sides.
          const expected = known.status === "open" && known.sinceSwapped === swapped ? known.since : null;
          assert.equal(sighting?.primaryReadMs ?? null, expected);
        }
        const totals = history.record(
          found.map(({ uid, value }) => findingOf(uid, value)),
          OUTCOME,
          ({ thing }) => looksAt.includes(thing.uid),
        );
        if (counts) {
          const clears = counted === 0 || swapped === lastSwapped;
          remember(model, found, clears ? looksAt : [], atMs, swapped);
          [counted, lastMs, lastSwapped] = [counted + 1, atMs, swapped];
          assert.equal((totals?.appeared ?? 0) + (totals?.persisting ?? 0), found.length);
        } else assert.equal(totals, null);
        for (let uid = 1; uid <= 6; uid++) {
          const known = model.get(uid);
          const age = history.ageOf(findingOf(uid, 0));
          if (known === undefined || known.status === "cleared") assert.equal(age, null);
          else assert.deepEqual([age?.firstSeenMs, age?.runs], [known.first, known.runs]);
        }
        history.close();
      });
    }),
    { numRuns: 40 },
  );
});

function remember(
  model: Map<number, Remembered>,
  found: readonly { uid: number; value: number }[],
  cleared: readonly number[],
  now: number,
  swapped: boolean,
): void {
  const seen = new Set(found.map(({ uid }) => uid));
  for (const { uid, value } of found) {
    const known = model.get(uid);
    const anew = { since: now, sinceSwapped: swapped };
    if (known === undefined) model.set(uid, { status: "open", runs: 1, first: now, value, ...anew });
    else {
      const unbroken = known.status === "open" && known.value === value;
      Object.assign(known, { status: "open", runs: known.runs + 1, value, ...(unbroken ? {} : anew) });
    }
  }
  for (const [uid, known] of model) if (!seen.has(uid) && cleared.includes(uid)) known.status = "cleared";
}

function pairAt(atMs: number, n: number, swapped: boolean): CountedPair {
  const scan = (host: string) => ({
    ...{ id: `${host}-${n}`, host, instance: (host === "mx1" ? "a" : "b").repeat(64) },
    ...{ startedAtMs: atMs, finishedAtMs: atMs },
  });
  const [primary, replica] = swapped ? [scan("mx2"), scan("mx1")] : [scan("mx1"), scan("mx2")];
  return { primary, replica, secondLook: false };
}
