/** Compares items: those of users and quota roots, and those of mailboxes in which nothing else differs. */
import { type ByteString, inboxesOf, isDeletedName, ownerOf } from "../mail/name.ts";
import type { ItemFacts, ItemPair, MailboxFacts } from "../mail/scan-facts.ts";
import { SIDES, type Side } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import type { Draft } from "./explain.ts";
import { itemDraft, unreadDrafts } from "./item-drafts.ts";
import { judgeItem } from "./judge/item.ts";
import { MailboxItems } from "./mailbox-items.ts";
import { counterNote } from "./pair-notes.ts";
import { joinedScripts } from "./scripts.ts";
import { Unit } from "./unit.ts";

/** Compares all items that no pair of mailboxes has been compared with; call it when all of those have been. */
export function compareItems(comparison: Comparison): void {
  if (!comparison.haveItems) return;
  const left = new Map<number, number>();
  reportUnread(comparison, left);
  for (const pair of joinedScripts(withoutMessages(comparison))) {
    const item = pair.primary ?? pair.replica;
    if (item === null || item.kind === "acl") continue;
    if (item.kind === "modseq-counter") {
      const note = counterNote(pair, comparison.hosts);
      const inScope =
        item.owner === "" ? !comparison.isNarrowed : inboxesOf(item.owner).some(comparison.settings.inScope);
      if (note !== null && inScope) comparison.note(note);
      continue;
    }
    if (item.mailboxId === null || item.kind === "sieve") compareOwned(comparison, pair, item);
    else rememberMailbox(comparison, pair, left);
  }
  for (const [primary, replica] of left) {
    compareAgreeing(
      comparison,
      comparison.view("primary").mailbox(primary),
      comparison.view("replica").mailbox(replica),
    );
  }
}

/** Differing items, but scripts whose mailboxes are compared, or found missing, as such. */
function* withoutMessages({ pair, scripts }: Comparison): Generator<ItemPair> {
  for (const items of pair.differingItems()) {
    const [item, side] = [items.primary ?? items.replica, items.primary === null ? "replica" : "primary"] as const;
    if (item?.kind !== "sieve" || !scripts.isOfMailbox(item, side)) yield items;
  }
}

/** What neither side could read is one finding. Mailboxes that something could not be read of are remembered. */
function reportUnread(comparison: Comparison, left: Map<number, number>): void {
  for (const side of SIDES) {
    for (const { mailboxId, uniqueId } of comparison.unread[side]) {
      const of = { mailboxId, uniqueId };
      if (mailboxId !== null) {
        rememberMailbox(comparison, { primary: null, replica: null, [side]: of }, left);
      }
    }
  }
  const thing = ({ subject: { mailbox, uniqueId, item, owner, key } }: Draft) =>
    JSON.stringify([uniqueId ?? mailbox, item, owner, key]);
  const ofReplica = new Map(unreadOf(comparison, "replica").map((draft) => [thing(draft), draft]));
  for (const draft of unreadOf(comparison, "primary")) {
    const twin = ofReplica.get(thing(draft));
    ofReplica.delete(thing(draft));
    comparison.emit(twin === undefined ? draft : { ...draft, side: "both", replica: twin.replica });
  }
  for (const draft of ofReplica.values()) comparison.emit(draft);
}

/** Scripts of a mailbox matter only where the other side has them in a directory. */
function unreadOf(comparison: Comparison, side: Side): Draft[] {
  return unreadDrafts(comparison.view(side), side).filter(
    ({ subject: { mailbox, item, owner } }) =>
      item !== "sieve" || mailbox === null || owner === undefined || !comparison.scripts.areMessages(owner),
  );
}

type OfMailbox = Pick<ItemFacts, "mailboxId" | "uniqueId">;

/** Of a mailbox that both sides have and that is compared in nothing else, remembers the two ids. */
function rememberMailbox(
  comparison: Comparison,
  { primary, replica }: Readonly<Record<Side, OfMailbox | null>>,
  left: Map<number, number>,
): void {
  const uniqueId = (primary ?? replica)?.uniqueId ?? null;
  const of = (side: Side, item: OfMailbox | null) =>
    item?.mailboxId ?? (uniqueId === null ? null : comparison.view(side).listedByUniqueId(uniqueId));
  const ids = [of("primary", primary), of("replica", replica)] as const;
  if (ids[0] !== null && ids[1] !== null && !comparison.itemsCompared.has(ids[0])) left.set(ids[0], ids[1]);
}

