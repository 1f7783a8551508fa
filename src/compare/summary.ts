import { ExitCode } from "../errors.ts";
import { LEVELS, levelReaches } from "../mail/message.ts";
import type { ScanFacts } from "../mail/scan-facts.ts";
import { CHECK_OF_CLASS, CHECKS, type Check, type CheckResult, SIDES, type Verdict } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import { CLASS_OF_KIND } from "./item-drafts.ts";
import type { SideSummary, Summary } from "./variance.ts";

/** What this version does not compare at all: outside of every verdict. */
const OUTSIDE_SCOPE: readonly string[] = ["annotations of the server", "conversations"];

/** What manifests that were written before items were read cannot say either. */
const OUTSIDE_WITHOUT_ITEMS: readonly string[] = [
  "subscriptions",
  "seen state of other users",
  "quota limits and usage",
  "sieve scripts",
  "mailbox and message annotations",
  "conversations",
];

/** The totals and the verdict of a comparison whose findings have all been reported. */
export function summarize(comparison: Comparison, notComparable: readonly string[]): Summary {
  const { tally, pair, settings } = comparison;
  const primary = pair.primary.facts;
  const replica = pair.replica.facts;
  const order = orderOf(primary, replica);
  const incomplete = incompleteness(comparison, order.gapSeconds);
  const verdict = verdictOf(comparison, incomplete);
  return {
    type: "summary",
    schema: "spooldiff.report/1",
    verdict,
    exitCode: EXIT_OF[verdict],
    primary: sideSummary(pair.primary.path, primary),
    replica: sideSummary(pair.replica.path, replica),
    order,
    scope: {
      level: commonLevel(primary, replica),
      checks: CHECKS.filter((check) => check !== "content" || looksAtFiles(primary, replica)),
      outside: comparison.haveItems ? OUTSIDE_SCOPE : OUTSIDE_WITHOUT_ITEMS,
      notComparable,
      narrowedBy: [...settings.narrowedBy, ...narrowing(primary), ...narrowing(replica)].filter(unique),
    },
    checks: checkResults(comparison),
    counts: {
      mailboxes: tally.mailboxes,
      messages: tally.messages,
      byClass: tally.byClass,
      byState: tally.byState,
      ...(settings.acceptances === undefined ? {} : { accepted: tally.accepted }),
      notes: tally.notes,
    },
    exposure: comparison.exposure.result(),
    lag: comparison.lag.result(),
    incomplete,
    next: nextCommand(comparison, verdict),
  };
}

const EXIT_OF: Readonly<Record<Verdict, number>> = {
  damaged: ExitCode.variance,
  diverged: ExitCode.variance,
  stalled: ExitCode.variance,
  incomplete: ExitCode.incomplete,
  lagging: ExitCode.lagging,
  "in-sync": ExitCode.ok,
};

/** One manifest, as a report names it. */
export function sideSummary(file: string, facts: ScanFacts): SideSummary {
  const carried = facts.oldestCarriedAtMs;
  return {
    manifest: facts.id,
    file,
    host: facts.host,
    store: facts.store,
    instance: facts.instance,
    role: facts.role,
    level: facts.level,
    scannedFrom: iso(facts.startedAtMs),
    scannedTo: iso(facts.finishedAtMs),
    coverage: {
      level: facts.level,
      messages: facts.messages,
      bytes: facts.messageBytes.toString(),
      bytesReadNow: facts.bytesRead.toString(),
      bytesCarried: facts.bytesCarried.toString(),
      oldestCarried: carried === null ? null : iso(carried),
    },
    mailboxes: facts.mailboxes,
    messages: facts.messages,
  };
}

function verdictOf(comparison: Comparison, incomplete: readonly string[]): Verdict {
  const { tally } = comparison;
  if (tally.count("damaged") > 0) return "damaged";
  if (tally.count("diverged") > 0) return "diverged";
  if (tally.stalled > 0) return "stalled";
  if (incomplete.length > 0) return "incomplete";
  return tally.count("in-flight") > 0 ? "lagging" : "in-sync";
}

/** Everything that keeps the comparison from saying "equal" of all that it was asked about. */
function incompleteness(comparison: Comparison, gapSeconds: number): string[] {
  const { tally, pair, settings } = comparison;
  const primary = pair.primary.facts;
  const replica = pair.replica.facts;
  const reasons: string[] = [];
  const unproven = tally.count("unproven");
  if (unproven > 0) reasons.push(`${unproven} ${unproven === 1 ? "thing" : "things"} could not be read or judged`);
  const { notChecked } = tally.mailboxes;
  if (notChecked > 0) reasons.push(`${notChecked} ${notChecked === 1 ? "mailbox was" : "mailboxes were"} not checked`);
  // A second look may be of things that belong to no mailbox, or of mailboxes that one side has not.
  if (tally.mailboxes.compared === 0 && primary.only === undefined) reasons.push("no mailbox is on both sides");
  if (gapSeconds > settings.maxGapSeconds) {
    reasons.push(`the scans are ${gapSeconds} s apart, more than --max-gap ${settings.maxGapSeconds} s`);
  }
  if (settings.maxAgeSeconds !== null) {
    for (const { host, finishedAtMs } of [primary, replica]) {
      const age = Math.floor((settings.nowMs - finishedAtMs) / 1000);
      if (age > settings.maxAgeSeconds) reasons.push(`the manifest of ${host} is ${age} s old, more than --max-age`);
    }
  }
  for (const { host, stopped } of [primary, replica]) {
    if (stopped === true) reasons.push(`the scan of ${host} was stopped before its end`);
  }
  if (primary.level !== replica.level) {
    reasons.push(`the levels differ: ${primary.level} on ${primary.host}, ${replica.level} on ${replica.host}`);
  }
  if (settings.narrowedBy.length === 0 && narrowing(primary).join() !== narrowing(replica).join()) {
    reasons.push("the scans were narrowed differently: what only one of them covers was not compared");
  }
  return reasons;
}

