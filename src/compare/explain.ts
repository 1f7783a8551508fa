/** Says in an administrator's words what a finding is, why it was judged so, and what to do. Names hosts, not roles. */
import type { Side, VarianceClass } from "./classes.ts";
import { unreadItem, WHAT_OF_ITEMS, WHY_OF_ITEMS } from "./explain-items.ts";
import { digestOf, repairOf } from "./explain-repair.ts";
import { type Draft, isSilentChange, lacking, quote, type Sentence, side, text, type Words } from "./explain-words.ts";
import type { RuleId } from "./judge/order.ts";
import type { Evidence, Variance } from "./variance.ts";

export type { Draft } from "./explain-words.ts";

/** Host names of the two sides; null where only one manifest is looked at. */
export interface Hosts {
  readonly primary: string | null;
  readonly replica: string | null;
}

/** Turns a draft into a finding. */
export function explained(draft: Draft, hosts: Hosts): Variance {
  const words = { draft, ...namesOf(draft, hosts), one: hosts.primary === null || hosts.replica === null };
  const what = unreadItem(words) ?? WHAT[draft.class]?.(words) ?? `${words.here}: ${draft.class}`;
  const why = isSilentChange(draft) ? silentChange(words) : (WHY[draft.rule]?.(words) ?? null);
  const explain = [what, why, stillNamed(words)].flatMap((text) => (text === null ? [] : [`${text}.`])).join(" ");
  return { type: "variance", ...draft, explain, repair: repairOf(words) };
}

/** Pending work, in words. */
function stillNamed({ draft, primary }: Words): string | null {
  const names = draft.pending?.names;
  return names === undefined ? null : `The sync log of ${primary} still names this ${names}`;
}

function namesOf(draft: Draft, hosts: Hosts): Omit<Words, "draft" | "one"> {
  const same = hosts.primary === hosts.replica;
  const primary = same ? `${hosts.primary} (primary)` : (hosts.primary ?? hosts.replica ?? "the primary");
  const replica = same ? `${hosts.replica} (replica)` : (hosts.replica ?? hosts.primary ?? "the replica");
  if (draft.side === "both") return { here: `${primary} and ${replica}`, there: "neither host", primary, replica };
  const onPrimary = draft.side === "primary";
  return { here: onPrimary ? primary : replica, there: onPrimary ? replica : primary, primary, replica };
}

