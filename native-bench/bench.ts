/*
 * `npm run bench`: what a scan costs, next to what others and the bare machine need for the same files.
 *
 * Per tree: generate or reuse a Cyrus spool, then rounds of all rows in turn, warm cache, two threads or processes
 * each. The figures are ratios of medians of one run of this program; seconds of different runs are not compared.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureTree } from "./generate.ts";
import { type BenchOptions, parseOptions, USAGE } from "./options.ts";
import { makePair } from "./pair.ts";
import { installedPeers } from "./peers.ts";
import { describeMachine, type TreeResults, writeResultsFile } from "./results-file.ts";
import { buildRoof } from "./roof.ts";
import { runRounds } from "./rounds.ts";
import { planRows, type Tools } from "./rows.ts";
import { largePairRows, type Section, scalingRows } from "./sections.ts";
import { formatMeasurements, formatMissing, formatTargets } from "./table.ts";
import { judge } from "./targets.ts";
import { canMeasure } from "./timing.ts";
import { FULL_TREES, QUICK_TREES, type TreePlan } from "./tree-plan.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function main(args: readonly string[]): 0 | 2 {
  let options: BenchOptions | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!canMeasure()) {
    say("Cannot measure CPU seconds and memory: there is no /usr/bin/time; apt install time");
    return 2;
  }
  const work = openWorkDirectory(options.workDirectory);
  if (work === null) {
    say(`Cannot use "${options.workDirectory}": it is not a directory of this user; give another one with --work`);
    return 2;
  }
  const { cpu, cores, node, kernel } = describeMachine();
  print(`${cpu}, ${cores} cores; Node ${node}; Linux ${kernel}`);
  const tools = findTools(work);
  const results: TreeResults[] = [];
  const add = (result: TreeResults) => {
    printResults(result, options);
    results.push(result);
  };
  for (const plan of options.full ? FULL_TREES : QUICK_TREES) add(benchTree(plan, options, work, tools));
  add(benchRows("pair", largePairRows(options.full, work, tools, say), options, work));
  if (options.full) add(benchRows("scaling", scalingRows(work, tools, say), options, work));
  if (options.jsonFile !== null) writeResultsFile(options.jsonFile, options.rounds, results);
  return 0;
}

/**
 * Makes or takes the directory; its real path, or null if others could put files into it: a program compiled there is
 * run.
 */
function openWorkDirectory(directory: string): string | null {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const status = fs.lstatSync(directory);
  const isOurs = status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o022) === 0;
  return isOurs ? fs.realpathSync(directory) : null;
}

function findTools(work: string): Tools {
  const program = path.resolve(import.meta.dirname, "../dist/cli/spooldiff.cjs");
  return {
    roof: buildRoof(`${work}/roof`),
    spooldiff: fs.existsSync(program) ? program : null,
    peers: installedPeers(),
  };
}

function benchTree(plan: TreePlan, options: BenchOptions, work: string, tools: Tools): TreeResults {
  const tree = ensureTree(plan, `${work}/trees`, say);
  const manifests = makePair(tree, tools, `${work}/manifests/${plan.name}-${plan.messages}`);
  const { messages, mailboxes } = plan;
  const about = `${messages} messages in ${mailboxes} mailboxes, ${(tree.bytes / 1e6).toFixed(0)} MB, warm`;
  return { ...benchRows(plan.name, { about, ...planRows(tree, tools, manifests) }, options, work), tree };
}

function benchRows(name: string, { about, rows, missing }: Section, options: BenchOptions, work: string): TreeResults {
  // What was just written is still on its way to the disk, which would disturb the first rounds.
  spawnSync("sync");
  const before = os.loadavg();
  const measurements = runRounds(rows, options.rounds, `${work}/time`, say);
  return {
    name,
    about,
    tree: null,
    rows,
    missing: [...missing, ...measurements.failed],
    measurements,
    targets: judge(name, measurements.summaries),
    load: { before, after: os.loadavg() },
  };
}

function printResults(
  { name, about, rows, missing, measurements, targets, load }: TreeResults,
  options: BenchOptions,
): void {
  const loads = [load.before, load.after].map((averages) => (averages[0] ?? 0).toFixed(2)).join(" before, ");
  print(`\n${name}: ${about}; ${options.rounds} rounds`);
  print(`load average ${loads} after; CPU: user + system seconds; MB: the largest process\n`);
  print(formatMeasurements(rows, measurements));
  process.stdout.write(formatMissing(missing));
  print(options.full ? "\nTargets" : "\nTargets (set for --full: in a small tree Node's start-up weighs more)");
  print(formatTargets(targets, measurements));
}

process.exitCode = main(process.argv.slice(2));
