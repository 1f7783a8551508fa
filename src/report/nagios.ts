/**
 * One line for Nagios and its like: status, what is the matter, and after `|` figures to draw. What is in flight alarms
 * only if it persists; damage, GUID conflicts and split brain do at once; what could not be told is UNKNOWN, never OK.
 *
 * @see Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Performance data"
 */
import { STATES, type State } from "../compare/classes.ts";
import type { Summary, Variance } from "../compare/variance.ts";
import type { Trend } from "../trend/trend.ts";
import { terminalText } from "./escape.ts";
import { count, counted, duration } from "./figures.ts";
import type { Report, ReportFormat, Sink } from "./format.ts";
import { DEFAULT_PERSIST, type StandingFindings, StandingTally, sumOf, urgencyOf } from "./standing.ts";
import { cut } from "./width.ts";

/** Columns of what is the matter: Nagios takes 4096 bytes of a plugin, and the figures must not be cut off. */
const LONGEST_WORDS = 800;

/** The plugin's exit codes. */
export const NAGIOS_CODES = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
export type NagiosStatus = keyof typeof NAGIOS_CODES;

/** What an alarm rests on. */
export interface Alarm {
  readonly primary: string;
  readonly replica: string;
  readonly standing: readonly StandingFindings[];
  /** Why nothing, or not everything, could be told; null where everything could. */
  readonly untold: string | null;
  /** Why the replica is taken to stand still; null where it does not. */
  readonly stalled: string | null;
  /** The last comparison is too old to say anything. */
  readonly stale: boolean;
  /** The trend's word; null for a single comparison. */
  readonly verdict: string | null;
  /** Findings that were accepted, and are in no other number here. */
  readonly accepted?: number;
  /** More figures by name, without or with a unit. */
  readonly figures: readonly (readonly [string, number | null, "" | "B" | "s"])[];
}

const ALL_AGREES = "everything in scope agrees";

/** The status with the words for it, which name what they leave out. */
export function nagiosStatus(alarm: Alarm): { readonly status: NagiosStatus; readonly words: string } {
  const { status, words } = openStatus(alarm);
  const { accepted = 0 } = alarm;
  if (accepted === 0) return { status, words };
  const apart = `apart from ${counted(accepted, "accepted difference")}`;
  return { status, words: words === ALL_AGREES ? `in sync ${apart}` : `${words}; ${apart}` };
}

function openStatus(alarm: Alarm): { readonly status: NagiosStatus; readonly words: string } {
  const { standing } = alarm;
  const hard = standing.filter(({ state }) => state === "damaged" || state === "diverged");
  const urgent = sumOf(hard.filter((one) => urgencyOf(one) !== null));
  const total = describeStates(standing);
  const told = (words: string) => (total === "" ? words : `${words}; ${total}`);
  if (alarm.stale) return { status: "UNKNOWN", words: told(alarm.untold ?? "the last comparison is too old") };
  if (urgent > 0) return { status: "CRITICAL", words: total };
  const lasting = hard.reduce((sum, { lasting }) => sum + lasting, 0);
  if (lasting > 0) return { status: "CRITICAL", words: told(`${count(lasting)} diverged for several comparisons`) };
  if (alarm.stalled !== null) return { status: "CRITICAL", words: told(alarm.stalled) };
  if (hard.length > 0) return { status: "WARNING", words: total };
  if (alarm.untold !== null) return { status: "UNKNOWN", words: told(alarm.untold) };
  if (sumOf(standing.filter(({ state }) => state === "unproven")) > 0) return { status: "UNKNOWN", words: total };
  const waiting = standing.reduce((sum, { lasting }) => sum + lasting, 0);
  if (waiting > 0) return { status: "WARNING", words: `${count(waiting)} in flight for several comparisons; ${total}` };
  return { status: "OK", words: total === "" ? ALL_AGREES : `${total}, not yet for long` };
}

/** The line, and its status. */
export function writeNagios(alarm: Alarm, sink: Sink): NagiosStatus {
  const { status, words } = nagiosStatus(alarm);
  const verdict = alarm.verdict === null ? "" : `${alarm.verdict}, `;
  const pair = `${host(alarm.primary)} against ${host(alarm.replica)}`;
  const states: Alarm["figures"] = STATES.map((state) => [state.replace("-", "_"), ofState(alarm, state), ""]);
  const accepted: Alarm["figures"] = [["accepted", alarm.accepted || null, ""]];
  const figures = [...states, ...accepted, ...alarm.figures].flatMap(([name, value, unit]) =>
    value === null ? [] : [`${name}=${value}${unit};;;0`],
  );
  sink(
    `SPOOLDIFF ${status} - ${safe(`${verdict}${pair}: ${cut(terminalText(words), LONGEST_WORDS)}`)}|${figures.join(" ")}\n`,
  );
  return status;
}