const WHAT: Partial<Record<VarianceClass, Sentence>> = {
  ...WHAT_OF_ITEMS,
  "partition-unreadable": ({ here, draft }) =>
    `On ${here} a partition was not read (${quote(draft.subject.path)}): ${text(side(draft), "found")}; its mailboxes were not checked`,
  "mailbox-list-unreadable": ({ here, draft }) =>
    `On ${here} the mailbox list was not read (${quote(draft.subject.path)}): ${text(side(draft), "found")}. Its mailboxes were found by their directories and cyrus.header files, which know nothing of deletions and may hold an old name`,
  "mailbox-missing": (words) => {
    const [without, having] = lacking(words);
    return `Mailbox is on ${having} and not on ${without}`;
  },
  "mailbox-renamed": ({ draft, primary, replica }) =>
    `Mailbox is named ${quote(draft.subject.mailbox)} on ${primary} and ${quote(draft.subject.otherMailbox)} on ${replica}`,
  "mailbox-recreated": ({ primary, replica }) =>
    `The mailbox of this name is another one on ${replica} than on ${primary}: their uniqueids differ`,
  "mailbox-not-in-list": ({ here }) => `On ${here} this directory holds a mailbox that the mailbox list does not know`,
  "uniqueid-duplicate": ({ here, draft }) =>
    `On ${here} several mailboxes have the uniqueid ${draft.subject.uniqueId}: ${list(side(draft), "names")}`,
  "uidvalidity-differs": ({ draft, primary, replica }) =>
    `UIDVALIDITY is ${text(draft.primary, "uidvalidity")} on ${primary} and ${text(draft.replica, "uidvalidity")} on ${replica}`,
  "status-differs": ({ draft, primary, replica }) =>
    `${draft.subject.item} is ${text(draft.primary, "value")} on ${primary} and ${text(draft.replica, "value")} on ${replica}, and no message explains it`,
  "mailbox-unreadable": ({ here, draft }) => `On ${here} the mailbox could not be read: ${text(side(draft), "found")}`,
  "mailbox-directory-missing": ({ here }) => `On ${here} the mailbox list has this mailbox, and its directory is gone`,
  "index-corrupt": ({ here, draft }) => `On ${here} the index is damaged: ${text(side(draft), "found")}`,
  "index-counters-wrong": ({ here, draft }) =>
    `On ${here} the index header contradicts its own records (${draft.subject.item})`,
  "uidvalidity-contradicts-mailbox-list": ({ here, draft }) =>
    `On ${here} the index has UIDVALIDITY ${text(side(draft), "uidvalidity")} and the mailbox list ${text(side(draft), "listUidvalidity")}`,
  "mailbox-metadata-differs": ({ draft, primary, replica }) =>
    `${draft.subject.item} is ${text(draft.primary, "value")} on ${primary} and ${text(draft.replica, "value")} on ${replica}`,
  "acl-differs": ({ draft, primary, replica }) =>
    `The rights are not the same: ${list(draft.primary, "acl")} on ${primary}, ${list(draft.replica, "acl")} on ${replica}`,
  "message-missing": (words) => {
    const [without, having] = lacking(words);
    const expunged = words.draft.primary?.expunged === true || words.draft.replica?.expunged === true;
    return expunged
      ? `Message is expunged on ${without} and live on ${having}`
      : `Message is on ${having} and not on ${without}`;
  },
  "message-conflict": ({ primary, replica }) =>
    `${primary} and ${replica} hold two different messages under this UID (the GUIDs differ)`,
  "message-renumbered": ({ draft, primary, replica }) =>
    `The same message has UID ${draft.subject.uid} on ${primary} and ${text(draft.replica, "uid")} on ${replica}`,
  "flags-differ": ({ draft, primary, replica }) =>
    `Flags are ${flags(draft.primary)} on ${primary} and ${flags(draft.replica)} on ${replica}`,
  "modseq-differs": ({ draft, primary, replica }) =>
    `The record is alike but for its modseq: ${text(draft.primary, "modseq")} on ${primary}, ${text(draft.replica, "modseq")} on ${replica}`,
  "internaldate-differs": ({ draft, primary, replica }) =>
    `INTERNALDATE is ${text(draft.primary, "internaldate")} on ${primary} and ${text(draft.replica, "internaldate")} on ${replica}`,
  "message-metadata-differs": ({ draft, primary, replica }) =>
    `The records on ${primary} and ${replica} differ in ${draft.subject.item}`,
  "file-missing": ({ here }) => `On ${here} the index has this message and its file is gone`,
  "file-orphan": ({ here }) => `On ${here} this message file has no record in the index`,
  "file-size-differs": ({ here, draft }) =>
    `On ${here} the file has ${text(side(draft), "size")} bytes, its index says ${text(side(draft), "indexSize")}`,
  "file-corrupt": ({ here, draft }) =>
    `On ${here} the file is not the message that the index describes: its ${digestOf(draft)} is not the GUID`,
  "file-content-differs": ({ draft, here, primary, replica }) =>
    draft.state === "damaged"
      ? `On ${here} the file holds other bytes than at an earlier scan, though its times say that nothing wrote to it`
      : `The files on ${primary} and ${replica} differ, and nothing says which is right`,
  "file-unreadable": ({ here, draft }) =>
    `On ${here} the file could not be read: ${FILE_PROBLEM[text(side(draft), "problem")] ?? "nobody knows why"}`,
};

const FILE_PROBLEM: Readonly<Record<string, string>> = {
  "not-regular": "no regular file stands there",
  unreadable: "the system refused it",
  unstable: "it kept changing",
};

