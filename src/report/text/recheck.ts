import type { Compared, RecheckedFinding, Subject } from "../../compare/variance.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count } from "../figures.ts";
import { cut } from "../width.ts";
import type { Page } from "./page.ts";
import { STATE_WORDS } from "./words.ts";

/** Columns of one name in a line of findings. */
const LONGEST_NAME = 60;

const OUTCOMES = ["confirmed", "cleared", "not-re-examined"] as const;

/** What a second look made of earlier findings; nothing for a comparison that is none. */
export function writeRecheck(page: Page, { recheck }: Compared, limit: number): void {
  if (recheck === undefined) return;
  const { confirmed, cleared, notReExamined } = recheck.counts;
  page.heading("Second look at earlier findings");
  page.prose(`${count(confirmed)} confirmed, ${count(cleared)} cleared, ${count(notReExamined)} not re-examined`, 2);
  for (const outcome of OUTCOMES) writeOutcome(page, recheck.findings, outcome, limit);
}

function writeOutcome(
  page: Page,
  findings: readonly RecheckedFinding[],
  outcome: RecheckedFinding["outcome"],
  limit: number,
): void {
  const these = findings.filter((finding) => finding.outcome === outcome);
  for (const finding of these.slice(0, limit)) {
    page.prose(`${outcome.replace("-", " ")}  ${finding.class}  ${describe(finding.subject)}${change(finding)}`, 2);
  }
  if (these.length > limit) page.line(page.style.faint(`  and ${count(these.length - limit)} more`));
}

function describe({ mailbox, uid, item, owner, key, path }: Subject): string {
  const name = mailbox ?? path ?? owner ?? key;
  const details = [
    name === undefined ? "(no mailbox)" : cut(terminalName(name), LONGEST_NAME),
    ...(uid === undefined ? [] : [`uid ${uid}`]),
    ...(item === undefined ? [] : [cut(terminalText(item), LONGEST_NAME)]),
    ...(key === undefined || key === name ? [] : [cut(terminalName(key), LONGEST_NAME)]),
  ];
  return details.join(" ");
}

/** What is not as it was. */
function change({ class: name, state, side, now }: RecheckedFinding): string {
  if (now === null) return "";
  if (now.class === name && now.state === state && now.side === side) return "";
  return ` (now ${STATE_WORDS[now.state]} ${now.class}, ${now.side}; before ${STATE_WORDS[state]}, ${side})`;
}
