/** Edits of what is no message: each is one fault, with the one finding that a comparison must make of it. */

import { isAnchor } from "./arbitrary.ts";
import type { ExpectedFinding } from "./edits.ts";
import type { ModelLayout } from "./layout.ts";
import type { ModelItems, ModelSide, PairModel } from "./model.ts";

/** Where an edit is made. `at` chooses among what there is. */
export interface ItemTarget {
  readonly side: ModelSide;
  readonly at: number;
}

export type PairLayouts = Readonly<Record<ModelSide, ModelLayout>>;

/** Makes the edit, or returns null where there is nothing to make it of. */
export type ItemEdit = (pair: PairModel, target: ItemTarget, layouts: PairLayouts) => ExpectedFinding | null;

const open = { state: "in-flight", side: "unknown" } as const;
const lost = { state: "diverged", side: "replica" } as const;

/** Every kind of edit, by name. No two of one kind are made in one pair. */
export const ITEM_EDITS: Readonly<Record<string, ItemEdit>> = {
  unsubscribed(pair, { side, at }) {
    const subscriptions = itemsOf(pair, side).subscriptions;
    const made = Object.entries(subscriptions).flatMap(([owner, names]) => names.map((key) => [owner, key] as const));
    const [owner, key] =
      chosen(
        made.filter(([, name]) => isAnchor(name)),
        at,
      ) ?? [];
    if (owner === undefined || key === undefined) return null;
    subscriptions[owner] = (subscriptions[owner] ?? []).filter((name) => name !== key);
    return { class: "subscription-differs", ...open, mailbox: null, owner, key };
  },
  subscriptionsCutOff(pair, { side, at }) {
    const items = itemsOf(pair, side);
    const owner = chosen(Object.keys(items.subscriptions), at);
    if (owner === undefined) return null;
    items.damagedSubscriptions = [owner];
    return { class: "subscription-differs", state: "unproven", side, mailbox: null, owner };
  },
  unseen(pair, { side, at }) {
    const items = itemsOf(pair, side);
    const box = (id: string) => pair[side].mailboxes.find(({ uniqueId }) => uniqueId === id);
    const entry = chosen(
      items.seen.filter(({ uniqueId }) => isAnchor(box(uniqueId)?.name ?? "a.b")),
      at,
    );
    if (entry === undefined) return null;
    items.seen = items.seen.filter((other) => other !== entry);
    return {
      class: "seen-differs",
      state: "diverged",
      side,
      mailbox: box(entry.uniqueId)?.name ?? "",
      owner: entry.user,
    };
  },
  quotaLimit(pair, { side, at }, layouts) {
    const quota = chosen(itemsOf(pair, side).quotas, at);
    if (quota === undefined) return null;
    quota.storage += 1;
    const timed = layouts.primary.quotas === "files" && layouts.replica.quotas === "files";
    return { class: "quota-differs", ...(timed ? lost : open), mailbox: null, key: quota.root };
  },
  script(pair, { side, at }, layouts) {
    const script = chosen(itemsOf(pair, side).scripts, at);
    // Between two servers that keep them as messages it is a message that differs.
    if (script === undefined || (layouts.primary.generation === "3.6" && layouts.replica.generation === "3.6"))
      return null;
    script.source += " discard;";
    return { class: "sieve-differs", ...lost, mailbox: null, owner: script.user, key: `${script.name}.script` };
  },
  inactive(pair, { side, at }) {
    const script = chosen(itemsOf(pair, side).scripts, at);
    if (script === undefined) return null;
    script.active = false;
    return { class: "sieve-differs", ...open, mailbox: null, owner: script.user, key: "active" };
  },
  annotation(pair, { side, at }) {
    const annotation = anchored(pair, side, at);
    if (annotation === undefined) return null;
    annotation.value += " x";
    const { mailbox, user, entry } = annotation;
    const owner = user === "" ? {} : { owner: user };
    return { class: "mailbox-annotation-differs", ...open, mailbox, ...owner, key: entry };
  },
  annotationDamaged(pair, { side, at }) {
    const annotation = anchored(pair, side, at + 1);
    if (annotation === undefined) return null;
    annotation.value = null;
    return { class: "mailbox-annotation-differs", state: "unproven", side, mailbox: annotation.mailbox };
  },
};

function anchored(pair: PairModel, side: ModelSide, at: number) {
  const all = itemsOf(pair, side).annotations;
  return chosen(
    all.filter(({ mailbox }) => isAnchor(mailbox)),
    at,
  );
}

function itemsOf(pair: PairModel, side: ModelSide): ModelItems {
  const { items } = pair[side];
  if (items === undefined) throw new RangeError("The model has no items");
  return items;
}

function chosen<T>(all: readonly T[], at: number): T | undefined {
  return all[at % all.length];
}
