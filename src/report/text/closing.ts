import type { Summary } from "../../compare/variance.ts";
import { terminalText } from "../escape.ts";
import { displayWidth, PAGE_WIDTH } from "../width.ts";
import type { Page } from "./page.ts";

/** Fields that could not be compared, and the next command. */
export function writeClosing(page: Page, summary: Summary): void {
  writeList(page, "Not comparable", summary.scope.notComparable);
  if (summary.next === null) return;
  page.heading("Next");
  for (const line of commandLines(terminalText(summary.next), PAGE_WIDTH - 4)) page.line(`  ${line}`);
}

/** A titled list of texts; nothing when it is empty. */
export function writeList(page: Page, title: string, texts: readonly string[]): void {
  if (texts.length === 0) return;
  page.heading(title);
  for (const text of texts) page.prose(terminalText(text), 2);
}

/**
 * A command in lines that a shell joins again, broken only between words; a word is never broken, so that it can be
 * copied, even where it is wider than the page.
 */
export function commandLines(command: string, width: number): string[] {
  const words = command.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s])+/g) ?? [];
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (line === "" || displayWidth(joined) <= width) line = joined;
    else {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}
