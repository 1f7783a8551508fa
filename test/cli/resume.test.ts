/** Scans that are stopped or killed go on where they were, unless they may not. */
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ExitCode } from "../../src/errors.ts";
import { jsonLines, spooldiff } from "../support/command-line.ts";
import { killAndGoOn } from "../support/kill-rounds.ts";
import { manifestRowsText } from "../support/manifest-rows-text.ts";
import { chosenSeed, createRandom } from "../support/random.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";

const SEED = chosenSeed();
const KILLS = 20;
/** Files of the fixture a second: a scan takes a few of them, and a kill falls somewhere into it. */
const SLOW = ["--max-files", "60"];

suite(`a scan (seed ${SEED})`, () => {
  let pair: ScannedFixture;
  let output: string;
  before(async () => {
    pair = await scanFixture("a-legacy-insync");
    output = join(pair.folder, "again.db");
    damage(pair.path("replica"));
    // What changed a moment ago is always read again.
    await setTimeout(2100);
  });
  after(() => pair.cleanup());

  const scan = (...words: string[]) => spooldiff(["scan", "-C", pair.conf("replica"), "-o", output, ...words]);

  /** The rows of a scan that nothing has disturbed. */
  async function undisturbed(...words: string[]): Promise<string[]> {
    const path = join(pair.folder, "undisturbed.db");
    const run = await spooldiff(["scan", "-C", pair.conf("replica"), "-o", path, ...words]);
    assert.ok(run.status === ExitCode.ok || run.status === ExitCode.incomplete, run.stderr);
    return manifestRowsText(path);
  }

  test(`that is killed ${KILLS} times ends with the rows of one that was not, and sees what changed meanwhile`, async () => {
    const random = createRandom(SEED);
    const outcome = await killAndGoOn({
      conf: pair.conf("replica"),
      output,
      kills: KILLS,
      words: SLOW,
      momentMs: () => random.integer(0, 1100),
      afterKill: (kills) => {
        if (kills === KILLS / 2) change(pair.path("replica"));
      },
      finished: () => {},
    });
    assert.equal(outcome.beganAnew, 0);
    assert.ok(outcome.wentOn >= KILLS / 2 && outcome.kept > 0, JSON.stringify(outcome));
    assert.deepEqual(manifestRowsText(output), await undisturbed());
    assert.equal((await spooldiff(["verify", output])).status, ExitCode.ok);
    assert.deepEqual(
      readdirSync(pair.folder).filter((name) => name.startsWith("again.db")),
      ["again.db"],
    );
  });

  test("that --run-time stops publishes what was read only when asked to, and the next one goes on", async () => {
    rmSync(output, { force: true });
    const words = [...SLOW, "--run-time", "1s"];
    const stopped = await scan(...words);
    assert.equal(stopped.status, ExitCode.incomplete, stopped.stderr);
    assert.match(stopped.stderr, /Stopped at the end of --run-time\. There is no .*again\.db; .*goes on with it/);
    assert.ok(!existsSync(output) && existsSync(`${output}.partial`));

    const published = await scan(...words, "--publish-partial");
    assert.equal(published.status, ExitCode.incomplete, published.stderr);
    assert.match(published.stderr, /not read: .*\d+ not-checked/);
    assert.equal((await spooldiff(["verify", output])).status, ExitCode.ok);
    const inspected = jsonLines((await spooldiff(["inspect", "--format", "json", output])).stdout).at(-1);
    assert.ok(JSON.stringify(inspected).includes("the scan was stopped before its end"), JSON.stringify(inspected));
    const compared = await spooldiff(["compare", "--format", "json", pair.primary, output]);
    const summary = jsonLines(compared.stdout).at(-1) as unknown as Summary;
    assert.ok(summary.incomplete.some((reason) => /was stopped before its end/.test(reason)));
    assert.ok(summary.counts.mailboxes.notChecked > 0, JSON.stringify(summary.counts));
    assert.notEqual(compared.status, ExitCode.ok);

    const rest = await scan();
    assert.match(rest.stderr, /Going on with .*again\.db\.partial, begun \d{4}-/);
    assert.match(rest.stderr, /[1-9]\d* mailboxes were read by earlier runs/);
    assert.deepEqual(manifestRowsText(output), await undisturbed());
    const [facts] = jsonLines((await spooldiff(["inspect", "--format", "json", output])).stdout).slice(-1);
    assert.ok(facts !== undefined && !JSON.stringify(facts).includes("was stopped"));
  });

  test("that --run-time stops says when it was too short for a single mailbox", async () => {
    rmSync(output, { force: true });
    const tooShort = await scan("--max-files", "1", "--include", "user.alice", "--run-time", "2s");
    assert.equal(tooShort.status, ExitCode.incomplete, tooShort.stderr);
    assert.match(tooShort.stderr, /This run finished no mailbox, .* give it more time, or more of --max-rate/);
  });

  test("that was in sync as far as it was read is incomplete, never equal", async () => {
    const whole = join(pair.folder, "whole.db");
    const part = join(pair.folder, "part.db");
    const words = ["--level", "index", "-C", pair.conf("primary"), "-o"];
    assert.equal((await spooldiff(["scan", ...words, whole])).status, ExitCode.ok);
    const run = ["--max-files", "15", "--run-time", "1s", "--publish-partial"];
    assert.equal((await spooldiff(["scan", ...words, part, ...run])).status, ExitCode.incomplete);
    const { status, stdout } = await spooldiff(["compare", whole, part]);
    assert.equal(status, ExitCode.incomplete, stdout);
    assert.match(stdout, /^INCOMPLETE/);
  });

  test("that is started three times at once over what was left goes on once", async () => {
    rmSync(output, { force: true });
    assert.equal((await scan(...SLOW, "--run-time", "1s")).status, ExitCode.incomplete);
    const runs = await Promise.all([1, 2, 3].map(() => scan("--max-files", "150")));
    const refused = runs.filter(({ status }) => status === ExitCode.failed);
    assert.equal(refused.length, 2, JSON.stringify(runs));
    for (const { stderr } of refused) assert.match(stderr, /another scan is writing it, already running since \d{4}-/);
    assert.equal((await spooldiff(["verify", output])).status, ExitCode.ok);
  });

  test("does not go on with one that was told something else, and says what", async () => {
    rmSync(output, { force: true });
    const stop = [...SLOW, "--run-time", "1s"];
    assert.equal((await scan(...stop)).status, ExitCode.incomplete);
    const other = await scan("--level", "stat", "--exclude", "user.x*");
    assert.match(other.stderr, /\.partial of a scan that did not finish is replaced: .* another --level, --exclude\n/);
    assert.deepEqual(manifestRowsText(output), await undisturbed("--level", "stat", "--exclude", "user.x*"));
    assert.equal((await scan(...stop)).status, ExitCode.incomplete);
    assert.match((await scan("--restart", "--level", "index")).stderr, /is replaced: --restart was given/);
  });
});

interface Summary {
  readonly incomplete: readonly string[];
  readonly counts: { readonly mailboxes: { readonly notChecked: number } };
}

/** The message files of a host by their directories, in order. */
function messagesOf(host: string): string[][] {
  const paths = globSync("**/[0-9]*.", { cwd: host }).sort();
  const byDirectory = Map.groupBy(paths, (path) => dirname(path));
  return [...byDirectory.values()].map((group) => group.map((path) => join(host, path)));
}

/** Loses one message and spoils another. */
function damage(host: string): void {
  const [[lost = ""] = [], [spoiled = ""] = []] = messagesOf(host);
  rmSync(lost);
  const bytes = readFileSync(spoiled);
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
  writeFileSync(spoiled, bytes);
}

/** Changes three mailboxes: a message is lost, one is added that no record knows, an index is written anew. */
function change(host: string): void {
  const [, , [lost = ""] = [], [beside = ""] = [], [rewritten = ""] = []] = messagesOf(host);
  rmSync(lost);
  writeFileSync(join(dirname(beside), "4000000."), "Subject: nobody knows\r\n\r\n");
  const index = join(dirname(rewritten), "cyrus.index");
  writeFileSync(index, readFileSync(index));
}
