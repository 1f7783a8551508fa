/**
 * Prometheus' text format, as node_exporter's textfile collector reads it.
 *
 * @see prometheus.io/docs/instrumenting/exposition_formats, "Text-based format" 0.0.4
 */
import { terminalText } from "../escape.ts";
import type { Sink } from "../format.ts";

export type Labels = Readonly<Record<string, string>>;

/** One value with its labels; null and what is not finite is left out: unknown is never a number. */
export type Sample = readonly [labels: Labels, value: number | null];

/** All samples of one name. */
export interface Family {
  /** Ends in its unit, without a prefix of ours. */
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Begins every name. */
const PREFIX = "spooldiff_";

/**
 * Writes families of gauges.
 *
 * @param common labels of every sample: they keep apart what several commands of several pairs write for one collector
 */
export function writeFamilies(families: Iterable<Family>, common: Labels, sink: Sink): void {
  for (const { name, help, samples } of families) {
    const known = samples.filter((sample): sample is [Labels, number] => Number.isFinite(sample[1]));
    if (known.length === 0) continue;
    sink(`# HELP ${PREFIX}${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n`);
    sink(`# TYPE ${PREFIX}${name} gauge\n`);
    for (const [labels, value] of known) sink(`${PREFIX}${name}{${labelText({ ...common, ...labels })}} ${value}\n`);
  }
}

/** One sample for each value that there can be: 1 for the one that holds, 0 for all others. */
export function stateSet(label: string, values: readonly string[], holds: string): Sample[] {
  return values.map((value) => [{ [label]: value }, value === holds ? 1 : 0]);
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}

function escaped(value: string): string {
  return terminalText(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
