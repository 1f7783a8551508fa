/** Compares the messages of one mailbox on both sides (same uniqueid, same uidvalidity) and folds what is one event. */
import { namesFile } from "../mail/guid.ts";
import type { Message } from "../mail/message.ts";
import type { ComparableFields, MailboxFacts, MessagePair } from "../mail/scan-facts.ts";
import { isOrdered } from "./comparable.ts";
import type { Comparison } from "./comparison.ts";
import { existenceEvidence, fileEvidence, hex, isoSeconds, recordEvidence } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import { judgeContent } from "./judge/content.ts";
import {
  judgeMessage,
  type MailboxPairPosition,
  type MailboxPosition,
  type MessageJudgement,
} from "./judge/message.ts";
import { contradictsRecords, explainsDiscrepancy } from "./judge/silent-change.ts";
import type { OwnSide, SidePair } from "./mailbox-files.ts";
import type { MailboxItems } from "./mailbox-items.ts";
import { messagePath, messageSubject } from "./own-findings.ts";
import type { Unit } from "./unit.ts";
import type { Evidence } from "./variance.ts";

/** Findings of one mailbox that are held back for folding; beyond this they are reported as they are. */
const HELD_BACK = 10_000;

/** What differences of messages account for, so that the status check does not report it again. */
export interface MessageOutcome {
  /** Some message differs: the mailbox's modseqs have moved. */
  readonly modseqs: boolean;
  /** A message is missing above the last UID of one side: so UIDNEXT differs. */
  readonly uidNext: boolean;
}

/** Compares and reports all messages of a pair; `items` are what else may have moved the modseq of a record. */
export function compareMessages(
  comparison: Comparison,
  unit: Unit,
  sides: SidePair,
  fields: ComparableFields,
  items: MailboxItems,
): MessageOutcome {
  const primary = sides.primary.mailbox;
  const replica = sides.replica.mailbox;
  comparison.view("primary").verifyRows(primary.id);
  comparison.view("replica").verifyRows(replica.id);
  const position: MailboxPairPosition = {
    primary: positionOf(primary),
    replica: positionOf(replica),
    times: comparison.timesOf(primary, replica),
    fields,
    ordered: isOrdered(primary, replica),
  };
  const folder = new Folder(unit, sides);
  const isFaulty = (uid: number) => sides.primary.isFaulty(uid) || sides.replica.isFaulty(uid);
  const outcome = { modseqs: false, uidNext: false };
  const lowerLastUid = Math.min(position.primary.lastUid, position.replica.lastUid);
  for (const pair of comparison.pair.differingMessages(primary.id, replica.id, fields)) {
    const judgements = judgeMessage(pair, position, comparison.judge);
    const conflict = judgements.some((j) => j.class === "message-conflict");
    for (const judgement of conflict && isRecordWrong(pair) ? [] : judgements) {
      if (isWrongSize(judgement) && isFaulty(pair.uid)) continue;
      if (judgement.class === "modseq-differs" && items.explainsModseq(pair.uid, judgement)) continue;
      folder.add(pair, judgement, draftOf(pair, judgement, sides));
    }
    const content = conflict ? null : contentDraft(pair, sides, fields);
    if (content !== null) unit.emit(content);
    if (judgements.length > 0) outcome.modseqs = true;
    if (judgements.length > 0 && pair.uid > lowerLastUid) outcome.uidNext = true;
  }
  folder.close();
  return outcome;
}

/** A size that an index has wrong shows in its own file already; it is not a second fault. */
function isWrongSize(judgement: MessageJudgement): boolean {
  return judgement.class === "message-metadata-differs" && judgement.item === "size";
}

function positionOf(mailbox: MailboxFacts): MailboxPosition {
  return {
    lastUid: mailbox.header?.lastUid ?? 0,
    highestModseq: mailbox.header?.highestModseq ?? null,
    deletedModseq: mailbox.header?.deletedModseq ?? null,
    lastRepackTime: mailbox.header?.lastRepackTime || null,
    filesMtime: mailbox.filesMtimeMs === null ? null : Math.floor(mailbox.filesMtimeMs / 1000),
  };
}

/**
 * True where one side's file is not what its own record names but what the partner's does: the record is what is
 * damaged, and has been reported as that; there are no two messages.
 */
function isRecordWrong({ primary, replica }: MessagePair): boolean {
  const isPartners = (own: Message, partner: Message) => namesFile(partner.guid, own.file) === true;
  return primary !== null && replica !== null && (isPartners(primary, replica) || isPartners(replica, primary));
}

function draftOf(pair: MessagePair, judgement: MessageJudgement, sides: SidePair): Draft {
  const { item, ...judged } = judgement;
  const subject = messageSubject(sides.primary.mailbox, pair.uid);
  return {
    ...judged,
    subject: item === undefined ? subject : { ...subject, item },
    primary: sideEvidence(pair.primary, pair.primaryExpunged, judgement),
    replica: sideEvidence(pair.replica, pair.replicaExpunged, judgement),
  };
}

function sideEvidence(
  live: MessagePair["primary"],
  expunged: MessagePair["primaryExpunged"],
  judgement: MessageJudgement,
): Evidence {
  if (live !== null) return judgement.class === "message-missing" ? existenceEvidence(live) : recordEvidence(live);
  if (expunged === null) return { present: false };
  return { expunged: true, modseq: expunged.modseq?.toString() ?? null, lastUpdated: isoSeconds(expunged.lastUpdated) };
}

