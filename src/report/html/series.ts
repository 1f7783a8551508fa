/** A series of comparisons: its charts, and its figures for those who would rather read. */
import { openOf, type Point } from "../../trend/series.ts";
import type { Trend } from "../../trend/trend.ts";
import { count, counted, duration } from "../figures.ts";
import { figureHtml } from "./charts/canvas.ts";
import { lagChart, usersChart } from "./charts/lag.ts";
import { flowChart, openChart } from "./charts/open.ts";
import { icon, type Tone } from "./icons.ts";
import { type Html, joined, NOTHING, template } from "./markup.ts";
import { TRENDS_IN_FULL } from "./words.ts";

/** Rows of the table of comparisons. */
const RUNS_SHOWN = 60;

interface Run {
  readonly read: string;
  readonly cells: readonly string[];
}

const charts = template<{ chartsHtml: Html }>(`<div class="charts">
<%~ it.chartsHtml %>
</div>
`);

/** Open findings, what came and went, lag, from two comparisons on; and the users who lag most. */
export function chartsHtml({ points, worst }: Trend): Html {
  const drawn = points.length < 2 ? [] : [openChart(points), lagChart(points), flowChart(points)];
  if (drawn.length + worst.length === 0) return NOTHING;
  const users = worst.length === 0 ? figureHtml("Users who lag most", "Nobody lags.", NOTHING) : usersChart(worst);
  return charts({ chartsHtml: joined([...drawn, users]) });
}

const word = template<{ tone: Tone; title: string; reason: string; iconHtml: Html }>(
  `<p class="word tone-<%= it.tone %>"><strong><%~ it.iconHtml %> <%= it.title %></strong> <span><%= it.reason %></span></p>`,
);

/** The word of a trend with its reason, on one line. */
export function trendWordHtml({ verdict, reason }: Trend): Html {
  const { tone, title } = TRENDS_IN_FULL[verdict];
  return word({ tone, title, reason, iconHtml: icon(tone) });
}

const runs = template<{ title: string; runs: readonly Run[]; hint: string }>(`<details class="group aside-table">
<summary><span class="label"><%= it.title %></span></summary>
<div class="inside scroll" tabindex="0" role="region" aria-label="<%= it.title %>">
<table class="runs">
<thead><tr><th scope="col">read (UTC)</th><th scope="col">damaged</th><th scope="col">diverged</th><th scope="col">in flight</th><th scope="col">unproven</th><th scope="col">new</th><th scope="col">cleared</th><th scope="col">oldest lag</th></tr></thead>
<tbody><% for (const { read, cells } of it.runs) { %>
<tr><th scope="row"><%= read %></th><% for (const cell of cells) { %><td><%= cell %></td><% } %></tr><% } %>
</tbody>
</table>
<p class="hint"><%= it.hint %></p>
</div>
</details>
`);

/** The last comparisons in figures, newest first. */
export function runsHtml(points: readonly Point[]): Html {
  const shown = points.slice(-RUNS_SHOWN).toReversed();
  const some = shown.length < points.length ? `The last ${RUNS_SHOWN} of ${count(points.length)} comparisons` : "";
  return runs({
    title: some === "" ? "The same in figures" : `${some} in figures`,
    runs: shown.map((point) => ({ read: runTime(point), cells: cellsOf(point) })),
    hint: "! incomplete: not everything could be read or compared. ~ the hosts have changed roles.",
  });
}

function runTime({ readMs, complete, swapped }: Point): string {
  const mark = `${complete ? "" : " !"}${swapped ? " ~" : ""}`;
  return `${new Date(readMs).toISOString().slice(0, 16).replace("T", " ")}${mark}`;
}

function cellsOf(point: Point): string[] {
  const { damaged, diverged, inFlight, unproven, appeared, cleared, lagSeconds } = point;
  const numbers = [damaged, diverged, inFlight, unproven, appeared, cleared].map((n) => (n === 0 ? "–" : count(n)));
  return [...numbers, lagSeconds === null ? "–" : duration(lagSeconds)];
}

/** In a sentence, what the series is. */
export function seriesLead({ points, judged }: Trend): string {
  const first = points[0];
  if (first === undefined) return "";
  const since = new Date(first.readMs).toISOString().slice(0, 10);
  const open = judged.newest === null ? 0 : openOf(judged.newest);
  return `${counted(points.length, "comparison")} since ${since}, ${count(judged.complete.length)} of them judged; ${count(open)} open now.`;
}
