/**
 * The rules that can decide what a finding means. This table is where the judge registers them: a rule that is not here
 * has no id that a finding could carry, and `spooldiff explain RULE` prints what stands here.
 */
import type { VarianceClass } from "../classes.ts";

/** One rule of the judge. */
export interface Rule {
  /** What it looks at and what follows, for people who read "rule" in a finding. */
  readonly sentence: string;
  /** What it rests on, for people who doubt it: how Cyrus works, what was observed, or an option. */
  readonly source: string;
  /** The classes of findings that it decides. */
  readonly classes: readonly VarianceClass[];
}

const RECORD = [
  "flags-differ",
  "modseq-differs",
  "internaldate-differs",
  "message-metadata-differs",
] as const satisfies readonly VarianceClass[];
const LIST = ["mailbox-renamed", "mailbox-metadata-differs", "acl-differs"] as const satisfies readonly VarianceClass[];
const OF_MAILBOX = ["mailbox-metadata-differs", "status-differs"] as const satisfies readonly VarianceClass[];
const ANNOTATION = [
  "mailbox-annotation-differs",
  "message-annotation-differs",
] as const satisfies readonly VarianceClass[];
const OWN_FILE = ["file-missing", "file-orphan", "file-size-differs", "file-corrupt"] as const;
const OWN_MAILBOX = [
  "mailbox-not-in-list",
  "uniqueid-duplicate",
  "mailbox-unreadable",
  "mailbox-directory-missing",
  "index-corrupt",
  "index-counters-wrong",
  "uidvalidity-contradicts-mailbox-list",
] as const satisfies readonly VarianceClass[];
const ITEM = [
  "quota-differs",
  "mailbox-annotation-differs",
  "message-annotation-differs",
  "subscription-differs",
  "seen-differs",
  "sieve-differs",
] as const satisfies readonly VarianceClass[];

