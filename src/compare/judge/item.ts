/**
 * Judges items: subscriptions, seen state, quota, sieve, annotations. Design §3.4. They have no message order: a time of
 * their own, the modseqs of their mailbox, or nothing tells which side is ahead.
 */
import type { Item } from "../../mail/item.ts";
import type { Side } from "../classes.ts";
import { type Judgement, type JudgeSettings, primaryAhead, type ReadTimes, replicaAhead } from "./order.ts";

/** A judgement that may leave open on which side the thing was changed. */
export interface ItemJudgement extends Omit<Judgement, "side"> {
  readonly side: Side | "unknown";
}

/** Where one side of the mailbox of an item stands. */
export interface ItemPosition {
  readonly highestModseq: bigint | null;
  /** Newest mtime of index and header, in seconds since 1970. */
  readonly filesMtime: number | null;
  /** The items of this side were read after its index: what it lacks may have been removed in between. */
  readonly itemsReadLater: boolean;
}

/** All that the judge needs to know beside the two values. */
export interface ItemContext {
  /** H: how far replication has demonstrably come for the owner, in seconds on the primary's clock. */
  readonly newestEqual: number | null;
  /** Both sides of the mailbox that the item belongs to; null for one that belongs to none. */
  readonly mailbox: {
    readonly primary: ItemPosition;
    readonly replica: ItemPosition;
    readonly ordered: boolean;
  } | null;
  /** When each side was read at the earliest. */
  readonly times: ReadTimes;
}

/** One item on both sides; null where a side has none. At least one side has it, and the values differ. */
export interface ItemSides {
  readonly primary: Item | null;
  readonly replica: Item | null;
}

/** Judges a difference of one item. */
export function judgeItem(sides: ItemSides, context: ItemContext, settings: JudgeSettings): ItemJudgement {
  const item = sides.primary ?? sides.replica;
  switch (item?.kind) {
    case "sieve":
      // Which script is active is set and unset, and the time of the link says nothing of who did it.
      return item.key === "active" ? NO_ORDER : byOwnTime(sides, context, settings);
    case "quota":
      return byOwnTime(sides, context, settings);
    case "quota-usage":
      return { state: "diverged", rule: "usage-differs", side: "unknown" };
    case "seen":
      return byMailbox(context, settings, () => reached(sides, context, settings));
    case "annotation":
    case "message-annotation":
      return byModseq(sides, context, settings);
    default:
      return NO_ORDER;
  }
}

/** Nothing tells an addition on one side from a removal on the other, nor when it was: it may yet be brought. */
const NO_ORDER: ItemJudgement = { state: "in-flight", rule: "no-order", cause: "lag", side: "unknown" };

/**
 * A thing with a file of its own. The primary's is in flight unless replication has demonstrably come past it; the
 * replica's newer one only if it may be younger than the primary's read. What only the replica has was made there or
 * deleted on the primary, and a deletion leaves no trace: nothing tells the two apart.
 */
function byOwnTime({ primary, replica }: ItemSides, context: ItemContext, settings: JudgeSettings): ItemJudgement {
  const { times } = context;
  if ([primary, replica].some((item) => item !== null && item.mtime === null)) return NO_ORDER;
  if (primary === null) return NO_ORDER;
  if (replica === null) return onPrimary(primary.mtime, context, settings);
  // The file of a replica may be written later than that of its primary by the lag: newer is what is newer by more.
  const replicaIsNewer = (replica.mtime ?? 0) > (primary.mtime ?? 0) + settings.settleSeconds;
  if (replicaIsNewer) return replicaAhead(replica.mtime, times, settings);
  return onPrimary(primary.mtime, context, settings);
}

/** Only or newer on the primary, since `seconds`; null where nothing says since when. */
function onPrimary(seconds: number | null, { newestEqual, times }: ItemContext, settings: JudgeSettings) {
  const passed = seconds !== null && newestEqual !== null && seconds <= newestEqual - settings.settleSeconds;
  if (passed) return { state: "diverged", rule: "item-older-than-replication", side: "replica" } as const;
  return primaryAhead("item-new", seconds, times);
}

