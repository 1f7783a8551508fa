/** Events of whole mailboxes: on one side only, deleted, created again, renamed. Design §3.2. */

import type { Tombstone } from "../mail/mailbox.ts";
import { compareNames, isDeletedName, ownerOf } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import type { Side } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import { listEvidence } from "./evidence.ts";
import { otherSide } from "./explain.ts";
import { type Deletion, deletionOf, listNotRead, onlyOnPrimary, onlyOnReplica, recreated } from "./judge/mailbox.ts";
import type { Judgement } from "./judge/order.ts";
import { OwnSide } from "./mailbox-files.ts";
import { comparePair, subjectOf } from "./mailbox-pair.ts";
import type { ManifestView } from "./manifest-view.ts";
import { Unit } from "./unit.ts";

/** What both hosts remember of mailboxes that their lists no longer have, by uniqueid. */
export class Memory {
  readonly #tombstones: Record<Side, Map<string, Tombstone>>;
  readonly #unlisted: Record<Side, Set<string>>;
  readonly #duplicates: Record<Side, Set<string>>;

  constructor(comparison: Comparison) {
    this.#tombstones = {
      primary: byUniqueId(comparison.view("primary").tombstones()),
      replica: byUniqueId(comparison.view("replica").tombstones()),
    };
    this.#unlisted = {
      primary: unlistedIds(comparison.view("primary")),
      replica: unlistedIds(comparison.view("replica")),
    };
    this.#duplicates = {
      primary: new Set(comparison.view("primary").duplicateUniqueIds()),
      replica: new Set(comparison.view("replica").duplicateUniqueIds()),
    };
  }

  /** True where several mailboxes of that side have the uniqueid: that is its finding, and it identifies none of them. */
  isDuplicate(side: Side, uniqueId: string | null): boolean {
    return uniqueId !== null && this.#duplicates[side].has(uniqueId);
  }

  /** True where a directory on that side holds the mailbox and the list does not know it: the finding of that side. */
  holdsUnlisted(side: Side, uniqueId: string | null): boolean {
    return uniqueId !== null && this.#unlisted[side].has(uniqueId);
  }

  /** The newest deletion or rename of a uniqueid on one side. */
  of(side: Side, uniqueId: string | null): Deletion | null {
    const tombstone = uniqueId === null ? undefined : this.#tombstones[side].get(uniqueId);
    return tombstone === undefined ? null : deletionOf(tombstone);
  }
}

/** Reports every listed mailbox that no uniqueid pairs. */
export function compareUnpaired(comparison: Comparison, memory: Memory): void {
  const takenByName = new Set<number>();
  const unpaired = { primary: comparison.pair.unpaired("primary"), replica: comparison.pair.unpaired("replica") };
  const alone = { primary: new Set(unpaired.primary), replica: new Set(unpaired.replica) };
  for (const id of unpaired.primary) {
    const primary = comparison.view("primary").mailbox(id);
    const replicaId = comparison.view("replica").listedByName(primary.name);
    const replica = replicaId === null ? null : comparison.view("replica").mailbox(replicaId);
    if (replica === null) {
      compareSingle(comparison, memory, primary, "primary");
      continue;
    }
    takenByName.add(replica.id);
    compareSameName(comparison, memory, primary, replica, alone);
  }
  for (const id of unpaired.replica) {
    if (takenByName.has(id)) continue;
    const replica = comparison.view("replica").mailbox(id);
    const primaryId = comparison.view("primary").listedByName(replica.name);
    if (primaryId === null) compareSingle(comparison, memory, replica, "replica");
    else compareSameName(comparison, memory, comparison.view("primary").mailbox(primaryId), replica, alone);
  }
}

/**
 * Two mailboxes of one name that no uniqueid pairs: without an identity the name pairs them, else they are two.
 *
 * @param alone of each side, the mailboxes that no uniqueid pairs with any: one of the two may have its partner elsewhere
 */
function compareSameName(
  comparison: Comparison,
  memory: Memory,
  primary: MailboxFacts,
  replica: MailboxFacts,
  alone: Readonly<Record<Side, ReadonlySet<number>>>,
): void {
  comparison.unsettle(primary, replica);
  const unit = new Unit(comparison, primary, replica);
  const duplicate = primary.uniqueId !== null && primary.uniqueId === replica.uniqueId;
  if (primary.uniqueId === null || replica.uniqueId === null || duplicate) {
    comparison.tally.mailboxes.compared++;
    comparePair(comparison, unit, primary, replica);
    unit.close();
    return;
  }
  if (memory.isDuplicate("primary", primary.uniqueId) || memory.isDuplicate("replica", replica.uniqueId)) {
    unit.differs("list");
    unit.unknown("uids", "flags", "content", "metadata");
  } else if (!isDeletedName(primary.name)) {
    const remembered =
      memory.of("primary", replica.uniqueId) ?? deletionUnderAnotherName(comparison, "primary", replica);
    const unmatched = comparison.pair.unmatchedGuids(primary.id, replica.id);
    unit.emit({
      class: "mailbox-recreated",
      ...(comparison.unreadLists.size > 0
        ? listNotRead("replica")
        : recreated(primary, replica, remembered, comparison.listTimes, comparison.judge)),
      subject: subjectOf(primary),
      primary: { ...listEvidence(primary), withoutPartner: unmatched.primary },
      replica: { ...listEvidence(replica), withoutPartner: unmatched.replica },
      messages: Math.max(primary.counted?.exists ?? 0, replica.counted?.exists ?? 0),
    });
    unit.unknown("uids", "flags", "content", "metadata");
  }
  // What has a partner under another name has been reported with that.
  if (alone.primary.has(primary.id)) reportOwnSides(comparison, unit, [[primary, "primary"]]);
  if (alone.replica.has(replica.id)) reportOwnSides(comparison, unit, [[replica, "replica"]]);
  unit.close();
}

