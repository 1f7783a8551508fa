/** Scans that are stopped, killed, or started where another one is at work. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ExitCode } from "../../src/errors.ts";
import { ended, spooldiff, startSpooldiff } from "../support/command-line.ts";
import { assertPlain, assertRefused } from "../support/refusal.ts";
import { type ScannedFixture, scanFixture } from "../support/scanned-fixture.ts";
import { slowReading } from "../support/slow-reading.ts";

/** Within a second, and what a machine adds to that which runs other tests too. */
const PROMPT_MS = 2500;
/** Worker threads are nice: where others take every processor they get little of one, to end in as to read in. */
const STARVED_MS = 30_000;

interface Moment {
  readonly what: string;
  readonly words: readonly string[];
  /** How long after the output was taken the signal comes. */
  readonly afterMs: number;
  readonly slow: boolean;
}

const MOMENTS: readonly Moment[] = [
  { what: "while worker threads read", words: [], afterMs: 300, slow: true },
  { what: "while this thread reads", words: ["--workers", "0"], afterMs: 300, slow: true },
  { what: "while it waits to look again", words: [], afterMs: 1000, slow: false },
];

suite("a scan", () => {
  let pair: ScannedFixture;
  let place: string;
  let slow: { readonly NODE_OPTIONS: string };
  before(async () => {
    pair = await scanFixture("c-damaged-legacy");
    slow = slowReading(join(pair.folder, "slow.mjs"), 25);
  });
  after(() => pair.cleanup());

  /** Starts a scan to `mx.db` in an empty folder, and returns when it has taken that output. */
  async function started(moment: Moment) {
    place = join(pair.folder, "place");
    await rm(place, { recursive: true, force: true });
    await mkdir(place);
    const words = ["scan", "-C", pair.conf("replica"), "-o", join(place, "mx.db"), ...moment.words];
    const child = startSpooldiff(words, moment.slow ? { env: slow } : {});
    const end = ended(child);
    while (!existsSync(join(place, "mx.db.partial"))) {
      assert.equal(child.exitCode, null, "the scan ended before it could be stopped");
      await setTimeout(5);
    }
    await setTimeout(moment.afterMs);
    assert.equal(child.exitCode, null, "the scan ended before it could be stopped");
    return { child, end };
  }

  for (const moment of MOMENTS) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      test(`stops within a second of ${signal} ${moment.what}, says what it leaves, and exits 3`, async () => {
        const { child, end } = await started(moment);
        const at = performance.now();
        child.kill(signal);
        const { status, stdout, stderr } = await end;
        const took = performance.now() - at;
        assert.equal(status, ExitCode.incomplete, stderr);
        const limit = (loadavg()[0] ?? 0) > 2 * availableParallelism() ? STARVED_MS : PROMPT_MS;
        assert.ok(took < limit, `it took ${took} ms`);
        assert.equal(stdout, "");
        assert.match(stderr, /Stopped\. There is no .*mx\.db; .*mx\.db\.partial is unfinished/);
        assertPlain(stderr);
        assert.deepEqual(readdirSync(place), ["mx.db.partial"]);
      });
    }
  }

  const LONG: Moment = { what: "", words: [], afterMs: 100, slow: true };

  test("ends at once at the second signal", async () => {
    const { child, end } = await started({ ...LONG, words: ["--workers", "0"] });
    child.kill("SIGINT");
    child.kill("SIGINT");
    assert.equal((await end).status, ExitCode.incomplete);
    assert.ok(!existsSync(join(place, "mx.db")));
  });

  test("that was killed leaves nothing under the final name; the next one says that it replaces the rest", async () => {
    const { child, end } = await started(LONG);
    child.kill("SIGKILL");
    assert.equal((await end).status, null);
    assert.deepEqual(readdirSync(place), ["mx.db.partial", "mx.db.partial-journal"]);
    await assertRefused(["verify", join(place, "mx.db")], /no such file/);
    await assertRefused(["inspect", join(place, "mx.db.partial")], /Cannot (read|use) "/);
    const output = join(place, "mx.db");
    const run = await spooldiff(["scan", "-C", pair.conf("primary"), "-o", output, "--after", pair.replica]);
    assert.equal(run.status, ExitCode.ok, run.stderr);
    const said = /mx\.db\.partial of a scan that did not finish is replaced: .* another .*mail store.*, --after/;
    assert.match(run.stderr, said);
    assert.deepEqual(readdirSync(place), ["mx.db"]);
    assert.equal((await spooldiff(["verify", output])).status, ExitCode.ok);
  });

  test("is refused while another one writes to the same place, and does not disturb it", async () => {
    const { child, end } = await started({ ...LONG, slow: false });
    const output = join(place, "mx.db");
    const began = /another scan is writing it, already running since \d{4}-\d\d-\d\dT[\d:.]+Z/;
    await assertRefused(["scan", "-C", pair.conf("primary"), "-o", output], began);
    assert.equal(child.exitCode, null, "the first scan had ended already");
    assert.deepEqual(readdirSync(place), ["mx.db.partial", "mx.db.partial-journal"]);
    assert.equal((await end).status, ExitCode.incomplete);
    assert.deepEqual(readdirSync(place), ["mx.db"]);
    assert.equal((await spooldiff(["verify", output])).status, ExitCode.ok);
  });

  test("is refused --after one that has not finished", async () => {
    const { child, end } = await started(LONG);
    const earlier = join(place, "mx.db.partial");
    const words = ["scan", "-C", pair.conf("primary"), "-o", join(pair.folder, "later.db"), "--after", earlier];
    await assertRefused(words, /Cannot (read|use) ".*mx\.db\.partial"/);
    child.kill("SIGTERM");
    await end;
    await assertRefused(words, /Cannot (read|use) ".*mx\.db\.partial"/);
  });

  test("made --after another is proved to be later, whatever the clocks say", async () => {
    const later = join(pair.folder, "later.db");
    const words = ["scan", "-C", pair.conf("primary"), "-o", later, "--after", pair.replica, "--quiet"];
    assert.equal((await spooldiff(words)).status, ExitCode.ok);
    const { stdout } = await spooldiff(["compare", "--format", "json", later, pair.replica]);
    const summary = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { order: unknown };
    assert.partialDeepStrictEqual(summary.order, { kind: "replica-first", proved: true });
  });
});
