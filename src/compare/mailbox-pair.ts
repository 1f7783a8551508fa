/** Compares one mailbox that both sides have: its files, its entry in the list, its index, its messages. */
import { displayName, ownerOf } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { comparableFields, comparableOptions } from "./comparable.ts";
import type { Comparison } from "./comparison.ts";
import { statusNumbers } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import { headerFact, listFact, listNotRead, otherUidValidity } from "./judge/mailbox.ts";
import type { Judgement } from "./judge/order.ts";
import { contradictsList } from "./judge/own-side.ts";
import { emitDrafts, emitFaultyFiles, emitOrphans, OwnSide, type SidePair } from "./mailbox-files.ts";
import { MailboxItems } from "./mailbox-items.ts";
import { compareMessages, type MessageOutcome } from "./mailbox-messages.ts";
import { pairNotes } from "./pair-notes.ts";
import type { Unit } from "./unit.ts";
import type { Subject } from "./variance.ts";

/** Compares a pair and reports everything but its name, which is an event of its own. */
export function comparePair(comparison: Comparison, unit: Unit, primary: MailboxFacts, replica: MailboxFacts): void {
  comparison.itemsCompared.add(primary.id);
  const sides = {
    primary: new OwnSide(comparison, primary, "primary"),
    replica: new OwnSide(comparison, replica, "replica"),
  };
  if (!sides.primary.readable || !sides.replica.readable) {
    compareUnreadable(comparison, unit, sides);
    return;
  }
  const sameMessages = compareUidValidity(comparison, unit, sides) === "same";
  emitFaultyFiles(comparison, unit, sides, sameMessages);
  compareListFacts(comparison, unit, primary, replica);
  const levels = { primary: comparison.pair.primary.facts.level, replica: comparison.pair.replica.facts.level };
  const fields = comparableFields(primary, replica, levels);
  const items = new MailboxItems(comparison, primary, replica);
  if (sameMessages) items.compare(unit);
  const outcome = sameMessages ? compareMessages(comparison, unit, sides, fields, items) : null;
  if (outcome === null) unit.unknown("uids", "flags", "content");
  items.emit(unit);
  emitDrafts(unit, sides);
  emitOrphans(unit, sides);
  comparePlainFields(comparison, unit, primary, replica);
  if (outcome !== null) compareStatus(comparison, unit, sides, outcome);
  compareListOrder(comparison, unit, primary, replica);
  for (const note of pairNotes(primary, replica, comparison.hosts, !unit.hasFindings)) comparison.note(note);
}

/** One side has no records that could be compared: each side's own findings are all that can be said. */
function compareUnreadable(comparison: Comparison, unit: Unit, sides: SidePair): void {
  unit.unknown("status", "uids", "flags", "content", "metadata");
  emitDrafts(unit, sides);
  for (const own of [sides.primary, sides.replica]) {
    // A mailbox that could not be read has one fault; its files are part of it.
    if (!own.readable) continue;
    own.emitFaultyFiles(comparison, unit, () => false);
    own.emitOrphans(unit);
  }
  const unchecked = [sides.primary, sides.replica].some((own) => own.mailbox.status === "not-checked");
  if (unchecked) comparison.tally.mailboxes.notChecked++;
}

/**
 * Compares UIDVALIDITY. A side whose index contradicts its own mailbox list is damaged, and that is the one finding;
 * where its list agrees with the partner the messages are the same ones all the same.
 */
function compareUidValidity(comparison: Comparison, unit: Unit, sides: SidePair): "same" | "other" {
  const primary = sides.primary.mailbox;
  const replica = sides.replica.mailbox;
  const p = primary.header?.uidValidity;
  const r = replica.header?.uidValidity;
  if (p === r) return "same";
  if (contradictsList(primary) || contradictsList(replica)) {
    unit.differs("status");
    return effectiveUidValidity(primary) === effectiveUidValidity(replica) ? "same" : "other";
  }
  const times = comparison.timesOf(primary, replica);
  const newest = comparison.newestEqualUpdate(ownerOf(primary.name), times);
  const judgement = otherUidValidity(primary, replica, newest, times, comparison.judge);
  const unmatched = comparison.pair.unmatchedGuids(primary.id, replica.id);
  unit.emit({
    class: "uidvalidity-differs",
    ...judgement,
    subject: subjectOf(primary),
    primary: { ...statusNumbers(primary), withoutPartner: unmatched.primary },
    replica: { ...statusNumbers(replica), withoutPartner: unmatched.replica },
    messages: Math.max(unmatched.primary, unmatched.replica),
  });
  return "other";
}

function effectiveUidValidity(mailbox: MailboxFacts): number | null {
  return mailbox.listing?.uidValidity ?? mailbox.header?.uidValidity ?? null;
}

