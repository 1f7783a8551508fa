/** The frame of a page: head, policy and style, and the sections in it. */
import { createHash } from "node:crypto";
import { type Html, template } from "./markup.ts";
import { STYLE } from "./style/style.ts";

/** Nothing is loaded, nothing runs, nothing is sent; the one style sheet is this one, by its digest. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** A place in the page that its list of contents leads to. */
export interface Anchor {
  readonly id: string;
  readonly title: string;
}

/** What stands at the head of a page. */
export interface Masthead {
  readonly title: string;
  /** What kind of report it is. */
  readonly kind: string;
  readonly pair: string;
  readonly time: string;
  readonly contents: readonly Anchor[];
}

const opening = template<Masthead & { policy: string; styleHtml: Html }>(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="<%= it.policy %>">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title><%= it.title %></title>
<style><%~ it.styleHtml %></style>
</head>
<body>
<header class="masthead">
<p class="brand"><strong>spooldiff</strong> <span><%= it.kind %></span></p>
<nav aria-label="Contents"><ul>
<% for (const { id, title } of it.contents) { %><li><a href="#<%= id %>"><%= title %></a></li>
<% } %></ul></nav>
<p class="dateline"><span class="name"><%= it.pair %></span> <time><%= it.time %></time></p>
</header>
<main>
`);

/** Everything up to the first section. */
export function pageStart(masthead: Masthead): Html {
  return opening({ ...masthead, policy: POLICY, styleHtml: STYLE });
}

const closing = template<{ made: string }>(`</main>
<footer><p><%= it.made %></p></footer>
</body>
</html>
`);

/** Everything after the last section. */
export function pageEnd(made: string): Html {
  return closing({ made });
}

const sectionStart = template<
  Anchor & { lead: string }
>(`<section id="<%= it.id %>" aria-labelledby="<%= it.id %>-title">
<div class="aside"><h2 id="<%= it.id %>-title"><%= it.title %></h2><% if (it.lead !== "") { %><p><%= it.lead %></p><% } %></div>
<div class="body">
`);

/** Begins a section: its title stands beside what is written next, up to {@link SECTION_END}. */
export function beginSection(anchor: Anchor, lead: string): Html {
  return sectionStart({ ...anchor, lead });
}

export const SECTION_END = "</div>\n</section>\n" as Html;

const whole = template<{ startHtml: Html; bodyHtml: Html; endHtml: Html }>(
  "<%~ it.startHtml %><%~ it.bodyHtml %><%~ it.endHtml %>",
);

/** A section as a whole. */
export function section(anchor: Anchor, lead: string, bodyHtml: Html): Html {
  return whole({ startHtml: beginSection(anchor, lead), bodyHtml, endHtml: SECTION_END });
}
