import { ExitCode } from "../../errors.ts";
import type { MailboxStatus } from "../../mail/mailbox.ts";
import type { ManifestTotals } from "../../manifest/manifest-row.ts";
import { terminalText } from "../../report/escape.ts";
import { count, counted, size } from "../../report/figures.ts";
import type { ScanOutcome } from "../../scan/scan-options.ts";

/** What a scan says at its end, line by line. */
export function closingLines(output: string, outcome: ScanOutcome, totals: ManifestTotals): string[] {
  const seconds = (outcome.finishedAtMs - outcome.startedAtMs) / 1000;
  const rate = seconds > 0.5 && outcome.bytesRead > 0n ? `, ${size(Number(outcome.bytesRead) / seconds)}/s` : "";
  const what = `${counted(totals.mailboxes, "mailbox", "mailboxes")}, ${counted(totals.messages, "message")}, ${size(totals.messageBytes)}`;
  const read = `read ${size(outcome.bytesRead)} in ${seconds.toFixed(1)} s${rate}`;
  const name = terminalText(output);
  const oldest = totals.oldestCarriedAtMs === null ? "" : new Date(totals.oldestCarriedAtMs).toISOString();
  const carried = oldest === "" ? "" : `; ${size(totals.bytesCarried)} carried over, the oldest read ${oldest}`;
  const kept = outcome.kept === 0 ? "" : `; ${count(outcome.kept)} mailboxes were read by earlier runs`;
  const lines = [`${name}: ${what}; ${read}${carried}${kept}`];
  const unread = unreadMailboxes(outcome);
  if (unread.length > 0) lines.push(`not read: ${unread.join(", ")}`);
  if (outcome.problems > 0)
    lines.push(`${counted(outcome.problems, "problem is", "problems are")} noted in it; see spooldiff inspect ${name}`);
  return lines;
}

/** 3 when something could not be read; a scan never says "variance", whatever it finds. */
export function scanExitCode(outcome: ScanOutcome): ExitCode {
  return outcome.problems > 0 || unreadMailboxes(outcome).length > 0 ? ExitCode.incomplete : ExitCode.ok;
}

function unreadMailboxes(outcome: ScanOutcome): string[] {
  return Object.entries(outcome.mailboxes)
    .filter(([status, n]) => (status as MailboxStatus) !== "read" && n > 0)
    .map(([status, n]) => `${count(n)} ${status}`);
}
