/** How far the replica was behind at each comparison, and which users are behind most. */
import { areaY, barX, lineY, ruleY, text } from "@observablehq/plot";
import type { Point } from "../../../trend/series.ts";
import type { UserTrend } from "../../../trend/trend.ts";
import { terminalName } from "../../escape.ts";
import { counted, duration } from "../../figures.ts";
import { cut } from "../../width.ts";
import type { Html } from "../markup.ts";
import { timeAxis, unitOf } from "./axes.ts";
import { draw, figureHtml } from "./canvas.ts";

/** Columns of a user's name above his bar. */
const LONGEST_USER = 24;
const BAR_HEIGHT = 34;

/** Comparisons from which on lines are drawn finer. */
const MANY = 90;

const LINES = [
  { of: ({ lagSeconds }: Point) => lagSeconds, tone: "ink", width: 3, name: "oldest change" },
  { of: ({ lagP95 }: Point) => lagP95, tone: "in-flight", width: 2, name: "95th percentile" },
  { of: ({ lagMedian }: Point) => lagMedian, tone: "good", width: 1.2, name: "median" },
] as const;

/** Age of what the replica lacked: the oldest, the 95th percentile, the median. No lag is 0. */
export function lagChart(points: readonly Point[]): Html {
  const most = Math.max(0, ...points.map(({ lagSeconds }) => lagSeconds ?? 0));
  const [unit, name] = unitOf(most);
  const last = points.at(-1)?.lagSeconds ?? null;
  const now = last === null ? "None at the last comparison" : `${duration(last)} at the last comparison`;
  const sentence = `${now}, at most ${duration(most)}; in ${name}.`;
  const lines = LINES.map((line) => ({
    ...line,
    values: points.map((point) => ({ time: new Date(point.readMs), value: (line.of(point) ?? 0) / unit })),
  }));
  const svg = draw(`Lag over time: ${sentence}`, {
    height: 210,
    marginLeft: 46,
    x: timeAxis(points),
    y: { domain: [0, Math.max(1, most / unit)], nice: 4, ticks: 4, label: null, grid: true },
    marks: [
      ruleY([0], { stroke: "var(--soft)" }),
      areaY(lines[0]?.values ?? [], { x: "time", y: "value", fill: "var(--faint)" }),
      // Each thinner than what it may lie upon: where they are alike, all of them are seen.
      ...lines.map(({ values, tone, width }) => {
        const stroke = tone === "ink" ? "var(--ink)" : `var(--${tone}-fill)`;
        const strokeWidth = points.length > MANY ? width / 2 : width;
        return lineY(values, { x: "time", y: "value", stroke, strokeWidth, strokeLinejoin: "round" });
      }),
    ],
  });
  const legend = LINES.map((line) => ({ tone: line.tone, text: line.name }));
  return figureHtml("Lag", sentence, svg, legend);
}

/** A bar for each of these users: by the age of the oldest change, or by messages where none of them has an age. */
export function usersChart(worst: readonly UserTrend[]): Html {
  const dated = worst.some(({ last }) => last.lagSeconds !== null);
  const rows = worst.map(({ user, last }, i) => ({
    row: i,
    name: userName(user),
    value: dated ? (last.lagSeconds ?? 0) : last.lagMessages,
    amount: `${last.lagSeconds === null ? "" : `${duration(last.lagSeconds)}, `}${counted(last.lagMessages, "message")}`,
  }));
  const sentence = dated ? "By the age of the oldest change that the replica lacks." : "By messages that it lacks.";
  const most = Math.max(1, ...rows.map(({ value }) => value));
  const svg = draw(`Users who lag most: ${rows.map(({ name, amount }) => `${name} ${amount}`).join("; ")}`, {
    height: rows.length * BAR_HEIGHT + 8,
    ...{ marginTop: 4, marginBottom: 4, marginLeft: 2, marginRight: 2 },
    x: { domain: [0, most], axis: null },
    y: { type: "band", domain: rows.map(({ row }) => row), axis: null, paddingInner: 0.1, paddingOuter: 0 },
    marks: [
      barX(rows, { x1: 0, x2: most, y: "row", fill: "var(--line)", insetTop: 19, insetBottom: 4, rx: 2 }),
      barX(rows, { x1: 0, x2: "value", y: "row", fill: "var(--in-flight-fill)", insetTop: 19, insetBottom: 4, rx: 2 }),
      text(rows, {
        ...{ y: "row", text: (row: (typeof rows)[number]) => cut(row.name, LONGEST_USER), title: "name" },
        ...{ frameAnchor: "left", textAnchor: "start", dy: -5, fill: "var(--ink)", fontWeight: 600 },
      }),
      text(rows, {
        ...{ y: "row", text: "amount", frameAnchor: "right", textAnchor: "end", dy: -5, fill: "var(--soft)" },
      }),
    ],
  });
  return figureHtml("Users who lag most", sentence, svg);
}

function userName(user: string): string {
  return user === "" ? "(shared mailboxes)" : terminalName(user);
}
