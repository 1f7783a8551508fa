/** The state file itself: what it is refused for, and that nothing that goes wrong leaves a mark on it. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { FORMAT } from "../../src/history/format.ts";
import { PairHistory } from "../../src/history/pair-history.ts";
import type { SeenFinding } from "../../src/history/records.ts";
import { StateFileError } from "../../src/history/state-error.ts";
import { finding, OUTCOME, pairAt, record } from "./recorded.ts";

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "spooldiff-state-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newPath = () => join(folder, `state-${++files}.db`);

function written(): string {
  const path = newPath();
  record(path, 1, [1, 2]);
  record(path, 2, [2, 3]);
  return path;
}

function refused(path: string, sentence: RegExp): void {
  const bytes = readFileSync(path);
  const { mtimeMs } = statSync(path);
  assert.throws(
    () => PairHistory.open(path, pairAt(9), { waitMs: 50 }),
    (error) => error instanceof StateFileError && sentence.test(error.message),
  );
  assert.deepEqual(readFileSync(path), bytes);
  assert.equal(statSync(path).mtimeMs, mtimeMs);
  assert.ok(!existsSync(`${path}-journal`) && !existsSync(`${path}-wal`));
}

suite("PairHistory.open() refuses, and leaves as it is,", () => {
  test("what is no database", () => {
    const path = newPath();
    writeFileSync(path, "pair: mx1 mx2\n".repeat(100));
    refused(path, /it is not an SQLite database/);
    writeFileSync(path, "SQLite format 3\0");
    refused(path, /it is not an SQLite database/);
  });

  test("somebody else's database", () => {
    const path = newPath();
    new BetterSqlite3(path).exec("CREATE TABLE finding (a); INSERT INTO finding VALUES (1)").close();
    refused(path, /not a state file of spooldiff/);
  });

  test("a directory, and a directory that is not there", () => {
    const path = newPath();
    mkdirSync(path);
    assert.throws(() => PairHistory.open(path, pairAt(1)), /it is not a regular file/);
    assert.throws(() => PairHistory.open(join(path, "none", "pair.db"), pairAt(1)), StateFileError);
    assert.ok(!existsSync(join(path, "none")));
  });

  test("a file of a newer format", () => {
    const path = written();
    setFormat(path, FORMAT + 1);
    refused(path, new RegExp(`it has format ${FORMAT + 1}, this program knows format ${FORMAT}`));
  });

  test("a file of a format that never was", () => {
    const path = written();
    setFormat(path, 0);
    refused(path, /it has format 0, which this program does not know/);
  });

  test("a schema that is not quite ours", () => {
    for (const change of [
      "CREATE VIEW pairs AS SELECT * FROM pair",
      "CREATE TRIGGER t AFTER INSERT ON comparison BEGIN DELETE FROM finding; END",
      "DROP INDEX finding_open",
      "ALTER TABLE finding ADD COLUMN more TEXT",
    ]) {
      const path = written();
      new BetterSqlite3(path).exec(change).close();
      refused(path, /its schema is not that of a state file/);
    }
  });

  test("a file that was cut off or overwritten somewhere", () => {
    const path = written();
    const bytes = readFileSync(path);
    truncateSync(path, bytes.length - 4096);
    refused(path, /it is damaged/);
    for (let at = 4096; at < bytes.length; at += 4096) {
      const damaged = Buffer.from(bytes);
      damaged.fill(0xff, at, at + 64);
      writeFileSync(path, damaged);
      refused(path, /it is damaged|its schema/);
    }
  });

  test("values that no comparison writes", () => {
    for (const change of [
      "UPDATE comparison SET primary_to_ms = 9000000000000000000",
      "UPDATE comparison SET replica_from_ms = -1",
      "UPDATE finding SET runs = 0",
      "UPDATE finding SET state = 'lost'",
      "UPDATE finding SET values_digest = x'00'",
      // Each value may be, but not beside the others.
      "UPDATE finding SET status = 'cleared' WHERE uid = 2",
      "UPDATE progress SET diverged = 7 WHERE whole = 1 AND comparison = 2",
      "DELETE FROM progress WHERE whole = 1 AND comparison = 1",
      "PRAGMA foreign_keys = OFF; DELETE FROM comparison WHERE id = 1",
      "PRAGMA foreign_keys = OFF; UPDATE finding SET since = 99",
    ]) {
      const path = written();
      const db = new BetterSqlite3(path);
      db.pragma("ignore_check_constraints = ON");
      db.exec(change).close();
      refused(path, /it is damaged/);
    }
  });

  test("a file in WAL mode", () => {
    const path = written();
    const db = new BetterSqlite3(path);
    db.pragma("journal_mode = WAL");
    db.close();
    refused(path, /it is in WAL mode/);
  });

  test("the history of other hosts", () => {
    const path = written();
    const bytes = readFileSync(path);
    const { primary, replica } = pairAt(9);
    const other = { primary, replica: { ...replica, instance: "c".repeat(64), host: "mx3" }, secondLook: false };
    assert.throws(() => PairHistory.open(path, other), /is the history of mx1 and mx2, and .* of mx1 and mx3/);
    const alone = { primary, replica: { ...replica, instance: primary.instance }, secondLook: false };
    assert.throws(() => PairHistory.open(path, alone), /one and the same store/);
    assert.deepEqual(readFileSync(path), bytes);
  });

  test("a file that another comparison is using for longer than it waits", () => {
    const path = written();
    const first = PairHistory.open(path, pairAt(3));
    assert.throws(() => PairHistory.open(path, pairAt(4), { waitMs: 50 }), /another comparison is using it/);
    first.close();
    PairHistory.open(path, pairAt(4), { waitMs: 50 }).close();
  });
});

suite("PairHistory", () => {
  test("takes an empty file for one without a history", () => {
    const path = newPath();
    writeFileSync(path, "");
    record(path, 1, [1]);
    assert.equal(PairHistory.open(path, pairAt(2)).standing.comparison, 2);
  });

  test("changes nothing when it is closed without a record", () => {
    const path = written();
    const bytes = readFileSync(path);
    const history = PairHistory.open(path, pairAt(3));
    history.sightingOf(finding(1).thing, finding(1).values);
    history.close();
    assert.deepEqual(readFileSync(path), bytes);
  });

  test("changes nothing when findings run out in the middle", () => {
    const path = written();
    const bytes = readFileSync(path);
    const history = PairHistory.open(path, pairAt(3));
    function* broken(): Generator<SeenFinding> {
      yield finding(7);
      throw new Error("no more");
    }
    assert.throws(() => history.record(broken(), OUTCOME, () => true), /no more/);
    history.close();
    assert.deepEqual(readFileSync(path), bytes);
  });

  test("does not count a second look", () => {
    const path = written();
    const history = PairHistory.open(path, { ...pairAt(3), secondLook: true });
    assert.match(history.standing.notCounted ?? "", /second look/);
    assert.equal(
      history.record([finding(3)], OUTCOME, () => true),
      null,
    );
    assert.deepEqual(history.ageOf(finding(3))?.runs, 1);
    history.close();
  });

  test("forgets what was cleared 400 days ago, and after 30 what had only been in flight; never what is open", () => {
    const path = newPath();
    const day = 86_400;
    const damaged = finding(1);
    const flying: SeenFinding = { ...finding(2), state: "in-flight", cause: "lag" };
    const open = finding(3);
    const at = (days: number, findings: readonly SeenFinding[]) => {
      const history = PairHistory.open(path, pairAt(days * day + 1));
      history.record(findings, OUTCOME, ({ thing }) => thing.uid !== 3);
      history.close();
      const db = new BetterSqlite3(path, { readonly: true });
      const uids = db.prepare("SELECT uid FROM finding ORDER BY uid").pluck().all();
      db.close();
      return uids;
    };
    at(0, [damaged, flying, open]);
    assert.deepEqual(at(1, []), [1, 2, 3]);
    assert.deepEqual(at(31, []), [1, 2, 3]);
    assert.deepEqual(at(32, []), [1, 3]);
    assert.deepEqual(at(401, []), [1, 3]);
    assert.deepEqual(at(402, []), [3]);
  });

  test("writes a file that the sqlite3 shell's checks find sound", () => {
    const db = new BetterSqlite3(written(), { readonly: true });
    assert.equal(db.pragma("integrity_check", { simple: true }), "ok");
    assert.deepEqual(db.pragma("foreign_key_check"), []);
    const rows = db.prepare("SELECT uid, status, first_seen, last_seen, runs FROM finding ORDER BY uid").raw().all();
    assert.deepEqual(rows, [
      [1, "cleared", 1, 1, 1],
      [2, "open", 1, 2, 2],
      [3, "open", 2, 2, 1],
    ]);
    db.close();
  });
});

function setFormat(path: string, version: number): void {
  const db = new BetterSqlite3(path);
  db.pragma(`user_version = ${version}`);
  db.close();
}
