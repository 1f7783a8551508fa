import { namesFile } from "../mail/guid.ts";
import type { OrphanFile } from "../mail/mailbox.ts";
import type { Message } from "../mail/message.ts";
import type { MailboxFacts, MessageFacts } from "../mail/scan-facts.ts";
import type { Side } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import { hex } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import { sharedFault } from "./judge/own-side.ts";
import { headerRemembersFiles, MOST_FAULTY } from "./judge/silent-change.ts";
import { fileDraft, mailboxDrafts, mailboxNotes, orphanDraft, problemDrafts } from "./own-findings.ts";
import type { Unit } from "./unit.ts";

/** What one side of a mailbox has against itself: reported before, and regardless of, any difference. */
export class OwnSide {
  readonly mailbox: MailboxFacts;
  readonly side: Side;
  /** Faults of the mailbox as a whole. They are reported by the caller, who may fold them with a difference. */
  readonly drafts: Draft[];
  /** Files without a record, by UID. A difference that explains one takes it out. */
  readonly orphans = new Map<number, OrphanFile[]>();
  readonly #faulty = new Set<number>();

  constructor(comparison: Comparison, mailbox: MailboxFacts, side: Side) {
    this.mailbox = mailbox;
    this.side = side;
    this.drafts = [...mailboxDrafts(mailbox, side), ...problemDrafts(comparison.view(side), mailbox, side)];
    for (const note of mailboxNotes(mailbox, side)) comparison.note(note);
    for (const orphan of comparison.view(side).orphans(mailbox.id)) {
      this.orphans.set(orphan.uid, [...(this.orphans.get(orphan.uid) ?? []), orphan]);
    }
  }

  /** True when the index was accepted, so that its records can be compared. */
  get readable(): boolean {
    return this.mailbox.status === "read" && this.mailbox.header !== null;
  }

  /** True when a message of this UID has a file that its own record contradicts. */
  isFaulty(uid: number): boolean {
    return this.#faulty.has(uid);
  }

  /** Takes out the draft of one class, for a finding that absorbs it. */
  absorb(absorbed: Draft["class"]): Draft | null {
    const at = this.drafts.findIndex((draft) => draft.class === absorbed);
    return at < 0 ? null : (this.drafts.splice(at, 1)[0] ?? null);
  }

  /** Takes out an orphan that is the missing file of the partner's live message. */
  absorbOrphan(partner: Message): OrphanFile | null {
    const orphans = this.orphans.get(partner.uid) ?? [];
    const at = orphans.findIndex((orphan) => isFileOf(orphan, partner));
    if (at < 0) return null;
    const [orphan] = orphans.splice(at, 1);
    return orphan ?? null;
  }

  /** Reports what is left of the mailbox as a whole. */
  emitDrafts(unit: Unit): void {
    for (const draft of this.drafts.splice(0)) unit.emit(draft);
  }

  /** Reports the orphans that no difference took. */
  emitOrphans(unit: Unit): void {
    for (const orphans of this.orphans.values()) {
      for (const orphan of orphans) unit.emit(orphanDraft(this.mailbox, orphan, this.side));
    }
    this.orphans.clear();
  }

  /** Reports files that contradict their records, except those that `report` takes over. */
  emitFaultyFiles(comparison: Comparison, unit: Unit, report: (message: MessageFacts, draft: Draft) => boolean): void {
    if ((this.mailbox.fileFaults ?? 0) === 0) return;
    const view = comparison.view(this.side);
    view.verifyRows(this.mailbox.id);
    const faulty: MessageFacts[] = [];
    for (const message of view.faultyMessages(this.mailbox.id)) {
      this.#faulty.add(message.uid);
      if (faulty.length < MOST_FAULTY) faulty.push(message);
      const draft = fileDraft(view, this.mailbox, message, this.side);
      if (draft !== null && !report(message, draft)) unit.emit(draft);
    }
    if (headerRemembersFiles(faulty, this.mailbox.stored, this.mailbox.counted)) this.absorb("index-counters-wrong");
  }
}

/**
 * Reports the faulty files of both sides of a mailbox; where both hold the same wrong file it is one finding.
 * `paired` is false when the two are not the same messages (other uidvalidity, unreadable index).
 */
