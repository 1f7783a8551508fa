/**
 * Judges what the two sides hold at one UID of one mailbox (same uniqueid, same uidvalidity). Design §3.3, rules 1–7.
 * Existence goes by UID, state goes by modseq; each rule is a small function here or in `order.ts`.
 */
import type { ExpungedMessage, Message } from "../../mail/message.ts";
import type { ComparableFields, MessagePair } from "../../mail/scan-facts.ts";
import type { VarianceClass } from "../classes.ts";
import { bySettle, type Judgement, type JudgeSettings, primaryAhead, type ReadTimes, replicaAhead } from "./order.ts";

/** Where one side of a mailbox stands. Times in seconds since 1970. */
export interface MailboxPosition {
  readonly lastUid: number;
  readonly highestModseq: bigint | null;
  readonly deletedModseq: bigint | null;
  readonly lastRepackTime: number | null;
  /** Newest mtime of index and header. */
  readonly filesMtime: number | null;
}

/** All that the judge of messages needs to know of a pair of mailboxes. */
export interface MailboxPairPosition {
  readonly primary: MailboxPosition;
  readonly replica: MailboxPosition;
  readonly times: ReadTimes;
  readonly fields: ComparableFields;
  /** Both indexes are of version 12 or later: their modseqs are one shared order. */
  readonly ordered: boolean;
}

/** A judged difference of one message. */
export interface MessageJudgement extends Judgement {
  readonly class: VarianceClass;
  readonly item?: string;
}

/** Judges one UID. Nothing is returned for what is excused or is no variance (expunged on both sides). */
export function judgeMessage(
  pair: MessagePair,
  mailbox: MailboxPairPosition,
  settings: JudgeSettings,
): MessageJudgement[] {
  const { primary, replica } = pair;
  if (primary !== null && replica !== null) return judgeLivePair(primary, replica, mailbox, settings);
  if (isOtherMessage(primary, pair.replicaExpunged) || isOtherMessage(replica, pair.primaryExpunged)) return [CONFLICT];
  if (primary !== null) return [missing(onlyOnPrimary(primary, pair.replicaExpunged, mailbox, settings))];
  if (replica !== null) return [missing(onlyOnReplica(replica, pair.primaryExpunged, mailbox, settings))];
  return [];
}

const CONFLICT: MessageJudgement = {
  class: "message-conflict",
  state: "diverged",
  rule: "guid-conflict",
  side: "replica",
};

/** True where what one side has expunged is not what the other has live: the replica refuses the expunge. */
function isOtherMessage(live: Message | null, expunged: ExpungedMessage | null): boolean {
  const [a, b] = [live?.guid ?? null, expunged?.guid ?? null];
  return a !== null && b !== null && !sameBytes(a, b);
}

/** Live on the primary, not on the replica. */
function onlyOnPrimary(
  live: Message,
  expunged: ExpungedMessage | null,
  mailbox: MailboxPairPosition,
  settings: JudgeSettings,
): Judgement {
  const { primary, replica, times } = mailbox;
  if (!mailbox.ordered) {
    if (live.uid > replica.lastUid) return primaryAhead("uid-above-last", live.lastUpdated, times);
    return blame("replica", bySettle(expunged?.lastUpdated ?? replica.filesMtime, "replica", times, settings));
  }
  if (expunged !== null) {
    if (isAbove(expunged.modseq, primary.highestModseq)) {
      return blame("replica", replicaAhead(expunged.lastUpdated, times, settings));
    }
    const lowered = loweredModseq(live.lastUpdated, expunged.lastUpdated, times, settings);
    if (lowered !== null) return lowered;
    return { state: "diverged", rule: "expunge-not-followed", side: "replica" };
  }
  if (live.uid > replica.lastUid) return primaryAhead("uid-above-last", live.lastUpdated, times);
  if (isAbove(replica.deletedModseq, primary.highestModseq)) {
    return blame("replica", replicaAhead(replica.lastRepackTime ?? replica.filesMtime, times, settings));
  }
  // What has been repacked since the primary was read may have been expunged at a lowered modseq.
  const repacked = replicaAhead(replica.lastRepackTime, times, settings);
  if (repacked.state === "in-flight") return repacked;
  return { state: "diverged", rule: "uid-lost", side: "replica" };
}

/** Live on the replica, not on the primary. */
function onlyOnReplica(
  live: Message,
  expunged: ExpungedMessage | null,
  mailbox: MailboxPairPosition,
  settings: JudgeSettings,
): Judgement {
  const { primary, replica, times } = mailbox;
  if (!mailbox.ordered) {
    if (live.uid > primary.lastUid) return blame("primary", replicaAhead(live.lastUpdated, times, settings));
    return blame("primary", bySettle(expunged?.lastUpdated ?? primary.filesMtime, "primary", times, settings));
  }
  // Changed on the replica beyond all that the primary has done: then its expunge does not explain the difference.
  const liveAhead = isAbove(live.modseq, primary.highestModseq);
  if (expunged !== null) {
    if (isAbove(expunged.modseq, replica.highestModseq)) {
      if (liveAhead) return blame("primary", replicaAhead(live.lastUpdated, times, settings));
      return primaryAhead("expunge-ahead", expunged.lastUpdated, times);
    }
    return { state: "diverged", rule: "expunge-not-followed", side: "primary" };
  }
  if (live.uid > primary.lastUid) return blame("primary", replicaAhead(live.lastUpdated, times, settings));
  if (isAbove(primary.deletedModseq, replica.highestModseq)) {
    if (liveAhead) return blame("primary", replicaAhead(live.lastUpdated, times, settings));
    return primaryAhead("expunge-ahead", primary.lastRepackTime ?? primary.filesMtime, times);
  }
  return { state: "diverged", rule: "uid-lost", side: "primary" };
}

