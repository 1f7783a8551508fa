/** Names that are proposed for one that was mistyped. */
const PROPOSED = 3;

/** The names that differ from `typed` in few letters, or hold it as a word; the nearest first. */
export function nearest(typed: string, names: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(typed.length / 4));
  const scored = names.map((name) => {
    const shares = typed.length >= 3 && name.split("-").some((word) => word === typed);
    return { name, distance: shares ? 0 : distance(typed, name) };
  });
  const close = scored.filter((candidate) => candidate.distance <= most || candidate.name.startsWith(typed));
  return close
    .sort((a, b) => a.distance - b.distance)
    .slice(0, PROPOSED)
    .map(({ name }) => name);
}

/** Letters to insert, to leave out or to replace (Levenshtein). */
function distance(a: string, b: string): number {
  // What a person may have typed is short; what is not resembles no name.
  if (a.length > 64) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