/** Every rule by its id. Ids are stable: added to, never renamed. */
export const RULES = {
  "own-records": {
    sentence:
      "One host contradicts its own records: a file against the GUID and size in its index, an index against its own header, checksums or mailbox list. No partner is needed to tell which host is wrong.",
    source: "Cyrus: the GUID is the SHA-1 of the file; header counters and sync CRC follow from the records",
    classes: [...OWN_FILE, ...OWN_MAILBOX, ...RECORD, "message-missing", "seen-differs", "file-content-differs"],
  },
  "both-sides-alike": {
    sentence: "Both hosts have the same fault, so neither can repair the other: one finding, side both.",
    source: "each host is judged by its own records first, and the two are laid side by side",
    classes: [...OWN_FILE, ...OWN_MAILBOX],
  },
  "partner-proves": {
    sentence:
      "Both indexes hold one GUID, and only one host's file is that message: the other host's file is the damaged one.",
    source: "Cyrus: the GUID is the SHA-1 of the file",
    classes: ["file-corrupt"],
  },
  "contents-differ": {
    sentence: "The two files are not alike, and no GUID says which of them is right.",
    source: "the digests of both files; without a GUID nothing on disk says which one was delivered",
    classes: ["file-content-differs"],
  },
  "not-read": {
    sentence: "It could not be read, so nothing is known of it: neither equal nor different.",
    source: "equal, different and could not tell are three answers",
    classes: [
      "partition-unreadable",
      "mailbox-list-unreadable",
      "mailbox-unreadable",
      "file-unreadable",
      "acl-differs",
      ...ITEM,
    ],
  },
  "list-not-read": {
    sentence:
      "The mailbox list of one host could not be read, and its mailboxes were found by their directories: nothing says which were deleted, renamed or moved there, or when.",
    source: "Cyrus: cyrus.header keeps the name that it was last written under",
    classes: ["mailbox-missing", "mailbox-recreated", "mailbox-metadata-differs", "acl-differs"],
  },
  "uid-above-last": {
    sentence: "The UID is above the last one that the replica has given out: replication has yet to bring the message.",
    source: "Cyrus: UIDs of a mailbox only go up, and sync_client sends those above the replica's last one",
    classes: ["message-missing"],
  },
  "uid-lost": {
    sentence:
      "The side without the message has given out higher UIDs and holds no record of expunging this one: it had the message and lost it.",
    source: "Cyrus: sync_client does not look at UIDs below the replica's last one",
    classes: ["message-missing", "message-renumbered"],
  },
  "state-ahead": {
    sentence: "The primary changed it after the modseq that the replica has reached: replication has yet to bring it.",
    source: "Cyrus: sync_client sends the records whose modseq is above the replica's",
    classes: [...RECORD, ...OF_MAILBOX, ...ANNOTATION, "seen-differs"],
  },
  "replica-ahead": {
    sentence:
      "The replica has something newer than all that the primary knows. Only what may be younger than the reading of the primary can have come from there; anything else was made on the replica (split brain) or lost on the primary.",
    source: "Cyrus: every change raises the modseq, and replication brings changes under the modseqs of the primary",
    classes: [...RECORD, ...OF_MAILBOX, ...ITEM, "message-missing", "message-renumbered", "mailbox-missing"],
  },
  "primary-still-lacks": {
    sentence:
      "An earlier comparison saw it on the replica and took it for younger than its reading of the primary. The primary was read again since, and still has nothing of it: it was never there.",
    source: "what an earlier comparison saw (--state)",
    classes: [
      ...RECORD,
      ...OF_MAILBOX,
      ...ITEM,
      "message-missing",
      "mailbox-missing",
      "mailbox-recreated",
      "mailbox-renamed",
      "acl-differs",
      "uidvalidity-differs",
    ],
  },
  "both-reached": {
    sentence:
      "Both hosts are past the modseq of this change, so replication takes them for equal and will not touch it again.",
    source: "Cyrus: sync_client sends only records whose modseq is above the replica's",
    classes: [...RECORD, ...ANNOTATION, "seen-differs"],
  },
  "guid-conflict": {
    sentence: "One UID, two different messages. A UID never changes its message, so both hosts took in mail.",
    source: "sync_client logs it and merges both ways, which changes the primary",
    classes: ["message-conflict"],
  },
  "expunge-ahead": {
    sentence: "The primary expunged it after the modseq that the replica has reached: replication has yet to follow.",
    source: "Cyrus: an expunge raises the modseq, and sync_client sends records above the replica's",
    classes: ["message-missing"],
  },
  "expunge-not-followed": {
    sentence: "Both hosts are past the modseq of the expunge, so replication will not bring it by itself.",
    source: "Cyrus: sync_client sends only records whose modseq is above the replica's",
    classes: ["message-missing", "message-renumbered"],
  },
  "mailbox-list-order": {
    sentence:
      "Facts of the mailbox list are ordered by foldermodseq: the higher one is newer. Newer on the primary is lag; newer on the replica was made there, unless it may be younger than the reading of the primary.",
    source: "Cyrus: the foldermodseq puts the changes of an entry of the mailbox list in order",
    classes: [...LIST, "mailbox-missing"],
  },
  "mailbox-list-same-order": {
    sentence:
      "Two entries of one foldermodseq that are not alike: replication takes them for equal. A young one may still be in flight, since not every change raises the foldermodseq.",
    source: "Cyrus 3.6 deletes a mailbox made moments before under the foldermodseq of its creation",
    classes: [...LIST],
  },
  "mailbox-new": {
    sentence:
      "Only the primary has the mailbox, and it is younger than all that replication has demonstrably brought for that user: it is on its way.",
    source: "the latest change of that user which the replica has",
    classes: ["mailbox-missing"],
  },
  "mailbox-older-than-replication": {
    sentence: "Replication has brought later changes of the same user to the replica, and not this one.",
    source: "the latest change of that user which the replica has",
    classes: ["mailbox-missing"],
  },
  "mailbox-deleted": {
    sentence:
      "One host deleted the mailbox. Deleted on the primary, the deletion is on its way; deleted on the replica, replication will not bring the mailbox back.",
    source: 'sync_client: "can\'t rename a deleted mailbox", and the user stops replicating',
    classes: ["mailbox-missing"],
  },
  "uniqueid-replaced": {
    sentence:
      "One name, two mailboxes. In flight only if the primary remembers the replica's one as deleted or renamed, or if that may be younger than the reading of the primary's list; else they were created independently.",
    source: "Cyrus: a mailbox keeps its uniqueid for life, through renames too",
    classes: ["mailbox-recreated"],
  },
  "rename-cycle": {
    sentence: "Mailboxes have exchanged their names: sync_client cannot apply that and stops replicating the user.",
    source: "observed on Cyrus 3.6",
    classes: ["mailbox-renamed"],
  },
  "uidvalidity-order": {
    sentence: "Of two UIDVALIDITYs the higher one is the newer; messages are matched by GUID instead of UID.",
    source: "IMAP (RFC 3501): a mailbox made anew gets a higher UIDVALIDITY",
    classes: ["uidvalidity-differs"],
  },
  "within-settle": {
    sentence: "The store has no order for it, and it is younger than --settle: it may be in flight.",
    source: "--settle of compare",
    classes: [...RECORD, ...LIST, "status-differs", ...ANNOTATION, "message-missing", "seen-differs"],
  },
  "older-than-settle": {
    sentence: "The store has no order for it, and it is older than --settle: too old to be in flight.",
    source: "--settle of compare",
    classes: [...RECORD, ...LIST, "status-differs", "message-missing"],
  },
  "no-age": {
    sentence: "The store has no order for it and nothing says how old it is: it cannot be judged.",
    source: "no modseq and no time is kept of it",
    classes: [...RECORD, ...LIST, "status-differs", "message-missing"],
  },
  "item-new": {
    sentence:
      "Only or newer on the primary, and younger than all that replication has demonstrably brought for that user: it is on its way.",
    source: "the latest change of that user which the replica has",
    classes: ["sieve-differs", "quota-differs"],
  },
  "item-older-than-replication": {
    sentence: "Replication has brought later changes of the same user to the replica, and not this one.",
    source: "the latest change of that user which the replica has",
    classes: ["sieve-differs", "quota-differs"],
  },
  "no-order": {
    sentence:
      "Nothing on disk says when or on which host it changed. It counts as in flight until a comparison with --state has seen it twice while replication went on.",
    source: "Cyrus keeps neither a modseq nor a time of it",
    classes: [...ITEM],
  },
  "outlived-replication": {
    sentence:
      "Nothing on disk says when it changed, but an earlier comparison saw the very same values, more than --settle before the replica was read again, and replication has brought later changes of the same user since: it will not bring this one.",
    source: "what an earlier comparison saw (--state)",
    classes: [...ITEM],
  },
  "usage-differs": {
    sentence: "Every message under the quota root is the same on both hosts, so one of them has counted wrongly.",
    source: "quota usage is the sum of the message sizes below the root",
    classes: ["quota-differs"],
  },
} as const satisfies Readonly<Record<string, Rule>>;

/** Names of the rules that can decide, for `rule` in reports. */
export type RuleId = keyof typeof RULES;

/** All rules, by id. */
export const RULE_IDS = Object.keys(RULES) as readonly RuleId[];

/** The rules that can decide findings of a class. */
export function rulesOf(name: VarianceClass): RuleId[] {
  return RULE_IDS.filter((id) => (RULES[id].classes as readonly VarianceClass[]).includes(name));
}
