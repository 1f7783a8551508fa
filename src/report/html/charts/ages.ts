/** How old the findings are: counted as they pass, then drawn. */
import { barY, ruleY, text } from "@observablehq/plot";
import { STATES, type State } from "../../../compare/classes.ts";
import type { Variance } from "../../../compare/variance.ts";
import { count, counted } from "../../figures.ts";
import { STATE_WORDS } from "../../text/words.ts";
import { type Html, NOTHING } from "../markup.ts";
import { countAxis } from "./axes.ts";
import { draw, figureHtml } from "./canvas.ts";

/** Upper bounds in seconds, each with the words for what is below it and above the one before. */
const BINS: readonly (readonly [number, string])[] = [
  [900, "< 15 min"],
  [3600, "< 1 h"],
  [21_600, "< 6 h"],
  [86_400, "< 1 d"],
  [259_200, "< 3 d"],
  [604_800, "< 1 wk"],
  [2_419_200, "< 4 wk"],
  [Number.POSITIVE_INFINITY, "older"],
];

/** A histogram of ages. Of an age is what the index dates, or what an earlier comparison has seen. */
export class AgeTally {
  readonly #numbers = new Map<string, number>();
  readonly #readMs: number;
  #undated = 0;

  /** @param readIso when the hosts had been read, in ISO 8601 */
  constructor(readIso: string) {
    this.#readMs = Date.parse(readIso);
  }

  /** Of findings that count: those that were accepted do not. */
  add({ state, ageSeconds, firstSeen, accepted }: Variance): void {
    if (accepted !== undefined) return;
    const age = ageSeconds ?? (firstSeen === undefined ? Number.NaN : (this.#readMs - Date.parse(firstSeen)) / 1000);
    const bin = BINS.find(([bound]) => Math.max(0, age) < bound);
    if (bin === undefined) {
      this.#undated++;
      return;
    }
    const key = `${state} ${bin[1]}`;
    this.#numbers.set(key, (this.#numbers.get(key) ?? 0) + 1);
  }

  /** Nothing where no finding has an age. */
  html(): Html {
    if (this.#numbers.size === 0) return NOTHING;
    const number = (state: State, bin: string) => this.#numbers.get(`${state} ${bin}`) ?? 0;
    const present = STATES.filter((state) => BINS.some(([, bin]) => number(state, bin) > 0));
    const rows = present.flatMap((state) => BINS.map(([, bin]) => ({ state, bin, number: number(state, bin) })));
    const sums = BINS.map(([, bin]) => ({ bin, sum: present.reduce((all, state) => all + number(state, bin), 0) }));
    const dated = sums.reduce((all, { sum }) => all + sum, 0);
    const rest = this.#undated === 0 ? "" : `; nothing dates ${count(this.#undated)} more`;
    const sentence = `${counted(dated, "finding")} by age, of the change itself or since first seen${rest}.`;
    const filled = sums.filter(({ sum }) => sum > 0);
    const svg = draw(`${sentence} ${filled.map(({ bin, sum }) => `${bin}: ${count(sum)}`).join(", ")}`, {
      height: 200,
      marginLeft: 46,
      marginBottom: 34,
      x: {
        ...{
          type: "band",
          domain: BINS.map(([, bin]) => bin),
          tickSize: 0,
          tickFormat: (bin: string) => bin.replace("< ", ""),
        },
        ...{ label: "younger than", labelAnchor: "center", labelArrow: "none" },
      },
      y: countAxis(0, Math.max(...sums.map(({ sum }) => sum))),
      color: { domain: present, range: present.map((state) => `var(--${state}-fill)`) },
      marks: [
        barY(rows, {
          x: "bin",
          y: "number",
          z: "state",
          fill: "state",
          order: [...STATES],
          insetLeft: 2,
          insetRight: 2,
        }),
        text(filled, {
          x: "bin",
          y: "sum",
          text: ({ sum }: { sum: number }) => count(sum),
          dy: -7,
          fill: "var(--ink)",
        }),
        ruleY([0], { stroke: "var(--soft)" }),
      ],
    });
    const legend = present.map((state) => ({ tone: state, text: STATE_WORDS[state] }));
    return figureHtml("How old they are", sentence, svg, legend);
  }
}
