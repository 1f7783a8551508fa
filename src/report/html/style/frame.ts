/** The frame: a column for titles and one for what they are of; on a phone one below the other. */
export const FRAME = `
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: var(--base)/1.5 var(--sans); -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 73rem; padding: 0 clamp(1rem, 4vw, 2.5rem) 3rem; overflow-wrap: anywhere; }
p, h1, h2, h3, ul, ol, dl, dd, figure, pre { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1, h2, h3 { line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: var(--lead); font-weight: 650; }
h3 { font-size: var(--base); font-weight: 650; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .25em; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--in-flight-fill); outline-offset: 2px; border-radius: 3px; }
.name, code { font-family: var(--mono); font-size: .94em; }
.hint, .more, .calm { color: var(--soft); font-size: var(--small); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.icon { display: inline-block; width: 1em; height: 1em; flex: none; vertical-align: -.125em; }
.icon path { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }

.masthead { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline; padding: 1.5rem 0 1rem; }
.masthead { font-size: var(--small); color: var(--soft); }
.brand strong { color: var(--ink); letter-spacing: -.01em; }
.brand span { margin-left: .5em; }
.masthead ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; }
.dateline { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 .75em; align-items: baseline; }
.dateline time { white-space: nowrap; }

section { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 1rem 2.5rem; }
section { border-top: 1px solid var(--line); padding: 2rem 0 .5rem; margin-top: 2rem; }
.aside h2 { margin-bottom: .5rem; }
.aside p { color: var(--soft); font-size: var(--small); text-wrap: pretty; }
.body > * + * { margin-top: 1.25rem; }
footer { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: 1rem; color: var(--soft); font-size: var(--small); }

@media screen and (min-width: 56.01rem) {
  .aside { align-self: start; position: sticky; top: 1.5rem; }
}
@media (max-width: 56rem) {
  section { grid-template-columns: minmax(0, 1fr); }
  .dateline { margin-left: 0; flex-basis: 100%; }
}
`;
