/**
 * A living pair: a primary under the load of people and programs, a rolling replication behind it, and scans whenever
 * they come. Nothing that replication will heal may be called anything but in flight, what is behind has to be named,
 * and real faults are found among all that. `npm run soak -- --minutes 60` does the same for longer.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ExitCode } from "../../src/errors.ts";
import { cyrusToTestWith } from "../support/cyrus-server/binaries.ts";
import type { LayoutOptions } from "../support/cyrus-server/configuration.ts";
import { plantFaults, prepareVictims } from "../support/cyrus-server/faults.ts";
import { startLoad } from "../support/cyrus-server/load.ts";
import { CyrusPair } from "../support/cyrus-server/pair.ts";
import { byText, ORDERS } from "../support/cyrus-server/scans.ts";
import { type SeededUser, seed } from "../support/cyrus-server/seed.ts";
import { alarms, linesOf, type Round, SoakScans, serversDisagreeOn } from "../support/cyrus-server/soak.ts";
import { chosenSeed, createRandom } from "../support/random.ts";

const LAYOUTS: Readonly<Record<string, LayoutOptions>> = {
  legacy: { layout: "legacy", hash: true },
  uuid: { layout: "uuid" },
};
/** Minutes of load on each layout, for a longer run. Manifests of a false alarm are kept then. */
const MINUTES = Number(process.env.SPOOLDIFF_SOAK_MINUTES ?? 0);
const LOAD_MS = MINUTES > 0 ? MINUTES * 60_000 : 12_000;
/** How long replication may take to catch up. */
const CATCH_UP_MS = 60_000;
/** How long the primary goes on when the replication has ended. */
const LEAD_MS = 1_500;
const MESSAGES = 120;

const { binaries, missing } = cyrusToTestWith();
const seedNumber = chosenSeed();

for (const [name, layout] of Object.entries(LAYOUTS)) {
  describe(`Cyrus IMAP pair under load, ${name} (seed ${seedNumber})`, { skip: missing ?? false }, () => soak(layout));
}

/** In order: the later ones need what the earlier ones have left. The last leaves a damaged pair. */
function soak(layout: LayoutOptions): void {
  const random = createRandom(seedNumber);
  let pair: CyrusPair;
  let users: readonly SeededUser[];
  let scans: SoakScans;
  let keep = false;

  before(async () => {
    assert(binaries !== null);
    pair = await CyrusPair.start(binaries, layout);
    scans = new SoakScans(pair);
    users = await seed(pair, random, MESSAGES);
    await prepareVictims(pair, random);
    await pair.sync();
  });

  after(async (context) => {
    if (keep) context.diagnostic?.(`manifests kept in ${scans.folder}`);
    else scans?.delete();
    await pair?.stop();
  });

  /** Asserts that nothing was found but what is in flight. */
  function assertNoAlarm(round: Round): void {
    if (alarms(round).length > 0 && MINUTES > 0) keep = true;
    assert.deepEqual(
      alarms(round),
      [],
      `${round.order}: ${linesOf(alarms(round)).join("; ")}\n${round.manifests.primary}`,
    );
    assert(round.status === ExitCode.ok || round.status === ExitCode.lagging, `exit ${round.status}`);
  }

  /**
   * Runs `work` while the load goes on and a rolling replication follows it. Both have ended when it returns, the
   * replication somewhat before the load.
   */
  async function underLoad(work: () => Promise<void>): Promise<readonly number[]> {
    const endRolling = pair.rolling();
    const load = await startLoad(pair, users, random);
    try {
      await work();
    } catch (error) {
      await load.end().catch(() => {}); // what the work found says more
      throw error;
    } finally {
      await endRolling();
    }
    await new Promise((resolve) => setTimeout(resolve, LEAD_MS));
    return load.end();
  }

  it("compare finds nothing but what is in flight, in any order of scans", async (context) => {
    let rounds = 0;
    let inFlight = 0;
    const acts = await underLoad(async () => {
      for (const deadline = Date.now() + LOAD_MS; Date.now() < deadline || rounds < ORDERS.length; rounds++) {
        const round = await scans.compare(ORDERS[rounds % ORDERS.length] ?? "at once");
        assertNoAlarm(round);
        inFlight += round.variances.length;
        scans.forget(round);
      }
    });
    context.diagnostic(`${rounds} comparisons over ${acts.join(", ")} acts, ${inFlight} findings in flight`);
    assert(Math.min(...acts) > 10, `hardly anything was done: ${acts.join(", ")} acts`);
  });

  it("compare names every mailbox that is behind", async (context) => {
    // The replication has been ended before the load was: something is behind, and both servers now hold still.
    const behind = await serversDisagreeOn(pair);
    const round = await scans.compare("replica first");
    assertNoAlarm(round);
    assert.deepEqual(
      behind.filter((name) => !round.differing.has(name)),
      [],
    );
    assert(behind.length > 0, "nothing is behind");
    context.diagnostic(`${behind.length} mailboxes behind`);
  });

  it("compare finds the pair equal when replication has caught up", async () => {
    // What is deleted altogether only a rolling replication brings, from the log. A full one brings what the log has
    // lost: a rolling one that is ended can drop a user's scripts.
    const deadline = Date.now() + CATCH_UP_MS;
    for (;;) {
      const endRolling = pair.rolling();
      const round = await scans.compare("replica first").finally(endRolling);
      assertNoAlarm(round);
      if (round.status === ExitCode.ok) break;
      assert(Date.now() < deadline, `still behind: ${linesOf(round.variances).join("; ")}`);
      await pair.sync();
    }
    for (const order of ORDERS) {
      const round = await scans.compare(order);
      assert.deepEqual(round.variances, [], order);
      assert.equal(round.status, ExitCode.ok);
    }
  });

  it("compare finds real faults at once while the load goes on, and nothing else", async () => {
    await underLoad(async () => {
      const expected = await plantFaults(pair, random);
      const round = await scans.compare("replica first");
      assert.deepEqual(linesOf(alarms(round)), expected.toSorted(byText));
      assert.equal(round.status, ExitCode.variance);
    });
  });
}
