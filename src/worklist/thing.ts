import { CHECK_OF_CLASS, type VarianceClass } from "../compare/classes.ts";
import type { Subject } from "../compare/variance.ts";

/** Classes of findings about what has an owner and a key; each kind of item is a thing of its own. */
const ITEM_CLASSES: ReadonlySet<VarianceClass> = new Set([
  "message-annotation-differs",
  "mailbox-annotation-differs",
  "subscription-differs",
  "seen-differs",
  "sieve-differs",
  "quota-differs",
]);

/**
 * What a finding is about, as one text: the same thing has the same text in every comparison, whatever class, state or
 * side it has there. Design §4.
 */
export function thingOf(name: VarianceClass, subject: Subject): string {
  const { mailbox, uniqueId, uid, owner, key, item, path } = subject;
  const place = uniqueId ?? mailbox ?? path ?? null;
  const field = name === "mailbox-metadata-differs" || name === "status-differs" ? (item ?? null) : null;
  return JSON.stringify([kindOf(name, uid), place, uid ?? null, owner ?? null, key ?? null, field]);
}

function kindOf(name: VarianceClass, uid: number | undefined): string {
  if (ITEM_CLASSES.has(name)) return name;
  if (uid !== undefined) return CHECK_OF_CLASS[name] === "content" ? "file" : "record";
  return name === "mailbox-metadata-differs" || name === "status-differs" || name === "acl-differs" ? name : "mailbox";
}
