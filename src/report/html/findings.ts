/** The findings, by state and class. Written as they come: nothing of them is kept. */
import { STATES, type State, VARIANCE_CLASSES, type VarianceClass } from "../../compare/classes.ts";
import { MEANINGS } from "../../compare/meanings/meanings.ts";
import type { Compared, Summary } from "../../compare/variance.ts";
import { count, counted } from "../figures.ts";
import type { Report, Sink } from "../format.ts";
import type { Hosts } from "../text/hosts.ts";
import { STATE_WORDS } from "../text/words.ts";
import { findingHtml } from "./finding.ts";
import { icon, type Tone } from "./icons.ts";
import { type Html, template } from "./markup.ts";
import { STATES_IN_FULL } from "./words.ts";

const stateStart = template<{ tone: Tone; word: string; total: string; means: string; iconHtml: Html }>(
  `<div class="state tone-<%= it.tone %>">
<h3><span class="seal"><%~ it.iconHtml %></span><%= it.word %> <span class="total"><%= it.total %></span></h3>
<p class="hint"><%= it.means %></p>
`,
);
/** Where what a page leaves out is to be had. */
const ALL_OF_THEM = "all of them are in --format json and csv";
const STATE_END = "</div>\n";

const groupStart = template<{
  name: string;
  total: string;
  means: string;
  hazard: string;
  open: boolean;
}>(`<details class="group"<% if (it.open) { %> open<% } %>>
<summary><span class="name"><%= it.name %></span> <span class="total"><%= it.total %></span> <span class="gist"><%= it.means %></span></summary>
<% if (it.hazard !== "") { %><p class="meaning"><strong>Beware.</strong> <%= it.hazard %></p><% } %>
<ol class="list">
`);
const groupEnd = template<{ more: string }>(
  `</ol><% if (it.more !== "") { %><p class="more"><%= it.more %></p><% } %>
</details>
`,
);

const none = template<{ text: string }>(`<p class="calm"><%= it.text %></p>`);

/** Findings up to which their classes are not folded. */
const UNFOLDED_UP_TO = 12;

/** What is accepted stands apart, whatever state and class it has. */
const ACCEPTED = "accepted";

/** Begins the findings; `limit` of each class in each state are shown, and the others are counted. */
export function beginFindings(compared: Compared, hosts: Hosts, limit: number, sink: Sink): Report {
  let state: string | null = null;
  let group: string | null = null;
  let shown = 0;
  let left = 0;
  const endGroup = (): void => {
    if (group !== null) sink(groupEnd({ more: left === 0 ? "" : `and ${count(left)} more: ${ALL_OF_THEM}` }));
    group = null;
  };
  const endState = (): void => {
    endGroup();
    if (state !== null) sink(STATE_END);
    state = null;
  };
  return {
    finding(variance) {
      const accepted = variance.accepted !== undefined;
      const [nextState, nextGroup] = accepted ? [ACCEPTED, ACCEPTED] : [variance.state, variance.class];
      if (nextState !== state) {
        endState();
        state = nextState;
        sink(accepted ? acceptedHead(compared) : headOf(variance.state, compared));
      }
      if (nextGroup !== group) {
        endGroup();
        [group, shown, left] = [nextGroup, 0, 0];
        sink(accepted ? acceptedGroup(compared) : groupOf(variance.state, variance.class, compared));
      }
      if (shown < limit) {
        sink(findingHtml(variance, hosts));
        shown++;
      } else left++;
    },
    end() {
      if (state === null) sink(none({ text: "There is none." }));
      endState();
    },
  };
}

function headOf(state: State, { countOf }: Compared): Html {
  const total = VARIANCE_CLASSES.reduce((sum, name) => sum + countOf(state, name), 0);
  const word = STATE_WORDS[state];
  const capital = word.charAt(0).toUpperCase() + word.slice(1);
  return stateStart({
    tone: state,
    word: capital,
    total: count(total),
    means: STATES_IN_FULL[state],
    iconHtml: icon(state),
  });
}

function groupOf(state: State, name: VarianceClass, { countOf, summary }: Compared): Html {
  const { means, hazard } = MEANINGS[name];
  const open = countAll(summary) <= UNFOLDED_UP_TO;
  return groupStart({ name, total: counted(countOf(state, name), "finding"), means, hazard, open });
}

function acceptedHead({ summary }: Compared): Html {
  const total = count(summary.counts.accepted ?? 0);
  const means = "Known and accepted with --ignore: in no total and no verdict.";
  return stateStart({ tone: "none", word: "Accepted", total, means, iconHtml: icon("none") });
}

function acceptedGroup({ summary }: Compared): Html {
  const total = counted(summary.counts.accepted ?? 0, "finding");
  const means = "Each says why, and until when.";
  return groupStart({ name: ACCEPTED, total, means, hazard: "", open: false });
}

/** In a sentence, what there is and how it is shown. */
export function findingsLead({ summary }: Compared, limit: number): string {
  const total = countAll(summary);
  if (total + (summary.counts.accepted ?? 0) === 0) return "";
  return `${counted(total, "finding")}, worst first. Open a class, then a finding. Of each class up to ${count(limit)} are shown; totals are exact.`;
}

function countAll({ counts }: Summary): number {
  return STATES.reduce((sum, state) => sum + (counts.byState[state] ?? 0), 0);
}
