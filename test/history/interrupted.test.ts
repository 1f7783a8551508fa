/** Comparisons that are killed, and comparisons at the same time: the compiled program with one state file. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import BetterSqlite3 from "better-sqlite3";
import { ended, jsonLines, startSpooldiff } from "../support/command-line.ts";
import { createRandom } from "../support/random.ts";
import { mailboxOf, modelMailbox, modelMessage, type PairModel, pairOf } from "../support/spool/model.ts";
import { type Series, withSeries } from "./series.ts";

const HOUR = 3600;
const KILLS = 20;
const SEED = 20_261_125;

/** A pair with many findings, so that writing them takes a while. */
function pairWithFindings(messages: number): PairModel {
  const uids = Array.from({ length: messages }, (_, i) => i + 1);
  const pair = pairOf({
    mailboxes: [
      modelMailbox(
        "user.alice",
        uids.map((uid) => modelMessage(uid, { file: null })),
      ),
    ],
    tombstones: [],
  });
  for (const message of mailboxOf(pair.replica, "user.alice").messages) message.flags ^= 2;
  return pair;
}

/** What the file says, in total. Opening it undoes what a killed comparison had begun. */
function readState(path: string): { comparisons: number; runs: number[]; findings: number; sound: unknown } {
  const db = new BetterSqlite3(path, { fileMustExist: true });
  try {
    const sound = db.pragma("integrity_check", { simple: true });
    if (db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0) {
      return { comparisons: 0, runs: [], findings: 0, sound };
    }
    return {
      comparisons: Number(db.prepare("SELECT count(*) FROM comparison").pluck().get()),
      runs: db.prepare("SELECT DISTINCT runs FROM finding").pluck().all() as number[],
      findings: Number(db.prepare("SELECT count(*) FROM finding").pluck().get()),
      sound,
    };
  } finally {
    db.close();
  }
}

function start(series: Series, [primary, replica]: readonly [string, string]) {
  return startSpooldiff(["compare", primary, replica, "--state", series.state, "--format", "json"]);
}

/** Waits until a comparison has begun to write, and says whether it has; else it ended without. */
async function journal(series: Series, end: Promise<unknown>): Promise<boolean> {
  let going = true;
  const stop = () => {
    going = false;
  };
  end.then(stop, stop);
  while (going) {
    if (existsSync(`${series.state}-journal`)) return true;
    await sleep(1);
  }
  return false;
}

/** Runs a comparison to its end: how long that takes, and for how long of it the file is written. */
async function timed(series: Series, manifests: readonly [string, string]) {
  const from = performance.now();
  const end = ended(start(series, manifests));
  const wrote = await journal(series, end);
  const began = performance.now();
  while (wrote && existsSync(`${series.state}-journal`)) await sleep(1);
  const wroteMs = performance.now() - began;
  return { ...(await end), wroteMs, tookMs: performance.now() - from };
}

suite("compare --state in the compiled program", { concurrency: 2 }, () => {
  // It waits for 10 s, which the next test makes use of.
  test("one that is locked out for too long ends with exit code 2 and a sentence", async () => {
    await withSeries(async (series) => {
      const manifests = await series.scan(pairWithFindings(1), { at: 0, level: "index" });
      await series.compare(manifests);
      const db = new BetterSqlite3(series.state);
      db.exec("BEGIN IMMEDIATE");
      const { status, stdout, stderr } = await ended(start(series, manifests));
      db.exec("ROLLBACK");
      db.close();
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, /^spooldiff: Cannot use the state file ".*": another comparison is using it\n {2}Wait/);
    });
  });

  test(`killed at ${KILLS} random moments leaves a file that opens and has counted nothing twice`, async (context) => {
    await withSeries(async (series) => {
      const findings = 1000;
      const pair = pairWithFindings(findings);
      const first = await series.scan(pair, { at: 0, level: "index" });
      const whole = await timed(series, first);
      assert.equal(whole.status, 1);
      assert.equal(jsonLines(whole.stdout).filter(({ type }) => type === "variance").length, findings);
      const random = createRandom(SEED);
      let [counted, scanned, cutOff] = [1, 1, 0];
      let manifests = first;
      for (let kill = 0; kill < KILLS; kill++) {
        // Manifests that a killed comparison did not count are still to be counted.
        if (counted === scanned) manifests = await series.scan(pair, { at: ++scanned * HOUR, level: "index" });
        const child = start(series, manifests);
        const end = ended(child);
        // Most of a run is reading and reporting: every second kill comes while the file is written.
        if (kill % 2 === 0) await sleep(random.integer(0, Math.ceil(whole.tookMs)));
        else if (await journal(series, end)) await sleep(random.integer(0, Math.ceil(whole.wroteMs)));
        child.kill("SIGKILL");
        await end;
        if (existsSync(`${series.state}-journal`)) cutOff++;
        const { comparisons, runs, sound, findings: rows } = readState(series.state);
        assert.equal(sound, "ok");
        assert.ok(comparisons === counted || comparisons === counted + 1, `${comparisons} after ${counted}`);
        counted = comparisons;
        assert.deepEqual([runs, rows], [[counted], findings]);
      }
      context.diagnostic(`${cutOff} killed while they wrote, ${counted - 1} when they had counted`);
      assert.ok(cutOff >= 3, `only ${cutOff} kills hit a comparison that was writing`);
      assert.equal((await timed(series, manifests)).status, 1, "the next comparison goes on");
    });
  });

  test("two at once: both count, one after the other, and each pair of manifests once", async () => {
    await withSeries(async (series) => {
      const pair = pairWithFindings(500);
      const manifests = await series.scan(pair, { at: 0, level: "index" });
      const runs = await Promise.all([ended(start(series, manifests)), ended(start(series, manifests))]);
      assert.deepEqual(
        runs.map(({ status, stderr }) => [status, stderr]),
        [
          [1, ""],
          [1, ""],
        ],
      );
      const counted = runs.map(({ stdout }) => jsonLines(stdout).find(({ type }) => type === "summary")?.history);
      assert.equal(counted.filter((history) => (history as { notCounted: unknown }).notCounted === null).length, 1);
      assert.deepEqual(readState(series.state), { comparisons: 1, runs: [1], findings: 500, sound: "ok" });
    });
  });
});
