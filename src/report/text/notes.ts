import type { Note } from "../../compare/variance.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count } from "../figures.ts";
import { type Hosts, place } from "./hosts.ts";
import { BODY, writeItem } from "./item.ts";
import type { Page } from "./page.ts";

/** Notes of one class that are shown: they are for knowing, and the other formats have them all. */
const NOTES_SHOWN = 20;

/** What is worth knowing and no variance. */
export function writeNotes(page: Page, notes: Iterable<Note>, hosts: Hosts, limit: number): void {
  const seen = new Map<string, number>();
  const shown = Math.min(limit, NOTES_SHOWN);
  let said: string | null = null;
  for (const note of notes) {
    if (seen.size === 0) page.heading("Notes");
    const number = (seen.get(note.class) ?? 0) + 1;
    seen.set(note.class, number);
    if (number > shown) continue;
    writeNote(page, note, hosts, said);
    said = note.explain;
  }
  for (const [name, number] of seen) {
    if (number > shown) page.prose(`and ${count(number - shown)} more ${terminalText(name)}`, 2);
  }
}

function writeNote(page: Page, note: Note, hosts: Hosts, said: string | null): void {
  const details = note.mailbox === null ? [] : [terminalText(note.class)];
  const where = place(note.side, hosts);
  if (where !== null) details.push(where);
  if (note.count !== undefined) details.push(`count ${count(note.count)}`);
  writeItem(page, note.mailbox === null ? terminalText(note.class) : terminalName(note.mailbox), details);
  if (note.explain !== said) page.prose(terminalText(note.explain), BODY);
}