function contentDraft(pair: MessagePair, sides: SidePair, fields: ComparableFields): Draft | null {
  const { primary, replica, uid } = pair;
  if (primary === null || replica === null) return null;
  if (sides.primary.isFaulty(uid) || sides.replica.isFaulty(uid)) return null;
  const judged = judgeContent(primary, replica, fields);
  if (judged === null) return null;
  const mailbox = judged.side === "replica" ? sides.replica.mailbox : sides.primary.mailbox;
  const path = messagePath(mailbox, judged.side === "replica" ? replica : primary);
  return {
    ...judged,
    subject: messageSubject(sides.primary.mailbox, uid, path),
    primary: fileEvidence(primary),
    replica: fileEvidence(replica),
  };
}

/** A finding that is held back, with the records of its message. */
interface Held {
  readonly draft: Draft;
  readonly pair: MessagePair;
}

/** Holds back findings that may turn out to be one event, and reports them when the mailbox is done. */
class Folder {
  readonly #unit: Unit;
  readonly #sides: SidePair;
  /** Messages that one side has lost. */
  #lost: Held[] = [];
  /** Records that differ although both sides are past the change. */
  #changed: Held[] = [];

  constructor(unit: Unit, sides: SidePair) {
    this.#unit = unit;
    this.#sides = sides;
  }

  add(pair: MessagePair, judgement: MessageJudgement, draft: Draft): void {
    const missing = draft.class === "message-missing";
    const finding = missing ? this.#withOrphan(pair, draft) : draft;
    const hold = missing ? judgement.state === "diverged" : judgement.rule === "both-reached";
    if (!hold || this.#lost.length + this.#changed.length >= HELD_BACK) this.#unit.emit(finding);
    else (missing ? this.#lost : this.#changed).push({ draft: finding, pair });
  }

  close(): void {
    for (const own of [this.#sides.primary, this.#sides.replica]) this.#closeSilent(own);
    for (const { draft } of this.#changed) this.#unit.emit(draft);
    this.#closeLost();
  }

  /** A file without a record that is just the message whose record is missing: one fault, not two. */
  #withOrphan(pair: MessagePair, draft: Draft): Draft {
    const lacking = pair.primary === null ? this.#sides.primary : this.#sides.replica;
    const live = pair.primary ?? pair.replica;
    const orphan = live === null ? null : lacking.absorbOrphan(live);
    if (orphan === null) return draft;
    return { ...draft, subject: { ...draft.subject, path: orphan.path }, absorbed: { "file-orphan": 1 } };
  }

  /** A record that was changed behind its header's back is damage, and the header's counters are no second fault. */
  #closeSilent(own: OwnSide): void {
    const partner = own.side === "primary" ? this.#sides.replica : this.#sides.primary;
    // Where both headers are wrong nothing says whose records are.
    if (contradictsRecords(partner.mailbox.stored, partner.mailbox.counted)) return;
    const lost = this.#lost.filter(({ draft, pair }) => draft.rule === "uid-lost" && pair[own.side] === null);
    const records = uniqueRecords([...this.#changed, ...lost]);
    const changes = records.map(({ pair }) => ({ own: pair[own.side], partner: pair[partner.side] }));
    const guilty = explainsDiscrepancy(changes, own.mailbox.stored, own.mailbox.counted);
    if (guilty.length === 0) return;
    own.absorb("index-counters-wrong");
    const uids = new Set(guilty.map((i) => records[i]?.pair.uid));
    const [first] = guilty.map((i) => records[i]?.draft);
    const settle = (held: Held[]) =>
      held.filter(({ draft, pair }) => {
        if (!uids.has(pair.uid)) return true;
        // The counters were one fault, whatever number of records they miss.
        this.#unit.emit(damagedBy(draft, own.side, draft === first));
        return false;
      });
    this.#changed = settle(this.#changed);
    this.#lost = settle(this.#lost);
  }

  /** One message under two UIDs is one event. */
  #closeLost(): void {
    const onReplica = new Map<string, Draft[]>();
    for (const { draft, pair } of this.#lost) {
      const guid = guidOf(pair.replica);
      if (guid !== null) onReplica.set(guid, [...(onReplica.get(guid) ?? []), draft]);
    }
    const paired = new Set<Draft>();
    for (const { draft, pair } of this.#lost) {
      const guid = guidOf(pair.primary);
      const twin = guid === null ? undefined : onReplica.get(guid)?.shift();
      if (twin === undefined) continue;
      this.#unit.emit(renumbered(draft, twin));
      paired.add(draft).add(twin);
    }
    for (const { draft } of this.#lost) if (!paired.has(draft)) this.#unit.emit(draft);
  }
}

function guidOf(live: MessagePair["primary"]): string | null {
  return live === null ? null : hex(live.guid);
}

function uniqueRecords(held: readonly Held[]): Held[] {
  const seen = new Set<number>();
  return held.filter(({ pair }) => !seen.has(pair.uid) && seen.add(pair.uid) !== undefined);
}

function damagedBy(draft: Draft, side: "primary" | "replica", absorbs: boolean): Draft {
  const absorbed = absorbs ? { absorbed: { ...draft.absorbed, "index-counters-wrong": 1 } } : {};
  return { ...draft, state: "damaged", side, rule: "own-records", ...absorbed };
}

function renumbered(primary: Draft, replica: Draft): Draft {
  return {
    ...primary,
    class: "message-renumbered",
    side: "replica",
    replica: { ...replica.replica, uid: replica.subject.uid ?? null },
    absorbed: { "message-missing": 2 },
  };
}