/** Live on both sides and different in something that both can say. */
function judgeLivePair(
  primary: Message,
  replica: Message,
  mailbox: MailboxPairPosition,
  settings: JudgeSettings,
): MessageJudgement[] {
  const { fields } = mailbox;
  if (fields.guid && primary.guid !== null && replica.guid !== null && !sameBytes(primary.guid, replica.guid)) {
    return [CONFLICT];
  }
  const kinds = recordDifferences(primary, replica, fields);
  if (kinds.length === 0) return [];
  const judgement = judgeState(primary, replica, mailbox, settings);
  return kinds.map((kind) => ({ ...judgement, ...kind }));
}

/** Rules 2–4 and 7 for one record that both sides have. */
function judgeState(p: Message, r: Message, mailbox: MailboxPairPosition, settings: JudgeSettings): Judgement {
  const { primary, replica, times } = mailbox;
  if (!mailbox.ordered) {
    const newer = p.lastUpdated >= r.lastUpdated ? "primary" : "replica";
    const age = Math.max(p.lastUpdated, r.lastUpdated);
    return bySettle(age > 0 ? age : primary.filesMtime, newer, times, settings);
  }
  if (isAbove(r.modseq, primary.highestModseq)) return replicaAhead(r.lastUpdated, times, settings);
  if (isAbove(p.modseq, replica.highestModseq)) return primaryAhead("state-ahead", p.lastUpdated, times);
  const lowered = loweredModseq(p.lastUpdated, r.lastUpdated, times, settings);
  if (lowered !== null) return lowered;
  return { state: "diverged", rule: "both-reached", side: "replica" };
}

/**
 * While replication brings a mailbox in batches, the replica has changes at lower modseqs than they were made at (Cyrus,
 * `sync_batchsize`). One that may be younger than the primary's reading is told by its time then.
 */
function loweredModseq(
  primarySeconds: number,
  replicaSeconds: number,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement | null {
  const judgement = replicaAhead(replicaSeconds, times, settings);
  return replicaSeconds >= primarySeconds && judgement.state === "in-flight" ? judgement : null;
}

/** In which ways two live records of one message differ; a bare modseq only where nothing else does. */
export function recordDifferences(
  p: Message,
  r: Message,
  fields: ComparableFields,
): { readonly class: VarianceClass; readonly item?: string }[] {
  const kinds: { class: VarianceClass; item?: string }[] = [];
  const flags = (text: string) => (fields.seen ? text : text.replace(/(^| )\\seen(?= |$)/, "").trimStart());
  if (flags(p.flags) !== flags(r.flags)) kinds.push({ class: "flags-differ" });
  if (p.internalDate !== r.internalDate) kinds.push({ class: "internaldate-differs" });
  const item = metadataDifference(p, r, fields);
  if (item !== null) kinds.push({ class: "message-metadata-differs", item });
  if (kinds.length > 0) return kinds;
  if (fields.modseq && p.modseq !== null && r.modseq !== null && p.modseq !== r.modseq) {
    return [{ class: "modseq-differs" }];
  }
  if (p.lastUpdated !== r.lastUpdated) return [{ class: "message-metadata-differs", item: "last_updated" }];
  return [];
}

function metadataDifference(p: Message, r: Message, fields: ComparableFields): string | null {
  const items: string[] = [];
  if (p.sizeBytes !== r.sizeBytes) items.push("size");
  if (fields.saveDate && p.saveDate !== r.saveDate) items.push("savedate");
  if (fields.createdModseq && p.createdModseq !== r.createdModseq) items.push("createdmodseq");
  if (fields.cid && !sameBytesOrNull(p.cid, r.cid)) items.push("cid");
  if (fields.baseCid && !sameBytesOrNull(p.baseCid, r.baseCid)) items.push("basecid");
  return items.length === 0 ? null : items.join(", ");
}

/** A difference in existence belongs to the side that lacks the message, unless it is only behind. */
function blame(side: "primary" | "replica", judgement: Judgement): Judgement {
  return judgement.state === "in-flight" ? judgement : { ...judgement, side };
}

function missing(judgement: Judgement): MessageJudgement {
  return { class: "message-missing", ...judgement };
}

function isAbove(modseq: bigint | null, highest: bigint | null): boolean {
  return modseq !== null && highest !== null && modseq > highest;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function sameBytesOrNull(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : sameBytes(a, b);
}
