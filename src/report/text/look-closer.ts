import { STATES, VARIANCE_CLASSES } from "../../compare/classes.ts";
import type { Compared, MailboxResult } from "../../compare/variance.ts";
import { displayName } from "../../mail/name.ts";
import { terminalText } from "../escape.ts";
import { PAGE_WIDTH } from "../width.ts";
import { commandLines } from "./closing.ts";
import { isNarrowed } from "./mailboxes.ts";
import type { Page } from "./page.ts";

/** What a shell takes as it stands. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;
/** Names that can stand in a command: no glob, and nothing that would not come through a terminal. */
const TYPED_NAME = /^[\w@%+=:,./!^ -]+$/;
/** Longer commands are not copied by hand. */
const LONGEST_NAME = 120;

/** Commands that say more of what the report has shown: of the worst mailbox, of the worst class, and over time. */
export function writeLookCloser(page: Page, { summary, countOf }: Compared, worst: readonly MailboxResult[]): void {
  const state = STATES.find((one) => VARIANCE_CLASSES.some((name) => countOf(one, name) > 0));
  const { history } = summary;
  const commands: string[] = [];
  const [first] = worst;
  if (first !== undefined && !isNarrowed(summary)) {
    const files = [summary.primary.file, summary.replica.file].map(word).join(" ");
    commands.push(`spooldiff compare ${files} --include ${nameWord(first)} --all`);
  }
  const name = VARIANCE_CLASSES.find((one) => state !== undefined && countOf(state, one) > 0);
  if (name !== undefined) commands.push(`spooldiff explain ${name}`);
  if (history !== undefined && history.notCounted === null && history.comparison > 1) {
    commands.push(`spooldiff trend ${word(history.file)} --chart`);
  }
  if (commands.length === 0) return;
  page.heading("To look closer");
  for (const command of commands) {
    for (const line of commandLines(terminalText(command), PAGE_WIDTH - 4)) page.line(`  ${line}`);
  }
}

/** The name of a mailbox as `--include` takes it; a placeholder where it is none to type. */
function nameWord({ mailbox }: MailboxResult): string {
  const { text, base64 } = displayName(mailbox);
  return base64 === null && text.length <= LONGEST_NAME && TYPED_NAME.test(text) ? word(text) : "NAME";
}

function word(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
