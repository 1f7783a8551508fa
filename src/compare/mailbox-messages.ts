/** Compares the messages of one mailbox on both sides (same uniqueid, same uidvalidity) and folds what is one event. */
import type { MailboxFacts, MessagePair } from "../mail/scan-facts.ts";
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
import { syncCrcDiscrepancy } from "./judge/own-side.ts";
import { explainsDiscrepancy, type RecordPair } from "./judge/silent-change.ts";
import type { SidePair } from "./mailbox-files.ts";
import type { ComparableFields } from "./manifest-view.ts";
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

/** Compares and reports all messages of a pair. */
export function compareMessages(
  comparison: Comparison,
  unit: Unit,
  sides: SidePair,
  fields: ComparableFields,
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
  const outcome = { modseqs: false, uidNext: false };
  const lowerLastUid = Math.min(position.primary.lastUid, position.replica.lastUid);
  for (const pair of comparison.pair.differingMessages(primary.id, replica.id, fields)) {
    const judgements = judgeMessage(pair, position, comparison.judge);
    for (const judgement of judgements) folder.add(pair, judgement, draftOf(pair, judgement, sides));
    const content = judgements.some((j) => j.class === "message-conflict") ? null : contentDraft(pair, sides, fields);
    if (content !== null) unit.emit(content);
    if (judgements.length > 0) outcome.modseqs = true;
    if (judgements.length > 0 && pair.uid > lowerLastUid) outcome.uidNext = true;
  }
  folder.close();
  return outcome;
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

/** Holds back findings that may turn out to be one event, and reports them when the mailbox is done. */
class Folder {
  readonly #unit: Unit;
  readonly #sides: SidePair;
  readonly #lost: { draft: Draft; guid: string; on: "primary" | "replica" }[] = [];
  readonly #changed: { draft: Draft; records: RecordPair }[] = [];

  constructor(unit: Unit, sides: SidePair) {
    this.#unit = unit;
    this.#sides = sides;
  }

  add(pair: MessagePair, judgement: MessageJudgement, draft: Draft): void {
    if (draft.class === "message-missing") this.#addMissing(pair, this.#withOrphan(pair, draft));
    else this.#addChanged(pair, judgement, draft);
  }

  close(): void {
    this.#closeChanged();
    this.#closeLost();
  }

  #addMissing(pair: MessagePair, draft: Draft): void {
    const live = pair.primary ?? pair.replica;
    const guid = live === null ? null : hex(live.guid);
    const hold = draft.state === "diverged" && guid !== null && this.#lost.length < HELD_BACK;
    if (hold) this.#lost.push({ draft, guid, on: pair.primary !== null ? "primary" : "replica" });
    else this.#unit.emit(draft);
  }

  #addChanged({ primary, replica }: MessagePair, judgement: MessageJudgement, draft: Draft): void {
    const silent = judgement.rule === "both-reached" && primary !== null && replica !== null;
    if (silent && this.#changed.length < HELD_BACK) this.#changed.push({ draft, records: { primary, replica } });
    else this.#unit.emit(draft);
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
  #closeChanged(): void {
    for (const own of [this.#sides.primary, this.#sides.replica]) {
      const partner = own.side === "primary" ? this.#sides.replica : this.#sides.primary;
      const discrepancy = syncCrcDiscrepancy(own.mailbox.stored, own.mailbox.counted);
      if (discrepancy === 0 || syncCrcDiscrepancy(partner.mailbox.stored, partner.mailbox.counted) !== 0) continue;
      const records = uniqueRecords(this.#changed);
      const guilty = explainsDiscrepancy(records.map((r) => r.records), discrepancy); // biome-ignore format: short
      if (guilty.length === 0) continue;
      own.absorb("index-counters-wrong");
      const uids = new Set(guilty.map((i) => records[i]?.records.primary.uid));
      this.#changed.splice(0).forEach(({ draft, records: pair }) => {
        const damaged = uids.has(pair.primary.uid);
        this.#unit.emit(damaged ? damagedBy(draft, own.side) : draft);
      });
    }
    for (const { draft } of this.#changed.splice(0)) this.#unit.emit(draft);
  }

  /** One message under two UIDs is one event. */
  #closeLost(): void {
    const onReplica = new Map<string, Draft[]>();
    for (const { draft, guid, on } of this.#lost) {
      if (on === "replica") onReplica.set(guid, [...(onReplica.get(guid) ?? []), draft]);
    }
    for (const { draft, guid, on } of this.#lost) {
      if (on === "replica") continue;
      const twin = onReplica.get(guid)?.shift();
      this.#unit.emit(twin === undefined ? draft : renumbered(draft, twin));
    }
    for (const drafts of onReplica.values()) for (const draft of drafts) this.#unit.emit(draft);
  }
}

function uniqueRecords(changed: readonly { draft: Draft; records: RecordPair }[]) {
  const seen = new Set<number>();
  return changed.filter(({ records }) => !seen.has(records.primary.uid) && seen.add(records.primary.uid) !== undefined);
}

function damagedBy(draft: Draft, side: "primary" | "replica"): Draft {
  return { ...draft, state: "damaged", side, rule: "own-records", absorbed: { "index-counters-wrong": 1 } };
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
