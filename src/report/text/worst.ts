import { STATES } from "../../compare/classes.ts";
import type { MailboxResult } from "../../compare/variance.ts";
import { terminalName } from "../escape.ts";
import { fold, PAGE_WIDTH } from "../width.ts";
import { stateCells, stateColumns } from "./counts.ts";
import type { Page } from "./page.ts";
import { tableLines } from "./table.ts";
import { STATE_WORDS } from "./words.ts";

/** Lines that the name of one mailbox may take here. */
const NAME_LINES = 3;

/** The mailboxes with the most findings; the name comes last and is folded where it is long. */
export function writeWorst(page: Page, worst: readonly MailboxResult[]): void {
  const states = STATES.filter((state) => worst.some(({ findings }) => (findings[state] ?? 0) > 0));
  if (states.length === 0) return;
  // A column is as wide as its title or its longest number: 13 digits with commas would be more mail than there is.
  const taken = states.reduce((sum, state) => sum + 2 + Math.max(STATE_WORDS[state].length, 11), 0);
  const rows = worst.map(({ mailbox, findings }) => [
    ...stateCells(page, states, (state) => findings[state] ?? 0),
    fold(terminalName(mailbox), PAGE_WIDTH - taken - 2, NAME_LINES).join("\n"),
  ]);
  page.heading("Worst mailboxes");
  const columns = [...stateColumns(states), { title: "mailbox", align: "left" } as const];
  for (const line of tableLines(columns, rows)) page.line(line);
}
