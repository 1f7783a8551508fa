/** What a state file keeps for the trend: what is open by user, how far each side had come, for how long. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { PairHistory } from "../../src/history/pair-history.ts";
import { readSeries } from "../../src/history/read-series.ts";
import type { Measures, SeenFinding } from "../../src/history/records.ts";
import { StateFileError } from "../../src/history/state-error.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { OUTCOME } from "./recorded.ts";

let folder: string;
before(() => {
  folder = memoryFolder("spooldiff-progress-");
});
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newPath = () => join(folder, `state-${++files}.db`);

function finding(user: string, uid: number, over: Partial<SeenFinding> = {}): SeenFinding {
  const name = `user.${user}`;
  return {
    thing: { kind: "message", mailbox: name, uid, owner: "", key: "" },
    ...{ name, class: "message-missing", state: "in-flight", side: "replica", cause: "lag" },
    ...{ rule: "uid-above-last", indexVersion: 17, values: Buffer.alloc(16, uid) },
    ...over,
  };
}

const HOUR_MS = 3_600_000;

/** Records comparison `n`, an hour after the one before. */
function record(path: string, n: number, findings: readonly SeenFinding[], measures?: Measures): void {
  const scan = (host: string, instance: string) => ({
    ...{ id: `${host}-${n}`, host, instance: instance.repeat(64) },
    ...{ startedAtMs: n * HOUR_MS, finishedAtMs: n * HOUR_MS + 500 },
  });
  const history = PairHistory.open(path, { primary: scan("mx1", "a"), replica: scan("mx2", "b"), secondLook: false });
  const outcome = { ...OUTCOME, verdict: "lagging", exitCode: 4 };
  history.record(findings, outcome, () => true, measures === undefined ? undefined : () => measures);
  history.close();
}

function measured(owner: string, modseq: bigint, lagSeconds: number | null = null): Measures["users"][number] {
  const lag = { lagMessages: lagSeconds === null ? 0 : 1, lagBytes: lagSeconds === null ? 0 : 300, lagSeconds };
  return { owner, mailboxes: 2, primaryModseq: modseq, replicaModseq: modseq - 1n, ...lag };
}

suite("readSeries()", () => {
  test("gives what is open by user and in all, what was cleared, and how long things have stood", () => {
    const path = newPath();
    record(path, 1, [finding("alice", 1), finding("bob", 1), finding("bob", 2)]);
    record(path, 2, [finding("alice", 1), finding("bob", 3, { state: "diverged", cause: null })]);
    const { comparisons, users, standing } = readSeries(path, 2);
    assert.deepEqual(
      comparisons.map(({ inFlight, diverged, waiting, lasting, appeared, cleared, oldestSeconds }) => [
        ...[inFlight, diverged, waiting, lasting, appeared, cleared, oldestSeconds],
      ]),
      [
        [3, 0, 0, 0, 3, 0, 0],
        [1, 1, 1, 0, 1, 2, 3600],
      ],
    );
    const last = users.filter(({ comparison }) => comparison === 2);
    assert.deepEqual(
      last.map(({ owner, inFlight, diverged, waiting, cleared }) => [owner, inFlight, diverged, waiting, cleared]),
      [
        ["alice", 1, 0, 1, 0],
        ["bob", 0, 1, 0, 2],
      ],
    );
    assert.deepEqual(
      standing.map(({ state, findings, lasting }) => [state, findings, lasting]),
      [
        ["diverged", 1, 0],
        ["in-flight", 1, 1],
      ],
    );
  });

  test("takes what changes all the time for new as long as its values do, and a message for what it is", () => {
    const path = newPath();
    const seen = (values: number) => {
      const thing = { kind: "seen", mailbox: "user.alice", uid: 0, owner: "bob", key: "" };
      return finding("alice", 0, { thing, class: "seen-differs", values: Buffer.alloc(16, values) });
    };
    record(path, 1, [seen(1), finding("alice", 1)]);
    record(path, 2, [seen(2), finding("alice", 1, { values: Buffer.alloc(16, 9) })]);
    const changed = readSeries(path, 2).comparisons.at(-1);
    // Its age is that of these values, unless the index knows better.
    assert.deepEqual([changed?.waiting, changed?.oldestSeconds], [1, 0]);
    record(path, 3, [seen(2), finding("alice", 1, { values: Buffer.alloc(16, 9) })]);
    const same = readSeries(path, 2).comparisons.at(-1);
    assert.deepEqual([same?.waiting, same?.oldestSeconds], [2, 3600]);
    assert.deepEqual(
      readSeries(path, 3).standing.map(({ class: is, lasting }) => [is, lasting]),
      [
        ["message-missing", 1],
        ["seen-differs", 0],
      ],
    );
  });

  test("adds up what was measured, whatever the size of modseqs", () => {
    const path = newPath();
    const users = [measured("alice", 2n ** 63n, 40), measured("", 2n ** 63n, 90), measured("b\xffb", 5n)];
    record(path, 1, [], { users, lagMedian: 40, lagP95: 90 });
    const { comparisons, users: rows } = readSeries(path, 2);
    const [whole] = comparisons;
    assert.deepEqual([whole?.primaryModseq, whole?.replicaModseq], ["18446744073709551621", "18446744073709551618"]);
    assert.deepEqual([whole?.lagMessages, whole?.lagBytes, whole?.lagSeconds, whole?.lagP95], [2, 600, 90, 90]);
    assert.deepEqual(rows.map(({ owner }) => owner).sort(), ["", "alice", "b\xffb"]);
  });

  test("has the rows of users for the last 30 comparisons, and those of the pair for all", () => {
    const path = newPath();
    for (let n = 1; n <= 33; n++) record(path, n, [finding("alice", 1)]);
    const { comparisons, users } = readSeries(path, 2);
    assert.deepEqual([comparisons.length, users.length, users[0]?.comparison], [33, 30, 4]);
  });

  test("is not kept waiting by a comparison that is under way, and sees nothing of it", () => {
    const path = newPath();
    record(path, 1, [finding("alice", 1)]);
    const scan = (id: string, instance: string) => ({
      ...{ id, host: id, instance: instance.repeat(64), startedAtMs: 9 * HOUR_MS, finishedAtMs: 9 * HOUR_MS },
    });
    const history = PairHistory.open(path, { primary: scan("x", "a"), replica: scan("y", "b"), secondLook: false });
    try {
      assert.equal(readSeries(path, 2).comparisons.length, 1);
    } finally {
      history.close();
    }
  });

  test("leaves a file alone that a killed comparison was writing, and says what mends it", () => {
    const path = newPath();
    record(path, 1, [finding("alice", 1)]);
    const killed = newPath();
    const db = new BetterSqlite3(path);
    db.pragma("cache_size = 1");
    db.pragma("cache_spill = 1");
    db.exec("BEGIN");
    const insert = db.prepare("UPDATE finding SET key = zeroblob(200000 + ?)");
    for (let i = 0; i < 20; i++) insert.run(i);
    copyFileSync(path, killed);
    copyFileSync(`${path}-journal`, `${killed}-journal`);
    db.exec("ROLLBACK");
    db.close();
    assert.throws(
      () => readSeries(killed, 2),
      (error) => {
        assert.ok(error instanceof StateFileError, String(error));
        assert.match(`${error.message} ${error.hint}`, /interrupted|damaged|written/);
        return true;
      },
    );
    assert.ok(existsSync(`${killed}-journal`));
    assert.ok(existsSync(killed));
  });
});
