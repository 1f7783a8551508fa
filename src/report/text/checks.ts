import { CHECKS } from "../../compare/classes.ts";
import type { Summary } from "../../compare/variance.ts";
import { pad } from "../width.ts";
import type { Page } from "./page.ts";
import { CHECK_WORDS, NUMBERED_CHECKS, RESULT_WORDS } from "./words.ts";

const NAME_WIDTH = Math.max(...CHECKS.map((check) => CHECK_WORDS[check].length)) + 2;

/** The five checks and the further ones, each with its answer. */
export function writeChecks(page: Page, summary: Summary): void {
  page.heading("Checks");
  for (const [i, check] of CHECKS.entries()) {
    const result = summary.checks[check];
    const number = i < NUMBERED_CHECKS ? `${i + 1}` : " ";
    const answer = page.style.result(result, RESULT_WORDS[result]);
    page.line(`  ${page.style.faint(number)} ${pad(CHECK_WORDS[check], NAME_WIDTH)}${answer}`);
  }
}
