/** `spooldiff trend` and `--format nagios`, as the compiled program, on state files that comparisons made. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { type Series, withSeries } from "../history/series.ts";
import { jsonLines, type ProgramRun, spooldiff } from "../support/command-line.ts";
import { judgesFor } from "../support/judges.ts";
import { assertRefused } from "../support/refusal.ts";
import {
  mailboxOf,
  messageOf,
  modelMailbox,
  modelMessage,
  type PairModel,
  pairOf,
  READ_AT,
} from "../support/spool/model.ts";

const HOUR = 3600;

function newPair(): PairModel {
  const mailbox = (user: string) => modelMailbox(`user.${user}`, [modelMessage(1), modelMessage(2)]);
  return pairOf({ mailboxes: [mailbox("alice"), mailbox("bob")], tombstones: [] });
}

/** A message that came to the primary half an hour before the comparison `at`. */
function deliver(pair: PairModel, user: string, at: number): void {
  const mailbox = mailboxOf(pair.primary, `user.${user}`);
  const time = READ_AT + at - HOUR / 2;
  const uid = ++mailbox.lastUid;
  mailbox.highestModseq += 2;
  mailbox.changedAt = time;
  const times = { lastUpdated: time, internalDate: time, saveDate: time };
  mailbox.messages.push(modelMessage(uid, { ...times, modseq: mailbox.highestModseq }));
}

function replicate(pair: PairModel): void {
  pair.replica = structuredClone(pair.primary);
}

async function wordOf(series: Series, ...options: string[]): Promise<[unknown, number | null]> {
  const run = await spooldiff(["trend", series.state, "--format", "json", ...options]);
  return [jsonLines(run.stdout)[0]?.verdict, run.status];
}

const nagios = (series: Series, ...options: string[]): Promise<ProgramRun> =>
  spooldiff(["trend", series.state, "--format", "nagios", ...options]);

