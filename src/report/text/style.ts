import { styleText } from "node:util";
import type { CheckResult, State, Verdict } from "../../compare/classes.ts";

/** Colours by meaning, so that no other file names one. */
export interface Style {
  strong(text: string): string;
  faint(text: string): string;
  verdict(verdict: Verdict, text: string): string;
  state(state: State, text: string): string;
  result(result: CheckResult, text: string): string;
}

type Format = Parameters<typeof styleText>[0];

const VERDICT_COLOURS: Readonly<Record<Verdict, Format>> = {
  damaged: ["bold", "red"],
  diverged: ["bold", "red"],
  stalled: ["bold", "red"],
  incomplete: ["bold", "yellow"],
  lagging: ["bold", "cyan"],
  "in-sync": ["bold", "green"],
};

const STATE_COLOURS: Readonly<Record<State, Format>> = {
  damaged: "red",
  diverged: "magenta",
  "in-flight": "cyan",
  unproven: "yellow",
};

const RESULT_COLOURS: Readonly<Record<CheckResult, Format>> = {
  same: "green",
  differs: "red",
  unknown: "yellow",
  "not-checked": "dim",
};

/** @param colour false gives every text back unchanged; who asks decides by terminal, `NO_COLOR` and flags */
export function createStyle(colour: boolean): Style {
  const paint = (format: Format, text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    strong: (text) => paint("bold", text),
    faint: (text) => paint("dim", text),
    verdict: (verdict, text) => paint(VERDICT_COLOURS[verdict], text),
    state: (state, text) => paint(STATE_COLOURS[state], text),
    result: (result, text) => paint(RESULT_COLOURS[result], text),
  };
}
