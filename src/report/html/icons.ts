/** Signs that say a state or an answer without colour. */
import type { CheckResult, State } from "../../compare/classes.ts";
import { type Html, template } from "./markup.ts";

const PATHS = {
  damaged: "M4 4l8 8M12 4l-8 8",
  diverged: "M3 6h10M3 10h10M11 2.5l-6 11",
  "in-flight": "M2 8h11M9 4l4 4-4 4",
  unproven: "M5.5 6a2.5 2.5 0 1 1 3.7 2.2C8.3 8.7 8 9.2 8 10M8 12.4v.6",
  good: "M3 8.5L6.5 12L13 4.5",
  none: "M5 8h6",
} as const;

/** Names of signs, and of the colours that go with them. */
export type Tone = keyof typeof PATHS;

/** The sign of each answer. */
export const TONE_OF_RESULT: Readonly<Record<CheckResult, Tone>> = {
  same: "good",
  differs: "diverged",
  unknown: "unproven",
  "not-checked": "none",
};

const drawn = template<{ path: string }>(
  `<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="<%= it.path %>"/></svg>`,
);

/** The sign of a state or an answer. Says nothing to those who do not see it: a word stands beside it. */
export function icon(tone: Tone | State): Html {
  return drawn({ path: PATHS[tone] });
}
