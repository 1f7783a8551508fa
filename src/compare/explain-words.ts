/** What the sentences of `explain.ts` are made of. */
import { type ByteString, displayName } from "../mail/name.ts";
import { CHECK_OF_CLASS } from "./classes.ts";
import type { RuleId } from "./judge/order.ts";
import type { Evidence, Variance } from "./variance.ts";

/** A finding before its sentences are written. */
export type Draft = Omit<Variance, "type" | "explain" | "repair" | "rule"> & { readonly rule: RuleId };

/** A finding, and the hosts by name. */
export interface Words {
  readonly draft: Draft;
  /** The host that the finding is about, and the other one. */
  readonly here: string;
  readonly there: string;
  readonly primary: string;
  readonly replica: string;
  /** Only one manifest is looked at. */
  readonly one: boolean;
}

/** Writes one sentence, without its full stop. */
export type Sentence = (words: Words) => string;

/** The host without the thing and the one that has it. What is missing need not be where the fault lies. */
export function lacking({ draft, primary, replica }: Words): readonly [without: string, having: string] {
  return isAbsent(draft.primary) ? [primary, replica] : [replica, primary];
}

/** True where a side has nothing of the thing. */
export function isAbsent(evidence: Evidence | null): boolean {
  return evidence === null || evidence.present === false || evidence.expunged === true;
}

/** A name in quotation marks. */
export function quote(name: ByteString | null | undefined): string {
  return name === null || name === undefined ? "?" : `"${displayName(name).text}"`;
}

/** A record that differs from the partner's, and that its own index header has not counted. */
export function isSilentChange({ class: is, state, rule }: Draft): boolean {
  return state === "damaged" && rule === "own-records" && CHECK_OF_CLASS[is] !== "store" && !is.startsWith("file-");
}

/** What was read on the side that a finding is about. */
export function side(draft: Draft): Evidence | null {
  return draft.side === "replica" ? draft.replica : (draft.primary ?? draft.replica);
}

/** One field of it, for a sentence. */
export function text(evidence: Evidence | null, field: string): string {
  const value = evidence?.[field];
  return value === undefined || value === null ? "unknown" : String(value);
}
