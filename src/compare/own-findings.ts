/** Findings that one manifest makes against itself; `inspect` prints them alone, `compare` folds them with the diff. */
import type { Counters, OrphanFile } from "../mail/mailbox.ts";
import type { Message } from "../mail/message.ts";
import { type ByteString, displayName } from "../mail/name.ts";
import type { MailboxFacts, MessageFacts } from "../mail/scan-facts.ts";
import type { Side, VarianceClass } from "./classes.ts";
import { fileEvidence, listEvidence, orphanEvidence, statusNumbers } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import { isItemReason } from "./item-drafts.ts";
import { fileFault, mailboxFaults } from "./judge/own-side.ts";
import type { ManifestView } from "./manifest-view.ts";
import type { Evidence, Note, Subject } from "./variance.ts";

/** Faults of a mailbox as a whole. */
export function mailboxDrafts(mailbox: MailboxFacts, side: Side): Draft[] {
  return mailboxFaults(mailbox).map((fault) => {
    const path = mailbox.directories[0];
    const subject: Subject = {
      mailbox: mailbox.name,
      uniqueId: mailbox.uniqueId,
      ...(path === undefined ? {} : { path }),
      ...(fault.item === undefined ? {} : { item: fault.item }),
    };
    const messages = mailbox.counted?.exists;
    return {
      class: fault.class,
      state: fault.state,
      side,
      subject,
      rule: fault.state === "unproven" ? "not-read" : "own-records",
      ...onSide(side, mailboxFaultEvidence(mailbox, fault.class)),
      ...(fault.class === "mailbox-not-in-list" && messages !== undefined ? { messages } : {}),
    };
  });
}

/** The fault of one message file, or null. */
export function fileDraft(view: ManifestView, mailbox: MailboxFacts, message: MessageFacts, side: Side): Draft | null {
  const fault = fileFault(message);
  if (fault === null) return null;
  const sharing = message.stat === null ? [] : view.sameInode(mailbox.id, message.uid);
  const others = sharing.map((s) => `${displayName(s.mailbox).text}/${s.uid}`);
  return {
    class: fault.class,
    state: fault.state,
    side,
    subject: messageSubject(mailbox, message.uid, messagePath(mailbox, message)),
    rule: fault.state === "unproven" ? "not-read" : "own-records",
    ...onSide(side, { ...fileEvidence(message), ...(others.length > 0 ? { sameFileAs: others } : {}) }),
  };
}

/** A message file that no record accounts for. */
export function orphanDraft(mailbox: MailboxFacts, orphan: OrphanFile, side: Side): Draft {
  return {
    class: "file-orphan",
    state: "damaged",
    side,
    subject: messageSubject(mailbox, orphan.uid, orphan.path),
    rule: "own-records",
    ...onSide(side, orphanEvidence(orphan)),
  };
}

const STORE_CLASSES: Readonly<Record<string, VarianceClass>> = {
  partition: "partition-unreadable",
  "unread-list": "mailbox-list-unreadable",
};

/** What a manifest could not read outside of any mailbox, and uniqueids that it holds twice. */
export function storeDrafts(view: ManifestView, side: Side): Draft[] {
  const drafts: Draft[] = [];
  for (const problem of view.problems()) {
    if (problem.mailbox !== null || problem.what === "sync-log" || isItemReason(problem)) continue;
    drafts.push({
      class: STORE_CLASSES[problem.what] ?? "mailbox-unreadable",
      state: "unproven",
      side,
      subject: { mailbox: null, uniqueId: null, path: problem.path },
      rule: "not-read",
      ...onSide(side, { found: problem.found, errno: problem.errno, what: problem.what }),
    });
  }
  for (const uniqueId of view.duplicateUniqueIds()) drafts.push(duplicateDraft(view, uniqueId, side));
  return drafts;
}

/**
 * What could not be read in a mailbox whose index could, and that no message accounts for: a directory that could not be
 * listed, or something in it that is named like a message.
 */
export function problemDrafts(view: ManifestView, mailbox: MailboxFacts, side: Side): Draft[] {
  if (mailbox.status !== "read") return [];
  return view
    .problemsOf(mailbox.id)
    .filter((problem) => !isItemReason(problem))
    .filter(({ uid }) => uid === null || view.message(mailbox.id, uid) === null)
    .map(({ what, path, uid, found, errno }) => ({
      class: uid === null ? "mailbox-unreadable" : "file-unreadable",
      state: "unproven",
      side,
      subject: { mailbox: mailbox.name, uniqueId: mailbox.uniqueId, path, ...(uid === null ? {} : { uid }) },
      rule: "not-read",
      ...onSide(side, { found, problem: found, errno, what }),
    }));
}

