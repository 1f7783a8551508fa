/**
 * `npm run model -- --histories 100000 --seed 1`: random histories of a replicating pair, scanned at random times and
 * compared. Prints every history of which something wrong was said, and exits 1 if there is one.
 */
import { parseArgs } from "node:util";
import { type HistoryOutcome, liveThrough } from "./history.ts";

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 0x4000_0000)) },
    most: { type: "string", default: "10" },
  },
});
const histories = Number(values.histories);
const first = Number(values.seed);
const counts = new Map<string, number>();
let findings = 0;
let wrong = 0;

for (let n = 0; n < histories; n++) {
  const outcome = liveThrough(first + n);
  count(outcome);
  if (outcome.problems.length === 0) continue;
  if (++wrong <= Number(values.most)) {
    process.stdout.write(`history ${outcome.seed} (${outcome.order}, fault: ${outcome.fault ?? "none"})\n`);
    for (const problem of outcome.problems) process.stdout.write(`  ${problem}\n`);
  }
}
process.stdout.write(
  `seed ${first}: ${histories} histories, ${findings} findings, ${wrong} histories with something wrong\n`,
);
for (const [what, number] of [...counts].sort()) process.stdout.write(`  ${what}: ${number}\n`);
process.exitCode = wrong === 0 ? 0 : 1;

function count(outcome: HistoryOutcome): void {
  findings += outcome.findings;
  for (const what of [outcome.order, outcome.fault ?? "healthy"]) counts.set(what, (counts.get(what) ?? 0) + 1);
}
