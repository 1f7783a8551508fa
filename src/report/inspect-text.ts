import type { Inspected, InspectedMailbox } from "../compare/inspection.ts";
import { MAILBOX_STATUSES, type MailboxStatus } from "../mail/mailbox.ts";
import { terminalName, terminalText } from "./escape.ts";
import { count, counted, size } from "./figures.ts";
import type { Report, ReportOptions, Sink } from "./format.ts";
import { writeList } from "./text/closing.ts";
import { writeCounts } from "./text/counts.ts";
import { coverageLines, readTimes } from "./text/coverage.ts";
import { beginFindings } from "./text/findings.ts";
import { writeVerdict } from "./text/headline.ts";
import { singleHost } from "./text/hosts.ts";
import { writeItem } from "./text/item.ts";
import { writeNotes } from "./text/notes.ts";
import { createPage, type Page } from "./text/page.ts";
import { createStyle } from "./text/style.ts";
import { apartFrom, stateCounts } from "./text/words.ts";

const VERDICT_WORDS: Readonly<Record<Inspected["verdict"], string>> = {
  damaged: "DAMAGED",
  incomplete: "INCOMPLETE",
  "in-sync": "SOUND",
};

/** The report of one manifest for people: totals, and everything wrong on its host that needs no partner to know. */
export function beginInspectionText(inspected: Inspected, options: ReportOptions, sink: Sink): Report {
  const page = createPage(sink, createStyle(options.colour));
  const hosts = singleHost(inspected.side.host);
  const states = stateCounts(inspected.counts.byState);
  const accepted = inspected.counts.accepted ?? 0;
  const outcome = apartFrom(states === "" ? "nothing found wrong in what was read" : states, accepted);
  writeVerdict(page, inspected.verdict, VERDICT_WORDS[inspected.verdict], hosts.primary, outcome);
  writeTotals(page, inspected);
  writeList(page, "Incomplete", inspected.incomplete);
  writeCounts(page, inspected.countOf);
  const findings = beginFindings(page, { countOf: inspected.countOf, accepted }, hosts, options.limit);
  return {
    finding: findings.finding,
    end() {
      findings.end();
      writeNotes(page, inspected.notes(), hosts, options.limit);
      if (options.allMailboxes) writeMailboxes(page, inspected.mailboxes());
    },
  };
}

function writeTotals(page: Page, inspected: Inspected): void {
  const { side } = inspected;
  const role = side.role === null ? "no role" : terminalText(side.role);
  page.blank();
  page.labelled("host", [`${terminalText(side.host)}, ${role}`]);
  page.labelled("manifest", [`${terminalText(side.file)}, id ${terminalText(side.manifest)}`]);
  page.labelled("store", [`${terminalText(side.store)}, level ${terminalText(side.level)}`]);
  page.labelled("read", [readTimes(side)]);
  page.labelled("coverage", coverageLines(side));
  page.labelled("mailboxes", [`${count(side.mailboxes)}${unread(inspected.mailboxes())}`]);
}

/** `; 2 unreadable, 1 not-checked`, or nothing where every mailbox was read. */
function unread(mailboxes: Iterable<InspectedMailbox>): string {
  const numbers = new Map<MailboxStatus, number>();
  for (const { status } of mailboxes) numbers.set(status, (numbers.get(status) ?? 0) + 1);
  const parts = MAILBOX_STATUSES.filter((status) => status !== "read" && numbers.has(status)).map(
    (status) => `${count(numbers.get(status) ?? 0)} ${status}`,
  );
  return parts.length === 0 ? ", all of them read" : `; ${parts.join(", ")}`;
}

function writeMailboxes(page: Page, mailboxes: Iterable<InspectedMailbox>): void {
  page.heading("Mailboxes");
  for (const mailbox of mailboxes) writeItem(page, terminalName(mailbox.mailbox), mailboxDetails(mailbox));
}

function mailboxDetails({ status, messages, unseen, bytes, partition }: InspectedMailbox): string[] {
  const details = status === "read" ? [] : [status as string];
  if (messages !== null) details.push(counted(messages, "message"));
  if (unseen !== null) details.push(`${count(unseen)} unseen`);
  if (bytes !== null) details.push(size(bytes));
  if (partition !== null) details.push(`on ${terminalText(partition)}`);
  return details;
}
