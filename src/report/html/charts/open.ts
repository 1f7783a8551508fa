/** Open findings after each comparison, by state; and what was new and what was cleared. */
import { areaY, dot, lineY, ruleX, ruleY } from "@observablehq/plot";
import { STATES, type State } from "../../../compare/classes.ts";
import { openOf, type Point } from "../../../trend/series.ts";
import { count } from "../../figures.ts";
import { STATE_WORDS } from "../../text/words.ts";
import type { Html } from "../markup.ts";
import { countAxis, timeAxis } from "./axes.ts";
import { draw, figureHtml } from "./canvas.ts";

/** Comparisons up to which each has a mark of its own. */
const MARKED = 62;

const NUMBER_OF: Readonly<Record<State, (point: Point) => number>> = {
  damaged: ({ damaged }) => damaged,
  diverged: ({ diverged }) => diverged,
  "in-flight": ({ inFlight }) => inFlight,
  unproven: ({ unproven }) => unproven,
};

/** A stack of the states over time, the worst at the bottom. */
export function openChart(points: readonly Point[]): Html {
  const most = Math.max(0, ...points.map(openOf));
  const present = STATES.filter((state) => points.some((point) => NUMBER_OF[state](point) > 0));
  const stack = present.flatMap((state) =>
    points.map((point) => ({ time: new Date(point.readMs), state, number: NUMBER_OF[state](point) })),
  );
  const marks = points.map((point) => ({ ...point, time: new Date(point.readMs), all: openOf(point) }));
  const sentence = `${count(marks.at(-1)?.all ?? 0)} open after the last comparison, at most ${count(most)}.`;
  const svg = draw(`Open findings over time by state: ${sentence}`, {
    height: 210,
    marginLeft: 46,
    x: timeAxis(points),
    y: countAxis(0, most),
    color: { domain: present, range: present.map((state) => `var(--${state}-fill)`) },
    marks: [
      areaY(stack, { x: "time", y: "number", z: "state", fill: "state", order: [...STATES] }),
      lineY(marks, { x: "time", y: "all", stroke: "var(--ink)", strokeWidth: 1.25 }),
      ...(points.length > MARKED ? [] : [dot(marks, markOptions())]),
      ruleY([0], { stroke: "var(--soft)" }),
    ],
  });
  const legend = present.map((state) => ({ tone: state, text: STATE_WORDS[state] }));
  if (points.length <= MARKED && points.some(({ complete }) => !complete)) {
    legend.push({ tone: "hollow" as State, text: "incomplete comparison" });
  }
  return figureHtml("Open findings", sentence, svg, legend);
}

type Mark = Point & { readonly time: Date; readonly all: number };

/** Full where the comparison was complete, hollow where it was not. */
function markOptions() {
  return {
    x: "time",
    y: "all",
    r: 2.75,
    stroke: "var(--ink)",
    fill: (mark: Mark) => (mark.complete ? "var(--ink)" : "var(--card)"),
    title: (mark: Mark) => `${mark.time.toISOString().slice(0, 16).replace("T", " ")}: ${count(mark.all)}`,
  };
}

/** What appeared, upwards, and what was cleared, downwards. */
export function flowChart(points: readonly Point[]): Html {
  const flow = points.map(({ readMs, appeared, cleared }) => ({ time: new Date(readMs), appeared, cleared }));
  const sum = (of: (one: (typeof flow)[number]) => number) => flow.reduce((all, one) => all + of(one), 0);
  const [fresh, gone] = [sum(({ appeared }) => appeared), sum(({ cleared }) => cleared)];
  const sentence = `${count(fresh)} new and ${count(gone)} cleared in all.`;
  const strokeWidth = Math.max(1, Math.min(10, 260 / flow.length));
  const least = -Math.max(0, ...flow.map(({ cleared }) => cleared));
  const svg = draw(`New and cleared findings: ${sentence}`, {
    height: 170,
    marginLeft: 46,
    x: timeAxis(points),
    y: countAxis(least, Math.max(0, ...flow.map(({ appeared }) => appeared))),
    marks: [
      ruleX(flow, { x: "time", y1: 0, y2: "appeared", stroke: "var(--diverged-fill)", strokeWidth }),
      ruleX(flow, {
        x: "time",
        y1: 0,
        y2: (one: (typeof flow)[number]) => -one.cleared,
        stroke: "var(--good-fill)",
        strokeWidth,
      }),
      ruleY([0], { stroke: "var(--soft)" }),
    ],
  });
  return figureHtml("New against cleared", sentence, svg, [
    { tone: "diverged", text: "new" },
    { tone: "good", text: "cleared" },
  ]);
}