const WHY: Partial<Record<RuleId, Sentence>> = {
  ...WHY_OF_ITEMS,
  "both-sides-alike": ({ draft }) =>
    draft.class.startsWith("file-")
      ? "Both hosts hold the same wrong file, so neither can repair the other"
      : "Both hosts have the same fault, so neither can repair the other",
  "partner-proves": ({ there, here }) =>
    `The file on ${there} matches the GUID that both indexes hold; the one on ${here} is another`,
  "uid-above-last": ({ replica }) =>
    `Its UID is above the last one that ${replica} has: replication has yet to bring it`,
  "uid-lost": (words) => {
    const [without] = lacking(words);
    return `${without} has given out higher UIDs, so it had this message, and it holds no record of expunging it`;
  },
  "state-ahead": ({ primary, replica }) =>
    `${primary} changed it after the point that ${replica} has reached: replication has yet to bring it`,
  "replica-ahead": ({ draft, primary, replica }) =>
    draft.state === "in-flight"
      ? `The change may be younger than the scan of ${primary}`
      : `The change is on ${replica} only and older than the scan of ${primary}: it was made on ${replica} (split brain) or lost on ${primary}`,
  "primary-still-lacks": ({ primary, replica }) =>
    `An earlier comparison saw it on ${replica} already, and ${primary}, read again since, still has nothing of it: it was made on ${replica} (split brain) or lost on ${primary}`,
  "both-reached": ({ primary, replica }) =>
    `Both ${primary} and ${replica} are past this change, so replication will not touch it again`,
  "guid-conflict": () => "A UID never changes its message: somebody delivered on both hosts",
  "expunge-ahead": ({ primary }) => `${primary} expunged it after the point that replication has reached`,
  "expunge-not-followed": () => "Both hosts are past the expunge, so replication will not touch it again by itself",
  "mailbox-list-order": ({ draft, primary, replica }) =>
    draft.state === "in-flight" && draft.cause === "lag"
      ? `${primary} made the newer entry: replication has yet to bring it`
      : draft.state === "in-flight"
        ? "The newer entry may have come between the two scans"
        : `${replica} has the newer entry: it was changed there`,
  "mailbox-list-same-order": ({ draft }) =>
    draft.state === "in-flight"
      ? "Both entries are of one foldermodseq, and so young that the change may be in flight"
      : "Both entries are of one foldermodseq, so replication takes them for equal",
  "mailbox-new": ({ draft }) =>
    draft.cause === "race"
      ? "It was made between the two scans"
      : "It is younger than all that replication is known to have brought",
  "mailbox-older-than-replication": ({ draft, replica }) =>
    draft.class === "uidvalidity-differs"
      ? `Replication has brought later changes to ${replica} and not this one`
      : `It is older than changes of the same user that replication has already brought to ${replica}`,
  "mailbox-deleted": (words) => {
    const [without] = lacking(words);
    return words.draft.state === "in-flight"
      ? `It was deleted on ${without}, and replication has yet to bring that`
      : `It was deleted on ${without}`;
  },
  "uniqueid-replaced": ({ draft, primary, replica }) =>
    draft.state === "in-flight"
      ? draft.side === "primary"
        ? `The one on ${replica} may have been made on ${primary} after its mailbox list was read`
        : `${primary} deleted or renamed the one that ${replica} still has`
      : `${primary} knows nothing of the one on ${replica}: they were created independently (split brain)`,
  "rename-cycle": () =>
    "The names are exchanged among several mailboxes: sync_client cannot apply that and stops replicating the whole user",
  "uidvalidity-order": ({ draft, primary, replica }) =>
    draft.state === "in-flight" ? `${primary} has the newer one` : `The newer one is on ${replica}`,
  "within-settle": () => "It is so young that it may be in flight",
  "older-than-settle": () => "It is too old to be in flight",
  "no-age": () => "Nothing says how old the difference is",
};

const silentChange: Sentence = ({ here }) =>
  `The index header on ${here} has not counted this, so no server did it: the one on ${here} is wrong`;

function list(evidence: Evidence | null, field: string): string {
  const value = evidence?.[field];
  return Array.isArray(value) && value.length > 0 ? value.join(", ") : "none";
}

function flags(evidence: Evidence | null): string {
  const value = evidence?.flags;
  return Array.isArray(value) && value.length > 0 ? `(${value.join(" ")})` : "()";
}

/** The side that is not `side`. */
export function otherSide(which: Side): Side {
  return which === "primary" ? "replica" : "primary";
}
