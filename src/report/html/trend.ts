/** `trend --format html`: the word, what it rests on, how it came about. */
import type { TrendVerdict } from "../../trend/judge.ts";
import type { Point } from "../../trend/series.ts";
import { isAlarm, type Trend, type TrendEstimate, type UserTrend } from "../../trend/trend.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count, counted, duration, size } from "../figures.ts";
import type { Sink } from "../format.ts";
import { hostsOf } from "../text/hosts.ts";
import { apartFrom, stateCounts } from "../text/words.ts";
import type { TrendContext } from "../trend/context.ts";
import { cut } from "../width.ts";
import { trendCoverageHtml } from "./coverage.ts";
import { type Figure, heroHtml } from "./hero.ts";
import { icon, type Tone } from "./icons.ts";
import { type Html, joined, NOTHING, template } from "./markup.ts";
import { type Anchor, pageEnd, pageStart, section } from "./page.ts";
import { chartsHtml, runsHtml, seriesLead } from "./series.ts";
import { TRENDS_IN_FULL } from "./words.ts";

/** Users who diverge or stand still that are named; all of them are in the JSON. */
const USERS_SHOWN = 50;

/** Where each finding is to be read. */
const REPORT_COMMAND = {
  say: "Every finding by name",
  command: "spooldiff compare PRIMARY.db REPLICA.db --state PAIR.db --format html=report.html",
};

const TIME: Anchor = { id: "time", title: "Over time" };
const USERS: Anchor = { id: "users", title: "Users" };
const COVERAGE: Anchor = { id: "coverage", title: "Coverage" };
const BASIS: Anchor = { id: "basis", title: "What it rests on" };

