/**
 * Judges events of whole mailboxes: missing, renamed, recreated, another uidvalidity, other metadata. Design §3.2 and
 * §3.4. Facts of the mailbox list are ordered by foldermodseq as records are by modseq.
 */
import type { Tombstone } from "../../mail/mailbox.ts";
import type { MailboxFacts } from "../../mail/scan-facts.ts";
import type { Side } from "../classes.ts";
import { bySettle, type Judgement, type JudgeSettings, primaryAhead, type ReadTimes, replicaAhead } from "./order.ts";

/** What is known of a former mailbox: a tombstone, or the entry under its DELETED name. */
export interface Deletion {
  readonly foldermodseq: bigint | null;
  /** Seconds since 1970, on the clock of the host that deleted it. */
  readonly mtime: number | null;
}

/** The deletion that a DELETED mailbox or a tombstone stands for. */
export function deletionOf(deleted: MailboxFacts | Tombstone): Deletion {
  if ("listing" in deleted) {
    return { foldermodseq: deleted.listing?.foldermodseq ?? null, mtime: deleted.listing?.mtime ?? null };
  }
  return { foldermodseq: deleted.foldermodseq, mtime: deleted.mtime };
}

/**
 * A mailbox that only the primary has live. Of two entries with one foldermodseq the deletion is the later one.
 *
 * @param deletion what the replica remembers of it, if it ever had it
 * @param newestEqual H(user): how far replication has demonstrably come, in seconds on the primary's clock
 */
export function onlyOnPrimary(
  mailbox: MailboxFacts,
  deletion: Deletion | null,
  newestEqual: number | null,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  if (deletion !== null) {
    const order = compareOrder(mailbox.listing?.foldermodseq ?? null, deletion.foldermodseq);
    if (order === "first") return primaryAhead("mailbox-list-order", mailbox.listing?.mtime ?? null, times);
    return as("mailbox-deleted", replicaAhead(deletion.mtime, times, settings));
  }
  return asNew(creationTime(mailbox), newestEqual, times, settings);
}

/**
 * A mailbox that only the replica has live.
 *
 * @param deletion what the primary remembers of it, if it ever had it
 */
export function onlyOnReplica(
  mailbox: MailboxFacts,
  deletion: Deletion | null,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  const time = mailbox.listing?.mtime ?? creationTime(mailbox);
  const diverged: Judgement = { state: "diverged", rule: "replica-ahead", side: "primary" };
  if (deletion !== null) {
    const order = compareOrder(deletion.foldermodseq, mailbox.listing?.foldermodseq ?? null);
    if (order !== "second") return primaryAhead("mailbox-deleted", deletion.mtime, times);
  }
  const judgement = replicaAhead(time, times, settings);
  return judgement.state === "diverged" ? diverged : judgement;
}

/**
 * A fact of the mailbox list, where one host's list was not read: what is missing there may be deleted, renamed or not
 * come yet, and what is there may be left of something deleted.
 */
export function listNotRead(side: Side): Judgement {
  return { state: "unproven", rule: "list-not-read", side };
}

/** One mailbox under two names. */
export function renamed(
  primary: MailboxFacts,
  replica: MailboxFacts,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  return listFact(primary, replica, times, settings);
}

/** A fact of the mailbox list (name, ACL, type, partition) that the two sides do not agree in. */
export function listFact(
  primary: MailboxFacts,
  replica: MailboxFacts,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  const p = primary.listing;
  const r = replica.listing;
  const order = compareOrder(p?.foldermodseq ?? null, r?.foldermodseq ?? null);
  if (order === "first") return primaryAhead("mailbox-list-order", p?.mtime ?? null, times);
  if (order === "second") return as("mailbox-list-order", replicaAhead(r?.mtime ?? null, times, settings));
  if (order === "same") return sameOrder(p?.mtime ?? null, r?.mtime ?? null, times, settings);
  return bySettle(p?.mtime ?? null, "primary", times, settings);
}

/**
 * Two entries of one foldermodseq that are not alike. Not every change of an entry moves it (Cyrus 3.6 deletes a mailbox
 * made moments before under the foldermodseq of its creation), so a young entry may still be in flight.
 */
