import type { Findings } from "../compare/variance.ts";
import type { ReportFormat, ReportOptions, Sink } from "./format.ts";
import { writeInspectionText } from "./inspect-text.ts";
import { writeChecks } from "./text/checks.ts";
import { writeClosing, writeList } from "./text/closing.ts";
import { countFindings, writeCounts } from "./text/counts.ts";
import { writeExposure } from "./text/exposure.ts";
import { writeFindings } from "./text/findings.ts";
import { writeHeadline } from "./text/headline.ts";
import { hostsOf } from "./text/hosts.ts";
import { writeNotes } from "./text/notes.ts";
import { createPage } from "./text/page.ts";
import { writeRecheck } from "./text/recheck.ts";
import { createStyle } from "./text/style.ts";
import { writeWorst } from "./text/worst.ts";

/** Mailboxes in the table of the worst. */
const WORST_SHOWN = 20;

/**
 * The report of a comparison for people: the verdict first, then what it rests on, the checks, the findings, and what
 * to do next. Keeps to 80 columns; every name and text from a manifest is escaped.
 */
export function writeText(findings: Findings, options: ReportOptions, sink: Sink): void {
  const { summary } = findings;
  const page = createPage(sink, createStyle(options.colour));
  const hosts = hostsOf(summary.primary.host, summary.replica.host);
  const counts = countFindings(findings.variances());
  writeHeadline(page, summary, hosts);
  writeList(page, "Incomplete", summary.incomplete);
  writeRecheck(page, findings, options.limit);
  writeChecks(page, summary);
  writeCounts(page, counts);
  writeFindings(page, findings.variances(), counts, hosts, options.limit);
  writeWorst(page, findings.worstMailboxes(WORST_SHOWN));
  writeNotes(page, findings.notes(), hosts, options.limit);
  writeExposure(page, summary, hosts);
  writeClosing(page, summary);
}

/** `--format text`. */
export const textFormat: ReportFormat = { comparison: writeText, inspection: writeInspectionText };
