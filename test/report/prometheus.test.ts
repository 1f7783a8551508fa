/** Gauges for Prometheus, and the alert rules and the dashboard that rest on them; promtool is the judge. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Findings, HistorySummary, Summary } from "../../src/compare/variance.ts";
import { nagiosFormat } from "../../src/report/nagios.ts";
import { prometheusFormat } from "../../src/report/prometheus/comparison.ts";
import { writeTrendPrometheus } from "../../src/report/prometheus/trend.ts";
import { comparisonReport, findingsOf, textOf, variance } from "../support/findings.ts";
import { assertGolden } from "../support/golden.ts";
import { type Judges, judgesFor } from "../support/judges.ts";
import * as cases from "./cases.ts";
import { TRENDS } from "./trend-cases.ts";

const OPTIONS = { colour: false, limit: 1, allMailboxes: false };
const RULES = fileURLToPath(new URL("../../src/report/prometheus/alerts.yaml", import.meta.url));
const DASHBOARD = new URL("../../src/report/prometheus/dashboard.json", import.meta.url);

const ofComparison = (findings: Findings) => comparisonReport(prometheusFormat, findings, OPTIONS);

/** Every report that there is a golden file of, by the name of that. */
const REPORTS: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    Object.entries(cases.COMPARISONS).map(([name, findings]) => [`report-${name}`, () => ofComparison(findings)]),
  ),
  ...Object.fromEntries(
    Object.entries(TRENDS).map(([name, make]) => {
      const { trend, context } = make();
      return [`trend-${name}`, () => textOf((sink) => writeTrendPrometheus(trend, context, sink))];
    }),
  ),
};

/** The samples of a text: each name with its labels, and the value. */
function samplesOf(text: string): [series: string, value: string][] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]);
}

suite("gauges for Prometheus", () => {
  for (const [name, render] of Object.entries(REPORTS)) {
    test(`are as the golden file has them, and promtool check metrics finds nothing: ${name}`, (context) => {
      const text = render();
      assertGolden(`prometheus-${name}.prom`, text);
      const judged = judgesFor(context)?.run("promtool", ["check", "metrics"], text);
      if (judged !== undefined) assert.deepEqual([judged.stdout, judged.stderr, judged.status], ["", "", 0]);
    });
  }

  test("have no label that could name a user, a mailbox or a message", () => {
    const allowed = new Set([
      "command",
      "primary",
      "replica",
      "verdict",
      "state",
      "class",
      "reason",
      "outcome",
      "side",
    ]);
    for (const render of Object.values(REPORTS)) {
      for (const [series] of samplesOf(render())) {
        const labels = series.slice(series.indexOf("{") + 1).replace(/"(?:[^"\\]|\\.)*"/g, "");
        for (const [, label = ""] of labels.matchAll(/(\w+)=/g)) assert.ok(allowed.has(label), label);
      }
    }
    const [before, after] = ["user.alice", "user.zoe"].map((mailbox) =>
      ofComparison(findingsOf([variance({ subject: { mailbox } })])),
    );
    assert.equal(before, after);
  });

  test("of one pair's comparison and trend can lie in one folder: no series twice, and one help for each name", () => {
    const texts = [REPORTS["report-damaged"]?.() ?? "", REPORTS["trend-diverging"]?.() ?? ""];
    const series = texts.flatMap(samplesOf).map(([name]) => name);
    assert.equal(new Set(series).size, series.length);
    const helps = new Map<string, string>();
    for (const [, name = "", help = ""] of texts.join("").matchAll(/^# HELP (\S+) (.*)$/gm)) {
      assert.equal(helps.get(name) ?? help, help);
      helps.set(name, help);
    }
  });

  test("tell the last complete comparison from the last one", () => {
    const time = (findings: Findings) =>
      samplesOf(ofComparison(findings)).find(([name]) => name.startsWith("spooldiff_last_complete"))?.[1];
    const read = String(Date.parse("2026-03-01T03:01:44Z") / 1000);
    const incomplete = (over: Partial<Summary> = {}) => findingsOf([], { summary: { incomplete: ["x"], ...over } });
    assert.equal(time(findingsOf([])), read);
    assert.equal(time(incomplete()), undefined);
    assert.equal(time(incomplete({ history: history({ lastComplete: "2026-02-28T03:00:00Z" }) })), "1772247600");
  });
});

function history(over: Partial<HistorySummary> = {}): HistorySummary {
  return {
    ...{ file: "pair.db", comparison: 3, since: "2026-02-01T00:00:00Z", notCounted: null, swapped: false },
    ...{ lastComplete: null, findings: { new: 0, persisting: 0, reopened: 0, cleared: 0, notReExamined: 0 } },
    ...over,
  };
}

