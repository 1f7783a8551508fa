/** Two manifests in, findings out. Own-side checks come first and whatever the diff says; then pairing, diff, judge. */
import { type ByteString, isDeletedName } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { SIDES, type Side } from "./classes.ts";
import { notComparable } from "./comparable.ts";
import { type CompareSettings, Comparison, type FindingSink } from "./comparison.ts";
import { Examination } from "./examination.ts";
import { otherSide } from "./explain.ts";
import { compareItems } from "./items.ts";
import { deletionOf } from "./judge/mailbox.ts";
import { compareUnpaired, Memory, reportMissing, reportOwnSides } from "./mailbox-events.ts";
import { emitDrafts, emitFaultyFiles, emitOrphans, OwnSide } from "./mailbox-files.ts";
import { comparePair } from "./mailbox-pair.ts";
import type { ManifestPairView } from "./manifest-view.ts";
import { storeDrafts } from "./own-findings.ts";
import { type RenamedPair, renameEvents } from "./renames.ts";
import { summarize } from "./summary.ts";
import { Unit } from "./unit.ts";
import type { Summary } from "./variance.ts";

/** Names of mailboxes whose index versions differ are read for the "not comparable" line up to this many. */
const VERSION_SAMPLES = 1000;

/** Compares two manifests, handing every finding to `sink` as it is made, and returns the totals. */
export function compareManifests(pair: ManifestPairView, settings: CompareSettings, sink: FindingSink): Summary {
  const comparison = new Comparison(pair, settings, sink);
  const memory = new Memory(comparison);
  for (const side of SIDES) for (const draft of storeDrafts(comparison.view(side), side)) comparison.emit(draft);
  reportUnlisted(comparison);
  noteSameStore(comparison);
  const counts = pair.pairCounts();
  comparison.tally.mailboxes.compared += counts.pairs;
  comparison.tally.messages.compared = counts.equalMessages;
  const versions = comparePairs(comparison);
  compareUnpaired(comparison, memory);
  compareItems(comparison);
  comparison.tally.messages.compared += versions.messages;
  if (settings.everyMailbox) reportEqualPairs(comparison);
  for (const note of settings.acceptances?.notes() ?? []) comparison.note(note);
  const summary = summarize(comparison, [...versions.notComparable].sort());
  const examination = new Examination(comparison, summary);
  sink.examined?.((finding) => examination.reexamined(finding));
  sink.lag?.(comparison.lag);
  return summary;
}

/** Directories that a list does not know; what both lists have lost is one finding. */
function reportUnlisted(comparison: Comparison): void {
  const left = { primary: [...unlistedOf(comparison, "primary")], replica: [...unlistedOf(comparison, "replica")] };
  for (const [primary, replica] of takeUnlistedPairs(left)) {
    const unit = new Unit(comparison, primary, replica);
    reportUnlistedPair(comparison, unit, primary, replica);
    unit.close();
  }
  for (const found of left.primary) {
    const primary = asPartnerLists(comparison, found, "replica");
    const unit = new Unit(comparison, primary, null);
    reportOwnSides(comparison, unit, [[primary, "primary"]]);
    unit.close();
  }
  for (const found of left.replica) {
    const replica = asPartnerLists(comparison, found, "primary");
    const unit = new Unit(comparison, null, replica);
    reportOwnSides(comparison, unit, [[replica, "replica"]]);
    unit.close();
  }
}

/**
 * Takes out the directories that are one mailbox: of one uniqueid and name, and then of one uniqueid that no other has.
 * Their names can differ, since they are made of what each layout tells: a directory of the default domain lies where
 * one without a domain does.
 */
function takeUnlistedPairs(left: Record<Side, MailboxFacts[]>): [MailboxFacts, MailboxFacts][] {
  const pairs: [MailboxFacts, MailboxFacts][] = [];
  const take = (identity: (mailbox: MailboxFacts) => string, onlyAlone: boolean) => {
    const primaries = Map.groupBy(left.primary, identity);
    const replicas = Map.groupBy(left.replica, identity);
    for (const [key, ours] of primaries) {
      const theirs = replicas.get(key) ?? [];
      if (onlyAlone && (ours.length > 1 || theirs.length > 1)) continue;
      for (const [i, primary] of ours.entries()) {
        const replica = theirs[i];
        if (replica !== undefined && primary.uniqueId !== null) pairs.push([primary, replica]);
      }
    }
    const taken = new Set(pairs.flat());
    left.primary = left.primary.filter((mailbox) => !taken.has(mailbox));
    left.replica = left.replica.filter((mailbox) => !taken.has(mailbox));
  };
  take(({ uniqueId, name }) => `${uniqueId} ${name}`, false);
  take(({ uniqueId }) => `${uniqueId}`, true);
  return pairs.map(([primary, replica]) => [withDomain(primary, replica), replica]);
}

/** A directory that one list has lost, by the name that the other one knows it by. */
function asPartnerLists(comparison: Comparison, mailbox: MailboxFacts, partner: Side): MailboxFacts {
  const view = comparison.view(partner);
  const id = mailbox.uniqueId === null ? null : view.listedByUniqueId(mailbox.uniqueId);
  return id === null ? mailbox : withDomain(mailbox, view.mailbox(id));
}

/** The mailbox by the partner's name, where that is the same one and has the domain too. */
function withDomain(mailbox: MailboxFacts, partner: MailboxFacts): MailboxFacts {
  return partner.name.endsWith(`!${mailbox.name}`) ? { ...mailbox, name: partner.name } : mailbox;
}

