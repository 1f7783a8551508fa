/** Sets of UIDs as seen databases hold them: `1:3,7`. */

/** A set that is not of this form, or too long to be kept, cannot be looked into. */
export type UidRanges = readonly (readonly [number, number])[];

/** Decodes a sequence of UIDs; null when it is none. */
export function uidRanges(sequence: string): UidRanges | null {
  if (sequence === "") return [];
  const ranges: [number, number][] = [];
  for (const part of sequence.split(",")) {
    const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(part);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    ranges.push(first <= last ? [first, last] : [last, first]);
  }
  return ranges.sort(([a], [b]) => a - b);
}

/** UIDs that just one of two sets has, as ascending ranges. */
export function symmetricDifference(a: UidRanges, b: UidRanges): UidRanges {
  // Each edge of a range turns membership of its set over; between two edges nothing changes.
  const edges = [...edgesOf(a, 0), ...edgesOf(b, 1)].sort((x, y) => x.at - y.at);
  const depth: [number, number] = [0, 0];
  const difference: [number, number][] = [];
  let from: number | null = null;
  for (const [i, { at, set, step }] of edges.entries()) {
    depth[set] += step;
    if (edges[i + 1]?.at === at) continue;
    const inOne = depth[0] > 0 !== depth[1] > 0;
    if (inOne && from === null) from = at;
    if (inOne || from === null) continue;
    difference.push([from, at - 1]);
    from = null;
  }
  return difference;
}

function edgesOf(ranges: UidRanges, set: 0 | 1): { at: number; set: 0 | 1; step: number }[] {
  return ranges.flatMap(([first, last]) => [
    { at: first, set, step: 1 },
    { at: last + 1, set, step: -1 },
  ]);
}

/** Every UID of a set, in order. */
export function* uidsOf(ranges: UidRanges): Generator<number> {
  for (const [first, last] of ranges) for (let uid = first; uid <= last; uid++) yield uid;
}

/** True when a UID is in a set. */
export function includesUid(ranges: UidRanges, uid: number): boolean {
  return ranges.some(([first, last]) => first <= uid && uid <= last);
}
