/** Compares what belongs to one pair of mailboxes and is no message: seen state of other users, annotations. */

import { createHash } from "node:crypto";
import { mayBeEqual } from "../mail/guid.ts";
import { type ByteString, ownerOf } from "../mail/name.ts";
import type { ItemFacts, ItemPair, MailboxFacts } from "../mail/scan-facts.ts";
import { CHECK_OF_CLASS, type Side, STATES } from "./classes.ts";
import { isOrdered } from "./comparable.ts";
import type { Comparison } from "./comparison.ts";
import type { Draft } from "./explain.ts";
import { CLASS_OF_KIND, itemDraft, messageAnnotationKey } from "./item-drafts.ts";
import { type ItemContext, type ItemPosition, judgeItem } from "./judge/item.ts";
import type { Judgement } from "./judge/order.ts";
import { includesUid, symmetricDifference, type UidRanges, uidRanges, uidsOf } from "./uid-sets.ts";
import type { Unit } from "./unit.ts";

/** Findings of one mailbox that are held back until its messages are compared; more are reported as they are. */
const HELD_BACK = 10_000;

/** Messages that are looked up to see whether a seen entry differs in any that is live; beyond, it is said to. */
const LOOKED_UP = 10_000;

/** Annotations that a server of one index version keeps in its index, and of another beside it. */
const KEPT_IN_INDEX = /^\/vendor\/cmu\/cyrus-imapd\/(thrid|basethrid|savedate|createdmodseq|internaldate\.nsec)$/;

/** A finding that is held back, with the messages whose records it may have moved; null: any of them. */
interface Held {
  draft: Draft;
  readonly uids: UidRanges | null;
}

/** The items of one pair of mailboxes that differ. */
export class MailboxItems {
  readonly #comparison: Comparison;
  readonly #primary: MailboxFacts;
  readonly #replica: MailboxFacts;
  readonly #byUid = new Map<number, Held[]>();
  readonly #ofMailbox: Held[] = [];
  #held = 0;

  constructor(comparison: Comparison, primary: MailboxFacts, replica: MailboxFacts) {
    this.#comparison = comparison;
    this.#primary = primary;
    this.#replica = replica;
  }

