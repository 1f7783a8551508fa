import { type Command, Option } from "commander";
import { compareManifests } from "../compare/compare.ts";
import type { CompareSettings } from "../compare/comparison.ts";
import type { Compared, Findings, Variance } from "../compare/variance.ts";
import { type ExitCode, SpooldiffError, UsageError } from "../errors.ts";
import { FindingStore } from "../findings/store.ts";
import { readSeries } from "../history/read-series.ts";
import type { ByteString } from "../mail/name.ts";
import { nameFilter } from "../mail/name-pattern.ts";
import type { ScanFacts } from "../mail/scan-facts.ts";
import { StoredManifestPair } from "../manifest/pair.ts";
import type { ReportOptions } from "../report/format.ts";
import { AlarmTally, NAGIOS_CODES, nagiosStatus } from "../report/nagios.ts";
import { REPORT_FORMATS } from "../report/reporter.ts";
import { DEFAULT_PERSIST } from "../report/standing.ts";
import { type Trend, trendOf } from "../trend/trend.ts";
import type { Finish } from "./finish.ts";
import { seriesOf } from "./reports/pair-series.ts";
import { PairState } from "./reports/pair-state.ts";
import { persistOption, pluginFailure } from "./reports/plugin.ts";
import {
  formatOption,
  isAlone,
  loadFormats,
  type ReportTarget,
  reportTargets,
  wantsColour,
} from "./reports/report-targets.ts";
import { writeReports } from "./reports/report-writing.ts";
import { nothingMatched, type ScopeOptions, scopeText } from "./scope-options.ts";
import { readIgnoreFile } from "./settings/ignore-file.ts";
import { duration, repeatable, wholeNumber } from "./values.ts";
import { rechecked, secondLookOf, secondLookWithState } from "./worklist/second-look.ts";
import { prepareWorklist } from "./worklist/worklist.ts";

/** The options of `compare`, parsed. Times in seconds. */
export interface CompareOptions extends ScopeOptions {
  readonly format: readonly string[];
  readonly settle: number;
  readonly maxLag: number;
  readonly maxGap: number;
  readonly maxAge?: number;
  readonly clockSkew: number;
  readonly limit: number;
  readonly all?: boolean;
  readonly state?: string;
  readonly persist?: number;
  readonly ignore?: string;
  readonly worklist?: string;
  readonly imapdConf?: string;
  readonly replicaImapdConf?: string;
}

/** Adds `spooldiff compare`. */
export function addCompareCommand(program: Command, finish: Finish): void {
  program
    .command("compare")
    .summary("say what differs between two manifests, and what it means")
    .description(
      "Compares the manifests of a primary and its replica: what differs, whether replication will bring it, which side is wrong.\n\nExample:\n  spooldiff compare mx1.db mx2.db",
    )
    .argument("<primary>", "manifest of the primary")
    .argument("<replica>", "manifest of the replica")
    .addOption(formatOption(Object.keys(REPORT_FORMATS)))
    .addOption(durationOption("--settle", "age under which a difference without an order may be in flight", "15m"))
    .addOption(durationOption("--max-lag", "lag beyond which the verdict is stalled", "24h"))
    .addOption(durationOption("--max-gap", "scans further apart than this are incomplete", "12h"))
    .addOption(
      new Option("--max-age <time>", "manifests older than this are incomplete").argParser(duration("--max-age")),
    )
    .addOption(durationOption("--clock-skew", "how far the clocks of the hosts may be apart", "5s"))
    .addOption(repeatable("--include <glob>", "only mailboxes of these names", "every name"))
    .addOption(repeatable("--exclude <glob>", "no mailboxes of these names", "none"))
    .addOption(
      new Option("--limit <n>", "findings shown of each class; totals stay exact")
        .argParser(wholeNumber("--limit", 1, 1_000_000))
        .default(1000),
    )
    .option("--all", "every mailbox, not only those that differ")
    .option("--state <file>", "remember findings there: one file for each pair of hosts")
    .addOption(persistOption())
    .option("--ignore <file>", "accepted differences, which count in no verdict: each with reason and expiry date")
    .option("--worklist <dir>", "write repair, rescue and recheck lists there, for people to review")
    .option("-C, --imapd-conf <file>", "imapd.conf of the primary, for paths and names in the lists")
    .option("--replica-imapd-conf <file>", "that of the replica, where it is another one")
    .action(async (primary, replica, options) => {
      finish(await compareAsAsked(primary, replica, options as unknown as CompareOptions));
    });
}

