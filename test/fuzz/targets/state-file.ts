/** What `--state` keeps: a disk can change it from one comparison to the next. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { seriesOf } from "../../../src/cli/reports/pair-series.ts";
import { PairHistory } from "../../../src/history/pair-history.ts";
import { readSeries } from "../../../src/history/read-series.ts";
import type { SeenFinding } from "../../../src/history/records.ts";
import { StateFileError } from "../../../src/history/state-error.ts";
import { openStateFile } from "../../../src/history/state-file.ts";
import { openOf } from "../../../src/trend/series.ts";
import { trendOf } from "../../../src/trend/trend.ts";
import { finding, OUTCOME, pairAt } from "../../history/recorded.ts";
import { type FuzzTarget, sound } from "../target.ts";
import { pagesOf } from "./manifest.ts";
import { scratchDirectory, scratchFile } from "./scratch.ts";

const RUNS = 4;
const FINDINGS = 40;

/** Histories with findings in every state, of several users: one that is whole, one of an older format. */
function stateFiles(): Buffer[] {
  const path = join(scratchDirectory(), "corpus.db");
  rmSync(path, { force: true });
  for (let run = 1; run <= RUNS; run++) {
    const uids = Array.from({ length: FINDINGS }, (_, i) => i + run);
    recordNext(path, run, uids.map(findingOf));
  }
  return [readFileSync(path), readFileSync(new URL("../../fixtures/state-files/format-1.db", import.meta.url))];
}

function findingOf(uid: number): SeenFinding {
  const flying = uid % 3 === 0;
  const name = `user.${["alice", "bob", "carol"][uid % 3]}`;
  return { ...finding(uid), name, state: flying ? "in-flight" : "diverged", cause: flying ? "lag" : null };
}

function recordNext(path: string, run: number, findings: readonly SeenFinding[]): void {
  const history = PairHistory.open(path, pairAt(run), { waitMs: 0 });
  try {
    history.record(
      findings,
      OUTCOME,
      () => true,
      () => ({
        users: ["alice", "bob", "carol"].map((owner) => ({
          ...{ owner, mailboxes: 2, primaryModseq: BigInt(run * 10), replicaModseq: 5n },
          ...{ lagMessages: 3, lagBytes: 999, lagSeconds: run * 60 },
        })),
        lagMedian: 60,
        lagP95: 120,
      }),
    );
  } finally {
    history.close();
  }
}

/** All that `trend` says of a history; no word may contradict what is open. */
function trendAt(path: string) {
  const stored = readSeries(path, 2);
  const trend = trendOf(seriesOf(stored), { nowMs: 1e12, maxAgeSeconds: null });
  const open = stored.standing.reduce((sum, { findings }) => sum + findings, 0);
  const last = trend.points.at(-1);
  if (last !== undefined && openOf(last) !== open) throw new Error(`${openOf(last)} open, and ${open} are held`);
  if (trend.verdict === "converged" && open > 0) throw new Error(`converged with ${open} findings open`);
  return [trend, stored.standing];
}

/** The next comparison, and then the trend: a file that was good enough for one is good enough for the other. */
function readStateFile(bytes: Buffer) {
  const path = scratchFile("state.db", bytes);
  rmSync(`${path}-journal`, { force: true });
  if (bytes.length >= 64 && bytes.readUInt32BE(60) === 1) return sound(broughtUpToDate(path));
  const before = trendAt(path);
  recordNext(path, RUNS + 1, [findingOf(2), findingOf(3), findingOf(99)]);
  return sound([before, trendAt(path)]);
}

/** What is left of a file of format 1 after the migration. */
function broughtUpToDate(path: string) {
  const db = openStateFile(path, { waitMs: 0 });
  db.exec("COMMIT");
  db.close();
  return trendAt(path);
}

export const stateFileTarget: FuzzTarget = {
  name: "state-file",
  corpus: stateFiles,
  refusals: [StateFileError],
  read: readStateFile,
  structure: pagesOf,
  tokens: ["CREATE TRIGGER ", "CREATE VIEW finding AS ", "in-flight", "cleared", "[]", "{"],
};
