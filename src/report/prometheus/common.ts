/** Families that a comparison and a trend both write, in one order and with one text each. */
import { STATES, VERDICTS } from "../../compare/classes.ts";
import { type StandingFindings, sumOf, URGENT_REASONS, urgencyOf } from "../standing.ts";
import { type Family, stateSet } from "./exposition.ts";

/** What they are made of. Seconds are since 1970, or lengths of time; null: not known. */
export interface Gauges {
  /** Of the last comparison. */
  readonly verdict: string;
  readonly complete: boolean;
  readonly standing: readonly StandingFindings[];
  /** Findings of earlier comparisons that are open, and were not looked at again. */
  readonly unexamined: number | null;
  /** Differences that were accepted: they are open nowhere. */
  readonly accepted: number;
  readonly readSeconds: number | null;
  readonly lastCompleteSeconds: number | null;
  readonly lag: {
    readonly messages: number | null;
    readonly bytes: number | null;
    readonly oldest: number | null;
    readonly median: number | null;
    readonly p95: number | null;
  };
}

/** The verdict, open findings, and when that was so. */
export function findingFamilies(gauges: Gauges): Family[] {
  const { verdict, complete, standing, unexamined, accepted, readSeconds, lastCompleteSeconds } = gauges;
  const of = (state: string) => standing.filter((one) => one.state === state);
  const lastingOf = (state: string) => of(state).reduce((sum, { lasting }) => sum + lasting, 0);
  const urgent = (reason: string) => sumOf(standing.filter((one) => urgencyOf(one) === reason));
  return [
    {
      name: "comparison_verdict",
      help: "Verdict of the last comparison: 1 for the one that holds, 0 for the others.",
      samples: stateSet("verdict", VERDICTS, verdict),
    },
    {
      name: "comparison_complete",
      help: "1 if the last comparison could read and compare everything in its scope, else 0.",
      samples: [[{}, complete ? 1 : 0]],
    },
    {
      name: "last_comparison_timestamp_seconds",
      help: "When both hosts had been read for the last comparison.",
      samples: [[{}, readSeconds]],
    },
    {
      name: "last_complete_comparison_timestamp_seconds",
      help: "When both hosts had been read for the last complete comparison.",
      samples: [[{}, lastCompleteSeconds]],
    },
    {
      name: "open_findings",
      help: "Open findings by state.",
      samples: STATES.map((state) => [{ state }, sumOf(of(state))]),
    },
    {
      name: "accepted_findings",
      help: "Differences that were accepted in the last comparison, and count nowhere else.",
      samples: [[{}, accepted]],
    },
    {
      name: "open_class_findings",
      help: "Open findings by state and class, of classes that have any.",
      samples: [...classesOf(standing)].map(([labels, findings]) => [labels, findings]),
    },
    {
      name: "lasting_findings",
      help: "Open findings by state that have stood for as many comparisons as --persist says.",
      samples: STATES.map((state) => [{ state }, lastingOf(state)]),
    },
    {
      name: "urgent_findings",
      help: "Open findings that no second comparison will mend: damage, GUID conflicts, split brain.",
      samples: URGENT_REASONS.map((reason) => [{ reason }, urgent(reason)]),
    },
    {
      name: "unexamined_findings",
      help: "Findings of earlier comparisons that the last one could not look at again.",
      samples: [[{}, unexamined]],
    },
  ];
}

/** How far the replica is behind. */
export function lagFamilies({ lag }: Gauges): Family[] {
  return [
    {
      name: "lag_messages",
      help: "Messages that the primary alone has for lack of replication.",
      samples: [[{}, lag.messages]],
    },
    { name: "lag_bytes", help: "Bytes of these messages.", samples: [[{}, lag.bytes]] },
    {
      name: "lag_oldest_seconds",
      help: "Age of the oldest change that was not replicated when the replica was read.",
      samples: [[{}, lag.oldest]],
    },
    { name: "lag_median_seconds", help: "Median age of these changes.", samples: [[{}, lag.median]] },
    { name: "lag_p95_seconds", help: "95th percentile of the ages of these changes.", samples: [[{}, lag.p95]] },
  ];
}

function* classesOf(standing: readonly StandingFindings[]): Generator<[{ state: string; class: string }, number]> {
  for (const groups of Map.groupBy(standing, (one) => `${one.state} ${one.class}`).values()) {
    const [first] = groups;
    if (first !== undefined) yield [{ state: first.state, class: first.class }, sumOf(groups)];
  }
}
