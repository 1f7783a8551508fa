/**
 * A month of simulated pairs, each night compared with a real state file: the word that `trend` says after each night,
 * of the pair and of one user. The words are those that the README defines.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { seriesOf } from "../../src/cli/reports/pair-series.ts";
import { PairHistory } from "../../src/history/pair-history.ts";
import { readSeries } from "../../src/history/read-series.ts";
import type { TrendVerdict } from "../../src/trend/judge.ts";
import type { Point } from "../../src/trend/series.ts";
import { type Trend, trendOf } from "../../src/trend/trend.ts";
import { OUTCOME } from "../history/recorded.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { DAY, HOUR, type RunSpec, SimulatedPair } from "./simulated-pair.ts";

const MONTH = 30;
const SEED = 20_261_125;

/** A day, and the comparison in the night after it; or none. */
type Day = (pair: SimulatedPair) => void;

/** Nights of the month, the first and the last of them; what happens; the word of the pair, and that of Alice. */
type Row = readonly [nights: string, day: Day, word: TrendVerdict, ofAlice?: TrendVerdict];

/** Something happens, a day passes, replication does what it can, and the two are compared. */
function day(happens: Day = () => {}, spec: RunSpec & { readonly brings?: number } = {}): Day {
  const { brings = Number.POSITIVE_INFINITY, ...run } = spec;
  return (pair) => {
    happens(pair);
    pair.pass(DAY);
    pair.replicate(brings);
    pair.compare(run);
  };
}

const mail: Day = (pair) => pair.deliver(40);
const busy = day(mail);
const quiet = day();
const incomplete = { complete: false };

/** A busy day, of which the mail of the last half hour is still on its way. */
const late: Day = (pair) => {
  pair.deliver(60);
  pair.pass(DAY - HOUR / 2);
  pair.replicate();
  pair.deliver(3, "alice");
  pair.pass(HOUR / 2);
  pair.compare();
};

const stopped = (then: Day): Day => {
  return (pair) => {
    pair.replicating = false;
    then(pair);
    pair.replicating = true;
  };
};

const blocked = (then: Day): Day => {
  return (pair) => {
    pair.block("alice");
    pair.deliver(1, "alice");
    then(pair);
    pair.block("alice", false);
  };
};

const damage = day((pair) => pair.fault("damaged"));
const divergence = day((pair) => pair.fault("diverged"));
const repair = day((pair) => pair.repair());
const unreadable = day((pair) => pair.fault("unproven"), incomplete);
const noComparison: Day = (pair) => pair.pass(DAY);

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  healthy: [
    ["1", busy, "unknown", "unknown"],
    ["2-30", busy, "converged", "converged"],
  ],
  "lagging at night": [
    ["1", late, "unknown", "unknown"],
    ["2-30", late, "steady", "steady"],
  ],
  "stalled replica, then caught up": [
    ["1", busy, "unknown"],
    ["2-5", busy, "converged"],
    ["6-11", stopped(busy), "stalled"],
    // A day without mail does not set the replica going.
    ["12", stopped(quiet), "stalled"],
    ["13", day(undefined, { brings: 80 }), "converging"],
    // Fewer findings, but the oldest of them is a day older.
    ["14", day(undefined, { brings: 20 }), "steady"],
    ["15", day(undefined, { brings: 100 }), "converging"],
    ["16", day(undefined, { brings: 100 }), "converged"],
    ["17-30", busy, "converged"],
  ],
  "one user blocked": [
    ["1", busy, "unknown", "unknown"],
    ["2-4", busy, "converged", "converged"],
    // The first night his mail may be on its way.
    ["5", blocked(busy), "steady", "steady"],
    ["6-20", blocked(busy), "stalled", "stalled"],
    ["21-30", quiet, "converged", "converged"],
  ],
  "slow divergence": [
    ["1", busy, "unknown", "unknown"],
    ["2-9", busy, "converged", "converged"],
    ["10-20", divergence, "diverging", "diverging"],
    // It grows no more, and is not gone either.
    ["21-30", busy, "diverging", "diverging"],
  ],
  "repaired damage": [
    ["1", busy, "unknown", "unknown"],
    ["2-9", busy, "converged", "converged"],
    ["10", damage, "diverging", "diverging"],
    ["11-14", busy, "diverging", "diverging"],
    ["15", repair, "converged", "converged"],
    ["16-30", busy, "converged", "converged"],
  ],
  "flapping mailbox": Array.from({ length: MONTH / 2 }, (_, i): readonly Row[] => [
    [`${2 * i + 1}`, divergence, i === 0 ? "unknown" : "diverging", i === 0 ? "unknown" : "diverging"],
    [`${2 * i + 2}`, repair, "converged", "converged"],
  ]).flat(),
  "skipped and incomplete comparisons": [
    ["1", day(mail, incomplete), "unknown", "unknown"],
    ["2", busy, "unknown", "unknown"],
    ["3", day(mail, incomplete), "unknown", "unknown"],
    ["4-6", noComparison, "unknown", "unknown"],
    ["7", busy, "converged", "converged"],
    ["8-10", noComparison, "converged", "converged"],
    // A mailbox that could not be read may hold anything.
    ["11-12", unreadable, "unknown", "unknown"],
    ["13", repair, "converged", "converged"],
    // Damage is a fact also where something else was not read.
    ["14", day((pair) => pair.fault("damaged"), incomplete), "diverging", "diverging"],
    ["15-16", day(mail, incomplete), "diverging", "diverging"],
    ["17", repair, "converged", "converged"],
    ["18-20", day(mail, incomplete), "converged", "converged"],
    ["21-30", busy, "converged", "converged"],
  ],
  "swapped roles": [
    ["1", busy, "unknown", "unknown"],
    ["2-9", busy, "converged", "converged"],
    ["10", day(undefined, { swapped: true }), "unknown", "unknown"],
    ["11-19", busy, "converged", "converged"],
    // In its own new roles the pair is as damaged as it was.
    ["20", damage, "diverging", "diverging"],
    ["21", day(mail, { swapped: true }), "unknown", "unknown"],
    ["22", busy, "diverging", "diverging"],
    ["23", repair, "converged", "converged"],
    ["24-30", busy, "converged", "converged"],
  ],
  "another scope": [
    ["1", busy, "unknown"],
    ["2-9", busy, "converged"],
    ["10", day(mail, { scope: '["user.alice.*"]' }), "unknown"],
    ["11", day(mail, { scope: '["user.alice.*"]' }), "converged"],
    ["12-30", busy, "converged"],
  ],
};

