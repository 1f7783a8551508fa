/** What the sentences of `explain.ts` are made of. */
import { type ByteString, displayName } from "../mail/name.ts";
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
