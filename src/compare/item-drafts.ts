/** Findings about items: which class a kind is, what the finding is about, and what each side has. */
import { ITEM_KINDS, type ItemKind } from "../mail/item.ts";
import type { ReadProblem } from "../mail/mailbox.ts";
import { type ByteString, displayName, ownerOf } from "../mail/name.ts";
import type { ItemFacts, ItemPair, MailboxFacts, UnreadItems } from "../mail/scan-facts.ts";
import type { Side, VarianceClass } from "./classes.ts";
import { isoSeconds } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import type { ItemJudgement } from "./judge/item.ts";
import type { ManifestView } from "./manifest-view.ts";
import type { Evidence, Subject } from "./variance.ts";

/** Which class a difference of each kind is. */
export const CLASS_OF_KIND: Readonly<Record<ItemKind, VarianceClass>> = {
  acl: "acl-differs",
  subscription: "subscription-differs",
  seen: "seen-differs",
  quota: "quota-differs",
  "quota-usage": "quota-differs",
  sieve: "sieve-differs",
  // Only a note is made of it.
  "modseq-counter": "status-differs",
  annotation: "mailbox-annotation-differs",
  "message-annotation": "message-annotation-differs",
};

/** The finding of one item that differs, of `mailbox` where it belongs to one. */
export function itemDraft(sides: ItemPair, mailbox: MailboxFacts | null, judgement: ItemJudgement): Draft | null {
  const item = sides.primary ?? sides.replica;
  if (item === null) return null;
  return {
    class: CLASS_OF_KIND[item.kind],
    ...judgement,
    subject: subjectOfItem(item, mailbox),
    primary: itemEvidence(sides.primary),
    replica: itemEvidence(sides.replica),
  };
}

/** UID and entry of a message annotation, whose key is both. */
export function messageAnnotationKey(key: ByteString): { readonly uid: number; readonly entry: ByteString } | null {
  const match = /^(\d{1,10}) (.*)$/s.exec(key);
  return match === null ? null : { uid: Number(match[1]), entry: match[2] ?? "" };
}

/** True for the reason why items could not be read: it is said with the finding of the items. */
export function isItemReason({ what }: Pick<ReadProblem, "what">): boolean {
  return ITEM_KINDS.some((kind) => kind === what);
}

/**
 * What a manifest could not read of items. Of a mailbox that was not read that is part of its own finding, and usage is
 * part of that of the quota root.
 */
export function unreadDrafts(view: ManifestView, side: Side): Draft[] {
  // A scan writes both in one order: the first that was not read of a kind has the first reason of that kind.
  const reasons = Map.groupBy(view.problems().filter(isItemReason), ({ what, mailbox }) => `${what} ${mailbox}`);
  const listUnread = view.problems().some(({ what }) => what === "unread-list");
  const directories = new Set<ByteString>();
  const refused: ReadProblem[] = [];
  return view.unreadItems().flatMap((unread) => {
    if (unread.kind === "quota-usage") return [];
    const mailbox = unread.mailboxId === null ? null : view.mailbox(unread.mailboxId);
    const reasonOf = unread.kind === "message-annotation" ? unread.mailboxId : null;
    // Why the scripts of a mailbox were not read is in what is found of the mailbox.
    const isOfMailbox = unread.kind === "sieve" && mailbox !== null;
    const reason = isOfMailbox ? undefined : reasons.get(`${unread.kind} ${reasonOf}`)?.shift();
    // Where the mailbox list was not read, that is the finding.
    if (listUnread && reason === undefined && mailbox === null) return [];
    // A directory that could not be listed leaves several kinds unknown.
    if (unread.owner === null && mailbox === null && reason !== undefined) {
      const why = `${reason.path} ${reason.found}`;
      if (directories.has(why)) return [];
      directories.add(why);
      refused.push(reason);
    } else if (refused.some((directory) => isBelow(reason, directory))) {
      return [];
    }
    return mailbox === null || mailbox.status === "read" ? [unreadDraft(unread, reason, mailbox, side)] : [];
  });
}

function unreadDraft(
  { kind, owner, key }: UnreadItems,
  reason: ReadProblem | undefined,
  mailbox: MailboxFacts | null,
  side: Side,
): Draft {
  const evidence: Evidence =
    reason === undefined
      ? { found: "could not be read", what: kind }
      : { found: reason.found, ...errnoOf(reason), what: kind, file: displayName(reason.path).text };
  return {
    class: CLASS_OF_KIND[kind],
    state: "unproven",
    side,
    subject: {
      mailbox: mailbox?.name ?? null,
      uniqueId: mailbox?.uniqueId ?? null,
      item: kind,
      ...(owner === null || owner === "" ? {} : { owner }),
      ...(key === null || key === "" ? {} : { key }),
      ...(reason === undefined ? {} : { path: reason.path }),
    },
    rule: "not-read",
    primary: side === "primary" ? evidence : null,
    replica: side === "replica" ? evidence : null,
  };
}

/** What the system refuses because it refuses the directory. */
function isBelow(reason: ReadProblem | undefined, { path, errno }: ReadProblem): boolean {
  return errno !== null && reason?.errno === errno && reason.path.startsWith(`${path}/`);
}

function errnoOf({ errno }: ReadProblem): Evidence {
  return errno === null ? {} : { errno };
}

/** True where the side that lacks an item could not read it: that it lacks it says nothing. */
export function isUnread(unread: readonly UnreadItems[], item: ItemFacts): boolean {
  return unread.some(
    ({ kind, owner, key, mailboxId, uniqueId }) =>
      kind === item.kind &&
      (owner === null || owner === item.owner) &&
      (key === null || key === item.key) &&
      // A mailbox is another one by number on the other side; without a uniqueid nothing says which.
      // Scripts of a mailbox may be in a directory on the other side.
      (kind === "sieve" || mailboxId === null || uniqueId === null || uniqueId === item.uniqueId),
  );
}

function subjectOfItem(item: ItemFacts, mailbox: MailboxFacts | null): Subject {
  const subject: Subject = { mailbox: mailbox?.name ?? null, uniqueId: mailbox?.uniqueId ?? null };
  const owner = item.owner === "" ? {} : { owner: item.owner };
  switch (item.kind) {
    case "message-annotation": {
      const parts = messageAnnotationKey(item.key);
      return parts === null
        ? { ...subject, ...owner, key: item.key }
        : { ...subject, uid: parts.uid, ...owner, key: parts.entry };
    }
    case "quota":
    case "quota-usage": {
      const user = ownerOf(item.key);
      const which = item.kind === "quota" ? "limit" : "usage";
      return { ...subject, item: which, ...(user === null ? {} : { owner: user }), key: item.key };
    }
    case "seen":
      return { ...subject, ...owner };
    default:
      return { ...subject, ...owner, key: item.key };
  }
}

function itemEvidence(item: ItemFacts | null): Evidence {
  if (item === null) return { present: false };
  return {
    present: true,
    ...(item.value === "" ? {} : { value: displayName(item.value).text }),
    ...(item.mtime === null ? {} : { mtime: isoSeconds(item.mtime) }),
    ...(item.modseq === null ? {} : { modseq: item.modseq.toString() }),
  };
}
