/** What else is to be known: why it is incomplete, a second look, what could not be compared, notes. */
import type { Compared, Note, RecheckResult } from "../../compare/variance.ts";
import { terminalName, terminalText } from "../escape.ts";
import { count } from "../figures.ts";
import { type Hosts, place } from "../text/hosts.ts";
import { STATE_WORDS } from "../text/words.ts";
import { cut } from "../width.ts";
import { type Html, joined, NOTHING, template } from "./markup.ts";

const LONGEST_NAME = 400;

interface Item {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
}

const list = template<{ title: string; items: readonly Item[]; more: string }>(`<div class="block">
<% if (it.title !== "") { %><h3><%= it.title %></h3><% } %>
<ul class="plain">
<% for (const { name, kind, text } of it.items) { %><li><% if (name !== "") { %><span class="name"><%= name %></span> <% } %><% if (kind !== "") { %><span class="kind"><%= kind %></span> <% } %><span class="text"><%= text %></span></li>
<% } %></ul>
<% if (it.more !== "") { %><p class="hint"><%= it.more %></p><% } %>
</div>
`);

/** A titled list of texts; nothing when it is empty. */
export function textsHtml(title: string, texts: readonly string[]): Html {
  if (texts.length === 0) return NOTHING;
  return list({ title, items: texts.map((text) => ({ name: "", kind: "", text: terminalText(text) })), more: "" });
}

/** Notes, up to `limit` of each class. */
function notesHtml(notes: Iterable<Note>, hosts: Hosts, limit: number): Html {
  const seen = new Map<string, number>();
  const items: Item[] = [];
  for (const note of notes) {
    const number = (seen.get(note.class) ?? 0) + 1;
    seen.set(note.class, number);
    if (number <= limit) items.push(noteItem(note, hosts));
  }
  if (items.length === 0) return NOTHING;
  const rest = [...seen].filter(([, number]) => number > limit);
  const more = rest.map(([name, number]) => `${count(number - limit)} more ${terminalText(name)}`).join(", ");
  return list({ title: "Notes: worth knowing, never a variance", items, more: more === "" ? "" : `and ${more}` });
}

function noteItem({ class: is, mailbox, side, explain, count: number }: Note, hosts: Hosts): Item {
  const where = place(side, hosts);
  const kind = [
    terminalText(is),
    ...(where === null ? [] : [where]),
    ...(number === undefined ? [] : [`count ${count(number)}`]),
  ];
  return {
    name: mailbox === null ? "" : cut(terminalName(mailbox), LONGEST_NAME),
    kind: kind.join(" · "),
    text: terminalText(explain),
  };
}

/** What a second look made of earlier findings; nothing for a comparison that is none. */
export function recheckHtml({ recheck }: Compared, limit: number): Html {
  if (recheck === undefined) return NOTHING;
  const { confirmed, cleared, notReExamined } = recheck.counts;
  const title = `Second look: ${count(confirmed)} confirmed, ${count(cleared)} cleared, ${count(notReExamined)} not re-examined`;
  const left = recheck.findings.length - limit;
  const items = recheck.findings.slice(0, limit).map(recheckedItem);
  return list({ title, items, more: left > 0 ? `and ${count(left)} more` : "" });
}

function recheckedItem({ class: is, state, side, subject, outcome, now }: RecheckResult["findings"][number]): Item {
  const name = subject.mailbox ?? subject.path ?? subject.owner ?? subject.key;
  const changed = now !== null && (now.class !== is || now.state !== state || now.side !== side);
  const details = [outcome.replaceAll("-", " "), is, ...(subject.uid === undefined ? [] : [`uid ${subject.uid}`])];
  return {
    name: name === undefined ? "(no mailbox)" : cut(terminalName(name), LONGEST_NAME),
    kind: details.join(" · "),
    text: changed ? `now ${STATE_WORDS[now.state]} ${now.class}, ${now.side}` : "",
  };
}

/** What a report says beside its findings; nothing where there is nothing to say. */
export function remarksHtml(compared: Compared, hosts: Hosts, limit: number): Html {
  return joined(
    [
      textsHtml("Could not be compared", compared.summary.scope.notComparable),
      notesHtml(compared.notes(), hosts, limit),
    ].filter((html) => html !== NOTHING),
  );
}
