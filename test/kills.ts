/**
 * `npm run kills -- --kills 100`: a scan of a generated spool is killed (SIGKILL) at random moments, from its start to
 * the last rename, and goes on; each time that it comes to its end its rows are compared with those of one that was not
 * disturbed. `--messages N` is the size of the spool, `--seed N` repeats the choices of a run, not its timing. Run
 * `npm run build` first.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ensureTree } from "../native-bench/generate.ts";
import { QUICK_TREES } from "../native-bench/tree-plan.ts";
import { spooldiff } from "./support/command-line.ts";
import { killAndGoOn } from "./support/kill-rounds.ts";
import { manifestRowsText } from "./support/manifest-rows-text.ts";
import { createRandom } from "./support/random.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    messages: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
  },
});
const [kills, messages, seed] = [Number(values.kills), Number(values.messages), Number(values.seed)];
if (![kills, messages].every((n) => Number.isInteger(n) && n > 0) || !Number.isInteger(seed)) {
  throw new RangeError("Cannot use these numbers: --kills, --messages and --seed are whole numbers");
}
const folder = join(tmpdir(), `spooldiff-kills-${process.getuid?.() ?? "user"}`);
mkdirSync(folder, { recursive: true, mode: 0o700 });
const [small] = QUICK_TREES;
if (small === undefined) throw new TypeError("there is no plan of a tree");
const plan = { ...small, name: "kills", messages, mailboxes: Math.max(1, Math.ceil(messages / 100)) };
const tree = ensureTree(plan, folder, (line) => console.log(line));
// What changed a moment ago is always read again.
await setTimeout(2100);

const undisturbed = join(folder, "undisturbed.db");
const began = performance.now();
const run = await spooldiff(["scan", "-C", tree.primaryConf, "-o", undisturbed, "--restart"], { timeoutMs: 600_000 });
assert.equal(run.status, 0, run.stderr);
const wholeMs = performance.now() - began;
const expected = manifestRowsText(undisturbed);
console.log(`seed ${seed}; undisturbed: ${Math.round(wholeMs)} ms, ${expected.length} rows`);

const random = createRandom(seed);
const output = join(folder, "killed.db");
const outcome = await killAndGoOn({
  conf: tree.primaryConf,
  output,
  kills,
  words: [],
  momentMs: () => random.integer(0, Math.ceil(wholeMs)),
  finished: () => assert.deepEqual(manifestRowsText(output), expected),
});
assert.equal((await spooldiff(["verify", output], { timeoutMs: 600_000 })).status, 0);
console.log(
  `${outcome.kills} kills: ${outcome.wentOn} runs went on, ${outcome.beganAnew} began anew, ${outcome.finished} came to the end, ` +
    `all with the rows of the undisturbed one; ${outcome.kept} mailboxes were not read again`,
);
