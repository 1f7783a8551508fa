/** One finding: a line that opens to what each side has, and what to do. */
import { SIDES } from "../../compare/classes.ts";
import type { Evidence, Subject, Variance } from "../../compare/variance.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count, counted, duration } from "../figures.ts";
import { timesSeen } from "../text/history.ts";
import { type Hosts, place } from "../text/hosts.ts";
import { STATE_WORDS } from "../text/words.ts";
import { cut } from "../width.ts";
import { type Html, NOTHING, template } from "./markup.ts";

/** Columns of one name or value; all of it is in the JSON. */
const LONGEST_NAME = 400;
const LONGEST_VALUE = 240;

interface EvidenceRow {
  readonly field: string;
  /** Of the primary, then of the replica. */
  readonly values: readonly string[];
  readonly differs: boolean;
}

const finding = template<{
  name: string;
  details: readonly string[];
  tags: readonly string[];
  explain: string;
  evidenceHtml: Html;
  facts: readonly { label: string; text: string; code: boolean }[];
}>(`<li><details class="finding">
<summary><span class="what"><span class="name"><%= it.name %></span> <span class="details"><% for (const text of it.details) { %><span><%= text %></span> <% } %></span></span> <span class="tags"><% for (const tag of it.tags) { %><span><%= tag %></span> <% } %></span></summary>
<div class="inside">
<p><%= it.explain %></p>
<%~ it.evidenceHtml %><dl class="facts">
<% for (const { label, text, code } of it.facts) { %><div><dt><%= label %></dt><dd<% if (code) { %> class="name"<% } %>><%= text %></dd></div>
<% } %></dl>
</div>
</details></li>
`);

const evidence = template<{ hosts: readonly string[]; rows: readonly EvidenceRow[] }>(`<table class="evidence">
<thead><tr><th scope="col"><span class="unseen">Field</span></th><% for (const host of it.hosts) { %><th scope="col"><%= host %></th><% } %></tr></thead>
<tbody><% for (const { field, values, differs } of it.rows) { %>
<tr<% if (differs) { %> class="differs"<% } %>><th scope="row"><%= field %></th><% for (const value of values) { %><td><%= value %></td><% } %></tr><% } %>
</tbody>
</table>
`);

/** One finding as an item of a list. */
export function findingHtml(variance: Variance, hosts: Hosts): Html {
  const { subject } = variance;
  const { mailbox, path, owner } = subject;
  const name = mailbox ?? path ?? owner;
  return finding({
    name: name === undefined ? "(no mailbox)" : shown(name),
    details: details(subject, variance, hosts),
    tags: tags(variance, hosts),
    explain: terminalText(variance.explain),
    evidenceHtml: evidenceHtml(variance, hosts),
    facts: facts(variance),
  });
}

function shown(name: string): string {
  return cut(terminalName(name), LONGEST_NAME);
}

/** What of the thing its name does not say. */
function details(
  { mailbox, otherMailbox, uid, item, owner, key }: Subject,
  variance: Variance,
  hosts: Hosts,
): string[] {
  const parts: string[] = [];
  if (uid !== undefined) parts.push(`uid ${uid}`);
  if (item !== undefined) parts.push(cut(terminalText(item), LONGEST_VALUE));
  if (otherMailbox !== undefined) parts.push(`${shown(otherMailbox)} on ${hosts.replica}`);
  if (key !== undefined) parts.push(shown(key));
  if (mailbox !== null && owner !== undefined) parts.push(`of ${shown(owner)}`);
  if (variance.messages !== undefined) parts.push(counted(variance.messages, "message"));
  return parts;
}

/** Where and since when. */
function tags(variance: Variance, hosts: Hosts): string[] {
  const { side, cause, ageSeconds, firstSeen, runs, course, accepted } = variance;
  const where = place(side, hosts);
  const behind = cause === "lag" && side !== "unknown" ? " behind" : "";
  const age = ageSeconds === undefined ? "" : ` by ${duration(ageSeconds)}`;
  const parts = accepted === undefined ? [] : [`${STATE_WORDS[variance.state]} ${variance.class}`];
  if (where !== null) parts.push(`${where}${behind}${behind === "" ? "" : age}`);
  if (cause === "race") parts.push("between the scans");
  if (course === "reopened") parts.push("back again");
  else if (course === "new") parts.push("new");
  else if (firstSeen !== undefined && runs !== undefined) parts.push(`run ${count(runs)}`);
  return parts;
}

function facts(variance: Variance): { label: string; text: string; code: boolean }[] {
  const { subject, repair, rule, absorbed, pending, accepted } = variance;
  const all = [{ label: "What to do", text: repair === null ? "" : terminalText(repair), code: false }];
  if (accepted !== undefined) {
    all.push({ label: "Accepted", text: terminalText(`until ${accepted.expires}: ${accepted.reason}`), code: false });
  }
  if (subject.path !== undefined && subject.mailbox !== null) {
    all.push({ label: "Path", text: shown(subject.path), code: true });
  }
  const covered = Object.entries(absorbed ?? {}).map(([name, number]) => `${count(number)} ${terminalText(name)}`);
  all.push({ label: "Covers", text: covered.join(", "), code: false });
  if (pending !== undefined) {
    all.push({ label: `Still names the ${pending.names}`, text: shown(pending.log), code: true });
  }
  all.push({ label: "Seen", text: timesSeen(variance).join(", "), code: false });
  all.push({ label: "Decided by rule", text: terminalText(rule), code: true });
  return all.filter(({ text }) => text !== "");
}

/** What each side has, field by field. */
function evidenceHtml(variance: Variance, hosts: Hosts): Html {
  const present = SIDES.filter((side) => variance[side] !== null);
  const fields = [...new Set(present.flatMap((side) => Object.keys(variance[side] ?? {})))];
  if (fields.length === 0) return NOTHING;
  const rows = fields.map((field): EvidenceRow => {
    const values = present.map((side) => fieldText(variance[side], field));
    return {
      field: field === "" ? "(no name)" : cut(terminalText(field), 60),
      values,
      differs: new Set(values).size > 1,
    };
  });
  return evidence({ hosts: present.map((side) => hosts[side]), rows });
}

function fieldText(side: Evidence | null, field: string): string {
  // A field may have any name, also one that every object inherits.
  const value = side !== null && Object.hasOwn(side, field) ? side[field] : undefined;
  if (value === undefined) return "–";
  if (value === null) return "unknown";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value);
  const text = cut(terminalText(typeof value === "string" ? value : value.join(" ")), LONGEST_VALUE);
  return text === "" ? "none" : text;
}
