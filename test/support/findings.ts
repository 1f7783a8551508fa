import {
  CHECK_OF_CLASS,
  CHECKS,
  type Check,
  type CheckResult,
  STATES,
  type State,
  type VarianceClass,
} from "../../src/compare/classes.ts";
import type { InspectedMailbox, Inspection } from "../../src/compare/inspection.ts";
import type {
  Findings,
  MailboxResult,
  Note,
  SideSummary,
  Subject,
  Summary,
  Variance,
} from "../../src/compare/variance.ts";
import { compareNames } from "../../src/mail/name.ts";
import type { ReportFormat, ReportOptions } from "../../src/report/format.ts";

/** One manifest of a small host, read completely at level `full`. */
export function sideSummary(over: Partial<SideSummary> = {}): SideSummary {
  return {
    manifest: "5f0c8d1e-6a55-4a41-9b1c-2f60c0a1d001",
    file: "mx1.db",
    host: "mx1.example.org",
    store: "cyrus",
    instance: "c0ffee00",
    role: "primary",
    level: "full",
    scannedFrom: "2026-03-01T02:10:05Z",
    scannedTo: "2026-03-01T03:01:44Z",
    coverage: {
      level: "full",
      messages: 61_204_118,
      bytes: "4131000000000",
      bytesReadNow: "137000000000",
      bytesCarried: "3994000000000",
      oldestCarried: "2026-01-31T02:11:00Z",
    },
    mailboxes: 12_003,
    messages: 61_204_118,
    ...over,
  };
}

/** The partner of {@link sideSummary}, read before it. */
export function replicaSummary(over: Partial<SideSummary> = {}): SideSummary {
  return sideSummary({
    manifest: "5f0c8d1e-6a55-4a41-9b1c-2f60c0a1d002",
    file: "mx2.db",
    host: "mx2.example.org",
    instance: "c0ffee01",
    role: "replica",
    scannedFrom: "2026-03-01T01:00:00Z",
    scannedTo: "2026-03-01T01:55:12Z",
    ...over,
  });
}

/** A finding; `subject` is merged into one message of `user.alice`. */
export function variance(over: Omit<Partial<Variance>, "subject"> & { subject?: Partial<Subject> } = {}): Variance {
  return {
    type: "variance",
    class: "file-corrupt",
    state: "damaged",
    side: "replica",
    primary: null,
    replica: null,
    rule: "own-side",
    explain: "The file on mx2.example.org does not have the content that its GUID names.",
    repair: null,
    ...over,
    subject: { mailbox: "user.alice", uniqueId: "6b2e8a", ...over.subject },
  };
}

export function note(over: Partial<Note> = {}): Note {
  return { type: "note", class: "guid-missing", mailbox: "user.alice", side: "replica", explain: "No GUID.", ...over };
}

/** A mailbox with the findings given, compared and the same otherwise. */
export function mailboxResult(over: Partial<MailboxResult> = {}): MailboxResult {
  const numbers = { messages: 12, unseen: 3, uidvalidity: 1_795_504_922, uidnext: 13, highestmodseq: "41" };
  return {
    type: "mailbox",
    mailbox: "user.alice",
    uniqueId: "6b2e8a",
    checks: allChecks("same"),
    primary: numbers,
    replica: numbers,
    findings: {},
    ...over,
  };
}

export function allChecks(result: CheckResult): Record<Check, CheckResult> {
  return Object.fromEntries(CHECKS.map((check) => [check, result])) as Record<Check, CheckResult>;
}

/** A summary whose counts, checks, verdict and exit code follow from the findings. */
export function summaryOf(variances: Iterable<Variance>, over: Partial<Summary> = {}): Summary {
  const byClass: Partial<Record<VarianceClass, number>> = {};
  const byState: Partial<Record<State, number>> = {};
  const checks = allChecks("same");
  const mailboxes = new Set<string>();
  let differing = 0;
  let accepted = 0;
  for (const { class: name, state, subject, messages, accepted: acceptance } of variances) {
    if (acceptance !== undefined) accepted++;
    else {
      byClass[name] = (byClass[name] ?? 0) + 1;
      byState[state] = (byState[state] ?? 0) + 1;
    }
    checks[CHECK_OF_CLASS[name]] = state === "unproven" ? "unknown" : "differs";
    if (subject.mailbox !== null) mailboxes.add(subject.mailbox);
    differing += messages ?? (subject.uid === undefined ? 0 : 1);
  }
  const worst = STATES.find((state) => byState[state] !== undefined);
  const verdicts = {
    damaged: ["damaged", 1],
    diverged: ["diverged", 1],
    "in-flight": ["lagging", 4],
    unproven: ["incomplete", 3],
  } as const;
  const [verdict, exitCode] = worst === undefined ? (["in-sync", 0] as const) : verdicts[worst];
  return {
    type: "summary",
    schema: "spooldiff.report/1",
    verdict,
    exitCode,
    primary: sideSummary(),
    replica: replicaSummary(),
    order: { kind: "replica-first", proved: true, gapSeconds: 893 },
    scope: {
      level: "full",
      checks: [...CHECKS],
      outside: ["calendars and address books"],
      notComparable: [],
      narrowedBy: [],
    },
    checks,
    counts: {
      mailboxes: { compared: 12_003, differing: mailboxes.size, onlyPrimary: 0, onlyReplica: 0, notChecked: 0 },
      messages: { compared: 61_204_118, differing },
      byClass,
      byState,
      ...(accepted === 0 ? {} : { accepted }),
      notes: 0,
    },
    incomplete: [],
    next: null,
    ...over,
  };
}