suite("spooldiff trend", () => {
  test("follows a pair whose replication stops and goes on", async (context) => {
    await withSeries(async (series) => {
      const pair = newPair();
      await series.run(pair, { at: 0 });
      assert.deepEqual(await wordOf(series), ["unknown", 3]);
      assert.equal((await nagios(series)).status, 3);
      await series.run(pair, { at: HOUR });
      assert.deepEqual(await wordOf(series), ["converged", 0]);
      assert.match((await nagios(series)).stdout, /^SPOOLDIFF OK - converged, mx1 against mx2: everything /);
      for (const hour of [2, 3]) {
        for (const user of ["alice", "alice", "bob"]) deliver(pair, user, hour * HOUR);
        await series.run(pair, { at: hour * HOUR });
        assert.deepEqual(await wordOf(series), ["stalled", 1], `hour ${hour}`);
      }
      const alarm = await nagios(series);
      assert.equal(alarm.status, 2);
      assert.match(
        alarm.stdout,
        /^SPOOLDIFF CRITICAL - stalled, .*\|.*in_flight=6;.*lag_messages=6;.*lag_seconds=5400s/,
      );
      const gauges = join(series.folder, "pair.prom");
      const run = await spooldiff(["trend", series.state, "--format", `prometheus=${gauges}`, "--format", "nagios"]);
      // Its age goes on from one run to the next.
      const ageless = (line: string) => line.replace(/ age=\d+s/, " age");
      assert.match(run.stdout, / age=\d+s;/);
      assert.deepEqual([run.status, ageless(run.stdout)], [1, ageless(alarm.stdout)]);
      const written = readFileSync(gauges, "utf8");
      assert.equal(judgesFor(context)?.run("promtool", ["check", "metrics"], written).status ?? 0, 0);
      for (const [name, label, value] of [
        ["trend_verdict", 'verdict="stalled"', 1],
        ["open_findings", 'state="in-flight"', 6],
        ["lasting_findings", 'state="in-flight"', 3],
        ["urgent_findings", 'reason="damaged"', 0],
        ["lag_oldest_seconds", "", 5400],
        ["lag_messages", "", 6],
        ["comparison_complete", "", 1],
      ] as const) {
        const found = new RegExp(
          `^spooldiff_${name}\\{command="trend",primary="mx1",replica="mx2",?${label}\\} (\\d+)$`,
          "m",
        );
        assert.equal(Number(found.exec(written)?.[1]), value, name);
      }
      replicate(pair);
      deliver(pair, "alice", 4 * HOUR);
      const compared = join(series.folder, "compared.prom");
      await series.run(pair, { at: 4 * HOUR, options: { format: [`prometheus=${compared}`] } });
      assert.match(readFileSync(compared, "utf8"), /^spooldiff_lasting_findings\{.*state="in-flight"\} 0$/m);
      assert.deepEqual(await wordOf(series), ["converging", 0]);
      replicate(pair);
      await series.run(pair, { at: 5 * HOUR });
      assert.deepEqual(await wordOf(series), ["converged", 0]);
      const text = await spooldiff(["trend", series.state, "--chart"], { env: { LC_ALL: "C" } });
      assert.match(text.stdout, /^CONVERGED {2}mx1 \(primary\) against mx2 \(replica\)\n/);
      assert.match(text.stdout, /##/);
      const drawn = await spooldiff(["trend", series.state, "--chart"], { env: { LC_ALL: "C.UTF-8" } });
      assert.match(drawn.stdout, /██/);
    });
  });

  test("diverges over damage, pages for it at once, and is over it when it is mended", async () => {
    await withSeries(async (series) => {
      const pair = newPair();
      await series.run(pair, { at: 0 });
      messageOf(mailboxOf(pair.replica, "user.bob"), 2).file = "not this";
      const run = await series.run(pair, { at: HOUR });
      assert.deepEqual(await wordOf(series), ["diverging", 1]);
      const alarm = await nagios(series);
      assert.equal(alarm.status, 2);
      assert.match(alarm.stdout, /CRITICAL - diverging, .*1 damaged \(1 file-/);
      const compared = await spooldiff(["compare", ...run.manifests, "--format", "nagios"]);
      assert.equal(compared.status, 2);
      assert.match(compared.stdout, /^SPOOLDIFF CRITICAL - mx1 against mx2: 1 damaged \(1 file-/);
      const users = jsonLines((await spooldiff(["trend", series.state, "--format", "json"])).stdout).slice(1);
      assert.deepEqual(
        users.map(({ user, verdict }) => [user, verdict]),
        [
          ["alice", "converged"],
          ["bob", "diverging"],
        ],
      );
      messageOf(mailboxOf(pair.replica, "user.bob"), 2).file = messageOf(mailboxOf(pair.primary, "user.bob"), 2).body;
      await series.run(pair, { at: 2 * HOUR });
      assert.deepEqual(await wordOf(series), ["converged", 0]);
    });
  });

  test("says unknown of a history that is too old, and OK only while it is not", async () => {
    await withSeries(async (series) => {
      const pair = newPair();
      for (const hour of [0, 1]) await series.run(pair, { at: hour * HOUR });
      assert.deepEqual(await wordOf(series, "--max-age", "26h"), ["unknown", 3]);
      const old = await nagios(series, "--max-age", "26h");
      assert.equal(old.status, 3);
      assert.match(old.stdout, /^SPOOLDIFF UNKNOWN - unknown, .*older than --max-age/);
      assert.equal((await nagios(series)).status, 0);
      const both = await spooldiff([
        "trend",
        series.state,
        "--max-age",
        "1h",
        "--format",
        "nagios",
        "--format",
        `json=${join(series.folder, "t.json")}`,
      ]);
      assert.equal(both.status, 3);
      assert.equal(jsonLines(readFileSync(join(series.folder, "t.json"), "utf8"))[0]?.verdict, "unknown");
    });
  });

  test("changes nothing in the file, which may be read only", async () => {
    await withSeries(async (series) => {
      const pair = newPair();
      for (const hour of [0, 1]) await series.run(pair, { at: hour * HOUR });
      chmodSync(series.state, 0o400);
      const before = readFileSync(series.state);
      assert.deepEqual(await wordOf(series), ["converged", 0]);
      assert.deepEqual(readFileSync(series.state), before);
    });
  });

  test("refuses what is no state file with exit code 2, and as a plugin with UNKNOWN", async () => {
    await withSeries(async (series) => {
      const none = join(series.folder, "none.db");
      await assertRefused(["trend", none], /no such file/);
      const text = join(series.folder, "text.db");
      writeFileSync(text, "pair\n".repeat(100));
      await assertRefused(["trend", text], /it is not an SQLite database/);
      const hostile = join(series.folder, "hostile.db");
      await series.run(newPair(), { at: 0 });
      writeFileSync(hostile, readFileSync(series.state));
      const db = new BetterSqlite3(hostile);
      db.exec("CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n");
      db.close();
      await assertRefused(["trend", hostile], /its schema is not that of a state file/);
      await assertRefused(
        ["trend", text, "--format", "nagios", "--format", "text=/dev/null"],
        /not an SQLite database/,
      );
      for (const words of [
        ["trend", text],
        ["compare", text, text],
      ]) {
        const run = await spooldiff([...words, "--format", "nagios"]);
        assert.equal(run.status, 3);
        assert.match(run.stdout, /^SPOOLDIFF UNKNOWN - Cannot /);
      }
      await assertRefused(["trend", series.state, "--format", "yaml"], /there is no such format/);
      await assertRefused(["trend", series.state, "--format", `json=${series.state}`], /a report is written there/);
      await assertRefused(["trend", series.state, "--persist", "0"], /no whole number from 1/);
    });
  });

  test("takes an empty file for a history without a comparison", async () => {
    await withSeries(async (series) => {
      writeFileSync(series.state, "");
      assert.deepEqual(await wordOf(series), ["unknown", 3]);
      assert.equal((await nagios(series)).status, 3);
      assert.equal(readFileSync(series.state).length, 0);
    });
  });
});