function durationOption(name: string, description: string, value: string): Option {
  return new Option(`${name} <time>`, description).argParser(duration(name)).default(duration(name)(value), value);
}

/** Compares; where `nagios` is the sole format, with the codes of a monitoring plugin, also when it fails. */
async function compareAsAsked(primary: string, replica: string, options: CompareOptions): Promise<ExitCode> {
  if (!isAlone(reportTargets(options.format), "nagios")) return compare(primary, replica, options);
  const persist = options.persist ?? DEFAULT_PERSIST;
  try {
    const tallies: AlarmTally[] = [];
    await compare(primary, replica, options, {
      reporting({ summary }) {
        const tally = new AlarmTally(summary, persist);
        tallies.push(tally);
        return (variance) => tally.add(variance);
      },
    });
    const [tally] = tallies;
    return NAGIOS_CODES[tally === undefined ? "UNKNOWN" : nagiosStatus(tally.alarm()).status];
  } catch (error) {
    if (!(error instanceof SpooldiffError)) throw error;
    return pluginFailure(error);
  }
}

/** A caller that wants to see the findings too. */
export interface CompareWatcher {
  /** Given each finding as it is made. */
  readonly found?: (variance: Variance) => void;
  /** Told when the reports begin; what it returns is given each finding as reports get it. */
  readonly reporting?: (compared: Compared) => (variance: Variance) => void;
}

/** Compares two manifests and writes the reports. */
export async function compare(
  primaryPath: string,
  replicaPath: string,
  options: CompareOptions,
  watcher: CompareWatcher = {},
): Promise<ExitCode> {
  const targets = reportTargets(options.format);
  const formatOf = await loadFormats(targets);
  const pair = StoredManifestPair.open(primaryPath, replicaPath);
  const store = new FindingStore();
  let state: PairState | null = null;
  try {
    const { primary, replica } = pair;
    checkPair(primaryPath, primary.facts, replicaPath, replica.facts);
    const worklist = options.worklist === undefined ? null : prepareWorklist(pair, options.worklist, options);
    const second = secondLookOf(pair);
    if (second !== null && options.state !== undefined) throw secondLookWithState();
    state = options.state === undefined ? null : PairState.open(options.state, pair, targets);
    const settings = {
      ...settingsOf(options, narrow(pair, options)),
      ...second?.settings,
      ...(state === null ? {} : { history: state.view }),
      ...(options.ignore === undefined ? {} : { acceptances: readIgnoreFile(options.ignore, Date.now()) }),
    };
    const compared = compareManifests(pair, settings, {
      variance(variance) {
        store.variance(second?.recheck.add(variance) ?? variance);
        watcher.found?.(variance);
      },
      note: (note) => store.note(note),
      mailbox: (result, differs) => store.mailbox(result, differs),
      examined: (reexamined) => state?.examined(reexamined),
      lag: (lag) => state?.measured(lag),
    });
    const mailboxes = compared.counts.mailboxes;
    const seen = mailboxes.compared + mailboxes.onlyPrimary + mailboxes.onlyReplica;
    if (seen === 0 && store.byState.damaged === undefined && second === null) {
      throw nothingMatched("either manifest", options);
    }
    const recheck = second?.result();
    const judged = recheck === undefined ? compared : rechecked(compared, recheck.counts);
    // Before the reports, so that what they say of the history is so.
    const summary = state?.record(store, judged, settings.nowMs, settings.inScope) ?? judged;
    const findings: Findings = {
      summary,
      ...(recheck === undefined ? {} : { recheck }),
      countOf: (state, name) => store.countOf(state, name),
      countAt: (check, side, state) => store.countAt(check, side, state),
      variances: () => state?.aged(store.variances()) ?? store.variances(),
      notes: () => store.notes(),
      mailboxes: (all) => store.mailboxes(all),
      worstMailboxes: (limit) => store.worstMailboxes(limit),
    };
    worklist?.write(findings);
    const drawn = targets.some(({ name }) => name === "html" || name === "text");
    const trend = drawn && options.state !== undefined ? trendSoFar(options.state, settings.nowMs) : null;
    writeReports(
      targets,
      findings.variances(),
      (target, sink) => formatOf(target).comparison(findings, reportOptions(target, options, trend), sink),
      watcher.reporting?.(findings),
    );
    return summary.exitCode as ExitCode;
  } finally {
    state?.close();
    store.close();
    pair.close();
  }
}