  /** Looks for differences; call it once, before the messages are compared. */
  compare(unit: Unit): void {
    const comparison = this.#comparison;
    // A renamed mailbox is one event.
    if (!comparison.haveItems || this.#primary.name !== this.#replica.name) return;
    this.#markUnread(unit);
    const ambiguous = this.#isAmbiguous();
    // What is kept by uniqueid is then part of that finding.
    if (ambiguous) unit.unknown("flags", "metadata");
    for (const pair of comparison.pair.differingItemsOf(this.#primary.id, this.#replica.id)) {
      if (ambiguous && (pair.primary ?? pair.replica)?.kind !== "message-annotation") continue;
      const held = this.#judge(pair);
      if (held === null) continue;
      const uid = held.draft.subject.uid;
      if (this.#held++ >= HELD_BACK) unit.emit(held.draft);
      else if (uid === undefined) this.#ofMailbox.push(held);
      else this.#byUid.set(uid, [...(this.#byUid.get(uid) ?? []), held]);
    }
  }

  /**
   * True where an item is what moved the modseq of a record that is otherwise alike. The record's own modseq then tells
   * more than that of the mailbox.
   */
  explainsModseq(uid: number, judgement: Judgement): boolean {
    const explaining = [
      ...(this.#byUid.get(uid) ?? []),
      ...this.#ofMailbox.filter(({ draft, uids }) => isSeen(draft) && (uids === null || includesUid(uids, uid))),
    ];
    for (const held of explaining) held.draft = withOrderOf(held.draft, judgement);
    return explaining.length > 0;
  }

  /** Reports all that was held back. */
  emit(unit: Unit): void {
    for (const { draft } of this.#ofMailbox.splice(0)) unit.emit(draft);
    for (const held of this.#byUid.values()) for (const { draft } of held) unit.emit(draft);
    this.#byUid.clear();
  }

  /** Another mailbox of a side has the same uniqueid. */
  #isAmbiguous(): boolean {
    const { primary, replica } = this.#comparison.duplicates;
    return primary.has(this.#primary.uniqueId ?? "") || replica.has(this.#replica.uniqueId ?? "");
  }

  /** What could not be read of this very mailbox leaves its checks open. */
  #markUnread(unit: Unit): void {
    for (const [side, { id }] of [["primary", this.#primary] as const, ["replica", this.#replica] as const]) {
      for (const { kind, mailboxId } of this.#comparison.unread[side]) {
        if (mailboxId === id) unit.unknown(CHECK_OF_CLASS[CLASS_OF_KIND[kind]]);
      }
    }
  }

  #judge(pair: ItemPair): Held | null {
    const item = pair.primary ?? pair.replica;
    if (item === null || this.#comparison.isUnread(pair) || !this.#isComparable(item)) return null;
    // An entry without a value is no entry.
    if (isSameValue(pair.primary?.value ?? "", pair.replica?.value ?? "")) return null;
    let uids: UidRanges | null = [];
    let messages: number | null = null;
    if (item.kind === "message-annotation") {
      const key = messageAnnotationKey(item.key);
      if (key === null || !this.#isOneMessage(key.uid)) return null;
    }
    if (item.kind === "seen") {
      uids = this.#seenDifference(pair);
      messages = uids === null ? null : uids.reduce((sum, [first, last]) => sum + last - first + 1, 0);
      if (messages === 0) return null;
    }
    const judgement = judgeItem(pair, this.#context(item), this.#comparison.judge);
    const draft = itemDraft(pair, this.#primary, judgement);
    return draft === null ? null : { draft: messages === null ? draft : { ...draft, messages }, uids };
  }

  /** False for what one side keeps elsewhere. */
  #isComparable({ kind, owner, key }: ItemFacts): boolean {
    const [p, r] = [this.#primary.header?.minorVersion ?? 0, this.#replica.header?.minorVersion ?? 0];
    switch (kind) {
      case "seen":
        // Where one side shares \Seen among all, the index has it: the option is what differs.
        if (sharesSeen(this.#primary) !== sharesSeen(this.#replica)) return false;
        // From version 12 on the owner's own \Seen is in the index, or that of all who share it; before, all of it is
        // in seen databases: what is shared in that of `anyone`.
        return p >= 12 === r >= 12 || (!sharesSeen(this.#primary) && owner !== ownerOf(this.#primary.name));
      case "message-annotation":
        return p === r || !KEPT_IN_INDEX.test(messageAnnotationKey(key)?.entry ?? "");
      case "annotation":
        return true;
      default:
        return false;
    }
  }

  /** What a message has on one side only belongs to the finding of the message. */
  #isOneMessage(uid: number): boolean {
    const primary = this.#message("primary", uid);
    const replica = this.#message("replica", uid);
    if (primary === null || replica === null) return false;
    return mayBeEqual(primary.guid, replica.guid);
  }

  /** Messages live on both sides that one side of a seen entry has and the other has not; null: nobody can tell. */
  #seenDifference({ primary, replica }: ItemPair): UidRanges | null {
    const sets = [uidRanges(primary?.value ?? ""), uidRanges(replica?.value ?? "")] as const;
    if (sets[0] === null || sets[1] === null) return null;
    const highest = Math.min(this.#primary.header?.lastUid ?? 0, this.#replica.header?.lastUid ?? 0);
    const live: [number, number][] = [];
    let looked = 0;
    for (const uid of uidsOf(symmetricDifference(sets[0], sets[1]))) {
      if (uid > highest) break;
      if (++looked > LOOKED_UP) return null;
      if (this.#isOneMessage(uid)) live.push([uid, uid]);
    }
    return live;
  }

  #message(side: Side, uid: number) {
    const view = this.#comparison.view(side);
    const { id } = side === "primary" ? this.#primary : this.#replica;
    view.verifyRows(id);
    return view.message(id, uid);
  }

  #context({ kind }: ItemFacts): ItemContext {
    const { primary, replica } = { primary: this.#primary, replica: this.#replica };
    const readAt = (side: Side, { readAtMs }: MailboxFacts) => {
      // Annotations of messages are read with the mailbox.
      const itemsMs = kind === "message-annotation" ? null : this.#comparison.view(side).facts.itemsReadAtMs;
      return { earliestMs: Math.min(itemsMs ?? readAtMs, readAtMs), later: (itemsMs ?? readAtMs) > readAtMs };
    };
    const at = { primary: readAt("primary", primary), replica: readAt("replica", replica) };
    return {
      newestEqual: null,
      mailbox: {
        primary: positionOf(primary, at.primary.later),
        replica: positionOf(replica, at.replica.later),
        ordered: isOrdered(primary, replica),
      },
      times: { primaryMs: at.primary.earliestMs, replicaMs: at.replica.earliestMs },
    };
  }
}

/** Earlier versions held private values as they are, and none held the size beside a digest. */
function isSameValue(a: ByteString, b: ByteString): boolean {
  return a === b || ((isDigest(a) || isDigest(b)) && digestOf(a) === digestOf(b));
}

function digestOf(value: ByteString): string {
  return isDigest(value) ? value.slice(0, 45) : `sha1:${createHash("sha1").update(value, "latin1").digest("hex")}`;
}

function isDigest(value: ByteString): boolean {
  return /^sha1:[0-9a-f]{40}(?: \(\d+ bytes\))?$/.test(value);
}

/** @see cyrus-imapd `imap/mailbox.h`, OPT_IMAP_SHAREDSEEN */
function sharesSeen({ header }: MailboxFacts): boolean {
  return ((header?.options ?? 0) & 0b100) !== 0;
}

function positionOf({ header, filesMtimeMs }: MailboxFacts, itemsReadLater: boolean): ItemPosition {
  return {
    highestModseq: header?.highestModseq ?? null,
    filesMtime: filesMtimeMs === null ? null : Math.floor(filesMtimeMs / 1000),
    itemsReadLater,
  };
}

function isSeen(draft: Draft): boolean {
  return draft.class === "seen-differs";
}

/** A finding as its record was judged, unless it is worse by itself. */
function withOrderOf(draft: Draft, judgement: Judgement): Draft {
  if (STATES.indexOf(draft.state) < STATES.indexOf(judgement.state)) return draft;
  const { cause: _cause, ageSeconds: _age, ...rest } = draft;
  const { state, rule, side, cause, ageSeconds } = judgement;
  return {
    ...rest,
    ...{ state, rule, side },
    ...(cause === undefined ? {} : { cause }),
    ...(ageSeconds === undefined ? {} : { ageSeconds }),
  };
}