/** The line of a check that could not be made. */
export function writeNagiosFailure(message: string, sink: Sink): NagiosStatus {
  sink(`SPOOLDIFF UNKNOWN - ${safe(cut(terminalText(message), 400))}\n`);
  return "UNKNOWN";
}

/** What one comparison alone, or with the history of its pair, gives to alarm about; finding by finding. */
export class AlarmTally {
  readonly #summary: Summary;
  readonly #standing: StandingTally;
  #oldest: number | null = null;

  /** @param persist comparisons after which what is still there alarms */
  constructor(summary: Summary, persist: number) {
    this.#summary = summary;
    this.#standing = new StandingTally(persist);
  }

  add(variance: Variance): void {
    this.#standing.add(variance);
    const { ageSeconds, accepted } = variance;
    if (ageSeconds !== undefined && accepted === undefined) this.#oldest = Math.max(this.#oldest ?? 0, ageSeconds);
  }

  alarm(): Alarm {
    const { primary, replica, verdict, exposure, counts } = this.#summary;
    const waited = duration(this.#oldest ?? 0);
    return {
      primary: primary.host,
      replica: replica.host,
      standing: this.#standing.groups(),
      untold: untoldOf(this.#summary),
      stalled: verdict === "stalled" ? `the oldest change has waited ${waited}, beyond --max-lag` : null,
      stale: false,
      verdict: null,
      accepted: counts.accepted ?? 0,
      figures: [
        ["lag_seconds", this.#oldest, "s"],
        ["primary_alone_messages", exposure?.messages ?? null, ""],
        ["primary_alone_bytes", exposure === undefined ? null : Number(exposure.bytes), "B"],
      ],
    };
  }
}

/** Why not everything could be told; null where everything could. */
function untoldOf({ incomplete, history }: Summary): string | null {
  const reasons = [...incomplete];
  const open = history?.findings?.notReExamined ?? 0;
  // What was found once, and not looked at since, is open as far as anybody knows.
  if (open > 0) reasons.push(`${counted(open, "earlier finding")} not re-examined`);
  return reasons.length === 0 ? null : reasons.join("; ");
}

/** What a series gives to alarm about. */
export function alarmOfTrend(
  trend: Trend,
  hosts: { readonly primary: string; readonly replica: string },
  standing: readonly StandingFindings[],
  accepted = 0,
): Alarm {
  const { newest } = trend.judged;
  const incomplete = newest !== null && !newest.complete;
  return {
    ...hosts,
    standing,
    untold: trend.verdict === "unknown" ? trend.reason : incomplete ? "the last comparison was incomplete" : null,
    stalled: trend.verdict === "stalled" ? trend.reason : null,
    stale: trend.stale,
    verdict: trend.verdict,
    accepted,
    figures: [
      ["lag_messages", newest?.lagMessages ?? null, ""],
      ["lag_bytes", newest?.lagBytes ?? null, "B"],
      ["lag_seconds", newest?.lagSeconds ?? null, "s"],
      ["age", trend.ageSeconds === null ? null : Math.max(0, trend.ageSeconds), "s"],
    ],
  };
}

/** `--format nagios` of a comparison. */
export const nagiosFormat: ReportFormat = {
  comparison({ summary }, options, sink): Report {
    const tally = new AlarmTally(summary, options.persist ?? DEFAULT_PERSIST);
    return {
      finding: (variance) => tally.add(variance),
      end: () => {
        writeNagios(tally.alarm(), sink);
      },
    };
  },
  inspection: null,
};

function ofState({ standing }: Alarm, state: State): number {
  return sumOf(standing.filter((one) => one.state === state));
}

/** `3 damaged (2 file-corrupt, 1 file-missing), 7 in flight`: classes only of what replication does not mend. */
function describeStates(standing: readonly StandingFindings[]): string {
  const words: string[] = [];
  for (const state of STATES) {
    const here = standing.filter((one) => one.state === state);
    if (here.length === 0) continue;
    const classes = Map.groupBy(here, ({ class: is }) => is);
    const named = [...classes].map(([is, all]) => `${count(sumOf(all))} ${is}`).slice(0, 4);
    const more =
      classes.size > named.length ? [counted(classes.size - named.length, "more class", "more classes")] : [];
    const detail = state === "in-flight" ? "" : ` (${[...named, ...more].join(", ")})`;
    words.push(`${count(sumOf(here))} ${state === "in-flight" ? "in flight" : state}${detail}`);
  }
  return words.join(", ");
}

function host(name: string): string {
  return cut(terminalText(name), 60);
}

/** On one line, and with no `|`, where the figures begin. */
function safe(text: string): string {
  return terminalText(text).replaceAll("|", "\\x7c");
}