/** The trend as a page. */
export function writeTrendHtml(trend: Trend, context: TrendContext, sink: Sink): void {
  const hosts = hostsOf(context.primary ?? "?", context.replica ?? "?");
  const words = TRENDS_IN_FULL[trend.verdict];
  const pair = context.primary === null ? "no comparison yet" : `${hosts.primary} against ${hosts.replica}`;
  const { newest } = trend.judged;
  sink(
    pageStart({
      title: `${trend.verdict.toUpperCase()} · ${pair} · spooldiff`,
      kind: "trend",
      pair,
      time: newest === null ? "" : `${isoMinutes(newest.readMs)} UTC`,
      contents: [...(newest === null ? [] : [TIME]), ...(trend.users.length === 0 ? [] : [USERS]), BASIS],
    }),
  );
  const next = isAlarm(trend.verdict) ? REPORT_COMMAND : null;
  sink(heroHtml({ ...words, outcome: sentence(trend.reason), tallies: [], next, figures: figuresOf(trend, context) }));
  if (newest !== null) {
    sink(section(TIME, seriesLead(trend), joined([chartsHtml(trend), runsHtml(trend.points)])));
  }
  if (trend.users.length > 0) sink(section(USERS, usersLead(trend.users), usersHtml(trend)));
  if (context.coverage !== undefined && context.coverage !== null) {
    sink(section(COVERAGE, "What the last comparison had looked at.", trendCoverageHtml(context.coverage, hosts)));
  }
  sink(section(BASIS, "Levels, scope and the arithmetic behind the word.", basisHtml(trend, context)));
  sink(pageEnd("Made by spooldiff from the state file that compare --state keeps. Times are UTC."));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function isoMinutes(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

function figuresOf({ judged, ageSeconds }: Trend, { accepted = 0 }: TrendContext): Figure[] {
  const { newest } = judged;
  if (newest === null) return [];
  const { damaged, diverged, inFlight, unproven, oldestSeconds, appeared, cleared } = newest;
  const counts = stateCounts({ damaged, diverged, "in-flight": inFlight, unproven });
  const old = oldestSeconds === null ? "" : `the oldest ${duration(oldestSeconds)} old`;
  return [
    {
      label: "Open findings",
      value: count(damaged + diverged + inFlight + unproven),
      detail: [apartFrom(counts, accepted), old].filter((part) => part !== "").join("; "),
      great: true,
    },
    { label: "New against cleared", value: `${count(appeared)} : ${count(cleared)}`, detail: "at the last comparison" },
    lagFigure(newest),
    {
      label: "Last complete comparison",
      value: ageSeconds === null ? "none" : ageSeconds < 0 ? "in the future" : `${duration(ageSeconds)} ago`,
      detail: newest.complete ? "" : "a later one was incomplete",
    },
  ];
}

function lagFigure({ lagSeconds, lagMedian, lagP95, lagMessages, lagBytes }: Point): Figure {
  const amount = `${counted(lagMessages, "message")}, ${size(lagBytes)}`;
  const spread = lagMedian === null || lagP95 === null ? "" : `half ${duration(lagMedian)}, 95 % ${duration(lagP95)}; `;
  const value =
    lagSeconds === null ? (lagMessages === 0 ? "none" : counted(lagMessages, "message")) : duration(lagSeconds);
  return { label: "Oldest lag", value, detail: `${spread}${amount}` };
}

interface UserRow {
  readonly name: string;
  readonly tone: Tone;
  readonly word: string;
  readonly detail: string;
  readonly iconHtml: Html;
}

const users = template<{ title: string; rows: readonly UserRow[]; more: string }>(`<div class="block">
<h3><%= it.title %></h3>
<ul class="plain users">
<% for (const { name, tone, word, detail, iconHtml } of it.rows) { %><li><span class="name"><%= name %></span> <span class="tally tone-<%= tone %>"><%~ iconHtml %><%= word %></span> <span class="kind"><%= detail %></span></li>
<% } %></ul>
<% if (it.more !== "") { %><p class="hint"><%= it.more %></p><% } %>
</div>
`);

function usersHtml({ worst, users: all }: Trend): Html {
  const bad = all.filter(({ verdict }) => isAlarm(verdict));
  const more =
    bad.length > USERS_SHOWN ? `and ${count(bad.length - USERS_SHOWN)} more, all of them in --format json` : "";
  const blocks = [
    bad.length === 0
      ? NOTHING
      : users({ title: "Who diverge or stand still", rows: bad.slice(0, USERS_SHOWN).map(userRow), more }),
    worst.length === 0 ? NOTHING : users({ title: "Who lag most", rows: worst.map(userRow), more: "" }),
  ].filter((html) => html !== NOTHING);
  return blocks.length === 0 ? calm({ text: "None lags, diverges or stands still." }) : joined(blocks);
}

const calm = template<{ text: string }>(`<p class="calm"><%= it.text %></p>`);

function userRow({ user, verdict, last }: UserTrend): UserRow {
  const { tone } = TRENDS_IN_FULL[verdict];
  const { damaged, diverged, inFlight, unproven, lagSeconds, lagMessages, lagBytes } = last;
  const lag = lagMessages === 0 ? [] : [`${counted(lagMessages, "message")}, ${size(lagBytes)} behind`];
  const oldest = lagSeconds === null ? [] : [`oldest ${duration(lagSeconds)}`];
  const counts = stateCounts({ damaged, diverged, "in-flight": inFlight, unproven });
  return {
    name: user === "" ? "(shared mailboxes)" : cut(terminalName(user), 400),
    tone,
    word: verdict,
    detail: [...(counts === "" ? [] : [counts]), ...lag, ...oldest].join("; "),
    iconHtml: icon(tone),
  };
}

function usersLead(all: readonly UserTrend[]): string {
  const words = Map.groupBy(all, ({ verdict }): TrendVerdict => verdict);
  const each = [...words].map(([verdict, { length }]) => `${count(length)} ${verdict}`).join(", ");
  return `${counted(all.length, "user")}: ${each}.`;
}

const facts = template<{ facts: readonly (readonly [string, string])[] }>(`<dl class="facts">
<% for (const [label, text] of it.facts) { %><div><dt><%= label %></dt><dd><%= text %></dd></div>
<% } %></dl>
`);

function basisHtml({ judged, points, estimate }: Trend, context: TrendContext): Html {
  const incomplete = points.filter(({ complete }) => !complete).length;
  const series = [`${counted(judged.complete.length, "complete comparison")} judged`];
  if (incomplete > 0) series.push(`${count(incomplete)} incomplete`);
  if (judged.leftOut > 0) series.push(`${count(judged.leftOut)} of another scope or other roles left out`);
  const open = context.notReExamined;
  const rows: [string, string][] = [
    ["Series", series.join(", ")],
    ["Last comparison alone", terminalText(context.lastVerdict ?? "none")],
    ["Level", terminalText(context.level ?? "none")],
    ["Narrowed by", context.narrowedBy.map(terminalText).join(", ") || "nothing"],
    ["Not re-examined", open === 0 ? "nothing that is open" : `${counted(open, "open finding")}`],
    ...(estimate === null ? [] : estimateRows(estimate)),
  ];
  return facts({ facts: rows });
}

function estimateRows({ runs, slope, lower, upper, p, clearedPerDay, ...zero }: TrendEstimate): [string, string][] {
  const rows: [string, string][] = [
    [
      "Slope",
      `${figure(slope)} open findings a day (95 %: ${figure(lower)} to ${figure(upper)}; Theil-Sen), ${count(runs)} comparisons`,
    ],
    [
      "More than chance",
      `${p < 0.05 ? "yes" : "not told from chance"} (Mann-Kendall, p ${p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`})`,
    ],
    ["Cleared", `${figure(clearedPerDay)} a day`],
  ];
  if (zero.daysToZero === null || p >= 0.05) return rows;
  const bounds = [zero.daysToZeroFrom, zero.daysToZeroTo].map((days) =>
    days === null ? "never" : duration(days * 86_400),
  );
  return [...rows, ["Nothing open in", `${duration(zero.daysToZero * 86_400)} (95 %: ${bounds.join(" to ")})`]];
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