/** A mailbox whose name the other side does not have either. */
function compareSingle(comparison: Comparison, memory: Memory, mailbox: MailboxFacts, side: Side): void {
  comparison.unsettle(mailbox);
  const unit = new Unit(comparison, side === "primary" ? mailbox : null, side === "replica" ? mailbox : null);
  // Each host expires its DELETED mailboxes on its own schedule.
  if (memory.holdsUnlisted(otherSide(side), mailbox.uniqueId)) {
    unit.differs("list");
    unit.unknown("status", "uids", "flags", "content", "metadata", "acl");
  } else if (mailbox.listing?.type === null && mailbox.status !== "read") {
    // Its entry cannot be read: it may be one of a mailbox that was deleted.
    unit.unknown("list", "status", "uids", "flags", "content", "metadata", "acl");
  } else if (comparison.scripts.isPlace(mailbox, side)) {
    // The scripts in it are compared with those of the directory that the other side has for them.
    unit.skip("list", "status", "uids", "flags", "content", "metadata", "acl");
  } else if (!isDeletedName(mailbox.name)) {
    const deletion = memory.of(otherSide(side), mailbox.uniqueId);
    reportMissing(comparison, unit, mailbox, side, deletion);
  }
  reportOwnSides(comparison, unit, [[mailbox, side]]);
  unit.close();
}

/**
 * A mailbox that one side has live and the other has deleted, under its DELETED name or altogether.
 *
 * @param having the side that has it live
 * @param deletion what the other side remembers
 */
export function reportMissing(
  comparison: Comparison,
  unit: Unit,
  mailbox: MailboxFacts,
  having: Side,
  deletion: Deletion | null,
): void {
  const { judge, listTimes } = comparison;
  const newest = () => comparison.newestEqualUpdate(ownerOf(mailbox.name), listTimes);
  const judgement: Judgement =
    comparison.unreadLists.size > 0
      ? listNotRead(otherSide(having))
      : having === "primary"
        ? onlyOnPrimary(mailbox, deletion, newest(), listTimes, judge)
        : onlyOnReplica(mailbox, deletion, listTimes, judge);
  const has = listEvidence(mailbox);
  const hasNot = { present: false, ...(deletion === null ? {} : { deleted: true }) };
  unit.emit({
    class: "mailbox-missing",
    ...judgement,
    subject: subjectOf(mailbox),
    primary: having === "primary" ? has : hasNot,
    replica: having === "replica" ? has : hasNot,
    messages: mailbox.counted?.exists ?? 0,
  });
  if (having === "primary") comparison.tally.mailboxes.onlyPrimary++;
  else comparison.tally.mailboxes.onlyReplica++;
  unit.unknown("status", "uids", "flags", "content", "metadata", "acl");
}

/** Reports what each side has against itself where the two cannot be compared. */
export function reportOwnSides(
  comparison: Comparison,
  unit: Unit,
  mailboxes: readonly (readonly [MailboxFacts, Side])[],
): void {
  for (const [mailbox, side] of mailboxes) {
    const own = new OwnSide(comparison, mailbox, side);
    own.emitDrafts(unit);
    if (mailbox.status === "not-checked") comparison.tally.mailboxes.notChecked++;
    if (!own.readable) continue;
    own.emitFaultyFiles(comparison, unit, () => false);
    own.emitOrphans(unit);
  }
}

/** The entry of a uniqueid on one side when it is there under another name than `mailbox` has. */
function deletionUnderAnotherName(comparison: Comparison, side: Side, mailbox: MailboxFacts): Deletion | null {
  const id = mailbox.uniqueId === null ? null : comparison.view(side).listedByUniqueId(mailbox.uniqueId);
  if (id === null) return null;
  const entry = comparison.view(side).mailbox(id);
  return compareNames(entry.name, mailbox.name) === 0 ? null : deletionOf(entry);
}

function unlistedIds(view: ManifestView): Set<string> {
  const ids = new Set<string>();
  for (const id of view.suspectMailboxes()) {
    const { listed, uniqueId } = view.mailbox(id);
    if (!listed && uniqueId !== null && view.listedByUniqueId(uniqueId) === null) ids.add(uniqueId);
  }
  return ids;
}

function byUniqueId(tombstones: readonly Tombstone[]): Map<string, Tombstone> {
  const map = new Map<string, Tombstone>();
  for (const tombstone of tombstones) {
    if (tombstone.uniqueId === null) continue;
    const known = map.get(tombstone.uniqueId);
    if (known === undefined || (known.foldermodseq ?? 0n) <= (tombstone.foldermodseq ?? 0n)) {
      map.set(tombstone.uniqueId, tombstone);
    }
  }
  return map;
}