const lag = (standing: number) =>
  variance({ class: "message-missing", state: "in-flight", cause: "lag", rule: "uid-above-last", standing });
const flags = (standing: number) =>
  variance({ class: "flags-differ", state: "diverged", rule: "both-reached", standing });
const unexamined = { new: 0, persisting: 0, reopened: 0, cleared: 0, notReExamined: 2 };

/** What a comparison found, the alerts that fire after it, and when, and what the plugin says of it. */
const SCENARIOS: readonly (readonly [name: string, findings: Findings, alerts: readonly string[], nagios: string])[] = [
  ["nothing", findingsOf([]), [], "OK"],
  ["lag, for the first time", findingsOf([lag(1)]), [], "OK"],
  ["lag that persists", findingsOf([lag(2)]), ["InFlightPersists"], "WARNING"],
  ["damage", findingsOf([variance()]), ["Damaged"], "CRITICAL"],
  [
    "two messages under one UID",
    findingsOf([variance({ class: "message-conflict", state: "diverged", rule: "guid-conflict" })]),
    ["GuidConflict", "Different"],
    "CRITICAL",
  ],
  [
    "split brain",
    findingsOf([variance({ class: "message-missing", state: "diverged", rule: "replica-ahead" })]),
    ["SplitBrain", "Different"],
    "CRITICAL",
  ],
  ["divergence", findingsOf([flags(1)]), ["Different"], "WARNING"],
  ["divergence that persists", findingsOf([flags(2)]), ["Diverged", "Different"], "CRITICAL"],
  ["a standstill", findingsOf([lag(1)], { summary: { verdict: "stalled" } }), ["Stalled"], "CRITICAL"],
  [
    "something unproven",
    findingsOf([variance({ class: "mailbox-unreadable", state: "unproven", rule: "not-read" })], {
      summary: { incomplete: ["1 thing"], history: history({ lastComplete: "2026-03-01T03:00:00Z" }) },
    }),
    ["CouldNotTell"],
    "UNKNOWN",
  ],
  [
    "nothing, but earlier findings were not looked at again",
    findingsOf([], { summary: { history: history({ findings: unexamined }) } }),
    ["CouldNotTell"],
    "UNKNOWN",
  ],
  [
    "an incomplete comparison, the first one",
    findingsOf([], { summary: { incomplete: ["x"] } }),
    ["CouldNotTell", "NeverComplete"],
    "UNKNOWN",
  ],
];

