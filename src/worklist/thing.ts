import type { VarianceClass } from "../compare/classes.ts";
import { thingOf } from "../compare/thing.ts";
import type { Subject } from "../compare/variance.ts";

/** What a finding is about, as one text: equal for the same thing in every comparison. */
export function thingText(name: VarianceClass, subject: Subject): string {
  const { kind, mailbox, uid, owner, key } = thingOf({ class: name, subject });
  return JSON.stringify([kind, mailbox, uid, owner, key]);
}
