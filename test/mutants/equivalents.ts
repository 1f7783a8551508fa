/** Mistakes that are none: what the mutated line does then, it does already. */
import type { Mutation } from "./mutations.ts";

interface Equivalent {
  readonly file: string;
  readonly to: string;
  readonly reason: string;
}

const EQUIVALENTS: readonly Equivalent[] = [];

/** Why a mutation makes no difference, or null. */
export function reasonFor(file: string, { to }: Mutation): string | null {
  return EQUIVALENTS.find((known) => known.file === file && known.to === to.trim())?.reason ?? null;
}