suite("alert rules", () => {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-rules-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const names = [...readFileSync(RULES, "utf8").matchAll(/- alert: (\w+)/g)].map(([, name = ""]) => name);

  /** One test for promtool: these series, and at these minutes these alerts and no others. */
  function ruleTest(series: readonly (readonly [string, string])[], fires: ReadonlyMap<number, readonly string[]>) {
    const alerts = [...fires].flatMap(([minutes, firing]) =>
      names.map((name) => ({ minutes, name, fires: firing.includes(name.replace("Spooldiff", "")) })),
    );
    const labels = (name: string) => (name === "SpooldiffAbsent" ? {} : { primary: PRIMARY, replica: REPLICA });
    return {
      interval: "5m",
      input_series: series.map(([name, value]) => ({ series: name, values: `${value}+0x400` })),
      alert_rule_test: alerts.map(({ minutes, name, fires }) => ({
        eval_time: `${minutes}m`,
        alertname: name,
        exp_alerts: fires ? [{ exp_labels: { severity: severityOf(name), ...labels(name) } }] : [],
      })),
    };
  }

  test("are ones that promtool takes", (context) => {
    const judged = judgesFor(context)?.run("promtool", ["check", "rules", RULES]);
    if (judged === undefined) return;
    assert.equal(judged.status, 0, judged.stdout + judged.stderr);
    assert.match(judged.stdout, new RegExp(`SUCCESS: ${names.length} rules found`));
  });

  test("alarm for what each comparison found as nagios does, and for nothing else", (context) => {
    const judges = judgesFor(context);
    if (judges === null) return;
    const tests = SCENARIOS.map(([, findings, alerts]) =>
      // A complete comparison is too old a day later, whatever it found, and one that never was stays so.
      ruleTest(
        seriesOf(findings),
        new Map([
          [10, alerts],
          [27 * 60, alerts.includes("NeverComplete") ? alerts : [...alerts, "Stale"]],
        ]),
      ),
    );
    const none = ruleTest([["up", "1"]], new Map([[30, ["Absent"]]]));
    const ahead = ruleTest(
      seriesOf(findingsOf([])).map(([name, value]) => [name, name.includes("timestamp") ? "3600" : value] as const),
      new Map([[10, ["FromTheFuture"]]]),
    );
    judge(judges, { rule_files: [RULES], evaluation_interval: "5m", tests: [...tests, none, ahead] });
    for (const [name, findings, alerts, status] of SCENARIOS) {
      assert.match(comparisonReport(nagiosFormat, findings, OPTIONS), new RegExp(`^SPOOLDIFF ${status} `), name);
      const critical = alerts.some((alert) => severityOf(`Spooldiff${alert}`) === "critical");
      assert.equal(critical, status === "CRITICAL", name);
      assert.equal(alerts.length === 0, status === "OK", name);
    }
  });

  test("are seen to fail when they do not alarm", (context) => {
    const judges = judgesFor(context);
    if (judges === null) return;
    const tests = [ruleTest(seriesOf(findingsOf([variance()])), new Map([[10, []]]))];
    assert.throws(() => judge(judges, { rule_files: [RULES], evaluation_interval: "5m", tests }), /SpooldiffDamaged/);
  });

  test("alarm for the trend's words too", (context) => {
    const judges = judgesFor(context);
    if (judges === null) return;
    const series = (verdict: string) =>
      ["stalled", "unknown", "steady"].map(
        (word) =>
          [
            `spooldiff_trend_verdict{primary="${PRIMARY}",replica="${REPLICA}",verdict="${word}"}`,
            word === verdict ? "1" : "0",
          ] as const,
      );
    const tests = (["stalled", "unknown", "steady"] as const).map((word) => {
      const fires = { stalled: ["Stalled"], unknown: ["CouldNotTell"], steady: [] }[word];
      const time = `{primary="${PRIMARY}",replica="${REPLICA}"}`;
      const times = ["last_comparison", "last_complete_comparison"].map(
        (name) => [`spooldiff_${name}_timestamp_seconds${time}`, "0"] as const,
      );
      return ruleTest([...series(word), ...times], new Map([[10, fires]]));
    });
    judge(judges, { rule_files: [RULES], evaluation_interval: "5m", tests });
  });

  function judge(judges: Judges, file: object): void {
    const path = join(folder, "rules.test.yaml");
    // What the annotations say is not what is tested: without them, as promtool compares them too.
    const bare = join(folder, "rules.yaml");
    writeFileSync(bare, readFileSync(RULES, "utf8").replace(/^ {8}annotations:\n(?: {10}.*\n)+/gm, ""));
    // YAML takes JSON.
    writeFileSync(path, JSON.stringify({ ...file, rule_files: [bare] }));
    const { status, stdout, stderr } = judges.run("promtool", ["test", "rules", path]);
    if (status !== 0) throw new Error(stdout + stderr);
  }
});

const PRIMARY = "mx1.example.org";
const REPLICA = "mx2.example.org";

/** What the gauges of a comparison are at each scrape; promtool's clock starts at 0, when both hosts had been read. */
function seriesOf(findings: Findings): [string, string][] {
  return samplesOf(ofComparison(findings)).map(([name, value]) => [name, name.includes("timestamp") ? "0" : value]);
}

function severityOf(alert: string): string {
  return (
    new RegExp(`alert: ${alert}\\n(?:(?!- alert)[^])*?severity: (\\w+)`).exec(readFileSync(RULES, "utf8"))?.[1] ?? ""
  );
}

suite("the dashboard", () => {
  interface Panel {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }
  const dashboard = JSON.parse(readFileSync(DASHBOARD, "utf8")) as { readonly panels: readonly Panel[] };
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const used = (text: string) => new Set([...text.matchAll(/\bspooldiff_\w+/g)].map(([name]) => name));

  test("asks in PromQL, for gauges that there are; so do the alert rules", (context) => {
    const emitted = used(
      Object.values(REPORTS)
        .map((render) => render())
        .join(""),
    );
    for (const name of used(expressions.join(" ") + readFileSync(RULES, "utf8"))) assert.ok(emitted.has(name), name);
    const rules = expressions.map((expr, i) => ({ record: `dashboard:panel:${i}`, expr }));
    const path = join(mkdtempSync(join(tmpdir(), "spooldiff-dashboard-")), "panels.yaml");
    writeFileSync(path, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    const judged = judgesFor(context)?.run("promtool", ["check", "rules", path]);
    if (judged !== undefined) assert.equal(judged.status, 0, judged.stdout + judged.stderr);
    rmSync(join(path, ".."), { recursive: true });
  });

  test("has panels with ids and titles of their own, each with something to show", () => {
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    assert.equal(new Set(dashboard.panels.map(({ title }) => title)).size, dashboard.panels.length);
    for (const { title, targets } of dashboard.panels) assert.ok(targets.length > 0, title);
  });
});
