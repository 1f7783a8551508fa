import type { TrendVerdict } from "../../trend/judge.ts";
import { openOf, type Point } from "../../trend/series.ts";
import type { Trend, TrendEstimate, UserTrend } from "../../trend/trend.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count, counted, duration, size } from "../figures.ts";
import type { Sink } from "../format.ts";
import { createPage, type Page } from "../text/page.ts";
import { createStyle } from "../text/style.ts";
import { apartFrom, stateCounts } from "../text/words.ts";
import { cut, PAGE_WIDTH, pad, paragraph } from "../width.ts";
import { type ChartInk, writeChart } from "./chart.ts";
import type { TrendContext, TrendSideCoverage } from "./context.ts";

/** How a trend is shown to people. */
export interface TrendTextOptions {
  readonly colour: boolean;
  /** What to draw the chart with; null: no chart. */
  readonly chart: ChartInk | null;
}

/** Comparisons and users in their tables. */
const RUNS_SHOWN = 10;
const USERS_SHOWN = 20;

/** Colours are those of the verdicts of a comparison that mean as much. */
const ALIKE = {
  converged: "in-sync",
  converging: "lagging",
  steady: "lagging",
  stalled: "stalled",
  diverging: "diverged",
  unknown: "incomplete",
} as const satisfies Readonly<Record<TrendVerdict, string>>;

/** The trend for people: the word first, then what it rests on. Keeps to 80 columns; every name is escaped. */
export function writeTrendText(trend: Trend, context: TrendContext, options: TrendTextOptions, sink: Sink): void {
  const page = createPage(sink, createStyle(options.colour));
  writeHead(page, trend, context);
  if (options.chart !== null) writeChart(page, trend.points, options.chart);
  writeRuns(page, trend.points);
  writeEstimate(page, trend.estimate);
  writeWorst(page, trend.worst);
  writeUsers(page, trend.users);
}

function writeHead(page: Page, trend: Trend, context: TrendContext): void {
  const { verdict, reason, judged, ageSeconds } = trend;
  const word = verdict.toUpperCase();
  const [primary, replica] = [context.primary, context.replica].map((host) => terminalText(host ?? "?"));
  const pair = context.primary === null ? "no comparison yet" : `${primary} (primary) against ${replica} (replica)`;
  const indent = word.length + 2;
  for (const [i, line] of [pair, reason].flatMap((text) => paragraph(text, PAGE_WIDTH - indent)).entries()) {
    page.line((i === 0 ? `${page.style.verdict(ALIKE[verdict], word)}  ` : " ".repeat(indent)) + line);
  }
  const { newest } = judged;
  if (newest === null) return;
  page.blank();
  page.labelled("series", seriesLines(trend));
  page.labelled("last", [
    `${time(newest)}${newest.complete ? "" : ", incomplete"}: ${terminalText(context.lastVerdict ?? "?")}`,
    ...(ageSeconds === null ? [] : [`the last complete one ${ageText(ageSeconds)}`]),
  ]);
  page.labelled("scope", [
    `level ${terminalText(context.level ?? "?")}`,
    ...context.narrowedBy.map(terminalText),
    ...(context.notReExamined === 0
      ? []
      : [`${counted(context.notReExamined, "open finding")} not re-examined by the last comparison`]),
  ]);
  page.labelled("coverage", coverageLines(context));
  page.labelled("open", [apartFrom(openText(newest), context.accepted ?? 0), ...oldest(newest)]);
  page.labelled("lag", lagLines(newest));
  const users = counted(trend.users.length, "user");
  page.labelled("users", trend.users.length === 0 ? [] : [`${users}: ${wordCounts(trend.users)}`]);
}

function seriesLines({ judged, points }: Trend): string[] {
  const incomplete = points.filter(({ complete }) => !complete).length;
  const parts = [`${counted(judged.complete.length, "complete comparison")} judged`];
  if (incomplete > 0) parts.push(`${count(incomplete)} incomplete`);
  if (judged.leftOut > 0) parts.push(`${count(judged.leftOut)} of another scope or other roles left out`);
  return [parts.join(", ")];
}

/** What the last comparison had looked at. */
function coverageLines({ coverage, primary, replica }: TrendContext): string[] {
  if (coverage === undefined || coverage === null) return [];
  const { mailboxes, mailboxesUnchecked, messages } = coverage;
  const unchecked = mailboxesUnchecked === 0 ? "" : `, ${count(mailboxesUnchecked)} not checked`;
  return [
    `${counted(mailboxes, "mailbox", "mailboxes")} and ${counted(messages, "message")} compared${unchecked}`,
    sideLine(primary, coverage.primary),
    sideLine(replica, coverage.replica),
  ];
}

function sideLine(host: string | null, { bytes, read, carried, oldestMs }: TrendSideCoverage): string {
  const before = carried === 0 ? "" : `, ${size(carried)} carried`;
  const oldest = oldestMs === null ? "" : `, the oldest since ${new Date(oldestMs).toISOString().slice(0, 10)}`;
  return `${terminalText(host ?? "?")} ${size(bytes)}: ${size(read)} read now${before}${oldest}`;
}

function ageText(seconds: number): string {
  return seconds < 0 ? `is ${duration(-seconds)} in the future` : `is ${duration(seconds)} old`;
}

