/** On paper: light, everything open that is folded on a screen, nothing torn that belongs together. */
export const PRINT = `
@media print {
  @page { margin: 16mm 14mm; }
  html { background: #fff; font-size: 10pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  .hero, .tally, .bar, .chart, .legend li, .seal, .word strong { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .hero, .figures > div, figure, .card, tr, .finding > summary, .facts > div { break-inside: avoid; }
  section { display: block; margin-top: 1.25rem; padding-top: 1.25rem; }
  .aside { margin-bottom: .75rem; }
  h2, h3, .group > summary, .meaning { break-after: avoid; }
  .finding, .group { break-inside: auto; }
  details:not(.aside-table)::details-content { content-visibility: visible; block-size: auto; }
  details.aside-table { display: none; }
  summary::before { display: none; }
  .finding > summary { grid-template-columns: minmax(0, 1fr) auto; }
  .charts { grid-template-columns: 1fr 1fr; }
  .scroll { overflow: visible; }
}
`;