/** Findings from lists, as `compare` would hand them over. */
export function findingsOf(
  variances: readonly Variance[],
  over: { summary?: Partial<Summary>; notes?: readonly Note[]; mailboxes?: readonly MailboxResult[] } = {},
): Findings {
  const notes = over.notes ?? [];
  const mailboxes = over.mailboxes ?? mailboxesOf(variances);
  const total = ({ findings }: MailboxResult): number => Object.values(findings).reduce((sum, n) => sum + n, 0);
  return {
    summary: summaryOf(variances, over.summary),
    countOf: counterOf(variances),
    countAt: (check, side, state) =>
      open(variances).filter((one) => CHECK_OF_CLASS[one.class] === check && one.side === side && one.state === state)
        .length,
    variances: () => variances,
    notes: () => notes,
    mailboxes: (all) => mailboxes.filter((mailbox) => all || total(mailbox) > 0),
    worstMailboxes: (limit) =>
      mailboxes
        .filter((mailbox) => total(mailbox) > 0)
        .sort((a, b) => total(b) - total(a))
        .slice(0, limit),
  };
}

/** One manifest's own findings. */
export function inspectionOf(
  variances: readonly Variance[],
  over: Partial<Pick<Inspection, "side" | "incomplete">> & { notes?: Note[]; mailboxes?: InspectedMailbox[] } = {},
): Inspection {
  const { counts, verdict } = summaryOf(variances);
  const damaged = verdict === "damaged";
  const incomplete = over.incomplete ?? [];
  return {
    side: over.side ?? replicaSummary(),
    verdict: damaged ? "damaged" : incomplete.length > 0 ? "incomplete" : "in-sync",
    exitCode: damaged ? 1 : incomplete.length > 0 ? 3 : 0,
    counts: {
      byClass: counts.byClass,
      byState: counts.byState,
      ...(counts.accepted === undefined ? {} : { accepted: counts.accepted }),
      notes: over.notes?.length ?? 0,
    },
    incomplete,
    countOf: counterOf(variances),
    variances: () => variances,
    notes: () => over.notes ?? [],
    mailboxes: () => over.mailboxes ?? [],
  };
}

/** The text that a reporter writes. */
export function textOf(write: (sink: (chunk: string) => void) => void): string {
  const chunks: string[] = [];
  write((chunk) => chunks.push(chunk));
  return chunks.join("");
}

/** The report of a comparison in one format, with its findings given as `compare` gives them. */
export function comparisonReport(format: ReportFormat, findings: Findings, options: ReportOptions): string {
  return textOf((sink) => {
    const report = format.comparison(findings, options, sink);
    for (const finding of findings.variances()) report.finding(finding);
    report.end();
  });
}

/** The report of one manifest in one format. */
export function inspectionReport(format: ReportFormat, inspection: Inspection, options: ReportOptions): string {
  return textOf((sink) => {
    const report = format.inspection?.(inspection, options, sink);
    if (report === undefined) throw new Error("the format has no report of one manifest");
    for (const finding of inspection.variances()) report.finding(finding);
    report.end();
  });
}

/** What was not accepted. */
function open(variances: readonly Variance[]): readonly Variance[] {
  return variances.filter(({ accepted }) => accepted === undefined);
}

function counterOf(variances: readonly Variance[]): Findings["countOf"] {
  return (state, name) => open(variances).filter((one) => one.state === state && one.class === name).length;
}

function mailboxesOf(variances: readonly Variance[]): MailboxResult[] {
  const found = new Map<string, Partial<Record<State, number>>>();
  for (const { subject, state } of open(variances)) {
    if (subject.mailbox === null) continue;
    const findings = found.get(subject.mailbox) ?? {};
    findings[state] = (findings[state] ?? 0) + 1;
    found.set(subject.mailbox, findings);
  }
  return [...found]
    .sort(([a], [b]) => compareNames(a, b))
    .map(([mailbox, findings]) => mailboxResult({ mailbox, findings }));
}
