/** `--format html`: one file without scripts that asks nothing of any host. */

import { STATES } from "../../compare/classes.ts";
import type { Compared, MailboxResult } from "../../compare/variance.ts";
import { terminalName } from "../escape.ts";
import { count } from "../figures.ts";
import type { Report, ReportFormat, ReportOptions, Sink } from "../format.ts";
import { type Hosts, hostsOf } from "../text/hosts.ts";
import { STATE_WORDS, VERDICT_WORDS } from "../text/words.ts";
import { cut } from "../width.ts";
import { AgeTally } from "./charts/ages.ts";
import { coverageHtml, coverageLead, shownTime } from "./coverage.ts";
import { beginFindings, findingsLead } from "./findings.ts";
import { icon } from "./icons.ts";
import { type Html, joined, NOTHING, template } from "./markup.ts";
import { checksLead, matrixHtml } from "./matrix.ts";
import { openingHtml } from "./opening.ts";
import { type Anchor, beginSection, pageEnd, pageStart, SECTION_END, section } from "./page.ts";
import { recheckHtml, remarksHtml, textsHtml } from "./remarks.ts";
import { chartsHtml, runsHtml, seriesLead, trendWordHtml } from "./series.ts";

/** Mailboxes in the list of the worst, and notes of one class. */
const WORST_SHOWN = 10;
const NOTES_SHOWN = 20;

const CHECKS: Anchor = { id: "checks", title: "Checks" };
const FINDINGS: Anchor = { id: "findings", title: "Findings" };
const AGAIN: Anchor = { id: "second-look", title: "Second look" };
const OPEN: Anchor = { id: "incomplete", title: "Why it is incomplete" };
const TIME: Anchor = { id: "time", title: "Over time" };
const AGES: Anchor = { id: "ages", title: "Age and place" };
const COVERAGE: Anchor = { id: "coverage", title: "Coverage" };
const REMARKS: Anchor = { id: "notes", title: "Notes" };

const worst = template<{ rows: readonly { name: string; talliesHtml: Html }[] }>(`<div class="card">
<h3>Worst mailboxes</h3>
<ul class="plain users">
<% for (const { name, talliesHtml } of it.rows) { %><li><span class="name"><%= name %></span> <span><%~ talliesHtml %></span></li>
<% } %></ul>
</div>
`);
const besides = template<{ bothHtml: Html }>(`<div class="charts"><%~ it.bothHtml %></div>`);
const tally = template<{ state: string; count: string; word: string; iconHtml: Html }>(
  `<span class="tally tone-<%= it.state %>"><%~ it.iconHtml %><%= it.count %><span class="unseen"> <%= it.word %></span></span>`,
);

function beginHtml(compared: Compared, options: ReportOptions, sink: Sink): Report {
  const { summary } = compared;
  const hosts = hostsOf(summary.primary.host, summary.replica.host);
  const limit = options.limit;
  const ages = new AgeTally(later(summary.primary.scannedTo, summary.replica.scannedTo));
  sink(headOf(compared, hosts, options));
  sink(openingHtml(summary, hosts));
  if (summary.incomplete.length > 0) sink(section(OPEN, "", textsHtml("", summary.incomplete)));
  sink(section(CHECKS, checksLead(summary), matrixHtml(compared, hosts)));
  const { trend } = options;
  if (trend !== undefined && trend.points.length > 0) {
    sink(section(TIME, seriesLead(trend), joined([trendWordHtml(trend), chartsHtml(trend), runsHtml(trend.points)])));
  }
  if (compared.recheck !== undefined) sink(section(AGAIN, "", recheckHtml(compared, limit)));
  sink(beginSection(FINDINGS, findingsLead(compared, limit)));
  const findings = beginFindings(compared, hosts, limit, sink);
  return {
    finding(variance) {
      ages.add(variance);
      findings.finding(variance);
    },
    end() {
      findings.end();
      sink(SECTION_END);
      const after = [ages.html(), worstHtml(compared.worstMailboxes(WORST_SHOWN))].filter((html) => html !== NOTHING);
      if (after.length > 0)
        sink(
          section(
            AGES,
            "How old the findings are, and which mailboxes have most.",
            besides({ bothHtml: joined(after) }),
          ),
        );
      sink(section(COVERAGE, coverageLead(summary), coverageHtml(summary)));
      const remarks = remarksHtml(compared, hosts, Math.min(limit, NOTES_SHOWN));
      if (remarks !== NOTHING) sink(section(REMARKS, "Worth knowing, and no variance.", remarks));
      sink(pageEnd(`Made by spooldiff from two manifests, ${hosts.primary} and ${hosts.replica}. Times are UTC.`));
    },
  };
}

function headOf({ summary }: Compared, hosts: Hosts, { trend }: ReportOptions): Html {
  const pair = `${hosts.primary} against ${hosts.replica}`;
  return pageStart({
    title: `${VERDICT_WORDS[summary.verdict]} · ${pair} · spooldiff`,
    kind: "variance report",
    pair,
    time: shownTime(later(summary.primary.scannedTo, summary.replica.scannedTo)),
    contents: [CHECKS, ...(trend === undefined || trend.points.length === 0 ? [] : [TIME]), FINDINGS, COVERAGE],
  });
}

function later(a: string, b: string): string {
  return Date.parse(a) > Date.parse(b) ? a : b;
}

function worstHtml(mailboxes: readonly MailboxResult[]): Html {
  if (mailboxes.length === 0) return NOTHING;
  const talliesHtml = ({ findings }: MailboxResult) =>
    joined(
      STATES.filter((state) => (findings[state] ?? 0) > 0).map((state) =>
        tally({ state, count: count(findings[state] ?? 0), word: STATE_WORDS[state], iconHtml: icon(state) }),
      ),
    );
  const name = ({ mailbox }: MailboxResult) => cut(terminalName(mailbox), 400);
  return worst({ rows: mailboxes.map((result) => ({ name: name(result), talliesHtml: talliesHtml(result) })) });
}

/** The report of a comparison as a page. Of one manifest alone there is none. */
export const htmlFormat: ReportFormat = { comparison: beginHtml, inspection: null };
