/** The top of the report of a comparison. */
import { STATES } from "../../compare/classes.ts";
import type { Summary } from "../../compare/variance.ts";
import { terminalText } from "../escape.ts";
import { count, counted, duration, percent, size } from "../figures.ts";
import type { Hosts } from "../text/hosts.ts";
import { apartFrom, STATE_WORDS } from "../text/words.ts";
import { commandOf, type Figure, heroHtml } from "./hero.ts";
import type { Html } from "./markup.ts";
import { VERDICTS_IN_FULL } from "./words.ts";

/** Verdict, meaning, next step and figures of a comparison. */
export function openingHtml(summary: Summary, hosts: Hosts): Html {
  const words = VERDICTS_IN_FULL[summary.verdict];
  const { byState } = summary.counts;
  const present = STATES.filter((state) => (byState[state] ?? 0) > 0);
  return heroHtml({
    ...words,
    outcome: outcome(summary, present.length),
    tallies: present.map((state) => ({ tone: state, count: count(byState[state] ?? 0), word: STATE_WORDS[state] })),
    next: summary.next === null ? null : commandOf(terminalText(summary.next)),
    figures: [...varianceFigures(summary, hosts), ...riskFigures(summary, hosts), ...historyFigures(summary)],
  });
}

/** What the numbers of states do not say. */
function outcome({ verdict, counts }: Summary, states: number): string {
  const found = states > 0 || verdict === "in-sync" ? "" : "no difference found";
  const text = apartFrom(found, counts.accepted ?? 0);
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function varianceFigures({ counts }: Summary, hosts: Hosts): Figure[] {
  const { mailboxes, messages } = counts;
  const seen = mailboxes.compared + mailboxes.onlyPrimary + mailboxes.onlyReplica;
  const boxes = [`of ${count(seen)}`];
  if (mailboxes.onlyPrimary > 0) boxes.push(`${count(mailboxes.onlyPrimary)} only on ${hosts.primary}`);
  if (mailboxes.onlyReplica > 0) boxes.push(`${count(mailboxes.onlyReplica)} only on ${hosts.replica}`);
  if (mailboxes.notChecked > 0) boxes.push(`${count(mailboxes.notChecked)} not checked`);
  const none = messages.compared === 0;
  return [
    {
      label: "Variance",
      value: none ? "none compared" : percent(messages.differing, messages.compared).replace("less than", "<"),
      detail: none
        ? "no message was on both hosts to be compared"
        : `${count(messages.differing)} of ${counted(messages.compared, "message")}`,
      great: true,
    },
    { label: "Mailboxes that differ", value: count(mailboxes.differing), detail: boxes.join("; ") },
  ];
}

function riskFigures({ exposure, lag }: Summary, hosts: Hosts): Figure[] {
  const figures: Figure[] = [];
  if (exposure !== undefined) {
    const { messages, bytes, users, exact, betweenScans } = exposure;
    const rest = betweenScans > 0 ? `; ${count(betweenScans)} came between the scans` : "";
    figures.push({
      label: `If ${hosts.primary} were lost now`,
      value: `${exact ? "" : "≥ "}${counted(messages, "message")}`,
      detail: messages === 0 && exact ? "nothing would be lost" : `${size(bytes)} of ${counted(users, "user")}${rest}`,
    });
  }
  if (lag !== undefined && lag.seconds !== null) {
    const spread = lag.median === null || lag.p95 === null ? "" : `half within ${duration(lag.median)}; `;
    const detail = `oldest change; ${spread}${counted(lag.messages, "message")}, ${size(lag.bytes)}`;
    figures.push({ label: `${hosts.replica} is behind by`, value: duration(lag.seconds), detail });
  }
  return figures;
}

function historyFigures({ history }: Summary): Figure[] {
  const findings = history?.findings ?? null;
  if (history === undefined || findings === null || history.comparison === 1) return [];
  const { persisting, reopened, cleared, notReExamined } = findings;
  const parts = [`${count(persisting)} persisting, ${count(cleared)} cleared`];
  if (reopened > 0) parts.push(`${count(reopened)} back again`);
  if (notReExamined > 0) parts.push(`${count(notReExamined)} not re-examined`);
  return [{ label: "Since the last comparison", value: `${count(findings.new)} new`, detail: parts.join(", ") }];
}