function* unlistedOf(comparison: Comparison, side: Side): Generator<MailboxFacts> {
  const view = comparison.view(side);
  for (const id of view.suspectMailboxes()) {
    const mailbox = view.mailbox(id);
    if (!mailbox.listed && comparison.settings.inScope(mailbox.name)) yield mailbox;
  }
}

function reportUnlistedPair(comparison: Comparison, unit: Unit, primary: MailboxFacts, replica: MailboxFacts): void {
  const sides = {
    primary: new OwnSide(comparison, primary, "primary"),
    replica: new OwnSide(comparison, replica, "replica"),
  };
  emitDrafts(unit, sides);
  emitFaultyFiles(comparison, unit, sides, false);
  emitOrphans(unit, sides);
}

interface PairsOutcome {
  readonly notComparable: Set<string>;
  /** Messages in pairs that do not plainly agree. */
  messages: number;
}

/** Two scans of one store agree in all that is wrong with it: that they do says nothing of a replica. */
function noteSameStore(comparison: Comparison): void {
  if (comparison.view("primary").facts.instance !== comparison.view("replica").facts.instance) return;
  comparison.note({
    type: "note",
    class: "same-store",
    mailbox: null,
    side: "both",
    explain: "Both manifests are of one and the same store: this compares a host with itself",
  });
}

/** What a mailbox list would have said. */
function withoutList(comparison: Comparison): string[] {
  const hosts = [...comparison.unreadLists].map((side) => comparison.hosts[side]);
  if (hosts.length === 0) return [];
  const reason = `the mailbox list of ${hosts.join(" and ")} was not read`;
  const fields = ["deleted and renamed mailboxes", "foldermodseq", "subscriptions, seen state, scripts, annotations"];
  return fields.map((field) => `${field}: ${reason}`);
}

/** Compares every pair that does not plainly agree. */
function comparePairs(comparison: Comparison): PairsOutcome {
  const outcome: PairsOutcome = { notComparable: new Set(withoutList(comparison)), messages: 0 };
  const renamed: RenamedPair[] = [];
  const units = new Map<MailboxFacts, Unit>();
  for (const { primary: p, replica: r } of comparison.pair.differingPairs()) {
    if (p === null || r === null) continue;
    const primary = comparison.view("primary").mailbox(p);
    const replica = comparison.view("replica").mailbox(r);
    const unit = new Unit(comparison, primary, replica);
    comparison.unsettle(primary, replica);
    outcome.messages += Math.max(primary.counted?.exists ?? 0, replica.counted?.exists ?? 0);
    if (outcome.notComparable.size < VERSION_SAMPLES) {
      for (const field of notComparable(primary, replica)) outcome.notComparable.add(field);
    }
    if (isDeletedName(primary.name) || isDeletedName(replica.name)) {
      compareDeleted(comparison, unit, primary, replica);
      unit.close();
      continue;
    }
    comparePair(comparison, unit, primary, replica);
    if (primary.name === replica.name) {
      unit.close();
    } else if (comparison.unreadLists.size > 0) {
      // The name that a header was last written under is no proof of a rename.
      unit.unknown("list");
      unit.close();
    } else {
      renamed.push({ primary, replica });
      units.set(primary, unit);
    }
  }
  reportRenames(comparison, renamed, units);
  return outcome;
}

/** Renamed mailboxes are reported when all are known: a sub-tree is one event. */
function reportRenames(
  comparison: Comparison,
  renamed: readonly RenamedPair[],
  units: ReadonlyMap<MailboxFacts, Unit>,
): void {
  for (const event of renameEvents(comparison, renamed)) {
    event.pairs.forEach(({ primary }, i) => {
      const unit = units.get(primary);
      if (i === 0) unit?.emit(event.draft);
      else unit?.differs("list");
    });
  }
  for (const unit of units.values()) unit.close();
}

/** A line for each pair that plainly agrees. */
function reportEqualPairs(comparison: Comparison): void {
  for (const { primary, replica } of comparison.pair.equalPairs()) {
    // A pair that differs in items alone has had its line.
    if (primary === null || replica === null || comparison.itemsCompared.has(primary)) continue;
    const unit = new Unit(
      comparison,
      comparison.view("primary").mailbox(primary),
      comparison.view("replica").mailbox(replica),
    );
    unit.close();
  }
}

/** One uniqueid, deleted on one side at least. */
function compareDeleted(comparison: Comparison, unit: Unit, primary: MailboxFacts, replica: MailboxFacts): void {
  const sides = [
    [primary, "primary"],
    [replica, "replica"],
  ] as const;
  if (comparison.unreadLists.size > 0) {
    unit.unknown("list");
    reportOwnSides(comparison, unit, sides);
    return;
  }
  const deleted = { primary: isDeletedName(primary.name), replica: isDeletedName(replica.name) };
  if (deleted.replica && !deleted.primary && !wasRecreated(comparison, primary.name, "replica")) {
    reportMissing(comparison, unit, primary, "primary", deletionOf(replica));
  }
  if (deleted.primary && !deleted.replica && !wasRecreated(comparison, replica.name, "primary")) {
    reportMissing(comparison, unit, replica, "replica", deletionOf(primary));
  }
  reportOwnSides(comparison, unit, sides);
}

/**
 * True where the side that deleted a mailbox has made a new one of its name: that is the event. One that the other side
 * has under whatever name was not made, but put there, and no event of its own says that the first is gone.
 */
function wasRecreated(comparison: Comparison, name: ByteString, deleting: Side): boolean {
  const id = comparison.view(deleting).listedByName(name);
  const uniqueId = id === null ? null : comparison.view(deleting).mailbox(id).uniqueId;
  return id !== null && (uniqueId === null || comparison.view(otherSide(deleting)).listedByUniqueId(uniqueId) === null);
}
