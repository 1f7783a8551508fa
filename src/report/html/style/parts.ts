/** The verdict with its figures, the matrix of checks, charts, hosts and lists. */
export const PARTS = `
.hero { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); background: var(--tint); border-radius: 14px; }
.verdict { padding: clamp(1.25rem, 4vw, 2.5rem); }
h1 { display: flex; align-items: center; gap: .3em; color: var(--tone); font-size: clamp(2.25rem, 1.4rem + 3.6vw, 3.5rem); }
h1 { font-weight: 700; letter-spacing: -.03em; line-height: 1.05; }
.seal { display: inline-grid; place-items: center; flex: none; width: 1em; height: 1em; border-radius: 50%; }
.seal { background: var(--tone); color: var(--tint); font-size: .8em; }
.seal .icon { width: .6em; height: .6em; vertical-align: 0; }
.verdict { align-self: center; }
.tallies { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1.1rem; }
.tallies li { display: flex; gap: .4em; align-items: center; padding: .25rem .8rem; border-radius: 2em; }
.tallies li { background: var(--card); color: var(--tone); font-size: var(--small); }
.tallies strong { font-size: var(--base); }
.outcome { margin-top: .75rem; font-size: var(--lead); font-weight: 600; }
.means { margin-top: 1rem; font-size: 1.0625rem; max-width: 38rem; text-wrap: pretty; }
.todo { background: color-mix(in srgb, var(--card) 72%, transparent); border-radius: 10px; margin: .75rem; padding: 1.5rem; }
.todo { display: flex; flex-direction: column; justify-content: center; }
.todo h2 { font-size: var(--small); color: var(--tone); }
.todo li { margin-top: .5rem; padding-left: 1.1em; text-indent: -1.1em; font-size: var(--small); text-wrap: pretty; }
.todo li::before { content: ""; display: inline-block; width: .45em; height: .45em; border-radius: 50%; }
.todo li::before { background: var(--tone); margin-right: .65em; vertical-align: .12em; }
.say { margin-top: 1rem; font-size: var(--small); font-weight: 600; }
pre { margin-top: .4rem; padding: .65rem .8rem; border-radius: 8px; background: var(--card); border: 1px solid var(--line); }
pre { font-size: var(--small); line-height: 1.45; white-space: pre-wrap; }
pre span { display: inline-block; max-width: 100%; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10.5rem), 1fr)); gap: 1.25rem 1.75rem; }
.figures { padding: 1.75rem clamp(0rem, 4vw, 2.5rem) 0; }
.figures > div { display: grid; grid-template-rows: subgrid; grid-row: span 2; gap: .15rem; }
.figures dt { align-self: end; color: var(--soft); font-size: var(--small); }
.figures strong { display: block; font-size: var(--title); font-weight: 650; letter-spacing: -.02em; line-height: 1.25; }
.figures .great strong { font-size: var(--great); line-height: 1.1; white-space: nowrap; }
.figures dd span { display: block; font-size: var(--small); line-height: 1.4; color: var(--soft); }
.figures strong, .matrix, .total, .evidence, .runs { font-variant-numeric: tabular-nums; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: inherit; }
thead th { color: var(--soft); font-size: var(--small); vertical-align: bottom; padding: 0 .5rem .5rem 0; }
.matrix td, .matrix tbody th { border-top: 1px solid var(--line); padding: .6rem .5rem .6rem 0; vertical-align: top; }
.matrix tbody th { width: 40%; padding-left: 1.4rem; text-indent: -1.4rem; }
.matrix th { overflow-wrap: normal; }
.matrix .name { overflow-wrap: anywhere; }
.matrix .answer { padding-right: 1.25rem; }
.matrix small { display: block; font-size: var(--tiny); max-width: 11rem; }
.number { display: inline-block; width: 1.4rem; text-indent: 0; color: var(--soft); font-size: var(--small); }
.answer { color: var(--tone); font-weight: 600; white-space: nowrap; }
.answer .icon { margin-right: .4em; }
.tally { display: inline-flex; align-items: center; gap: .3em; margin: 0 .25rem .2rem 0; padding: .05rem .55em; }
.tally { border-radius: 1em; background: var(--tint); color: var(--tone); font-size: var(--small); font-weight: 600; }
.quiet { color: var(--tone); opacity: .75; font-size: var(--small); }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1rem; }
figure, .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem 1rem; }
figcaption p { color: var(--soft); font-size: var(--small); margin: .2rem 0 .6rem; }
.chart { display: block; width: 100%; height: auto; color: var(--soft); font: 12px var(--sans); overflow: visible; }
.chart text { white-space: pre; }
.chart path[fill^="var"] { stroke: var(--card); stroke-width: .5; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-top: .6rem; font-size: var(--small); color: var(--soft); }
.legend li::before { content: ""; display: inline-block; width: .7em; height: .7em; border-radius: 2px; background: var(--fill); margin-right: .45em; }
.legend .tone-hollow::before { background: var(--card); border: 1.5px solid var(--ink); border-radius: 50%; }
.word { display: flex; gap: .6rem; align-items: baseline; flex-wrap: wrap; }
.word strong { color: var(--tone); background: var(--tint); border-radius: 1em; padding: .1rem .8em; }

.hosts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; }
.card h3 { display: flex; flex-wrap: wrap; gap: .1rem .6em; align-items: baseline; }
.card h3 small { color: var(--soft); font-weight: 400; font-size: var(--small); }
.bar { display: block; width: 100%; height: 10px; margin: .9rem 0 .5rem; border-radius: 5px; background: var(--faint); }
.bar .read { fill: var(--good-fill); } .bar .carried { fill: var(--in-flight-fill); } .bar .unread { fill: var(--faint); }
.facts { display: grid; gap: .35rem; font-size: var(--small); }
.card .facts { margin-top: .75rem; }
.facts > div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .25rem 1rem; }
.facts dt { color: var(--soft); }
.plain li { border-top: 1px solid var(--line); padding: .55rem 0; font-size: var(--small); text-wrap: pretty; }
.plain li:first-child { border-top: 0; }
.plain li > .name { font-weight: 600; font-size: 1em; margin-right: .5em; }
.plain .text { display: block; }
.card .plain li { padding: .4rem 0; }
.plain .kind { color: var(--soft); }
.block h3 { margin-bottom: .35rem; }
.runs { font-size: var(--small); }
.runs th, .runs td { padding: .3rem .75rem .3rem 0; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
.runs th:first-child, .runs td:first-child { text-align: left; }
.runs thead th { border-top: 0; }
.users .tally { align-self: start; }
.users li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; }

@media (max-width: 56rem) {
  .hero { grid-template-columns: minmax(0, 1fr); }
  .todo { margin-top: 0; }
}
@media (max-width: 36rem) {
  .figures { grid-template-columns: 1fr 1fr; padding-left: 0; padding-right: 0; }
  .figures .great { grid-column: 1 / -1; }
  .matrix small, .number { display: none; }
  .matrix { font-size: .8125rem; table-layout: fixed; overflow-wrap: normal; }
  .matrix thead th { font-size: .6875rem; padding-right: .2rem; }
  .matrix thead th:first-child { width: 28%; }
  .matrix thead th:nth-child(2) { width: 19%; }
  .matrix tbody th { padding-left: 0; text-indent: 0; }
  .matrix td, .matrix tbody th { padding-right: .3rem; overflow-wrap: break-word; hyphens: auto; }
  .matrix .answer { white-space: normal; padding-right: .2rem; font-size: .75rem; }
  .matrix .answer .icon { display: none; }
  .matrix .tally { padding: 0 .35em; margin-right: 0; font-size: var(--tiny); gap: .15em; }
  .facts > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
`;
