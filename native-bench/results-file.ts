import fs from "node:fs";
import os from "node:os";
import type { Tree } from "./generate.ts";
import type { Measurements } from "./rounds.ts";
import type { MissingRow, Row } from "./row.ts";
import { noisyRows, type TargetResult } from "./targets.ts";

/** Everything that came out of one tree, or of one section that has none. */
export interface TreeResults {
  readonly name: string;
  /** What was measured, for people. */
  readonly about: string;
  readonly tree: Tree | null;
  readonly rows: readonly Row[];
  readonly missing: readonly MissingRow[];
  readonly measurements: Measurements;
  readonly targets: readonly TargetResult[];
  /** Load averages over one, five and fifteen minutes, before the first and after the last round. */
  readonly load: { readonly before: readonly number[]; readonly after: readonly number[] };
}

/** The machine, in the words that a reader of the figures needs. */
export function describeMachine(): { cpu: string; cores: number; node: string; kernel: string } {
  const cpus = os.cpus();
  return { cpu: cpus[0]?.model.trim() ?? "unknown", cores: cpus.length, node: process.version, kernel: os.release() };
}

/** Writes all samples, summaries and targets as one JSON document. */
export function writeResultsFile(file: string, rounds: number, results: readonly TreeResults[]): void {
  const document = {
    schema: "spooldiff.bench/2",
    measuredAt: new Date().toISOString(),
    machine: describeMachine(),
    rounds,
    trees: results.map(({ name, about, tree, rows, missing, measurements, targets, load }) => ({
      name,
      about,
      ...(tree === null ? {} : { plan: tree.plan, bytes: tree.bytes }),
      load,
      noisy: noisyRows(measurements.summaries),
      missing,
      // Without the commands: they hold paths of this machine.
      rows: rows.flatMap(({ id, label }) => {
        const summary = measurements.summaries.get(id);
        return summary === undefined ? [] : [{ id, label, ...summary, samples: measurements.samples.get(id) }];
      }),
      targets: targets.map(({ target: { says, unit, bound }, value, verdict }) => ({
        says,
        unit,
        bound,
        value,
        verdict,
      })),
    })),
  };
  fs.writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
}