function openText(point: Point): string {
  const { damaged, diverged, inFlight, unproven, appeared, cleared } = point;
  const counts = stateCounts({ damaged, diverged, "in-flight": inFlight, unproven });
  return `${counts === "" ? "nothing" : counts}; ${count(appeared)} new, ${count(cleared)} cleared`;
}

function oldest({ oldestSeconds }: Point): string[] {
  return oldestSeconds === null ? [] : [`the oldest ${duration(oldestSeconds)} old`];
}

function lagLines({ lagMessages, lagBytes, lagSeconds, lagMedian, lagP95 }: Point): string[] {
  const alone = `${counted(lagMessages, "message")}, ${size(lagBytes)}, that the replica has yet to get`;
  if (lagSeconds === null) return [lagMessages === 0 ? "none" : alone];
  const spread =
    lagMedian === null || lagP95 === null ? "" : `half ${duration(lagMedian)}, 95 % ${duration(lagP95)} or less; `;
  return [alone, `${spread}oldest ${duration(lagSeconds)}`];
}

function wordCounts(users: readonly UserTrend[]): string {
  const words = Map.groupBy(users, ({ verdict }) => verdict);
  return [...words].map(([verdict, all]) => `${count(all.length)} ${verdict}`).join(", ");
}

const COLUMNS = [18, 8, 9, 10, 9, 7, 8, 8] as const;

function writeRuns(page: Page, points: readonly Point[]): void {
  const shown = points.slice(-RUNS_SHOWN);
  if (shown.length === 0) return;
  const earlier = points.length - shown.length;
  page.heading(earlier === 0 ? "Comparisons" : `The last ${RUNS_SHOWN} of ${count(points.length)} comparisons`);
  const line = (cells: readonly string[]) =>
    page.line(
      `  ${cells
        .map((cell, i) =>
          i === 0 ? pad(cell, COLUMNS[0]) : " ".repeat(Math.max(1, (COLUMNS[i] ?? 9) - cell.length)) + cell,
        )
        .join("")}`,
    );
  line(["read", "damaged", "diverged", "in flight", "unproven", "new", "cleared", "lag"]);
  for (const point of shown) {
    const { damaged, diverged, inFlight, unproven, appeared, cleared, lagSeconds } = point;
    const numbers = [damaged, diverged, inFlight, unproven, appeared, cleared].map((n) => (n === 0 ? "-" : compact(n)));
    const mark = point.swapped ? "~" : point.complete ? " " : "!";
    // The larger unit alone: there is no room for two.
    const lag = lagSeconds === null ? "-" : duration(lagSeconds).split(" ").slice(0, 2).join(" ");
    line([`${new Date(point.readMs).toISOString().slice(0, 16).replace("T", " ")} ${mark}`, ...numbers, lag]);
  }
  if (shown.some(({ complete }) => !complete)) page.prose("! incomplete: not everything could be read or compared", 2);
  if (shown.some(({ swapped }) => swapped)) page.prose("~ the hosts have changed roles; the series starts again", 2);
}

/** A number in at most six columns. */
function compact(value: number): string {
  if (value < 100_000) return count(value);
  return new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

function writeEstimate(page: Page, estimate: TrendEstimate | null): void {
  if (estimate === null) return;
  const { runs, slope, lower, upper, p, clearedPerDay, daysToZero, daysToZeroFrom, daysToZeroTo } = estimate;
  page.heading(`Over the last ${count(runs)} complete comparisons`);
  page.labelled("slope", [
    `${figure(slope)} open findings a day (95 %: ${figure(lower)} to ${figure(upper)}; Theil-Sen)`,
  ]);
  page.labelled("trend", [`${p < 0.05 ? "real" : "not told from chance"} (Mann-Kendall, p = ${p.toFixed(3)})`]);
  page.labelled("cleared", [`${figure(clearedPerDay)} a day`]);
  if (daysToZero === null || p >= 0.05) return;
  const bounds = [daysToZeroFrom, daysToZeroTo].map((days) => (days === null ? "never" : duration(days * 86_400)));
  page.labelled("zero in", [`${duration(daysToZero * 86_400)} (95 %: ${bounds.join(" to ")})`]);
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function writeWorst(page: Page, worst: readonly UserTrend[]): void {
  if (worst.length === 0) return;
  page.heading("Users who lag most");
  for (const { user, last, verdict } of worst) {
    const age = last.lagSeconds === null ? "" : `, oldest ${duration(last.lagSeconds)}`;
    page.line(`  ${userName(user)}`);
    page.line(`    ${verdict}; ${counted(last.lagMessages, "message")}, ${size(last.lagBytes)}${age}`);
  }
}

/** Users whose word is not the good one. */
function writeUsers(page: Page, users: readonly UserTrend[]): void {
  const bad = users.filter(({ verdict }) => verdict === "diverging" || verdict === "stalled");
  if (bad.length === 0) return;
  page.heading("Users who diverge or stand still");
  for (const { user, verdict, last } of bad.slice(0, USERS_SHOWN)) {
    page.line(`  ${userName(user)}`);
    page.line(`    ${verdict}; ${counted(openOf(last), "open finding")}`);
  }
  if (bad.length > USERS_SHOWN) page.line(`  … and ${count(bad.length - USERS_SHOWN)} more (all in --format json)`);
}

function userName(user: string): string {
  return user === "" ? "(shared mailboxes)" : cut(terminalName(user), PAGE_WIDTH - 2);
}

function time({ readMs }: Point): string {
  return new Date(readMs).toISOString().replace(/\.\d+Z$/, "Z");
}
