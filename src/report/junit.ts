import { CHECKS, type Check, type CheckResult, STATES, type State } from "../compare/classes.ts";
import type { Inspected } from "../compare/inspection.ts";
import type { Compared, Variance } from "../compare/variance.ts";
import { terminalName, terminalText } from "./escape.ts";
import type { Report, ReportFormat, Sink } from "./format.ts";
import { acceptedWords, apartFrom, CHECK_WORDS, RESULT_WORDS, stateCounts } from "./text/words.ts";

/** One suite: what stands before its test cases, and what they are made of. */
interface Suite {
  readonly name: string;
  readonly host: string;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly checks: Readonly<Partial<Record<Check, CheckResult>>>;
  readonly byState: Readonly<Partial<Record<State, number>>>;
  readonly accepted: number;
  readonly incomplete: readonly string[];
}

/**
 * The report of a comparison as JUnit XML, for a migration gate in CI: a test case for each finding, and for each check
 * that has none. Damage and divergence are failures, what could not be told is an error, what replication will bring
 * is skipped, and so is what was accepted. Valid by the schemas of Apache Ant and of Jenkins (junit-10).
 */
function beginJunit({ summary }: Compared, sink: Sink): Report {
  const { primary, replica, scope, verdict, exitCode, checks, counts, incomplete } = summary;
  const suite: Suite = {
    name: `spooldiff compare ${primary.host} ${replica.host}`,
    host: primary.host,
    timestamp: Date.parse(primary.scannedTo) > Date.parse(replica.scannedTo) ? primary.scannedTo : replica.scannedTo,
    properties: { verdict, exitCode, level: scope.level, primary: primary.manifest, replica: replica.manifest },
    checks,
    byState: counts.byState,
    accepted: counts.accepted ?? 0,
    incomplete,
  };
  return beginSuite(suite, sink);
}

/** The report of one manifest, in the same form. */
function beginInspectionJunit(inspected: Inspected, sink: Sink): Report {
  const { side, counts, incomplete, verdict, exitCode } = inspected;
  const suite: Suite = {
    name: `spooldiff inspect ${side.host}`,
    host: side.host,
    timestamp: side.scannedTo,
    properties: { verdict, exitCode, level: side.level, manifest: side.manifest },
    checks: {},
    byState: counts.byState,
    accepted: counts.accepted ?? 0,
    incomplete,
  };
  return beginSuite(suite, sink);
}

/** `--format junit`. */
export const junitFormat: ReportFormat = {
  comparison: (compared, _options, sink) => beginJunit(compared, sink),
  inspection: (inspected, _options, sink) => beginInspectionJunit(inspected, sink),
};

/** How a test case ends: the name of an element, or null where it passes. */
type Outcome = "failure" | "error" | "skipped" | null;

const OUTCOME_OF_STATE: Readonly<Record<State, Outcome>> = {
  damaged: "failure",
  diverged: "failure",
  "in-flight": "skipped",
  unproven: "error",
};

/** A check that differs is no case of its own: its findings are. */
const OUTCOME_OF_CHECK: Readonly<Record<Exclude<CheckResult, "differs">, Outcome>> = {
  same: null,
  unknown: "error",
  "not-checked": "skipped",
};

function beginSuite(suite: Suite, sink: Sink): Report {
  const totals = totalsOf(suite);
  const opening = attributes({
    id: 0,
    package: "spooldiff",
    name: suite.name,
    // The schema of Apache Ant has no room for the zone.
    timestamp: suite.timestamp.slice(0, 19),
    hostname: suite.host,
    tests: totals.tests,
    failures: totals.failure,
    errors: totals.error,
    skipped: totals.skipped,
    time: 0,
  });
  sink(`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite ${opening}>\n    <properties>\n`);
  for (const [name, value] of Object.entries(suite.properties))
    sink(`      <property ${attributes({ name, value })}/>\n`);
  sink("    </properties>\n");
  for (const [check, result] of checksWithoutFindings(suite)) {
    sink(testCase("spooldiff.check", CHECK_WORDS[check], OUTCOME_OF_CHECK[result], result, RESULT_WORDS[result]));
  }
  for (const reason of suite.incomplete) sink(testCase("spooldiff.scope", reason, "error", "incomplete", reason));
  return {
    finding(variance) {
      const { class: name, state, explain, repair, accepted } = variance;
      const message = repair === null ? explain : `${explain} ${repair}`;
      const outcome = accepted === undefined ? OUTCOME_OF_STATE[state] : "skipped";
      const why = accepted === undefined ? message : `${acceptedWords(accepted)}. ${explain}`;
      sink(testCase(`spooldiff.${name}`, subjectOf(variance), outcome, state, why));
    },
    end() {
      const totals = apartFrom(stateCounts(suite.byState), suite.accepted);
      sink(`    <system-out>${escaped(totals)}</system-out>\n    <system-err></system-err>\n`);
      sink("  </testsuite>\n</testsuites>\n");
    },
  };
}

function checksWithoutFindings({ checks }: Suite): [Check, Exclude<CheckResult, "differs">][] {
  const cases: [Check, Exclude<CheckResult, "differs">][] = [];
  for (const check of CHECKS) {
    const result = checks[check];
    if (result !== undefined && result !== "differs") cases.push([check, result]);
  }
  return cases;
}

/** The totals that stand before the cases: from exact counts, so that the cases can be streamed. */
function totalsOf(suite: Suite): Record<"tests" | "failure" | "error" | "skipped", number> {
  const totals = { tests: 0, failure: 0, error: 0, skipped: 0 };
  const add = (outcome: Outcome, times: number) => {
    totals.tests += times;
    if (outcome !== null) totals[outcome] += times;
  };
  for (const [, result] of checksWithoutFindings(suite)) add(OUTCOME_OF_CHECK[result], 1);
  add("error", suite.incomplete.length);
  for (const state of STATES) add(OUTCOME_OF_STATE[state], suite.byState[state] ?? 0);
  add("skipped", suite.accepted);
  return totals;
}

/** One test case on one line. */
function testCase(className: string, name: string, outcome: Outcome, type: string, message: string): string {
  const open = `    <testcase ${attributes({ classname: className, name, time: 0 })}`;
  if (outcome === null) return `${open}/>\n`;
  const detail = outcome === "skipped" ? { message } : { type, message };
  return `${open}><${outcome} ${attributes(detail)}/></testcase>\n`;
}

/** What a finding is about, on one line. */
function subjectOf({ subject }: Variance): string {
  const { mailbox, uid, item, owner, key, path } = subject;
  const parts = [
    mailbox === null ? null : terminalName(mailbox),
    uid === undefined ? null : `uid ${uid}`,
    item,
    owner === undefined ? null : `of ${terminalName(owner)}`,
    key === undefined ? null : terminalName(key),
  ].filter((part) => part !== null && part !== undefined);
  if (parts.length > 0) return parts.join(" ");
  return path === undefined ? "the store" : terminalName(path);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(" ");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text that may stand in an attribute or an element: control characters, which XML 1.0 cannot hold, are escaped. */
function escaped(value: string): string {
  return terminalText(value).replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}
