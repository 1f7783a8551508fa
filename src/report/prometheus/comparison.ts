import { SIDES } from "../../compare/classes.ts";
import type { LagSummary, Summary } from "../../compare/variance.ts";
import type { Report, ReportFormat } from "../format.ts";
import { DEFAULT_PERSIST, type StandingFindings, StandingTally } from "../standing.ts";
import { findingFamilies, type Gauges, lagFamilies } from "./common.ts";
import { type Family, writeFamilies } from "./exposition.ts";

/** `--format prometheus` of a comparison: gauges for node_exporter's textfile collector. No label names a user. */
export const prometheusFormat: ReportFormat = {
  comparison({ summary }, options, sink): Report {
    const tally = new StandingTally(options.persist ?? DEFAULT_PERSIST);
    return {
      finding: (variance) => tally.add(variance),
      end() {
        const labels = { command: "compare", primary: summary.primary.host, replica: summary.replica.host };
        const gauges = gaugesOf(summary, tally.groups());
        const families = [...findingFamilies(gauges), ...lagFamilies(gauges), ...figureFamilies(summary)];
        writeFamilies([...families, ...coverageFamilies(summary)], labels, sink);
      },
    };
  },
  inspection: null,
};

function gaugesOf(summary: Summary, standing: readonly StandingFindings[]): Gauges {
  const { verdict, incomplete, history, primary, replica, lag, counts } = summary;
  const complete = incomplete.length === 0;
  const read = Math.max(...[primary, replica].map(({ scannedTo }) => Date.parse(scannedTo) / 1000));
  // A comparison that does not count is none of the history, but a look at the pair all the same.
  const earlier = typeof history?.lastComplete === "string" ? Date.parse(history.lastComplete) / 1000 : null;
  return {
    verdict,
    complete,
    standing,
    unexamined: history?.findings?.notReExamined ?? null,
    accepted: counts.accepted ?? 0,
    readSeconds: read,
    lastCompleteSeconds: complete ? Math.max(read, earlier ?? read) : earlier,
    lag: lagOf(lag),
  };
}

/** Nothing that lags is a lag of no time; ages that nothing tells are unknown. */
function lagOf(lag: LagSummary | undefined): Gauges["lag"] {
  if (lag === undefined) return { messages: null, bytes: null, oldest: null, median: null, p95: null };
  const { messages, bytes, seconds, median, p95 } = lag;
  const none = messages === 0 ? 0 : null;
  return { messages, bytes: Number(bytes), oldest: seconds ?? none, median: median ?? none, p95: p95 ?? none };
}

function figureFamilies({ counts, exposure }: Summary): Family[] {
  const { mailboxes, messages } = counts;
  return [
    {
      name: "compared_mailboxes",
      help: "Mailboxes that were compared.",
      samples: [[{}, mailboxes.compared]],
    },
    {
      name: "differing_mailboxes",
      help: "Mailboxes that differ, those of one side alone among them.",
      samples: [[{}, mailboxes.differing]],
    },
    {
      name: "unpaired_mailboxes",
      help: "Mailboxes that one side alone has.",
      samples: [
        [{ side: "primary" }, mailboxes.onlyPrimary],
        [{ side: "replica" }, mailboxes.onlyReplica],
      ],
    },
    {
      name: "unchecked_mailboxes",
      help: "Mailboxes that were not checked.",
      samples: [[{}, mailboxes.notChecked]],
    },
    {
      name: "compared_messages",
      help: "Messages that were compared.",
      samples: [[{}, messages.compared]],
    },
    {
      name: "differing_messages",
      help: "Messages that differ, or that one side alone has.",
      samples: [[{}, messages.differing]],
    },
    {
      name: "exposed_messages",
      help: "Messages that would be lost with the primary: the replica has no good copy.",
      samples: [[{}, exposure?.messages ?? null]],
    },
    {
      name: "exposed_bytes",
      help: "Bytes of these messages, by the primary's indexes.",
      samples: [[{}, exposure === undefined ? null : Number(exposure.bytes)]],
    },
  ];
}

function coverageFamilies(summary: Summary): Family[] {
  const perSide = (value: (side: Summary["primary"]) => number | null) =>
    SIDES.map((side) => [{ side }, value(summary[side])] as const);
  return [
    {
      name: "manifest_messages",
      help: "Messages that the manifest of a side stands for.",
      samples: perSide(({ coverage }) => coverage.messages),
    },
    {
      name: "manifest_bytes",
      help: "Bytes of messages that the manifest of a side stands for.",
      samples: perSide(({ coverage }) => Number(coverage.bytes)),
    },
    {
      name: "manifest_read_bytes",
      help: "Bytes that were read for the manifest of a side.",
      samples: perSide(({ coverage }) => Number(coverage.bytesReadNow)),
    },
    {
      name: "manifest_carried_bytes",
      help: "Bytes whose digests were carried from an earlier manifest of a side.",
      samples: perSide(({ coverage }) => Number(coverage.bytesCarried)),
    },
    {
      name: "manifest_oldest_carried_timestamp_seconds",
      help: "When the bytes of the oldest carried digest were read.",
      samples: perSide(({ coverage }) =>
        coverage.oldestCarried === null ? null : Date.parse(coverage.oldestCarried) / 1000,
      ),
    },
  ];
}
