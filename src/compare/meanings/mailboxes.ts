import type { VarianceClass } from "../classes.ts";
import { type Meaning, NO_RECONSTRUCT, RESET_REPLICA, SYNC_USER } from "./meaning.ts";

/** Classes about the mailbox list and about mailboxes as a whole. */
export const MEANINGS_OF_LISTS = {
  "partition-unreadable": {
    means:
      "A partition was missing, empty or not readable while the mailbox list has mailboxes there. One finding; its mailboxes were not checked.",
    cyrus: "Nothing, until somebody opens a mailbox there: then imapd, lmtpd and sync_client each fail for it.",
    logs: ["IOERROR: opening index failed", "System I/O error"],
    hazard:
      "A replica with an unmounted partition takes new mail into the empty mount point, where it is hidden later.",
    repair:
      "Mount the partition, name it in imapd.conf, or scan as a user that may read it (cyrus or root); then scan again.",
  },
  "mailbox-list-unreadable": {
    means:
      "mailboxes.db could not be read here, or is of a kind that this program does not read. Mailboxes were found by their directories, so nothing is known of deletions and renames.",
    cyrus: "Its own programs read the list with the back end that imapd.conf names.",
    logs: ["DBERROR: error opening mailboxes list"],
    hazard: "A mailbox that was deleted or renamed looks as if it were there, under its old name.",
    repair:
      "Convert a copy with cvt_cyrusdb to twoskip, skiplist or flat, and scan with a copy of imapd.conf that names it as mboxlist_db_path.",
  },
  "mailbox-missing": {
    means: "One host has the mailbox and the other has not; all its messages are counted in this one finding.",
    cyrus:
      "A new mailbox of the primary is created on the replica by the next sync. One that only the replica has is deleted there only if the primary holds a tombstone for it; else it is left alone for ever. One that was deleted on the replica only stops the whole user.",
    logs: [
      "no tombstone for deleted mailbox",
      "SYNCNOTICE: attempt to UNMAILBOX without a tombstone",
      "can't rename a deleted mailbox",
    ],
    hazard:
      "After a failover users find the mailbox gone. What only the replica has may be mail that a failed primary took in: look before deleting it.",
    repair: `${SYNC_USER} What only the replica has: save its messages first, then delete it there or let the primary have it.`,
  },
  "mailbox-renamed": {
    means: "One mailbox (one uniqueid) under two names; mailboxes below it went along and are counted in it.",
    cyrus:
      "The next sync of the user renames it on the replica. Names that form a cycle it cannot apply: that user stops replicating. A copy under another name with a higher foldermodseq was renamed on the replica.",
    logs: ["NO IMAP_MAILBOX_MOVED Mailbox exists with another name or uniqueid", "Error in do_user("],
    hazard: "As long as one rename cannot be applied, nothing of that user is replicated.",
    repair: `${SYNC_USER} A cycle: rename one of them on the replica to a free name first.`,
  },
  "mailbox-recreated": {
    means:
      "One name, two mailboxes: the uniqueids differ. It was deleted and made again, or made on both hosts. Their UIDs mean different messages and are not compared.",
    cyrus:
      "A mailbox that the primary deleted and made again is replaced. Two that were made independently are refused, and the whole user stops replicating.",
    logs: [
      "NO IMAP_MAILBOX_MOVED Mailbox exists with another name or uniqueid",
      "SYNCNOTICE: mailbox uniqueid changed - replacing",
      "SYNCERROR: mailbox uniqueid changed - retry",
    ],
    hazard: "The replica's one may hold mail that the primary never had.",
    repair: `Save what only the replica's one has. ${RESET_REPLICA}`,
  },
  "mailbox-not-in-list": {
    means: "A directory holds a mailbox with an index, and mailboxes.db does not know it.",
    cyrus: "It does not see it at all: no user can open it, and replication does not bring it.",
    logs: ["Missing mboxlist entry for uniqueid"],
    hazard: "It may be what a crash left of a deleted mailbox, or mail of a mailbox that was lost from the list.",
    repair:
      "Look at what is in it. On a primary reconstruct -f adds it to the list; on a replica remove it or reset the user.",
  },
  "uniqueid-missing": {
    means: "Neither the mailbox list nor cyrus.header has a uniqueid: the mailbox is paired by its name. A note.",
    cyrus: "reconstruct gives it one.",
    logs: ["mailbox header had no uniqueid, creating one"],
    hazard: "A rename of such a mailbox looks like one that is missing and one that is new.",
    repair: "Run reconstruct for it on the primary, then sync.",
  },
  "uniqueid-duplicate": {
    means: "Several listed mailboxes of one host have one uniqueid, as after copying a mailbox with its cyrus.header.",
    cyrus: "Replication takes them for one mailbox that is renamed to and fro.",
    logs: ["SYNCNOTICE: mailbox uniqueid already in use", "Wrong uniqueid!"],
    hazard: "One of them may overwrite the other on the replica.",
    repair: "Give all but one a new uniqueid on the primary (reconstruct -I), then sync.",
  },
  "mailbox-metadata-differs": {
    means:
      "A field of the mailbox list or of the index header is not the same: type, partition, options, quota root, createdmodseq, or the order (foldermodseq) of an entry; item says which.",
    cyrus: "The next sync of the mailbox sets the replica's, if the primary's order is the higher one.",
    logs: ["SYNCNOTICE: mailbox sync mismatch", "SYNCNOTICE: lower createdmodseq on replica"],
    hazard: "Options decide whether \\Seen is shared; after a failover users may see other messages as read.",
    repair: SYNC_USER,
  },
  "acl-differs": {
    means: "The rights of users on the mailbox are not the same.",
    cyrus: "An ACL that was changed on the primary goes with the next sync of the mailbox; the mailbox list orders it.",
    logs: ["update acl from header"],
    hazard: "After a failover somebody may read what he must not, or not read what he may.",
    repair: SYNC_USER,
  },
} satisfies Partial<Record<VarianceClass, Meaning>>;

