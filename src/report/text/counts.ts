import { STATES, type State, VARIANCE_CLASSES, type VarianceClass } from "../../compare/classes.ts";
import type { Variance } from "../../compare/variance.ts";
import { count } from "../figures.ts";
import type { Page } from "./page.ts";
import { tableLines } from "./table.ts";
import { STATE_WORDS } from "./words.ts";

/** How many findings there are of each class in each state. */
export interface FindingCounts {
  of(state: State, name: VarianceClass): number;
  total(state: State): number;
}

/** Counts all findings once. */
export function countFindings(variances: Iterable<Variance>): FindingCounts {
  const counts = new Map<string, number>();
  for (const { class: name, state } of variances) {
    const key = `${state} ${name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const of = (state: State, name: VarianceClass): number => counts.get(`${state} ${name}`) ?? 0;
  return { of, total: (state) => VARIANCE_CLASSES.reduce((sum, name) => sum + of(state, name), 0) };
}

/** A table of classes by states; nothing when there is no finding. */
export function writeCounts(page: Page, counts: FindingCounts): void {
  const states = STATES.filter((state) => counts.total(state) > 0);
  if (states.length === 0) return;
  const classes = VARIANCE_CLASSES.filter((name) => states.some((state) => counts.of(state, name) > 0));
  const rows = classes.map((name) => [name, ...stateCells(page, states, (state) => counts.of(state, name))]);
  if (classes.length > 1) rows.push(["total", ...stateCells(page, states, (state) => counts.total(state))]);
  page.heading("Findings by class and state");
  for (const line of tableLines([{ title: "", align: "left" }, ...stateColumns(states)], rows)) page.line(line);
}

/** Columns for the numbers of {@link stateCells}. */
export function stateColumns(states: readonly State[]): { title: string; align: "right" }[] {
  return states.map((state) => ({ title: STATE_WORDS[state], align: "right" }));
}

/** One number for each state, in the state's colour; a dash for none. */
export function stateCells(page: Page, states: readonly State[], numberOf: (state: State) => number): string[] {
  return states.map((state) => {
    const value = numberOf(state);
    return value === 0 ? page.style.faint("-") : page.style.state(state, count(value));
  });
}
