/** The top of a page: the verdict, what it means, what to do, and the figures that it comes down to. */
import { icon, type Tone } from "./icons.ts";
import { type Html, NOTHING, template } from "./markup.ts";

/** One figure with what it counts. */
export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  /** The first of all: larger than the others. */
  readonly great?: boolean;
}

/** So many of a kind. */
export interface Tally {
  readonly tone: Tone;
  readonly count: string;
  readonly word: string;
}

/** What the top of a page says. */
export interface Hero {
  readonly tone: Tone;
  readonly title: string;
  /** What it comes down to, in a few words. */
  readonly outcome: string;
  /** The same as numbers, each with the sign of what it counts. */
  readonly tallies: readonly Tally[];
  readonly means: string;
  readonly todo: readonly string[];
  /** A command to run, after what is to be said of it. */
  readonly next: { readonly say: string; readonly command: string } | null;
  readonly figures: readonly Figure[];
}

const hero = template<
  Hero & { tallies: readonly (Tally & { iconHtml: Html })[]; iconHtml: Html; nextHtml: Html }
>(`<div class="hero tone-<%= it.tone %>">
<div class="verdict">
<h1><span class="seal"><%~ it.iconHtml %></span><%= it.title %></h1>
<% if (it.outcome !== "") { %><p class="outcome"><%= it.outcome %></p><% } %>
<% if (it.tallies.length > 0) { %><ul class="tallies"><% for (const { tone, count, word, iconHtml } of it.tallies) { %><li class="tone-<%= tone %>"><%~ iconHtml %><strong><%= count %></strong> <%= word %></li><% } %></ul><% } %>
<p class="means"><%= it.means %></p>
</div>
<div class="todo">
<h2>What to do</h2>
<ul><% for (const step of it.todo) { %><li><%= step %></li><% } %></ul>
<%~ it.nextHtml %></div>
</div>
<dl class="figures">
<% for (const { label, value, detail, great } of it.figures) { %><div<% if (great) { %> class="great"<% } %>>
<dt><%= label %></dt>
<dd><strong><%= value %></strong> <span><%= detail %></span></dd>
</div>
<% } %></dl>
`);

// Word by word, so that none of them is broken at a hyphen.
const command = template<{ say: string; words: readonly string[] }>(
  `<p class="say"><%= it.say %></p><pre><code><% for (const word of it.words) { %><span><%= word %></span> <% } %></code></pre>`,
);

/** Writes the top of a page. */
export function heroHtml(values: Hero): Html {
  const nextHtml =
    values.next === null ? NOTHING : command({ say: values.next.say, words: values.next.command.split(" ") });
  const tallies = values.tallies.map((tally) => ({ ...tally, iconHtml: icon(tally.tone) }));
  return hero({ ...values, tallies, iconHtml: icon(values.tone), nextHtml });
}

/** Splits `say this: spooldiff do that` into what is said and the command. */
export function commandOf(next: string): Hero["next"] {
  const at = next.search(/(?<=^|: )spooldiff /);
  if (at < 0) return { say: "", command: next };
  const say = next.slice(0, at).replace(/: $/, "");
  return { say: say === "" ? "Next" : say.charAt(0).toUpperCase() + say.slice(1), command: next.slice(at) };
}