let folder: string;
before(() => {
  folder = memoryFolder("spooldiff-month-");
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Adds the last comparison of the simulated pair to the state file, if there is a new one, and says what that says. */
function recorded(path: string, pair: SimulatedPair): Trend {
  const last = pair.series().points.at(-1);
  const stored = () => seriesOf(readSeries(path, 2));
  const history = PairHistory.open(path, pair.scans());
  const { complete = true, scope = "[]" } = last ?? {};
  const outcome = { ...OUTCOME, complete, narrowed: JSON.parse(scope) as string[] };
  history.record(
    pair.findings(),
    outcome,
    () => true,
    () => pair.measures(),
  );
  history.close();
  const series = stored();
  // What the file keeps of the comparison is what there was to see.
  assert.deepEqual(figures(series.points.at(-1)), figures(last));
  return trendOf(series, { nowMs: pair.nowMs, maxAgeSeconds: null });
}

function figures(point: Point | undefined): unknown {
  if (point === undefined) return null;
  const { comparison, readMs, complete, swapped, damaged, diverged, inFlight, unproven, lasting, waiting } = point;
  const { oldestSeconds, appeared, cleared, lagMessages, lagSeconds, primaryModseq, replicaModseq } = point;
  return [
    ...[comparison, readMs, complete, swapped, damaged, diverged, inFlight, unproven, lasting, waiting],
    ...[oldestSeconds, appeared, cleared, lagMessages, lagSeconds, primaryModseq, replicaModseq],
  ];
}

suite("trend says of a month, night by night:", { concurrency: false }, () => {
  for (const [name, rows] of Object.entries(TABLE)) {
    test(name, () => {
      const pair = new SimulatedPair(SEED);
      const path = join(folder, `${name}.db`);
      let night = 0;
      for (const [nights, happens, word, ofAlice] of rows) {
        const [first = 0, last = first] = nights.split("-").map(Number);
        assert.equal(first, night + 1, `the table has no night ${night + 1}`);
        for (; night < last; night++) {
          happens(pair);
          const trend = recorded(path, pair);
          assert.equal(trend.verdict, word, `night ${night + 1}: ${trend.reason}`);
          const alice = trend.users.find(({ user }) => user === "alice");
          if (ofAlice !== undefined) assert.equal(alice?.verdict, ofAlice, `night ${night + 1}: ${alice?.reason}`);
        }
      }
      assert.equal(night, MONTH);
    });
  }
});
