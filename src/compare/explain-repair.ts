/** Says in an administrator's words what to do about a finding. Commands are Cyrus'; hazards as proved on a real pair. */
import { ownerOf } from "../mail/name.ts";
import { isItemClass } from "./explain-items.ts";
import { type Draft, isAbsent, isSilentChange, side, text, type Words } from "./explain-words.ts";

/** What to do, by class and state. Commands are Cyrus'; hazards as proved on a real pair. */
export function repairOf({ draft, here, there, primary, replica, one }: Words): string | null {
  if (draft.state === "in-flight")
    return draft.cause === "race"
      ? "Nothing: scan again"
      : `Nothing: wait for replication, or run ${syncOf(draft)} on ${primary}`;
  if (draft.state === "unproven" && isItemClass(draft.class)) {
    return `Find out why it cannot be read on ${here}, then scan again`;
  }
  if (draft.rule === "usage-differs") return "Find out which host is right (quota USER), and run quota -f on the other";
  if (isSilentChange(draft)) {
    return draft.side === "primary"
      ? `Run reconstruct for this mailbox on ${primary}, then set right by hand what differs: ${replica} still has it`
      : resetReplica(primary, replica);
  }
  switch (draft.class) {
    case "file-corrupt":
    case "file-size-differs":
    case "file-missing":
      if (one) return "Look for a good copy on the partner; never run reconstruct on a replica as a first step";
      if (draft.side === "both") return "Restore the message from a backup; copying between the hosts would not help";
      return `Copy this one file from ${there} to ${here} (temporary name, then rename), after checking that its ${digestOf(draft)} is the GUID; do not run reconstruct on ${replica}`;
    case "index-corrupt":
      // Observed on 3.6: sync_reset ends with an assertion at a record whose checksum is wrong.
      if (draft.side === "replica" && !one && draft.state !== "unproven") {
        return `Remove its cyrus.index on ${replica} (sync_reset aborts on it), then ${resetReplica(primary, replica, false)}`;
      }
      return mendRecords(draft, here, primary, replica, one);
    case "index-counters-wrong":
    case "mailbox-unreadable":
    case "mailbox-directory-missing":
    case "uidvalidity-contradicts-mailbox-list":
      return mendRecords(draft, here, primary, replica, one);
    case "partition-unreadable":
      return `Mount the partition on ${here}, name it in imapd.conf, or scan there as a user that may read it (cyrus or root)`;
    case "mailbox-list-unreadable":
      return `On ${here} convert a copy of the list with cvt_cyrusdb to twoskip, skiplist or flat, and scan with a copy of imapd.conf that names it as mboxlist_db_path (without "mboxlist_db: sql")`;
    case "file-unreadable":
      return `Find out why it cannot be read on ${here}, then scan again`;
    case "file-orphan":
      return "Look at the file before anything is deleted: a crash leaves such files, and so does a lost index record";
    case "mailbox-not-in-list":
      return `Look at what is in it; reconstruct -f on ${here} adds it to the list if it is the primary`;
    case "uniqueid-duplicate":
      return "Give one of them a new uniqueid (reconstruct -I) on the primary";
    case "message-missing":
      // An expunge on either side wins when the two are synced.
      if (!isAbsent(draft.primary) && draft.replica?.expunged === true) {
        return `If ${primary} is right: do not run sync_client for this user first, it would expunge the message on ${primary} too; ${resetReplica(primary, replica, false)}`;
      }
      return decide(draft, primary, replica);
    case "mailbox-missing":
      if (draft.rule === "mailbox-deleted" && !isAbsent(draft.primary)) {
        return `If ${primary} is right: rename it back on ${replica}, then ${resetReplica(primary, replica, false)}; compare --worklist prints the commands`;
      }
      // Replication asks for a tombstone before it deletes, and never brings a mailbox the other way.
      if (draft.state === "diverged" && isAbsent(draft.primary) && draft.primary?.deleted !== true) {
        return `Save first what only ${replica} has (compare --worklist lists it), then delete the mailbox on ${replica} or make it on ${primary} and put its messages there; sync_client does neither`;
      }
      return decide(draft, primary, replica);
    default:
      return decide(draft, primary, replica);
  }
}

/** The command that brings what differs, for a user or for a mailbox that nobody owns. */
function syncOf({ subject }: Draft): string {
  const shared = (subject.owner ?? "") === "" && subject.mailbox !== null && ownerOf(subject.mailbox) === null;
  return shared ? "sync_client -m for this mailbox" : "sync_client -u for this user";
}

/** Records that contradict themselves: a primary is reconstructed, a replica made anew. */
function mendRecords(draft: Draft, here: string, primary: string, replica: string, one: boolean): string {
  if (draft.state === "unproven") return `Find out why it cannot be read on ${here}, then scan again`;
  return draft.side === "primary" || one
    ? `Run reconstruct for this mailbox on ${here} if it is the primary; a replica is to be reset from its primary instead`
    : resetReplica(primary, replica);
}

/** What differs and can be brought, in either direction. */
function decide(draft: Draft, primary: string, replica: string): string {
  return `Decide which host is right, then run ${syncOf(draft)} on ${primary}; where ${replica} is right that changes ${primary}`;
}

function resetReplica(primary: string, replica: string, first = true): string {
  return `${first ? "Reset" : "reset"} the user on ${replica} (sync_reset), then run sync_client -u on ${primary}; do not run reconstruct on ${replica}`;
}

/** What the GUID of a file's record is made of: a UUID, of 12 bytes, of an MD5. */
export function digestOf(draft: Draft): "SHA-1" | "MD5" {
  return text(side(draft), "guid").length === 24 ? "MD5" : "SHA-1";
}
