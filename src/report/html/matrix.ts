/** The checks against the two sides: what each came to, and where the things are that it found. */
import { CHECKS, type Check, STATES, type State } from "../../compare/classes.ts";
import type { Compared, Summary, Variance } from "../../compare/variance.ts";
import { count } from "../figures.ts";
import type { Hosts } from "../text/hosts.ts";
import { CHECK_WORDS, NUMBERED_CHECKS, RESULT_WORDS, STATE_WORDS } from "../text/words.ts";
import { icon, TONE_OF_RESULT } from "./icons.ts";
import { type Html, joined, template } from "./markup.ts";

const PLACES = ["primary", "replica", "both", "unknown"] as const;

interface Cell {
  readonly place: Variance["side"];
  readonly signHtml: Html;
}

const row = template<{
  number: string;
  name: string;
  tone: string;
  answer: string;
  answerHtml: Html;
  cells: readonly Cell[];
}>(`<tr>
<th scope="row"><span class="number"><%= it.number %></span><%= it.name %></th>
<td class="answer tone-<%= it.tone %>"><%~ it.answerHtml %><%= it.answer %></td>
<% for (const cell of it.cells) { %><td class="cell"><%~ cell.signHtml %></td>
<% } %></tr>`);

const table = template<{
  heads: readonly { title: string; host: string }[];
  rowsHtml: Html;
  explained: boolean;
}>(`<div class="scroll" tabindex="0" role="region" aria-label="Checks by host">
<table class="matrix">
<thead><tr><th scope="col">Check</th><th scope="col">Answer</th>
<% for (const { title, host } of it.heads) { %><th scope="col" class="cell"><%= title %><% if (host !== "") { %><small class="name"><%= host %></small><% } %></th>
<% } %></tr></thead>
<tbody>
<%~ it.rowsHtml %>
</tbody>
</table>
</div>
<p class="hint">A number is how many findings place the fault, or the lag, on that host.<% if (it.explained) { %> A check that differs and has no number is explained by findings of another one.<% } %></p>
`);

const number = template<{ state: State; count: string; word: string; iconHtml: Html }>(
  `<span class="tally tone-<%= it.state %>" title="<%= it.word %>"><%~ it.iconHtml %><%= it.count %><span class="unseen"> <%= it.word %></span></span>`,
);
const quiet = template<{ tone: string; word: string; iconHtml: Html }>(
  `<span class="quiet tone-<%= it.tone %>"><%~ it.iconHtml %><span class="unseen"><%= it.word %></span></span>`,
);

/** Every check with its answer, and by side how many findings it made there. */
export function matrixHtml(compared: Compared, hosts: Hosts): Html {
  const heads = [
    { title: "Primary", host: hosts.primary },
    { title: "Replica", host: hosts.replica },
    { title: "Both", host: "" },
    { title: "Unclear", host: "" },
  ];
  const explained = CHECKS.some(
    (check) => compared.summary.checks[check] === "differs" && worstOf(compared, check) === undefined,
  );
  return table({ heads, explained, rowsHtml: joined(CHECKS.map((check, i) => rowOf(compared, check, i))) });
}

function rowOf(compared: Compared, check: Check, index: number): Html {
  const result = compared.summary.checks[check];
  // A check that differs is as bad as what it found.
  const tone = result === "differs" ? (worstOf(compared, check) ?? "diverged") : TONE_OF_RESULT[result];
  return row({
    number: index < NUMBERED_CHECKS ? `${index + 1}` : "",
    name: CHECK_WORDS[check],
    tone,
    answer: RESULT_WORDS[result],
    answerHtml: icon(TONE_OF_RESULT[result]),
    cells: PLACES.map((place) => ({ place, signHtml: signOf(compared, check, place) })),
  });
}

function worstOf(compared: Compared, check: Check): State | undefined {
  return STATES.find((state) => PLACES.some((place) => compared.countAt(check, place, state) > 0));
}

function signOf(compared: Compared, check: Check, place: Variance["side"]): Html {
  const found = STATES.map((state) => ({ state, value: compared.countAt(check, place, state) }));
  const present = found.filter(({ value }) => value > 0);
  if (present.length > 0) {
    return joined(
      present.map(({ state, value }) =>
        number({ state, count: count(value), word: STATE_WORDS[state], iconHtml: icon(state) }),
      ),
    );
  }
  const result = compared.summary.checks[check];
  const ofHost = place === "primary" || place === "replica";
  const tone = ofHost && result === "same" ? "good" : "none";
  return quiet({ tone, word: ofHost && result === "same" ? "same" : "no finding", iconHtml: icon(tone) });
}

/** In a sentence, how the checks came out. */
export function checksLead({ checks }: Summary): string {
  const differing = CHECKS.filter((check) => checks[check] === "differs").length;
  const open = CHECKS.filter((check) => checks[check] === "unknown" || checks[check] === "not-checked").length;
  const parts = [`${CHECKS.length - differing - open} of ${CHECKS.length} checks are the same`];
  if (differing > 0) parts.push(`${differing} ${differing === 1 ? "differs" : "differ"}`);
  if (open > 0) parts.push(`${open} could not be told or ${open === 1 ? "was" : "were"} not asked for`);
  return `${parts.join(", ")}.`;
}
