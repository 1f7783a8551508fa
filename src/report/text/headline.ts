import { CHECKS, type Verdict } from "../../compare/classes.ts";
import type { SideSummary, Summary } from "../../compare/variance.ts";
import type { Trend } from "../../trend/trend.ts";
import { terminalText } from "../escape.ts";
import { count, counted, duration, percent } from "../figures.ts";
import { displayWidth, PAGE_WIDTH, paragraph } from "../width.ts";
import { coverageLines, readTimes } from "./coverage.ts";
import { historyLines, trendLines } from "./history.ts";
import type { Hosts } from "./hosts.ts";
import type { Page } from "./page.ts";
import { apartFrom, stateCounts, VERDICT_WORDS } from "./words.ts";

/** The verdict with the pair, what it rests on, and the variance figure. */
export function writeHeadline(page: Page, summary: Summary, hosts: Hosts, trend?: Trend): void {
  const pair = `${roleOf(hosts.primary, "primary")} against ${roleOf(hosts.replica, "replica")}`;
  writeVerdict(page, summary.verdict, VERDICT_WORDS[summary.verdict], pair, outcome(summary));
  page.blank();
  page.labelled("primary", sideLines(summary.primary));
  page.labelled("replica", sideLines(summary.replica));
  page.labelled("order", [orderText(summary.order)]);
  page.labelled("scope", [scopeText(summary)]);
  page.labelled("outside", outside(summary));
  page.labelled("narrowed", summary.scope.narrowedBy.map(terminalText));
  page.labelled("history", historyLines(summary.history));
  page.labelled("trend", trendLines(trend));
  page.blank();
  page.labelled("variance", figures(summary, hosts));
}

/** The first word of a report in its colour, what it is said of, and, where there is room for it beside that, why. */
export function writeVerdict(page: Page, verdict: Verdict, word: string, of: string, why: string): void {
  const indent = word.length + 2;
  const joined = `${of}: ${why}`;
  const parts = indent + displayWidth(joined) <= PAGE_WIDTH ? [joined] : [of, why];
  const lines = parts.flatMap((part) => paragraph(part, PAGE_WIDTH - indent));
  for (const [i, line] of lines.entries()) {
    page.line((i === 0 ? `${page.style.verdict(verdict, word)}  ` : " ".repeat(indent)) + line);
  }
}

function sideLines(side: SideSummary): string[] {
  return [`${terminalText(side.host)}, ${readTimes(side)}`, ...coverageLines(side)];
}

function roleOf(host: string, role: string): string {
  return host.endsWith(`(${role})`) ? host : `${host} (${role})`;
}

function outcome(summary: Summary): string {
  const { byState, accepted = 0 } = summary.counts;
  const counts = stateCounts(byState);
  if (counts !== "") return apartFrom(counts, accepted);
  if (summary.verdict !== "in-sync") return apartFrom("no difference found", accepted);
  return accepted > 0 ? apartFrom("in sync", accepted).replace(",", "") : "everything in scope agrees";
}

/** In which order the hosts were read, and who says so. */
export function orderText({ kind, proved, gapSeconds }: Summary["order"]): string {
  if (kind === "overlapping") return "both hosts read at the same time, by their clocks";
  const sentence = kind === "replica-first" ? "replica first, then primary" : "primary first, then replica";
  const proof = proved ? "(--after)" : "by the hosts' clocks";
  return `${sentence} ${proof}; ${duration(gapSeconds)} apart`;
}

/** What the verdict speaks of: the level that both scans reach, and how many of the checks. */
export function scopeText({ scope }: Summary): string {
  const every = scope.checks.length === CHECKS.length;
  const checks = every ? "every check" : `${scope.checks.length} of ${CHECKS.length} checks`;
  return `level ${terminalText(scope.level)}, ${checks}`;
}

/** What no verdict of this version speaks of, in one wrapped line. */
function outside({ scope }: Summary): string[] {
  return scope.outside.length === 0 ? [] : [scope.outside.map(terminalText).join(", ")];
}

function figures({ counts }: Summary, hosts: Hosts): string[] {
  const { mailboxes, messages } = counts;
  const share = percent(messages.differing, messages.compared);
  // A mailbox that one side alone has differs, and is not among those compared.
  const seen = mailboxes.compared + mailboxes.onlyPrimary + mailboxes.onlyReplica;
  const boxes = [`${count(mailboxes.differing)} of ${counted(seen, "mailbox", "mailboxes")}`];
  if (mailboxes.onlyPrimary > 0) boxes.push(`${count(mailboxes.onlyPrimary)} only on ${hosts.primary}`);
  if (mailboxes.onlyReplica > 0) boxes.push(`${count(mailboxes.onlyReplica)} only on ${hosts.replica}`);
  if (mailboxes.notChecked > 0) boxes.push(`${count(mailboxes.notChecked)} not checked`);
  const figure = `${count(messages.differing)} of ${counted(messages.compared, "message")}, ${share}`;
  return [messages.compared === 0 ? "no message was compared" : figure, boxes.join("; ")];
}