/** Facts of the mailbox list: type, partition name, ACL. */
function compareListFacts(comparison: Comparison, unit: Unit, primary: MailboxFacts, replica: MailboxFacts): void {
  const [unread] = comparison.unreadLists;
  const judge = () =>
    unread === undefined ? listFact(primary, replica, comparison.listTimes, comparison.judge) : listNotRead(unread);
  const p = primary.listing;
  const r = replica.listing;
  if (p === null || r === null) return;
  if (p.type !== null && r.type !== null && p.type !== r.type)
    unit.emit(field(primary, "type", p.type, r.type, judge()));
  if (p.partition !== null && r.partition !== null && p.partition !== r.partition) {
    unit.emit(field(primary, "partition", p.partition, r.partition, judge()));
  }
  const acls = { primary: aclOf(comparison, "primary", primary), replica: aclOf(comparison, "replica", replica) };
  if (acls.primary.join("\n") === acls.replica.join("\n")) return;
  unit.emit({
    class: "acl-differs",
    ...judge(),
    subject: subjectOf(primary),
    primary: { acl: acls.primary, foldermodseq: p.foldermodseq?.toString() ?? null },
    replica: { acl: acls.replica, foldermodseq: r.foldermodseq?.toString() ?? null },
  });
}

/**
 * The order of the mailbox list itself: an entry that was written anew on one side, in something that this program does
 * not compare or that was changed back since. Any other finding explains it.
 */
function compareListOrder(comparison: Comparison, unit: Unit, primary: MailboxFacts, replica: MailboxFacts): void {
  const p = primary.listing?.foldermodseq ?? null;
  const r = replica.listing?.foldermodseq ?? null;
  if (p === null || r === null || p === r || primary.name !== replica.name || unit.hasFindings) return;
  const judgement = listFact(primary, replica, comparison.listTimes, comparison.judge);
  unit.emit(field(primary, "foldermodseq", p.toString(), r.toString(), judgement));
}

/** Rights are sets of letters in no fixed order, and so are the entries. */
function aclOf(comparison: Comparison, side: "primary" | "replica", mailbox: MailboxFacts): string[] {
  const entries = comparison.view(side).acl(mailbox.id);
  return entries.map(([id, rights]) => `${displayName(id).text}=${[...new Set(rights)].sort().join("")}`).sort();
}

/** UIDNEXT and HIGHESTMODSEQ, where nothing finer explains that they differ. */
function compareStatus(comparison: Comparison, unit: Unit, sides: SidePair, outcome: MessageOutcome): void {
  const primary = sides.primary.mailbox;
  const replica = sides.replica.mailbox;
  const p = primary.header;
  const r = replica.header;
  if (p === null || r === null) return;
  // The numbers differ, whatever finer finding says why.
  if (numbersDiffer(primary, replica)) unit.differs("status");
  const status = (item: string, pv: number | string, rv: number | string) => {
    const judgement = headerFact(primary, replica, comparison.timesOf(primary, replica), comparison.judge);
    unit.emit({ ...field(primary, item, pv, rv, judgement), class: "status-differs" });
  };
  if (p.lastUid !== r.lastUid && !outcome.uidNext) status("uidnext", p.lastUid + 1, r.lastUid + 1);
  // Any other finding of the mailbox explains that its modseqs have moved.
  const explained = outcome.modseqs || unit.hasFindings || primary.name !== replica.name;
  if (p.highestModseq === null || r.highestModseq === null || explained) return;
  if (p.highestModseq === r.highestModseq) return;
  status("highestmodseq", p.highestModseq.toString(), r.highestModseq.toString());
}

/** True when a number of the status check is known on both sides and not the same. */
function numbersDiffer(primary: MailboxFacts, replica: MailboxFacts): boolean {
  const p = Object.entries(statusNumbers(primary) ?? {});
  const r: Readonly<Record<string, unknown>> = { ...statusNumbers(replica) };
  return p.some(([name, value]) => value !== null && r[name] !== null && r[name] !== value);
}

/** Options and quota root: set by users and administrators, and replicated, without an order of their own. */
function comparePlainFields(comparison: Comparison, unit: Unit, primary: MailboxFacts, replica: MailboxFacts): void {
  const p = primary.header;
  const r = replica.header;
  if (p === null || r === null) return;
  const judge = () => headerFact(primary, replica, comparison.timesOf(primary, replica), comparison.judge);
  const known = comparableOptions(primary, replica);
  const options = [p.options & known, r.options & known] as const;
  if (options[0] !== options[1]) unit.emit(field(primary, "options", options[0], options[1], judge()));
  if (primary.quotaRoot !== replica.quotaRoot) {
    const show = (root: string | null) => (root === null || root === "" ? "none" : displayName(root).text);
    const roots = [show(primary.quotaRoot), show(replica.quotaRoot)] as const;
    if (roots[0] !== roots[1]) unit.emit(field(primary, "quota root", roots[0], roots[1], judge()));
  }
  if (p.createdModseq !== null && r.createdModseq !== null && p.createdModseq !== r.createdModseq) {
    const values = [p.createdModseq.toString(), r.createdModseq.toString()] as const;
    unit.emit(field(primary, "createdmodseq", values[0], values[1], judge()));
  }
}

function field(
  mailbox: MailboxFacts,
  item: string,
  primary: string | number,
  replica: string | number,
  judgement: Judgement,
): Draft {
  return {
    class: "mailbox-metadata-differs",
    ...judgement,
    subject: { ...subjectOf(mailbox), item },
    primary: { value: primary },
    replica: { value: replica },
  };
}

/** Subject of a finding about a mailbox. */
export function subjectOf(mailbox: MailboxFacts): Subject {
  return { mailbox: mailbox.name, uniqueId: mailbox.uniqueId };
}