/**
 * Files that hold other bytes than at an earlier scan though nothing wrote to them, where no GUID condemns them anyway:
 * what one host finds by itself. In a pair the two files then differ, which is the finding.
 */
export function rotDrafts(view: ManifestView, mailbox: MailboxFacts, side: Side): Draft[] {
  if (mailbox.status !== "read") return [];
  const drafts: Draft[] = [];
  for (const { what, path, uid, found } of view.problemsOf(mailbox.id)) {
    const message = what === "rot" && uid !== null ? view.message(mailbox.id, uid) : null;
    if (message === null || fileFault(message) !== null) continue;
    drafts.push({
      class: "file-content-differs",
      state: "damaged",
      side,
      subject: messageSubject(mailbox, message.uid, path),
      rule: "own-records",
      ...onSide(side, { ...fileEvidence(message), found }),
    });
  }
  return drafts;
}

/** Notes that a mailbox gives rise to by itself. */
export function mailboxNotes(mailbox: MailboxFacts, side: Side): Note[] {
  const notes: Note[] = [];
  if ((mailbox.guidsMissing ?? 0) > 0) {
    notes.push({
      type: "note",
      class: "guid-missing",
      mailbox: mailbox.name,
      side,
      count: mailbox.guidsMissing ?? 0,
      explain: withoutDigest(mailbox),
    });
  }
  if (mailbox.listed && mailbox.uniqueId === null && mailbox.status === "read") {
    notes.push({
      type: "note",
      class: "uniqueid-missing",
      mailbox: mailbox.name,
      side,
      explain: "No uniqueid in the mailbox list or cyrus.header: the mailbox is paired by its name",
    });
  }
  return notes;
}

/** Before version 10 a UUID need not be made of the message, and no server minds. */
function withoutDigest(mailbox: MailboxFacts): string {
  const old = (mailbox.header?.minorVersion ?? 0) < 10;
  return old
    ? "Records whose GUID is no digest (UUIDs of Cyrus 2.3): their files can be compared, not checked"
    : "Records without a GUID: their files can be compared, not checked; sync_client refuses to upload them";
}

/** Subject of a finding about one message. */
export function messageSubject(mailbox: MailboxFacts, uid: number, path?: ByteString): Subject {
  return { mailbox: mailbox.name, uniqueId: mailbox.uniqueId, uid, ...(path === undefined ? {} : { path }) };
}

/** Absolute path of a message file, rebuilt from the mailbox's directory. */
export function messagePath(mailbox: MailboxFacts, message: Message | MessageFacts): ByteString | undefined {
  const archived = "stat" in message && message.stat?.root === 1;
  const directory = mailbox.directories[archived ? 1 : 0];
  return directory === undefined ? undefined : `${directory}/${message.uid}.`;
}

/** Evidence of one side only. */
function onSide(side: Side, evidence: Evidence): { primary: Evidence | null; replica: Evidence | null } {
  return side === "primary" ? { primary: evidence, replica: null } : { primary: null, replica: evidence };
}

/** What one side's own records say of what a class of faults is about. */
export function mailboxFaultEvidence(mailbox: MailboxFacts, name: VarianceClass): Evidence {
  const found = mailbox.found === null ? {} : { found: mailbox.found };
  const status = statusNumbers(mailbox) ?? {};
  switch (name) {
    case "uidvalidity-contradicts-mailbox-list":
      return { ...status, listUidvalidity: mailbox.listing?.uidValidity ?? null };
    case "index-counters-wrong":
      return { ...prefixed("stored", mailbox.stored), ...prefixed("counted", mailbox.counted) };
    default:
      return { ...listEvidence(mailbox), ...found };
  }
}

function prefixed(prefix: string, counters: Counters | null): Evidence {
  const entries = Object.entries(counters ?? {}).map(([name, value]) => [
    `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    typeof value === "bigint" ? Number(value) : value,
  ]);
  return Object.fromEntries(entries) as Evidence;
}

function duplicateDraft(view: ManifestView, uniqueId: string, side: Side): Draft {
  const names: string[] = [];
  let first: ByteString | null = null;
  for (const mailbox of view.mailboxes()) {
    if (!mailbox.listed || mailbox.uniqueId !== uniqueId) continue;
    first ??= mailbox.name;
    names.push(displayName(mailbox.name).text);
  }
  return {
    class: "uniqueid-duplicate",
    state: "damaged",
    side,
    subject: { mailbox: first, uniqueId },
    rule: "own-records",
    ...onSide(side, { names }),
  };
}
