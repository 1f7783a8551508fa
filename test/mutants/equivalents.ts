/** Mistakes that are none: what the mutated line does then, it does already. */
import type { Mutation } from "./mutations.ts";

interface Equivalent {
  readonly file: string;
  /** The line as it is, and as it would be. */
  readonly of: string;
  readonly to: string;
  readonly reason: string;
}

const BOTH_READ = "only called for two indexes that were read and have two uidvalidities";

const EQUIVALENTS: readonly Equivalent[] = [
  { file: "message.ts", of: "if (kinds.length === 0) return [];", to: "", reason: "no kinds make no findings" },
  {
    file: "silent-change.ts",
    of: "set.length > 0 &&",
    to: "set.length >= 0 &&",
    reason: "no change makes up for nothing wrong",
  },
  {
    file: "silent-change.ts",
    of: "if ((value ^ known.value) >>> 0 < value) [value, set] = [(value ^ known.value) >>> 0, set ^ known.set];",
    to: "if ((value ^ known.value) >>> 0 <= value) [value, set] = [(value ^ known.value) >>> 0, set ^ known.set];",
    reason: "the two are alike for a known value of 0, and none is kept",
  },
  {
    file: "own-side.ts",
    of: 'if (a.class === "file-missing") return true;',
    to: "",
    reason: "two files that are missing have no size and no digest either, and those are alike",
  },
  {
    file: "mailbox.ts",
    of: "const p = primary.header?.uidValidity ?? 0;",
    to: "const p = primary.header?.uidValidity;",
    reason: BOTH_READ,
  },
  {
    file: "mailbox.ts",
    of: "const r = replica.header?.uidValidity ?? 0;",
    to: "const r = replica.header?.uidValidity;",
    reason: BOTH_READ,
  },
  {
    file: "mailbox.ts",
    of: 'if (p > r) return as("uidvalidity-order", asNew(plausibleTime(p, times.primaryMs), newestEqual, times, settings));',
    to: 'if (p >= r) return as("uidvalidity-order", asNew(plausibleTime(p, times.primaryMs), newestEqual, times, settings));',
    reason: BOTH_READ,
  },
];

/** Why a mutation makes no difference, or null. */
export function reasonFor(file: string, { from, to }: Mutation): string | null {
  const same = (known: Equivalent) => known.file === file && known.of === from.trim() && known.to === to.trim();
  return EQUIVALENTS.find(same)?.reason ?? null;
}
