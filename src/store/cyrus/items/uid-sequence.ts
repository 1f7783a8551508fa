const MAX_UID = 0xffff_ffff;

/**
 * The one form of a sequence of UIDs (`3,1:2,9:*` → `1:3,9:12`): ranges in ascending order, with a gap between each two,
 * or null if `text` is no sequence.
 *
 * @param last what `*` stands for
 * @see RFC 9051 `sequence-set`
 */
export function canonicalSequence(text: string, last: number): string | null {
  if (text === "") return "";
  const ranges: [number, number][] = [];
  for (const part of text.split(",")) {
    const match = /^(\d{1,10}|\*)(?::(\d{1,10}|\*))?$/.exec(part);
    if (match === null) return null;
    const numbers = [match[1], match[2] ?? match[1]].map((n) => (n === "*" ? last : Number(n)));
    const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
    if (to > MAX_UID) return null;
    // No message has UID 0; `0` and, in an empty mailbox, `*` stand for nothing.
    if (to > 0) ranges.push([Math.max(from, 1), to]);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of ranges) {
    const before = joined.at(-1);
    if (before !== undefined && from <= before[1] + 1) before[1] = Math.max(before[1], to);
    else joined.push([from, to]);
  }
  return joined.map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`)).join(",");
}