function checkResults(comparison: Comparison): Record<Check, CheckResult> {
  const { tally, pair } = comparison;
  const unread = checksOfUnreadKinds(comparison);
  const result = (check: Check): CheckResult => {
    if (tally.differing.has(check)) return "differs";
    if (tally.open.has(check) || unread.has(check)) return "unknown";
    if (tally.mailboxes.compared === 0) return "not-checked";
    if (tally.open.has("store") && check !== "list") return "unknown";
    if (check === "content" && !readsFiles(pair.primary.facts, pair.replica.facts)) return "not-checked";
    return "same";
  };
  return Object.fromEntries(CHECKS.map((check) => [check, result(check)])) as Record<Check, CheckResult>;
}

/** Checks that items belong to of which a side could read none at all, whether or not that is a finding of its own. */
function checksOfUnreadKinds({ unread }: Comparison): ReadonlySet<Check> {
  const kinds = SIDES.flatMap((side) => unread[side]).filter(
    ({ owner, key, mailboxId }) => owner === null && key === null && mailboxId === null,
  );
  return new Set(kinds.map(({ kind }) => CHECK_OF_CLASS[CLASS_OF_KIND[kind]]));
}

function orderOf(primary: ScanFacts, replica: ScanFacts): Summary["order"] {
  const gap = (ms: number) => Math.max(0, Math.round(ms / 1000));
  if (primary.afterId === replica.id) {
    return { kind: "replica-first", proved: true, gapSeconds: gap(primary.startedAtMs - replica.finishedAtMs) };
  }
  if (replica.afterId === primary.id) {
    return { kind: "primary-first", proved: true, gapSeconds: gap(replica.startedAtMs - primary.finishedAtMs) };
  }
  if (replica.finishedAtMs <= primary.startedAtMs) {
    return { kind: "replica-first", proved: false, gapSeconds: gap(primary.startedAtMs - replica.finishedAtMs) };
  }
  if (primary.finishedAtMs <= replica.startedAtMs) {
    return { kind: "primary-first", proved: false, gapSeconds: gap(replica.startedAtMs - primary.finishedAtMs) };
  }
  return { kind: "overlapping", proved: false, gapSeconds: 0 };
}

/** What an administrator would type next. */
function nextCommand(comparison: Comparison, verdict: Verdict): string | null {
  const primary = shellWord(comparison.pair.primary.path);
  const replica = shellWord(comparison.pair.replica.path);
  switch (verdict) {
    case "in-sync":
      return null;
    case "lagging":
      return `scan both hosts again in a while, replica first, and compare: spooldiff compare ${primary} ${replica}`;
    case "incomplete":
      return `spooldiff inspect ${comparison.tally.count("unproven") > 0 ? shellWord(worseSide(comparison)) : primary}`;
    default:
      return comparison.settings.worklist === undefined || comparison.settings.worklist === null
        ? `spooldiff compare ${primary} ${replica} --worklist worklist`
        : `read ${shellWord(`${comparison.settings.worklist}/README.txt`)}; on both hosts, replica first: spooldiff scan --only ${shellWord(`${comparison.settings.worklist}/recheck.list`)} -o again.db`;
  }
}

/** A word of a command line, quoted where a shell would take it for something else. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function worseSide(comparison: Comparison): string {
  const { primary, replica } = comparison.pair;
  return replica.problems().length > primary.problems().length ? replica.path : primary.path;
}

function commonLevel(primary: ScanFacts, replica: ScanFacts): string {
  return LEVELS.find((level) => level === primary.level || level === replica.level) ?? primary.level;
}

function looksAtFiles(primary: ScanFacts, replica: ScanFacts): boolean {
  return levelReaches(primary.level, "stat") && levelReaches(replica.level, "stat");
}

function readsFiles(primary: ScanFacts, replica: ScanFacts): boolean {
  return levelReaches(primary.level, "quick") && levelReaches(replica.level, "quick");
}

function narrowing(facts: ScanFacts): string[] {
  const globs = [
    ...facts.include.map((glob) => `--include ${glob}`),
    ...facts.exclude.map((glob) => `--exclude ${glob}`),
  ];
  if (facts.only === undefined) return globs;
  const { length } = facts.only.lines;
  return [...globs, `--only a list of ${length} ${length === 1 ? "finding" : "findings"}`];
}

function unique(value: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(value) === index;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
