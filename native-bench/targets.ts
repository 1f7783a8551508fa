import type { RowId } from "./row.ts";
import type { RowSummary } from "./statistics.ts";

/** A row whose slowest round took more than this many times its fastest says nothing reliable. */
export const NOISE_LIMIT = 1.5;

/** Something that should hold of a tree's rows. */
interface Target {
  /** Name of the tree plan it is about. */
  readonly tree: string;
  readonly says: string;
  readonly unit: "x" | "s" | "MB";
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
  /** The rows that {@link value} needs. */
  readonly rows: readonly RowId[];
  readonly value: (summaryOf: (row: RowId) => RowSummary) => number;
}

/** `noisy`: a row scattered too much. `not measured`: a row that it needs is missing. */
type TargetVerdict = "holds" | "missed" | "noisy" | "not measured";

/** A target and what was measured; `value` is null when a row is missing. */
export interface TargetResult {
  readonly target: Target;
  readonly value: number | null;
  readonly verdict: TargetVerdict;
}

/** The targets, for trees of the sizes of `--full`: in a small one Node's start-up weighs too much. */
const TARGETS: readonly Target[] = [
  wallRatio("small", "hashdeep", "full", { atLeast: 2.7 }),
  wallRatio("small", "hashdeep", "full-no-stats", { atLeast: 3 }),
  cpuRatio("small", "hashdeep-both", "full", { atLeast: 2.7 }),
  wallRatio("small", "full", "roof-full", { atMost: 1 }),
  wallRatio("small", "full", "roof-lanes", { atMost: 2.2 }),
  wallRatio("small", "md5sum", "full", { atLeast: 1.2 }),
  wallRatio("small", "index", "full", { atMost: 0.25 }),
  wallRatio("small", "stat", "full", { atMost: 0.45 }),
  wallRatio("small", "quick", "full", { atMost: 0.7 }),
  wallRatio("small", "rescan", "roof-stat", { atMost: 3 }),
  wallRatio("large", "hashdeep", "full", { atLeast: 1.5 }),
  wallRatio("large", "full", "roof-full", { atMost: 0.8 }),
  {
    tree: "small",
    says: "compare of a pair in sync",
    unit: "s",
    bound: { atMost: 0.5 },
    rows: ["compare"],
    value: (summaryOf) => summaryOf("compare").wallSeconds.median,
  },
  {
    tree: "small",
    says: "peak memory of scan, level full",
    unit: "MB",
    bound: { atMost: 200 },
    rows: ["full"],
    value: (summaryOf) => summaryOf("full").maxRssBytes.max / 2 ** 20,
  },
  {
    tree: "pair",
    says: "compare of a large pair in sync",
    unit: "s",
    bound: { atMost: 0.5 },
    rows: ["compare-large"],
    value: (summaryOf) => summaryOf("compare-large").wallSeconds.median,
  },
  {
    tree: "scaling",
    says: "memory, 1M less 200k messages",
    unit: "MB",
    bound: { atMost: 20 },
    rows: ["scan-1m", "scan-200k"],
    value: (summaryOf) =>
      (summaryOf("scan-1m").maxRssBytes.median - summaryOf("scan-200k").maxRssBytes.median) / 2 ** 20,
  },
  cpuRatio("scaling", "scan-400k", "scan-200k", { atMost: 2.1 }),
];

function cpuRatio(tree: string, above: RowId, below: RowId, bound: Target["bound"]): Target {
  return {
    tree,
    says: `${above} / ${below}, CPU`,
    unit: "x",
    bound,
    rows: [above, below],
    value: (summaryOf) => summaryOf(above).cpuSeconds.median / summaryOf(below).cpuSeconds.median,
  };
}

function wallRatio(tree: string, above: RowId, below: RowId, bound: Target["bound"]): Target {
  return {
    tree,
    says: `${above} / ${below}`,
    unit: "x",
    bound,
    rows: [above, below],
    value: (summaryOf) => summaryOf(above).wallSeconds.median / summaryOf(below).wallSeconds.median,
  };
}

/** The rows of one tree that scattered too much to judge by. */
export function noisyRows(summaries: ReadonlyMap<RowId, RowSummary>): RowId[] {
  return [...summaries].filter(([, row]) => row.wallSeconds.max > NOISE_LIMIT * row.wallSeconds.min).map(([id]) => id);
}

/** Judges the targets of one tree. One noisy row spoils them all: what disturbed it disturbed its neighbours too. */
export function judge(tree: string, summaries: ReadonlyMap<RowId, RowSummary>): TargetResult[] {
  const noisy = noisyRows(summaries).length > 0;
  return TARGETS.filter((target) => target.tree === tree).map((target) => {
    if (!target.rows.every((row) => summaries.has(row))) return { target, value: null, verdict: "not measured" };
    const value = target.value((row) => {
      const summary = summaries.get(row);
      if (summary === undefined) throw new TypeError(`Target "${target.says}" does not declare the row ${row}`);
      return summary;
    });
    const within = "atLeast" in target.bound ? value >= target.bound.atLeast : value <= target.bound.atMost;
    return { target, value, verdict: noisy ? "noisy" : within ? "holds" : "missed" };
  });
}
