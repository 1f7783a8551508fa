/** Findings: a state, in it classes that open, in them findings that open. */
export const FINDINGS = `
.state + .state { margin-top: 2.25rem; }
.state h3 { display: flex; align-items: center; gap: .45em; color: var(--tone); font-size: var(--title); letter-spacing: -.02em; }
.state h3 .total { font-weight: 400; }
.state > .hint { margin: .25rem 0 .9rem; }
summary { cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; width: .45em; height: .45em; margin: 0 .35em .1em 0; border: solid var(--soft); }
summary::before { border-width: 0 2px 2px 0; transform: rotate(-45deg); align-self: center; }
details[open] > summary::before { transform: rotate(45deg); }
.group { background: var(--card); border: 1px solid var(--line); border-radius: 12px; margin-top: .6rem; }
.group > summary { display: flex; flex-wrap: wrap; gap: .1rem .5rem; align-items: baseline; padding: .8rem 1.1rem; border-radius: 12px; }
.group > summary:hover { background: var(--faint); }
.group > summary .name, .group > summary .label { font-weight: 600; flex: 1; min-width: 0; }
.gist { flex: 1 0 100%; padding-left: 1.3rem; color: var(--soft); font-size: var(--small); text-wrap: pretty; }
.group > summary .total { color: var(--tone); font-weight: 600; font-size: var(--small); }
.meaning { padding: 0 1.1rem .9rem 2.4rem; font-size: var(--small); color: var(--soft); max-width: 50rem; text-wrap: pretty; }
.meaning strong { color: var(--ink); }
.more { padding: .7rem 1.1rem .9rem; border-top: 1px solid var(--line); }
.finding { border-top: 1px solid var(--line); }
.finding > summary { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: .1rem .5rem; padding: .6rem 1.1rem; }
.finding > summary:hover { background: var(--faint); }
.finding > summary::before { align-self: start; margin-top: .5em; }
.what { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
.what > *, .details > * { min-width: 0; }
.details, .tags { display: flex; flex-wrap: wrap; gap: 0 .75rem; font-size: var(--small); }
.tags { color: var(--soft); justify-content: end; max-width: 18rem; }
.inside { padding: .35rem 1.1rem 1.1rem 2.1rem; display: grid; gap: .8rem; }
.inside > p { max-width: 44rem; text-wrap: pretty; }
.evidence { font-size: var(--small); table-layout: fixed; }
.evidence th, .evidence td { padding: .25rem .75rem .25rem 0; vertical-align: top; }
.evidence thead th { border-bottom: 1px solid var(--line); }
.evidence thead th:first-child { width: 8.5rem; }
.evidence tbody th { color: var(--soft); }
.evidence td { font-family: var(--mono); font-size: .94em; color: var(--soft); }
.evidence .differs td { color: var(--tone); font-weight: 600; }
@media (max-width: 36rem) {
  .evidence thead th:first-child { width: 4.75rem; }
  .inside { padding-left: 1.1rem; }
  .tags { grid-column: 2; justify-content: start; max-width: none; }
}
`;