/** What the state file says over time, for the formats that people read. */
function trendSoFar(state: string, nowMs: number): Trend {
  return trendOf(seriesOf(readSeries(state, DEFAULT_PERSIST)), { nowMs, maxAgeSeconds: null });
}

function reportOptions(target: ReportTarget, options: CompareOptions, trend: Trend | null): ReportOptions {
  return {
    colour: wantsColour(target),
    limit: options.limit,
    allMailboxes: options.all === true,
    persist: options.persist ?? DEFAULT_PERSIST,
    ...(trend === null ? {} : { trend }),
  };
}

/** Narrows the comparison to the caller's globs and to both scans': what one was not asked to read is not missing. */
function narrow(pair: StoredManifestPair, options: CompareOptions): (name: ByteString) => boolean {
  const narrowed = [options, pair.primary.facts, pair.replica.facts].filter(
    ({ include, exclude }) => include.length + exclude.length > 0,
  );
  const filters = narrowed.map(({ include, exclude }) => nameFilter(include, exclude));
  const inScope = (name: ByteString) => filters.every((filter) => filter(name));
  if (filters.length > 0) pair.narrow(inScope);
  return inScope;
}

function settingsOf(options: CompareOptions, inScope: (name: string) => boolean): CompareSettings {
  return {
    settleSeconds: options.settle,
    skewSeconds: options.clockSkew,
    maxLagSeconds: options.maxLag,
    maxGapSeconds: options.maxGap,
    maxAgeSeconds: options.maxAge ?? null,
    nowMs: Date.now(),
    everyMailbox: options.all === true,
    narrowedBy: scopeText(options),
    worklist: options.worklist ?? null,
    inScope,
  };
}

/** Refuses pairs that cannot be one. */
function checkPair(primaryPath: string, primary: ScanFacts, replicaPath: string, replica: ScanFacts): void {
  if (primary.id === replica.id) {
    throw new UsageError(
      `Cannot compare "${primaryPath}" with "${replicaPath}": they are the same manifest`,
      "Give one manifest of each host",
    );
  }
  const sides = [
    { path: primaryPath, facts: primary, place: "primary", first: "first" },
    { path: replicaPath, facts: replica, place: "replica", first: "second" },
  ] as const;
  for (const { path, facts, place, first } of sides) {
    if (facts.role !== null && facts.role !== place) {
      throw new UsageError(
        `Cannot take "${path}" as the ${place}: it was scanned with --role ${facts.role}`,
        `Give the manifest of the ${place} as the ${first} argument`,
      );
    }
    if (facts.mailboxes === 0 && facts.only === undefined) {
      throw new UsageError(
        `Cannot compare "${path}": it holds no mailbox at all`,
        "Scan that host again, with its own configuration",
      );
    }
  }
}