export function emitFaultyFiles(comparison: Comparison, unit: Unit, sides: SidePair, paired: boolean): void {
  const { primary, replica } = sides;
  const shared = new Set<number>();
  const partnerOf = (uid: number) => comparison.view("replica").message(replica.mailbox.id, uid);
  primary.emitFaultyFiles(comparison, unit, (message, draft) => {
    const partner = paired && (replica.mailbox.fileFaults ?? 0) > 0 ? partnerOf(message.uid) : null;
    if (partner === null || !sharedFault(message, partner)) return false;
    shared.add(message.uid);
    const evidence = fileDraft(comparison.view("replica"), replica.mailbox, { ...partner, stat: null }, "replica");
    unit.emit(onBoth(draft, evidence ?? draft));
    return true;
  });
  replica.emitFaultyFiles(comparison, unit, (message) => shared.has(message.uid));
}

/** Reports the faults of a mailbox as a whole; one that both sides have alike is one finding. */
export function emitDrafts(unit: Unit, { primary, replica }: SidePair): void {
  for (const draft of primary.drafts.splice(0)) {
    const at = replica.drafts.findIndex(
      (other) => isSameFault(draft, other) && foundBy(draft, "primary", primary) === foundBy(other, "replica", replica),
    );
    const [twin] = at < 0 ? [] : replica.drafts.splice(at, 1);
    unit.emit(twin === undefined ? draft : onBoth(draft, twin));
  }
  replica.emitDrafts(unit);
}

/** Reports files without a record; one that both sides have alike is one finding. */
export function emitOrphans(unit: Unit, { primary, replica }: SidePair): void {
  for (const [uid, orphans] of primary.orphans) {
    const others = replica.orphans.get(uid) ?? [];
    for (const orphan of orphans.splice(0)) {
      const at = others.findIndex((other) => isSameFile(orphan, other));
      const [twin] = at < 0 ? [] : others.splice(at, 1);
      const draft = orphanDraft(primary.mailbox, orphan, "primary");
      unit.emit(twin === undefined ? draft : onBoth(draft, orphanDraft(replica.mailbox, twin, "replica")));
    }
  }
  replica.emitOrphans(unit);
}

/** By what is wrong, and for what adds up wrongly by the numbers too. */
function isSameFault(primary: Draft, replica: Draft): boolean {
  if (primary.class !== replica.class || primary.state !== replica.state) return false;
  if (primary.subject.item !== replica.subject.item) return false;
  return (
    primary.class !== "index-counters-wrong" || JSON.stringify(primary.primary) === JSON.stringify(replica.replica)
  );
}

/** What was found, without where this host has the mailbox. */
function foundBy(draft: Draft, side: Side, { mailbox }: OwnSide): string | null {
  const found = draft[side]?.found;
  // What is missing may be the directory of its metadata, which only its own host can name.
  if (typeof found !== "string" || draft.class === "mailbox-directory-missing") return null;
  return mailbox.directories.reduce((text, directory) => text.replaceAll(directory, ""), found);
}

function isSameFile(a: OrphanFile, b: OrphanFile): boolean {
  const digests = ["sha1", "md5", "xxh64"] as const;
  return a.sizeBytes === b.sizeBytes && digests.every((name) => hex(a[name]) === hex(b[name]));
}

function onBoth(draft: Draft, twin: Draft): Draft {
  return { ...draft, side: "both", rule: "both-sides-alike", replica: twin.replica };
}

/** Both sides of one mailbox. */
export interface SidePair {
  readonly primary: OwnSide;
  readonly replica: OwnSide;
}

function isFileOf(orphan: OrphanFile, message: Message): boolean {
  const named = namesFile(message.guid, orphan);
  if (named !== null) return named;
  if (orphan.md5 !== null && message.file.md5 !== null) return Buffer.compare(orphan.md5, message.file.md5) === 0;
  if (orphan.xxh64 !== null && message.file.xxh64 !== null) {
    return Buffer.compare(orphan.xxh64, message.file.xxh64) === 0;
  }
  return orphan.sizeBytes === message.sizeBytes;
}
