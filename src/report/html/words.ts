/** What a verdict means and what follows from it, in sentences for whoever opens the page. */
import type { State, Verdict } from "../../compare/classes.ts";
import type { TrendVerdict } from "../../trend/judge.ts";
import type { Tone } from "./icons.ts";

/** A verdict in full. */
export interface VerdictWords {
  readonly title: string;
  readonly tone: Tone;
  readonly means: string;
  /** One step each. */
  readonly todo: readonly string[];
}

const READ_EACH = "Open the findings below: each names the host, what it rests on and what to do about it.";
const LOOK_AGAIN = "Look a second time before anything is changed: what is only in flight will be gone by then.";

/** Of a comparison. */
export const VERDICTS_IN_FULL: Readonly<Record<Verdict, VerdictWords>> = {
  damaged: {
    title: "Damaged",
    tone: "damaged",
    means:
      "A file or an index on one host contradicts that host’s own records. Replication trusts the index: it neither sees this nor repairs it.",
    todo: [
      READ_EACH,
      "Copy only from a side whose file is proved good. Do not run reconstruct on a replica as a first step.",
    ],
  },
  diverged: {
    title: "Diverged",
    tone: "diverged",
    means:
      "The two hosts hold different things, and replication will not bring them together, or would change the primary in doing so.",
    todo: [READ_EACH, LOOK_AGAIN],
  },
  stalled: {
    title: "Stalled",
    tone: "diverged",
    means:
      "Everything that differs is lag, but some of it is older than --max-lag allows: for that, replication stands still.",
    todo: ["Look for what stops replication: its log on the primary names the users that it fails on.", READ_EACH],
  },
  incomplete: {
    title: "Incomplete",
    tone: "unproven",
    means:
      "Nothing worse was found, but a part could not be read or compared. Of that part nobody knows whether it is the same.",
    todo: ["Mend what kept it from being read, named below, then scan and compare again."],
  },
  lagging: {
    title: "Lagging",
    tone: "in-flight",
    means:
      "Everything that differs is on its way: replication has yet to bring it, or it changed between the two scans.",
    todo: ["Nothing needs mending. Compare again later: what is still here then was not just late."],
  },
  "in-sync": {
    title: "In sync",
    tone: "good",
    means: "Everything in the scope of this report is the same on both hosts, and agrees with each host’s own records.",
    todo: ["Nothing needs mending. Compare again after the next scans."],
  },
};

/** Of a series of comparisons. */
export const TRENDS_IN_FULL: Readonly<Record<TrendVerdict, VerdictWords>> = {
  converged: {
    title: "Converged",
    tone: "good",
    means: "In the scope of that comparison the two hosts are the same.",
    todo: ["Nothing needs mending. Compare again after the next scans."],
  },
  converging: {
    title: "Converging",
    tone: "in-flight",
    means: "Replication is catching up.",
    todo: ["Nothing needs mending. Keep comparing until nothing is open."],
  },
  steady: {
    title: "Steady",
    tone: "in-flight",
    means: "The replica is behind by about as much as before.",
    todo: ["Watch it. If users lag for long, look below for who they are and what replication logs about them."],
  },
  stalled: {
    title: "Stalled",
    tone: "diverged",
    means: "Replication does not bring what the primary has, for the whole pair or for one of its users.",
    todo: [
      "Look whether replication runs, and for what stops it: its log on the primary names users that it fails on.",
    ],
  },
  diverging: {
    title: "Diverging",
    tone: "damaged",
    means: "Replication will not mend that: it stays until somebody does.",
    todo: ["Read the report of the last comparison: it names each finding, the host and what to do."],
  },
  unknown: {
    title: "Unknown",
    tone: "unproven",
    means: "The comparisons so far do not say whether the two converge.",
    todo: ["Compare again with the same state file and scope, and completely; two such comparisons are needed."],
  },
};

/** What each state of a finding means. */
export const STATES_IN_FULL: Readonly<Record<State, string>> = {
  damaged: "Contradicts its own host’s records; replication does not mend it.",
  diverged: "Replication will not bring it, or would change the primary.",
  "in-flight": "Explained by lag or by the time between the scans; replication will bring it.",
  unproven: "Could not be read or compared: neither the same nor different.",
};
