/** State files of an older format, and of formats that are yet to come. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { FORMAT } from "../../src/history/format.ts";
import { PairHistory } from "../../src/history/pair-history.ts";
import { readSeries } from "../../src/history/read-series.ts";
import { openStateFile } from "../../src/history/state-file.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { NOTHING_COVERED, OUTCOME, pairAt, record } from "./recorded.ts";

let folder: string;
before(() => {
  folder = memoryFolder("spooldiff-migration-");
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

suite("openStateFile()", () => {
  /** Formats that are yet to come. */
  const steps: Readonly<Record<number, string>> = {
    [FORMAT]: "ALTER TABLE comparison ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'",
    [FORMAT + 1]: "ALTER TABLE finding ADD COLUMN note TEXT",
  };
  const migrationFrom = (version: number) => steps[version] ?? null;

  test("brings an older file up to date over several formats after keeping a copy of it", () => {
    const path = written();
    const old = readFileSync(path);
    const db = openStateFile(path, { format: FORMAT + 2, migrationFrom });
    db.exec("COMMIT");
    assert.equal(db.pragma("user_version", { simple: true }), FORMAT + 2);
    assert.deepEqual(db.prepare("SELECT DISTINCT mood FROM comparison").pluck().all(), ["calm"]);
    db.close();
    assert.equal(statSync(`${path}.format-${FORMAT}`).mode & 0o777, 0o600);
    assert.deepEqual(readFileSync(`${path}.format-${FORMAT}`), old);
  });

  test("leaves the file as it is when a step fails or is missing, or when no copy can be kept", () => {
    const path = written();
    const old = readFileSync(path);
    assert.throws(() => openStateFile(path, { format: FORMAT + 1, migrationFrom: () => "DROP TABLE nothing" }));
    assert.throws(() => openStateFile(path, { format: FORMAT + 3, migrationFrom }), /cannot bring up to date/);
    assert.deepEqual(readFileSync(path), old);
    rmSync(`${path}.format-${FORMAT}`);
    mkdirSync(`${path}.format-${FORMAT}`);
    assert.throws(() => openStateFile(path, { format: FORMAT + 1, migrationFrom }), /Cannot keep a copy/);
    assert.deepEqual(readFileSync(path), old);
  });

  /** Three comparisons that spooldiff wrote when format 1 was its own: a finding cleared, one open. */
  const FORMAT_1 = new URL("../fixtures/state-files/format-1.db", import.meta.url);

  test("makes a file of format 1 one of its own, which loses nothing and goes on", () => {
    const path = newPath();
    copyFileSync(FORMAT_1, path);
    assert.throws(() => readSeries(path, 2), /it has format 1, this program knows format 2/);
    assert.deepEqual(readFileSync(path), readFileSync(FORMAT_1), "trend reads, and never writes");
    const before = rowsOf(path);
    const db = openStateFile(path);
    db.exec("COMMIT");
    db.close();
    assert.deepEqual(readFileSync(`${path}.format-1`), readFileSync(FORMAT_1));
    assert.deepEqual({ ...rowsOf(path), coverage: undefined }, { ...before, coverage: undefined });
    const { comparisons } = readSeries(path, 2);
    assert.deepEqual(
      comparisons.map(({ verdict, coverage }) => [verdict, coverage]),
      [
        ["damaged", null],
        ["in-sync", null],
        ["diverged", null],
      ],
    );
    // The next comparison counts in it as in any other.
    const known = new BetterSqlite3(path, { readonly: true }).prepare("SELECT * FROM pair").get();
    const { instance_a: a, instance_b: b } = known as { instance_a: string; instance_b: string };
    const scan = (instance: string) => ({ id: `next-${instance}`, host: "mx", instance, ...LATER });
    const history = PairHistory.open(path, { primary: scan(a), replica: scan(b), secondLook: false });
    assert.equal(history.standing.comparison, 4);
    history.record([], OUTCOME, () => true);
    history.close();
    assert.deepEqual(readSeries(path, 2).comparisons.at(-1)?.coverage, NOTHING_COVERED);
  });

  test("refuses a file of format 1 with something else in it, and keeps no copy", () => {
    const path = newPath();
    copyFileSync(FORMAT_1, path);
    new BetterSqlite3(path).exec("CREATE TABLE coverage (comparison INTEGER PRIMARY KEY)").close();
    assert.throws(() => PairHistory.open(path, pairAt(9)), /its schema is not that of a state file/);
    assert.ok(!existsSync(`${path}.format-1`));
  });
});

const LATER = { startedAtMs: Date.UTC(2030, 0, 1), finishedAtMs: Date.UTC(2030, 0, 1) };

/** All rows of all tables. */
function rowsOf(path: string): Record<string, unknown> {
  const db = new BetterSqlite3(path, { readonly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  const rows = tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]);
  db.close();
  return Object.fromEntries(rows);
}