/** Classes about the index of one mailbox. */
export const MEANINGS_OF_INDEXES = {
  "uidvalidity-differs": {
    means:
      "The two indexes have different UIDVALIDITYs: their UIDs mean different messages, which are matched by GUID.",
    cyrus: "A higher one of the primary is sent. A higher one of the replica is taken over by the primary.",
    logs: ["uidvalidity changed, updating", "SYNCNOTICE: uidvalidity higher on replica, updating"],
    hazard: "Every client drops its cache of the mailbox when its UIDVALIDITY changes.",
    repair: `Find out why it was raised (reconstruct of a lost directory does that). ${RESET_REPLICA}`,
  },
  "status-differs": {
    means:
      "A number of the index (item: messages, unseen, uidnext, highestmodseq) is not the same, and no message or other finding explains it.",
    cyrus: "It compares these numbers first, to decide whether a mailbox needs syncing at all.",
    logs: [
      "SYNCNOTICE: highestmodseq higher on replica, updating",
      "higher modseq on replica",
      "higher last_uid on replica",
    ],
    hazard: "A replica whose numbers are higher refuses the primary's changes, and a full sync is tried instead.",
    repair: SYNC_USER,
  },
  "mailbox-unreadable": {
    means:
      "The mailbox could not be read here: no permission, a cyrus.header that cannot be parsed, or it never held still.",
    cyrus: "imapd refuses to open a mailbox with such a header; sync_client stops at that user.",
    logs: ["Mailbox has an invalid format", "Invalid/missing cyrus.header"],
    hazard: NO_RECONSTRUCT,
    repair: `Find out why, and scan again. Damaged on the primary: reconstruct. Damaged on the replica: ${RESET_REPLICA}`,
  },
  "mailbox-directory-missing": {
    means: "The mailbox list has the mailbox, and its directory is not there.",
    cyrus:
      "Every program that opens it fails; do_user of sync_client bails out, and nothing of that user is replicated.",
    logs: ["IOERROR: opening index failed", "Error in do_user("],
    hazard:
      "reconstruct makes an empty mailbox with a new UIDVALIDITY, and the next sync raises the primary's UIDVALIDITY to it.",
    repair: `On the primary: restore the directory from a backup or from the replica. On the replica: ${RESET_REPLICA}`,
  },
  "index-corrupt": {
    means:
      "cyrus.index cannot be decoded, a checksum in it is wrong, or cyrus.header is not the one that it was written for.",
    cyrus:
      "A record with a bad checksum on the replica ends sync_server, and sync_client gives that user up. On the primary imapd may crash on it.",
    logs: ["Mailbox format corruption detected", "Error from do_user(", "Header CRC mismatch for mailbox"],
    hazard: NO_RECONSTRUCT,
    repair: `On the primary: reconstruct this mailbox. On the replica: ${RESET_REPLICA}`,
  },
  "index-counters-wrong": {
    means:
      "The counters or the sync CRC in the index header are not what its records add up to (item says which). No server leaves it so: the header or a record was changed behind its back.",
    cyrus:
      "sync_client compares the sync CRCs and, when they differ, tries a full sync; a wrong one is recalculated by reconstruct.",
    logs: ["recalculating counts and trying again", "CRC failure on sync for", "updating sync_crc"],
    hazard: "STATUS tells clients wrong numbers, and quotas drift.",
    repair: `On the primary: reconstruct this mailbox, then quota -f. On the replica: ${RESET_REPLICA}`,
  },
  "uidvalidity-contradicts-mailbox-list": {
    means: "The index has another UIDVALIDITY than the mailbox list of the same host.",
    cyrus: "imapd tells clients that of the index; reconstruct brings the two together.",
    logs: ["uidvalidity changed, updating"],
    hazard: "A sync may carry the wrong one to the other host, and every client drops its cache.",
    repair: `On the primary: reconstruct this mailbox. On the replica: ${RESET_REPLICA}`,
  },
} satisfies Partial<Record<VarianceClass, Meaning>>;
