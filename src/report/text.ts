import type { Compared } from "../compare/variance.ts";
import type { Report, ReportFormat, ReportOptions, Sink } from "./format.ts";
import { beginInspectionText } from "./inspect-text.ts";
import { writeChecks } from "./text/checks.ts";
import { writeClosing, writeList } from "./text/closing.ts";
import { writeCounts } from "./text/counts.ts";
import { writeExposure } from "./text/exposure.ts";
import { beginFindings } from "./text/findings.ts";
import { writeHeadline } from "./text/headline.ts";
import { hostsOf } from "./text/hosts.ts";
import { writeLookCloser } from "./text/look-closer.ts";
import { writeMailboxes } from "./text/mailboxes.ts";
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
function beginText(compared: Compared, options: ReportOptions, sink: Sink): Report {
  const { summary, countOf } = compared;
  const page = createPage(sink, createStyle(options.colour));
  const hosts = hostsOf(summary.primary.host, summary.replica.host);
  writeHeadline(page, summary, hosts, options.trend);
  writeList(page, "Incomplete", summary.incomplete);
  writeRecheck(page, compared, options.limit);
  writeChecks(page, summary);
  writeCounts(page, countOf);
  const accepted = summary.counts.accepted ?? 0;
  const findings = beginFindings(page, { countOf, accepted }, hosts, options.limit);
  return {
    finding: findings.finding,
    end() {
      findings.end();
      const worst = compared.worstMailboxes(WORST_SHOWN);
      writeWorst(page, worst);
      writeMailboxes(page, compared, hosts, options.allMailboxes, options.limit);
      writeNotes(page, compared.notes(), hosts, options.limit);
      writeExposure(page, summary, hosts);
      writeLookCloser(page, compared, worst);
      writeClosing(page, summary);
    },
  };
}

/** `--format text`. */
export const textFormat: ReportFormat = { comparison: beginText, inspection: beginInspectionText };
