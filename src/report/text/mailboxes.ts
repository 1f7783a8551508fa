import { CHECKS, type CheckResult, SIDES } from "../../compare/classes.ts";
import type { Compared, MailboxResult, MailboxStatusNumbers, Summary } from "../../compare/variance.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count, counted } from "../figures.ts";
import { cut } from "../width.ts";
import type { Hosts } from "./hosts.ts";
import { proseLines, writeField, writeItem } from "./item.ts";
import type { Page } from "./page.ts";
import { RESULT_WORDS, stateCounts } from "./words.ts";

/** Columns of the replica's name beside that of the primary. */
const LONGEST_NAME = 60;

/**
 * Mailbox by mailbox: what each check said and the numbers of both hosts. For whoever asked for all of them, or who has
 * narrowed the comparison to a few names, and then for `limit` of those that differ.
 */
export function writeMailboxes(page: Page, compared: Compared, hosts: Hosts, all: boolean, limit: number): void {
  if (!all && !isNarrowed(compared.summary)) return;
  let seen = 0;
  for (const mailbox of compared.mailboxes(all)) {
    if (seen === 0) page.heading(all ? "Mailboxes" : "Mailboxes that differ");
    seen++;
    if (all || seen <= limit) writeMailbox(page, mailbox, hosts);
  }
  if (!all && seen > limit) page.line(page.style.faint(`  and ${count(seen - limit)} more`));
}

/** True where the comparison was narrowed to some names. */
export function isNarrowed({ scope }: Summary): boolean {
  return scope.narrowedBy.some((option) => option.startsWith("--include "));
}

function writeMailbox(page: Page, mailbox: MailboxResult, hosts: Hosts): void {
  const { otherMailbox, primary, replica, findings } = mailbox;
  const other =
    otherMailbox === undefined ? [] : [`${cut(terminalName(otherMailbox), LONGEST_NAME)} on ${hosts.replica}`];
  const states = stateCounts(findings);
  writeItem(page, terminalName(mailbox.mailbox), [...other, answers(mailbox), ...(states === "" ? [] : [states])]);
  if (primary !== null && replica !== null && numbers(primary) === numbers(replica)) {
    writeField(page, "both", proseLines("both", numbers(primary)));
    return;
  }
  for (const side of SIDES) {
    const own = mailbox[side];
    writeField(page, hosts[side], proseLines(hosts[side], own === null ? "has no such mailbox" : numbers(own)));
  }
}

/** `same`, or the checks that are not, by their answers: `differs: uids, flags; unknown: content`. */
function answers({ checks }: MailboxResult): string {
  const parts = (["differs", "unknown", "not-checked"] as const satisfies readonly CheckResult[]).flatMap((answer) => {
    const these = CHECKS.filter((check) => checks[check] === answer);
    return these.length === 0 ? [] : [`${RESULT_WORDS[answer]}: ${these.join(", ")}`];
  });
  return parts.length === 0 ? RESULT_WORDS.same : parts.join("; ");
}

function numbers({ messages, unseen, uidvalidity, uidnext, highestmodseq }: MailboxStatusNumbers): string {
  return [
    counted(messages, "message"),
    ...(unseen === null ? [] : [`${count(unseen)} unseen`]),
    `UIDVALIDITY ${uidvalidity}`,
    `UIDNEXT ${uidnext}`,
    ...(highestmodseq === null ? [] : [`HIGHESTMODSEQ ${terminalText(highestmodseq)}`]),
  ].join(", ");
}
