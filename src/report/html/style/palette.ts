/** Colours, each with one meaning; sizes of letters, in steps of a fourth; spaces, in steps of four. */

/**
 * Words in a colour have a contrast of 4.5 at least on paper, card and their own tint; a `-fill` has 3 on a card (WCAG
 * 2.2, 1.4.3 and 1.4.11).
 */
export const PALETTE = `
:root {
  color-scheme: light dark;
  --paper: #f5f3ee; --card: #fffefb; --ink: #1d2026; --soft: #565c66; --line: #dedad0; --faint: #ebe8e0;
  --damaged: #a3201c; --damaged-tint: #fbe8e4; --damaged-fill: #cc4840;
  --diverged: #854800; --diverged-tint: #fbeed8; --diverged-fill: #c77a15;
  --in-flight: #17548f; --in-flight-tint: #e3eef9; --in-flight-fill: #3c83cc;
  --unproven: #565a66; --unproven-tint: #eceae6; --unproven-fill: #868b97;
  --good: #1a6540; --good-tint: #e2f2e8; --good-fill: #35935e;
  --tiny: .75rem; --small: .875rem; --base: 1rem; --lead: 1.1875rem; --title: 1.5rem; --great: 2.25rem;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #131519; --card: #1b1e24; --ink: #ebe8e1; --soft: #a8aeb9; --line: #343942; --faint: #262a31;
    --damaged: #ff9c92; --damaged-tint: #3b1d1c; --damaged-fill: #dd655c;
    --diverged: #f2ba69; --diverged-tint: #36280f; --diverged-fill: #cf9136;
    --in-flight: #8fc0f7; --in-flight-tint: #16293e; --in-flight-fill: #5595d8;
    --unproven: #bcc0ca; --unproven-tint: #282b31; --unproven-fill: #828896;
    --good: #7dd3a1; --good-tint: #16301f; --good-fill: #48a874;
  }
}
.tone-damaged { --tone: var(--damaged); --tint: var(--damaged-tint); --fill: var(--damaged-fill); }
.tone-diverged { --tone: var(--diverged); --tint: var(--diverged-tint); --fill: var(--diverged-fill); }
.tone-in-flight { --tone: var(--in-flight); --tint: var(--in-flight-tint); --fill: var(--in-flight-fill); }
.tone-unproven { --tone: var(--unproven); --tint: var(--unproven-tint); --fill: var(--unproven-fill); }
.tone-good { --tone: var(--good); --tint: var(--good-tint); --fill: var(--good-fill); }
.tone-none, .tone-ink { --tone: var(--soft); --tint: var(--faint); --fill: var(--ink); }
`;
