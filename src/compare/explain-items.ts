/** The sentences about subscriptions, seen state, quota, sieve scripts and annotations. */
import type { VarianceClass } from "./classes.ts";
import { isAbsent, lacking, quote, type Sentence, type Words } from "./explain-words.ts";
import type { RuleId } from "./judge/order.ts";
import type { Evidence } from "./variance.ts";

/** Characters of a value that a sentence quotes; the evidence has all of it. */
const LONGEST_VALUE = 80;

/** What differs, by class. */
export const WHAT_OF_ITEMS = {
  "subscription-differs": (words) => {
    const [without, having] = lacking(words);
    const { owner, key } = words.draft.subject;
    return `${quote(owner)} is subscribed to ${quote(key)} on ${having} and not on ${without}`;
  },
  "seen-differs": (words) => `UIDs that ${quote(words.draft.subject.owner)} has read: ${bothValues(words)}`,
  "quota-differs": (words) => {
    const { item, key } = words.draft.subject;
    return `The ${item} of quota root ${quote(key)}: ${bothValues(words)}`;
  },
  "sieve-differs": (words) => {
    const { owner, key } = words.draft.subject;
    if (key === "active") return `The active sieve script of ${quote(owner)}: ${bothValues(words)}`;
    return oneSided(words, `Sieve script ${quote(key)}`);
  },
  "mailbox-annotation-differs": (words) => oneSided(words, `Mailbox annotation ${quote(words.draft.subject.key)}`),
  "message-annotation-differs": (words) => oneSided(words, `Message annotation ${quote(words.draft.subject.key)}`),
} satisfies Partial<Record<VarianceClass, Sentence>>;

/** Why it was judged so, by the rule that decided. */
export const WHY_OF_ITEMS = {
  "item-new": ({ draft }) =>
    draft.cause === "race"
      ? "It came about between the two scans"
      : "It is younger than all that replication is known to have brought",
  "item-older-than-replication": ({ replica }) =>
    `It is older than changes of the same user that replication has already brought to ${replica}`,
  "no-order": () =>
    "Nothing on disk says when or on which host it changed, so replication may have yet to bring it; only a later comparison with --state can tell",
  "outlived-replication": ({ replica }) =>
    `An earlier comparison saw the same values, and replication has brought later changes of the same user to ${replica} since: it will not bring this one`,
  "usage-differs": () => "Every message under that root is the same on both hosts, so one of them has counted wrongly",
} satisfies Partial<Record<RuleId, Sentence>>;

/** True for the classes of findings about items. */
export function isItemClass(name: VarianceClass): boolean {
  return name in WHAT_OF_ITEMS;
}

/** Items that could not be read, whatever class they would be of; null for anything else. */
export function unreadItem({ draft, here }: Words): string | null {
  if (draft.rule !== "not-read" || !isItemClass(draft.class)) return null;
  const { owner, key, item } = draft.subject;
  const of = owner === undefined ? "" : ` of ${quote(owner)}`;
  const which = `${item}${of}${key === undefined ? "" : ` (${quote(key)})`}`;
  const found = (draft.primary ?? draft.replica)?.found;
  const why = found === undefined || found === "could not be read" ? "" : `: ${found}`;
  return `On ${here} items of kind ${which} could not be read${why}`;
}

/** What one side has alone, or both have unlike. */
function oneSided(words: Words, thing: string): string {
  const { draft, primary, replica } = words;
  if (!isAbsent(draft.primary) && !isAbsent(draft.replica)) {
    return `${thing} is not the same on ${primary} and ${replica}`;
  }
  const [without, having] = lacking(words);
  return `${thing} is on ${having} and not on ${without}`;
}

function bothValues({ draft, primary, replica }: Words): string {
  return `${value(draft.primary)} on ${primary}, ${value(draft.replica)} on ${replica}`;
}

function value(evidence: Evidence | null): string {
  const text = String(evidence?.value ?? "none");
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
