/** `spooldiff compare` once its options are parsed. */
import { compareManifests } from "../compare/compare.ts";
import type { CompareSettings } from "../compare/comparison.ts";
import type { Compared, Findings, Variance } from "../compare/variance.ts";
import { type ExitCode, SpooldiffError, UsageError } from "../errors.ts";
import { FindingStore } from "../findings/store.ts";
import type { ByteString } from "../mail/name.ts";
import { nameFilter } from "../mail/name-pattern.ts";
import type { ScanFacts } from "../mail/scan-facts.ts";
import { StoredManifestPair } from "../manifest/pair.ts";
import type { ReportOptions } from "../report/format.ts";
import { DEFAULT_PERSIST } from "../report/standing.ts";
import type { Trend } from "../trend/trend.ts";
import type { PairState } from "./reports/pair-state.ts";
import { isAlone, loadFormats, type ReportTarget, reportTargets, wantsColour } from "./reports/report-targets.ts";
import { writeReports } from "./reports/report-writing.ts";
import { nothingMatched, type ScopeOptions, scopeText } from "./scope-options.ts";
import type { PreparedWorklist } from "./worklist/worklist.ts";

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

/** Compares; where `nagios` is the sole format, with the codes of a monitoring plugin, also when it fails. */
export async function compareAsAsked(primary: string, replica: string, options: CompareOptions): Promise<ExitCode> {
  if (!isAlone(reportTargets(options.format), "nagios")) return compare(primary, replica, options);
  const { AlarmTally, NAGIOS_CODES, nagiosStatus } = await import("../report/nagios.ts");
  const persist = options.persist ?? DEFAULT_PERSIST;
  try {
    const tallies: InstanceType<typeof AlarmTally>[] = [];
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
    const { pluginFailure } = await import("./reports/plugin.ts");
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
    const worklist = await worklistOf(pair, options);
    const looks = await secondLooks(pair);
    const second = looks?.secondLookOf(pair) ?? null;
    if (looks !== null && second !== null && options.state !== undefined) throw looks.secondLookWithState();
    state = await stateOf(pair, options, targets);
    const settings = {
      ...settingsOf(options, narrow(pair, options)),
      ...second?.settings,
      ...(state === null ? {} : { history: state.view }),
      ...(await acceptancesOf(options)),
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
    const judged = recheck === undefined ? compared : (looks?.rechecked(compared, recheck.counts) ?? compared);
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
    const trend = drawn && options.state !== undefined ? await trendSoFar(options.state, settings.nowMs) : null;
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

// What most comparisons do without is loaded by those that ask for it: to load it takes longer than to compare.

async function worklistOf(pair: StoredManifestPair, options: CompareOptions): Promise<PreparedWorklist | null> {
  if (options.worklist === undefined) return null;
  const { prepareWorklist } = await import("./worklist/worklist.ts");
  return prepareWorklist(pair, options.worklist, options);
}

/** What a second look takes; null for two whole manifests. */
async function secondLooks({ primary, replica }: StoredManifestPair) {
  if (primary.facts.only === undefined && replica.facts.only === undefined) return null;
  return import("./worklist/second-look.ts");
}

async function stateOf(
  pair: StoredManifestPair,
  options: CompareOptions,
  targets: readonly ReportTarget[],
): Promise<PairState | null> {
  if (options.state === undefined) return null;
  const { PairState } = await import("./reports/pair-state.ts");
  return PairState.open(options.state, pair, targets);
}

async function acceptancesOf({ ignore }: CompareOptions) {
  if (ignore === undefined) return {};
  const { readIgnoreFile } = await import("./settings/ignore-file.ts");
  return { acceptances: readIgnoreFile(ignore, Date.now()) };
}

/** What the state file says over time, for the formats that people read. */
async function trendSoFar(state: string, nowMs: number): Promise<Trend> {
  const { readSeries } = await import("../history/read-series.ts");
  const { seriesOf } = await import("./reports/pair-series.ts");
  const { trendOf } = await import("../trend/trend.ts");
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