/**
 * No order of its own: the modseqs of the mailbox tell which side has moved on.
 *
 * @param equal what it means when neither has
 */
function byMailbox(context: ItemContext, settings: JudgeSettings, equal: () => ItemJudgement): ItemJudgement {
  const { mailbox, times } = context;
  const p = mailbox?.primary.highestModseq ?? null;
  const r = mailbox?.replica.highestModseq ?? null;
  if (mailbox === null || !mailbox.ordered || p === null || r === null) return NO_ORDER;
  if (p > r) return primaryAhead("state-ahead", mailbox.primary.filesMtime, times);
  if (r > p) return replicaAhead(mailbox.replica.filesMtime, times, settings);
  return equal();
}

/**
 * An annotation by its modseq, which is of the mailbox's order as those of records are. Where the store has none, not
 * every change need have moved the mailbox.
 */
function byModseq({ primary, replica }: ItemSides, context: ItemContext, settings: JudgeSettings): ItemJudgement {
  const { mailbox, times } = context;
  const p = mailbox?.primary.highestModseq ?? null;
  const r = mailbox?.replica.highestModseq ?? null;
  if (!haveModseqs(primary, replica)) return byMailbox(context, settings, () => NO_ORDER);
  if (mailbox === null || !mailbox.ordered || p === null || r === null) return NO_ORDER;
  const time = timeOf(replica, mailbox.replica);
  if (isAbove(replica, p)) {
    const judgement = replicaAhead(time, times, settings);
    return primary === null ? blamePrimary(judgement) : judgement;
  }
  if (isAbove(primary, r)) return primaryAhead("state-ahead", mailbox.primary.filesMtime, times);
  // Where one side has none it may have been removed there: the mailbox has moved on by that.
  if (replica === null && r > p) return replicaAhead(time, times, settings);
  if (primary === null && p > r) return primaryAhead("state-ahead", mailbox.primary.filesMtime, times);
  return reached({ primary, replica }, context, settings);
}

/**
 * Both sides are past the change. An item is not read in one moment with the index of its mailbox, nor replicated in one
 * step with it: while item or index are young the item may be on its way.
 */
function reached(sides: ItemSides, { mailbox, times }: ItemContext, settings: JudgeSettings): ItemJudgement {
  const earliest = Math.floor(Math.min(times.primaryMs, times.replicaMs) / 1000);
  const mayBeOnItsWay = (side: Side) => {
    const changedAt = Math.max(sides[side]?.mtime ?? 0, mailbox?.[side].filesMtime ?? 0);
    return changedAt > earliest - settings.settleSeconds || mayBeRemoved(side);
  };
  // What a side lacks may have been taken away after its index was read, where the other side does not say since when
  // it has it. A replica that was read before its primary lacks nothing by that.
  const mayBeRemoved = (side: Side) =>
    sides[side] === null &&
    (sides.primary ?? sides.replica)?.mtime === null &&
    mailbox?.[side].itemsReadLater === true &&
    !(side === "replica" && settings.primaryReadAfterReplica);
  if (mayBeOnItsWay("primary") || mayBeOnItsWay("replica")) {
    return { state: "in-flight", rule: "within-settle", cause: "race", side: "unknown" };
  }
  return { state: "diverged", rule: "both-reached", side: sides.primary === null ? "primary" : "replica" };
}

/** When the replica's annotation came about: with its index, or after that was read. */
function timeOf(replica: Item | null, { highestModseq, filesMtime }: ItemPosition): number | null {
  const isNewerThanIndex = highestModseq !== null && isAbove(replica, highestModseq);
  return isNewerThanIndex ? Number.MAX_SAFE_INTEGER : filesMtime;
}

function haveModseqs(...items: readonly (Item | null)[]): boolean {
  return items.every((item) => item === null || item.modseq !== null);
}

function isAbove(item: Item | null, highest: bigint): boolean {
  return item !== null && item.modseq !== null && item.modseq > highest;
}

/** What only the replica has is missing on the primary. */
function blamePrimary(judgement: Judgement): Judgement {
  return { ...judgement, side: "primary" };
}
