import { STATES, type State, VARIANCE_CLASSES, type VarianceClass } from "../../compare/classes.ts";
import { count } from "../figures.ts";
import type { Page } from "./page.ts";
import { tableLines } from "./table.ts";
import { STATE_WORDS } from "./words.ts";

/** How many findings there are of a class in a state. */
export type CountOf = (state: State, name: VarianceClass) => number;

/** A table of classes by states; nothing when there is no finding. */
export function writeCounts(page: Page, countOf: CountOf): void {
  const total = (state: State) => VARIANCE_CLASSES.reduce((sum, name) => sum + countOf(state, name), 0);
  const states = STATES.filter((state) => total(state) > 0);
  if (states.length === 0) return;
  const classes = VARIANCE_CLASSES.filter((name) => states.some((state) => countOf(state, name) > 0));
  const rows = classes.map((name) => [name, ...stateCells(page, states, (state) => countOf(state, name))]);
  if (classes.length > 1) rows.push(["total", ...stateCells(page, states, total)]);
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