function sameOrder(
  primaryTime: number | null,
  replicaTime: number | null,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  const replicas = replicaAhead(replicaTime, times, settings);
  if (replicas.state === "in-flight") return as("mailbox-list-same-order", replicas);
  const primarys = bySettle(primaryTime, "primary", times, settings);
  if (primarys.state === "in-flight") return as("mailbox-list-same-order", primarys);
  return { state: "diverged", rule: "mailbox-list-same-order", side: "replica" };
}

/**
 * A field of the index header (options, quota root, uidnext, highestmodseq) in which no record explains the difference:
 * ordered by highestmodseq, else by the age of the files.
 */
export function headerFact(
  primary: MailboxFacts,
  replica: MailboxFacts,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  const order = compareOrder(primary.header?.highestModseq ?? null, replica.header?.highestModseq ?? null);
  if (order === "first") return primaryAhead("state-ahead", filesMtime(primary), times);
  const replicas = replicaAhead(filesMtime(replica), times, settings);
  // In the middle of a batch a replica can stand at the modseq that the primary stood at when it was read.
  if (order === "second" || replicas.state === "in-flight") return replicas;
  return bySettle(filesMtime(primary), "primary", times, settings);
}

/**
 * One name with two uniqueids: in flight if the primary remembers the replica's mailbox as deleted or renamed, or if that
 * may have been made after the primary's list was read.
 *
 * @param remembered what the primary knows of the replica's mailbox
 */
export function recreated(
  primary: MailboxFacts,
  replica: MailboxFacts,
  remembered: Deletion | null,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  if (remembered === null) {
    return as("uniqueid-replaced", replicaAhead(replica.listing?.mtime ?? creationTime(replica), times, settings));
  }
  return primaryAhead("uniqueid-replaced", primary.listing?.mtime ?? creationTime(primary), times);
}

/**
 * One mailbox with two uidvalidities: the higher one is the newer. It mostly comes from the clock of whoever made it,
 * which is finer than the time of files that go on being written.
 */
export function otherUidValidity(
  primary: MailboxFacts,
  replica: MailboxFacts,
  newestEqual: number | null,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  const p = primary.header?.uidValidity ?? 0;
  const r = replica.header?.uidValidity ?? 0;
  if (p > r) return as("uidvalidity-order", asNew(madeByThen(p, primary), newestEqual, times, settings));
  const madeAt = plausibleTime(r, replica.readAtMs) === null ? filesMtime(replica) : madeByThen(r, replica);
  return as("uidvalidity-order", replicaAhead(madeAt, times, settings));
}

/**
 * When a mailbox was made at the latest, in seconds: when its list entry was last written, else its uidvalidity.
 *
 * The uidvalidity alone can be too early by years, although Cyrus takes it from the clock: one made under the name of a
 * mailbox that was deleted or renamed gets the uidvalidity of that plus one (Cyrus 3.6, seen on a living pair).
 */
export function creationTime(mailbox: MailboxFacts): number | null {
  const uidValidity = mailbox.header?.uidValidity ?? mailbox.listing?.uidValidity ?? null;
  return madeByThen(uidValidity, mailbox);
}

function madeByThen(uidValidity: number | null, { listing, readAtMs }: MailboxFacts): number | null {
  const times = [uidValidity === null ? null : plausibleTime(uidValidity, readAtMs), listing?.mtime ?? null];
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** A thing without modseqs that only the primary has: in flight if replication has not demonstrably come past it. */
function asNew(
  factSeconds: number | null,
  newestEqual: number | null,
  times: ReadTimes,
  settings: JudgeSettings,
): Judgement {
  if (factSeconds !== null && newestEqual !== null && factSeconds <= newestEqual - settings.settleSeconds) {
    return { state: "diverged", rule: "mailbox-older-than-replication", side: "replica" };
  }
  return primaryAhead("mailbox-new", factSeconds, times);
}

const YEAR_1990 = 631152000;

function plausibleTime(seconds: number, readAtMs: number): number | null {
  return seconds >= YEAR_1990 && seconds * 1000 <= readAtMs ? seconds : null;
}

function filesMtime(mailbox: MailboxFacts): number | null {
  return mailbox.filesMtimeMs === null ? null : Math.floor(mailbox.filesMtimeMs / 1000);
}

function compareOrder(first: bigint | null, second: bigint | null): "first" | "second" | "same" | "unknown" {
  if (first === null || second === null) return "unknown";
  return first > second ? "first" : first < second ? "second" : "same";
}

function as(rule: Judgement["rule"], judgement: Judgement): Judgement {
  return { ...judgement, rule };
}
