import { displayWidth, fold, PAGE_WIDTH, paragraph } from "../width.ts";
import type { Page } from "./page.ts";

/** Lines that a name may take before it is cut. */
const NAME_LINES = 4;
const MARGIN = 2;
/** Indent of everything below a name. */
export const BODY = 4;

/** A name at the margin, with details beside it where they fit, else below it. */
export function writeItem(page: Page, name: string, details: readonly string[]): void {
  const beside = details.join(", ");
  const lines = fold(name, PAGE_WIDTH - MARGIN, NAME_LINES);
  const only = lines.length === 1 ? (lines[0] ?? "") : null;
  if (only !== null && MARGIN + displayWidth(only) + 2 + displayWidth(beside) <= PAGE_WIDTH) {
    page.line(`  ${page.style.strong(only)}${beside === "" ? "" : `  ${beside}`}`);
    return;
  }
  for (const line of lines) page.line(`  ${page.style.strong(line)}`);
  page.prose(beside, BODY);
}

/** A field with its value below a name; the value hangs beside the label. */
export function writeField(page: Page, label: string, lines: readonly string[]): void {
  const indent = BODY + displayWidth(label) + 2;
  for (const [i, line] of lines.entries()) {
    page.line(i === 0 ? `${" ".repeat(BODY)}${page.style.faint(label)}  ${line}` : " ".repeat(indent) + line);
  }
}

/** A name or path as the value of a field. */
export function nameLines(label: string, name: string): string[] {
  return fold(name, PAGE_WIDTH - BODY - displayWidth(label) - 2, NAME_LINES);
}

/** Prose as the value of a field. */
export function proseLines(label: string, text: string): string[] {
  return paragraph(text, PAGE_WIDTH - BODY - displayWidth(label) - 2);
}
