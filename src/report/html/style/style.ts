/** The style sheet of a page, whole. What it may be is fixed by its digest in the page's policy. */
import type { Html } from "../markup.ts";
import { FINDINGS } from "./findings.ts";
import { FRAME } from "./frame.ts";
import { PALETTE } from "./palette.ts";
import { PARTS } from "./parts.ts";
import { PRINT } from "./print.ts";

export const STYLE = [PALETTE, FRAME, PARTS, FINDINGS, PRINT].join("\n") as Html;
