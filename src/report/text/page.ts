import type { Sink } from "../format.ts";
import { PAGE_WIDTH, pad, paragraph } from "../width.ts";
import type { Style } from "./style.ts";

/** Columns before the text of a labelled line. */
const LABEL_WIDTH = 11;

/** Lines of a text report. All text that is given to it must be safe for a terminal already. */
export interface Page {
  readonly style: Style;
  line(text: string): void;
  blank(): void;
  /** A blank line, then the title of a section. */
  heading(title: string): void;
  /** Wrapped text, every line indented. */
  prose(text: string, indent: number): void;
  /** A word at the left margin and wrapped texts beside it, each starting a line of its own. */
  labelled(label: string, texts: readonly string[]): void;
}

/** Builds a page that hands each line to `sink` as one chunk. */
export function createPage(sink: Sink, style: Style): Page {
  const line = (text: string): void => sink(`${text}\n`);
  return {
    style,
    line,
    blank: () => line(""),
    heading: (title) => {
      line("");
      line(style.strong(title));
    },
    prose: (text, indent) => {
      for (const part of paragraph(text, PAGE_WIDTH - indent)) line(" ".repeat(indent) + part);
    },
    labelled: (label, texts) => {
      let left = style.faint(pad(label, LABEL_WIDTH));
      for (const part of texts.flatMap((text) => paragraph(text, PAGE_WIDTH - LABEL_WIDTH))) {
        line(left + part);
        left = " ".repeat(LABEL_WIDTH);
      }
    },
  };
}
