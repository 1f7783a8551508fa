/** A pair of model hosts that is compared again and again with one state file, each time as if at another time. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CompareOptions, compare } from "../../src/cli/compare-run.ts";
import { jsonLines } from "../support/command-line.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { type ScanSpec, scanConf } from "../support/pipeline.ts";
import { type PairModel, READ_AT } from "../support/spool/model.ts";
import { writeSpool } from "../support/spool/write-spool.ts";

/** One line of a JSON report. */
export type Line = Readonly<Record<string, unknown>>;

/** What a comparison reported. */
export interface Run {
  readonly exitCode: number;
  readonly findings: readonly Line[];
  readonly summary: Line & { readonly history: Readonly<Record<string, unknown>> };
  /** Paths of the two manifests, the primary's first. */
  readonly manifests: readonly [string, string];
}

/** How one comparison of a series is not like the others. */
export interface RunSpec extends ScanSpec {
  /** Seconds after the first run; the replica is read then, the primary ten seconds later. */
  readonly at: number;
  readonly primaryFirst?: boolean;
  readonly swapped?: boolean;
  readonly options?: Partial<CompareOptions>;
  /** Replication logs of the primary, by their paths below `sync`. */
  readonly logs?: Readonly<Record<string, string>>;
}

const OPTIONS: CompareOptions = {
  ...{ include: [], exclude: [], settle: 900, maxLag: 86_400, maxGap: 43_200, clockSkew: 5, limit: 1000 },
  format: [],
};

/** Runs `use` with a series in a folder of its own, which is gone afterwards. */
export async function withSeries<T>(use: (series: Series) => Promise<T>): Promise<T> {
  const folder = memoryFolder("spooldiff-series-");
  try {
    return await use(new Series(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One pair over time. */
export class Series {
  readonly folder: string;
  readonly state: string;
  #runs = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.state = join(folder, "pair.db");
  }

  /** Scans the pair as it is now, and compares. */
  async run(pair: PairModel, spec: RunSpec): Promise<Run> {
    const manifests = await this.scan(pair, spec);
    return this.compare(manifests, spec.options);
  }

  /** Scans the pair as it is now. Each host keeps its place, so that it stays the same host. */
  async scan(pair: PairModel, spec: RunSpec): Promise<[string, string]> {
    const { at, primaryFirst = false, swapped = false, options, logs = {}, ...scan } = spec;
    const number = ++this.#runs;
    const times = primaryFirst ? { primary: at, replica: at + 10 } : { primary: at + 10, replica: at };
    const paths: string[] = [];
    for (const side of ["primary", "replica"] as const) {
      const root = join(this.folder, side);
      rmSync(root, { recursive: true, force: true });
      const conf = writeSpool(root, pair[side], "legacy");
      for (const [log, text] of side === "primary" ? Object.entries(logs) : []) {
        mkdirSync(dirname(join(root, "conf/sync", log)), { recursive: true });
        writeFileSync(join(root, "conf/sync", log), text, "latin1");
      }
      const output = join(this.folder, `run-${number}-${side}.db`);
      const readAtMs = (READ_AT + times[side]) * 1000;
      paths.push(await scanConf(conf, output, { readAtMs, host: side === "primary" ? "mx1" : "mx2", ...scan }));
    }
    const [primary = "", replica = ""] = paths;
    return swapped ? [replica, primary] : [primary, replica];
  }

  /** Compares two manifests with the state file of the series. */
  async compare(manifests: readonly [string, string], options: Partial<CompareOptions> = {}): Promise<Run> {
    const report = join(this.folder, "report.ndjson");
    const state = this.state;
    const format = [`json=${report}`, ...(options.format ?? [])];
    const exitCode = await compare(...manifests, { ...OPTIONS, state, ...options, format });
    const lines = jsonLines(readFileSync(report, "utf8"));
    return {
      exitCode,
      findings: lines.filter(({ type }) => type === "variance"),
      summary: lines.find(({ type }) => type === "summary") as Run["summary"],
      manifests,
    };
  }
}
