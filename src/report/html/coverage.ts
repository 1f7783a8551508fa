/** What the report rests on: the two hosts, when each was read, and how much of its bytes. */
import { SIDES } from "../../compare/classes.ts";
import type { SideSummary, Summary } from "../../compare/variance.ts";
import { terminalText } from "../escape.ts";
import { count, counted, size } from "../figures.ts";
import { coverageLines } from "../text/coverage.ts";
import { orderText, scopeText } from "../text/headline.ts";
import { historyLines } from "../text/history.ts";
import type { Hosts } from "../text/hosts.ts";
import type { TrendCoverage } from "../trend/context.ts";
import { type Html, joined, NOTHING, template } from "./markup.ts";

interface Fact {
  readonly label: string;
  readonly text: string;
}

const card = template<{ role: string; host: string; barHtml: Html; facts: readonly Fact[] }>(`<div class="card">
<h3><span class="name"><%= it.host %></span> <small><%= it.role %></small></h3>
<%~ it.barHtml %><dl class="facts">
<% for (const { label, text } of it.facts) { %><div><dt><%= label %></dt><dd><%= text %></dd></div>
<% } %></dl>
</div>
`);

const bar = template<{ read: string; carried: string; label: string }>(
  `<svg class="bar" role="img" aria-label="<%= it.label %>"><rect class="read" width="<%= it.read %>%" height="10"/><rect class="carried" x="<%= it.read %>%" width="<%= it.carried %>%" height="10"/></svg>
<ul class="legend"><li class="tone-good">read now</li><li class="tone-in-flight">carried from an earlier scan</li></ul>
`,
);

const pairs = template<{ cardsHtml: Html; facts: readonly Fact[] }>(`<div class="hosts">
<%~ it.cardsHtml %></div>
<dl class="facts">
<% for (const { label, text } of it.facts) { %><div><dt><%= label %></dt><dd><%= text %></dd></div>
<% } %></dl>
`);

/** Both hosts, their order, and the scope. */
export function coverageHtml(summary: Summary): Html {
  const { scope } = summary;
  const facts = [
    { label: "Order", text: orderText(summary.order) },
    { label: "Scope", text: scopeText(summary) },
    { label: "History", text: historyLines(summary.history).join("; ") },
    { label: "Narrowed by", text: scope.narrowedBy.map(terminalText).join(", ") },
    { label: "Not compared", text: scope.outside.map(terminalText).join(", ") },
  ].filter(({ text }) => text !== "");
  return pairs({
    cardsHtml: joined([sideHtml(summary.primary, "primary"), sideHtml(summary.replica, "replica")]),
    facts,
  });
}

function sideHtml(side: SideSummary, role: string): Html {
  const facts = [
    { label: "Read", text: `${shownTime(side.scannedFrom)} to ${shownTime(side.scannedTo)}` },
    { label: "Holds", text: counted(side.mailboxes, "mailbox", "mailboxes") },
    { label: "Coverage", text: coverageLines(side).join("; ") },
    { label: "Level", text: terminalText(side.level) },
    { label: "Store", text: terminalText(side.store) },
    { label: "Manifest", text: `${terminalText(side.file)} (${terminalText(side.manifest)})` },
  ];
  return card({ role, host: terminalText(side.host), barHtml: barHtml(side), facts });
}

/** The shares of bytes; nothing where no file was read, or where the numbers are none. */
function barHtml({ coverage }: SideSummary): Html {
  return shareBar(coverage.bytes, coverage.bytesReadNow, coverage.bytesCarried);
}

/** A bar of what was read now and what was carried, of all bytes; the numbers in decimal text. */
function shareBar(...numbers: readonly [bytes: string, readNow: string, carried: string]): Html {
  if (!numbers.every((text) => /^\d{1,30}$/.test(text))) return NOTHING;
  const [all = 0n, read = 0n, carried = 0n] = numbers.map(BigInt);
  if (all === 0n || read + carried === 0n) return NOTHING;
  const share = (part: bigint) => Math.min(100, Number((part * 10_000n) / all) / 100);
  const readShare = share(read);
  return bar({
    read: readShare.toFixed(2),
    carried: Math.min(100 - readShare, share(carried)).toFixed(2),
    label: `${size(read)} read now and ${size(carried)} carried, of ${size(all)}`,
  });
}

/** The same of the last comparison of a series. */
export function trendCoverageHtml(coverage: TrendCoverage, hosts: Hosts): Html {
  const cards = SIDES.map((side) => {
    const { bytes, read, carried, oldestMs } = coverage[side];
    const oldest = oldestMs === null ? "" : shownTime(new Date(oldestMs).toISOString());
    const facts = [
      { label: "Stands for", text: size(bytes) },
      { label: "Read now", text: size(read) },
      { label: "Carried", text: size(carried) },
      { label: "Oldest carried", text: oldest },
    ].filter(({ text }) => text !== "");
    return card({ role: side, host: hosts[side], barHtml: shareBar(`${bytes}`, `${read}`, `${carried}`), facts });
  });
  const { mailboxes, mailboxesUnchecked, messages } = coverage;
  const unchecked =
    mailboxesUnchecked === 0 ? "" : `; ${counted(mailboxesUnchecked, "mailbox", "mailboxes")} not checked`;
  const compared = `${counted(mailboxes, "mailbox", "mailboxes")}, ${counted(messages, "message")}${unchecked}`;
  return pairs({ cardsHtml: joined(cards), facts: [{ label: "Compared", text: compared }] });
}

/** ISO 8601 without what people do not read in it. */
export function shownTime(iso: string): string {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?Z$/.exec(iso);
  return found === null ? terminalText(iso) : `${found[1]} ${found[2]} UTC`;
}

/** In a sentence, how much of the bytes the verdict is about. */
export function coverageLead({ primary, replica }: Summary): string {
  const messages = Math.min(primary.messages, replica.messages);
  return `What the verdict rests on: two scans, of at least ${count(messages)} messages each. It claims nothing beyond.`;
}
