/** Random histories of a replicating pair; `npm run model -- --histories 100000` does more of them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chosenSeed } from "../support/random.ts";
import { FAULTS } from "./faults.ts";
import { type HistoryOutcome, liveThrough } from "./history.ts";

/** How long the histories of one run may take. */
const BUDGET_MS = 12_000;
/** Histories that always are the same. */
const FIXED = 4000;

function assertRight({ seed, order, fault, problems }: HistoryOutcome): void {
  const told = `history ${seed} (${order}, fault: ${fault ?? "none"}): npm run model -- --histories 1 --seed ${seed}`;
  assert.deepEqual(problems, [], told);
}

describe("compareManifests() of a modelled pair", () => {
  it("says what is so, and nothing else, of histories that are always the same", () => {
    const seen = new Set<string | null>();
    for (let seed = 0; seed < FIXED; seed++) {
      const outcome = liveThrough(seed);
      assertRight(outcome);
      seen.add(outcome.fault);
    }
    for (const kind of Object.keys(FAULTS)) assert(seen.has(kind), `no history has the fault ${kind}`);
  });

  it("says what is so, and nothing else, of any history", (context) => {
    const first = chosenSeed();
    const deadline = Date.now() + BUDGET_MS;
    let histories = 0;
    let findings = 0;
    for (; Date.now() < deadline; histories++) {
      const outcome = liveThrough(first + histories);
      assertRight(outcome);
      findings += outcome.findings;
    }
    context.diagnostic(`${histories} histories from seed ${first}, ${findings} findings`);
    assert(histories > 500, "hardly any history was lived through");
  });
});
