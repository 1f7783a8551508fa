/** What a finding is about. Stable identifiers: added to, never renamed. */
export const VARIANCE_CLASSES = [
  "partition-unreadable",
  "mailbox-list-unreadable",
  "mailbox-missing",
  "mailbox-renamed",
  "mailbox-recreated",
  "mailbox-not-in-list",
  "uniqueid-missing",
  "uniqueid-duplicate",
  "uidvalidity-differs",
  "status-differs",
  "mailbox-unreadable",
  "mailbox-directory-missing",
  "index-corrupt",
  "index-counters-wrong",
  "uidvalidity-contradicts-mailbox-list",
  "mailbox-metadata-differs",
  "message-missing",
  "message-conflict",
  "message-renumbered",
  "guid-missing",
  "flags-differ",
  "modseq-differs",
  "internaldate-differs",
  "message-metadata-differs",
  "message-annotation-differs",
  "file-missing",
  "file-orphan",
  "file-size-differs",
  "file-corrupt",
  "file-content-differs",
  "file-unreadable",
  "acl-differs",
  "quota-differs",
  "mailbox-annotation-differs",
  "subscription-differs",
  "seen-differs",
  "sieve-differs",
] as const;
export type VarianceClass = (typeof VARIANCE_CLASSES)[number];

/** What a finding means, worst first. */
export const STATES = ["damaged", "diverged", "in-flight", "unproven"] as const;
export type State = (typeof STATES)[number];

export const SIDES = ["primary", "replica"] as const;
export type Side = (typeof SIDES)[number];

/** Verdicts of a run, worst first. */
export const VERDICTS = ["damaged", "diverged", "stalled", "incomplete", "lagging", "in-sync"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The seed's five checks, then the further ones. */
export const CHECKS = ["list", "status", "uids", "flags", "content", "metadata", "acl", "store"] as const;
export type Check = (typeof CHECKS)[number];

/** Answer of one check: the three answers, and "nobody asked". */
export type CheckResult = "same" | "differs" | "unknown" | "not-checked";

/** Which check a class of finding belongs to. `store` is what each side says of itself: lists, counters, checksums. */
export const CHECK_OF_CLASS: Readonly<Record<VarianceClass, Check>> = {
  "partition-unreadable": "store",
  "mailbox-list-unreadable": "list",
  "mailbox-missing": "list",
  "mailbox-renamed": "list",
  "mailbox-recreated": "list",
  "mailbox-not-in-list": "store",
  "uniqueid-missing": "store",
  "uniqueid-duplicate": "store",
  "uidvalidity-differs": "status",
  "status-differs": "status",
  "mailbox-unreadable": "store",
  "mailbox-directory-missing": "store",
  "index-corrupt": "store",
  "index-counters-wrong": "store",
  "uidvalidity-contradicts-mailbox-list": "store",
  "mailbox-metadata-differs": "metadata",
  "message-missing": "uids",
  "message-conflict": "uids",
  "message-renumbered": "uids",
  "guid-missing": "content",
  "flags-differ": "flags",
  "modseq-differs": "metadata",
  "internaldate-differs": "metadata",
  "message-metadata-differs": "metadata",
  "message-annotation-differs": "metadata",
  "file-missing": "content",
  "file-orphan": "content",
  "file-size-differs": "content",
  "file-corrupt": "content",
  "file-content-differs": "content",
  "file-unreadable": "content",
  "acl-differs": "acl",
  "quota-differs": "metadata",
  "mailbox-annotation-differs": "metadata",
  "subscription-differs": "metadata",
  "seen-differs": "flags",
  "sieve-differs": "metadata",
};