/** A pair whose indexes agree. One that was renamed, deleted or not read has been reported as that. */
function compareAgreeing(comparison: Comparison, primary: MailboxFacts, replica: MailboxFacts): void {
  if (isDeletedName(primary.name) || isDeletedName(replica.name)) return;
  if (primary.status !== "read" || replica.status !== "read") return;
  if (!comparison.settings.inScope(primary.name)) return;
  comparison.itemsCompared.add(primary.id);
  const unit = new Unit(comparison, primary, replica);
  const items = new MailboxItems(comparison, primary, replica);
  items.compare(unit);
  items.emit(unit);
  unit.close();
}

/** An item of a user or a quota root. */
function compareOwned(comparison: Comparison, pair: ItemPair, item: ItemFacts): void {
  if (comparison.isUnread(pair) || !isCompared(comparison, pair, item)) return;
  const owner = item.kind === "quota" || item.kind === "quota-usage" ? ownerOf(item.key) : item.owner;
  if (owner !== null && isWithoutPartner(comparison, owner)) return;
  const facts = { primary: comparison.view("primary").facts, replica: comparison.view("replica").facts };
  const times = {
    primaryMs: facts.primary.itemsReadAtMs ?? facts.primary.startedAtMs,
    replicaMs: facts.replica.itemsReadAtMs ?? facts.replica.startedAtMs,
  };
  const context = {
    // Nothing of a subscription says when it was made.
    newestEqual: item.kind === "subscription" ? null : comparison.newestEqualUpdate(owner, times),
    mailbox: null,
    times,
  };
  const draft = itemDraft(pair, null, judgeItem(pair, context, comparison.judge));
  if (draft !== null) comparison.emit(draft);
}

function isCompared(comparison: Comparison, pair: ItemPair, item: ItemFacts): boolean {
  const { inScope } = comparison.settings;
  switch (item.kind) {
    case "subscription":
    case "sieve":
      return inboxesOf(item.owner).some(inScope) && !isOfOneSided(comparison, item);
    case "quota":
      return inScope(item.key);
    case "quota-usage":
      return inScope(item.key) && isUsageComparable(comparison, pair) && countDifferently(pair);
    default:
      // Annotations of the server: `sync_client -A` does not bring them, so that a healthy pair differs in them.
      return false;
  }
}

/** Everything of a user whose INBOX only one side has is in the finding of that mailbox. */
function isWithoutPartner(comparison: Comparison, owner: string): boolean {
  return inboxesOf(owner).some((inbox) => isOnOneSide(comparison, inbox));
}

/** A subscription to a mailbox that only one side has, or has under that name, goes with the finding of the mailbox. */
function isOfOneSided(comparison: Comparison, { kind, key }: ItemFacts): boolean {
  return kind === "subscription" && comparison.settings.inScope(key) && isOnOneSide(comparison, key);
}

function isOnOneSide(comparison: Comparison, name: ByteString): boolean {
  const [p, r] = SIDES.map((side) => comparison.view(side).listedByName(name) !== null);
  return p !== r;
}

/** Counts of a resource that only one side knows (up to 2.4 there is but one) are not held against the other. */
function countDifferently({ primary, replica }: ItemPair): boolean {
  const counts = ({ value }: Pick<ItemFacts, "value">) =>
    new Map([...value.matchAll(/(\S+) (-?\d+)/g)].map(([, k, n]) => [k, n]));
  const [p, r] = [counts(primary ?? { value: "" }), counts(replica ?? { value: "" })];
  return [...p].some(([resource, count]) => r.has(resource) && r.get(resource) !== count);
}

/**
 * Usage follows from the messages: it is worth a word only where all of them under the root agree, both indexes count
 * alike, and neither file was written while the other was read.
 */
function isUsageComparable(comparison: Comparison, { primary, replica }: ItemPair): boolean {
  if (primary === null || replica === null || comparison.isNarrowed) return false;
  if (comparison.unsettledRoots.has(primary.key)) return false;
  const [p, r] = SIDES.map((side) => {
    const id = comparison.view(side).listedByName(primary.key);
    return id === null ? null : (comparison.view(side).mailbox(id).header?.minorVersion ?? null);
  });
  if (p === null || p !== r) return false;
  const earliestMs = Math.min(...SIDES.map((side) => comparison.view(side).facts.startedAtMs));
  const settled = Math.floor(earliestMs / 1000) - comparison.settings.settleSeconds;
  return [primary, replica].every(({ mtime }) => mtime !== null && mtime < settled);
}
