import type { VarianceClass } from "../classes.ts";
import { MERGES, type Meaning, NO_RECONSTRUCT, SYNC_USER } from "./meaning.ts";

/** Classes about messages and their records. */
export const MEANINGS_OF_MESSAGES = {
  "message-missing": {
    means: "One host has the message live and the other has it not, or has it expunged.",
    cyrus:
      "A message above the replica's last UID is sent by the next sync. One that the replica lacks below that is not looked for. A checksum that does not match leads to a full sync, in which an expunge on either side wins and a one-sided message gets a new UID on the primary.",
    logs: [
      "SYNCNOTICE: record only exists on master",
      "SYNCNOTICE: record only exists on replica",
      "SYNCNOTICE: expunged on replica",
      "SYNCERROR: expunged on replica",
      "CRC failure on sync for",
    ],
    hazard: `${MERGES} cyr_expire before an expunge has been replicated looks like this too.`,
    repair: `${SYNC_USER} A message that only the replica has: save it first.`,
  },
  "message-conflict": {
    means: "One UID, two different messages: the GUIDs differ and each file matches its own. Both hosts took in mail.",
    cyrus: "The checksum of the mailbox fails, and a full sync gives both messages new UIDs on both hosts.",
    logs: [
      "SYNCNOTICE: guid mismatch",
      "SYNCERROR: guid mismatch",
      "SYNCNOTICE: record mismatch with replica",
      "NO IMAP_SYNC_CHECKSUM Checksum Failure",
    ],
    hazard: `Somebody delivered on the replica: stop that first. ${MERGES}`,
    repair:
      "Save the replica's message. Find out what delivers there. Then sync_client -u USER on the primary keeps both.",
  },
  "message-renumbered": {
    means:
      "The same message (one GUID) has one UID on the primary and another on the replica. One event, not two losses.",
    cyrus:
      "A full sync that resolved a conflict on one host only leaves this; the next one gives it a third UID on both.",
    logs: ["SYNCNOTICE: record only exists on master", "SYNCNOTICE: record only exists on replica"],
    hazard: MERGES,
    repair: SYNC_USER,
  },
  "guid-missing": {
    means:
      "Live records without a GUID (index below version 10, or never filled in). A note: their files cannot be checked.",
    cyrus: "sync_client refuses to upload such a message.",
    logs: ["IOERROR: failed to upload file"],
    hazard: "Rot in such a file cannot be told from a change, and the message may be missing on the replica.",
    repair: "Run reconstruct -G for the mailbox on the primary.",
  },
  "flags-differ": {
    means: "The flags or keywords of a message are not the same. \\Seen counts where the index holds it.",
    cyrus:
      "A record whose modseq is above the replica's is sent. Where both are past the change, the sync CRC gives it away and a full sync follows; the replica's flags win only with a higher modseq that is not older.",
    logs: ["SYNCNOTICE: higher modseq on replica", "SYNCERROR: higher modseq on replica", "CRC failure on sync for"],
    hazard: MERGES,
    repair: SYNC_USER,
  },
  "modseq-differs": {
    means: "The record is alike but for its modseq, and nothing else explains that it moved.",
    cyrus: "A higher one on the replica is an error for a normal sync and leads to a full one.",
    logs: ["SYNCNOTICE: higher modseq on replica", "SYNCERROR: higher modseq on replica"],
    hazard: "Clients that sync by CONDSTORE or QRESYNC miss changes after a failover.",
    repair: SYNC_USER,
  },
  "internaldate-differs": {
    means: "The INTERNALDATE of a message is not the same. Compared in whole seconds.",
    cyrus: "It is part of the sync CRC: a full sync follows.",
    logs: ["mismatch: internaldate", "CRC failure on sync for"],
    hazard: "Cyrus never changes an INTERNALDATE: a record was changed by something else.",
    repair: SYNC_USER,
  },
  "message-metadata-differs": {
    means:
      "Another field of the record is not the same; item says which (size, savedate, createdmodseq, cid, last_updated).",
    cyrus: "last_updated is part of the sync CRC; the other fields go with the record when that is sent.",
    logs: ["mismatch: size", "mismatch: savedate", "mismatch: createdmodseq", "CRC failure on sync for"],
    hazard: "A wrong savedate decides when a message is expired.",
    repair: SYNC_USER,
  },
} satisfies Partial<Record<VarianceClass, Meaning>>;

const COPY =
  "Copy this one file from the host whose copy matches the GUID: under a temporary name, then rename, owner cyrus. Check the SHA-1 first. Nothing needs syncing afterwards.";

/** Classes about message files. */
export const MEANINGS_OF_FILES = {
  "file-missing": {
    means: "The index has the message live, and its file is not there.",
    cyrus:
      "FETCH of the message fails. Replication is silent: it trusts the index. Without a word, plain reconstruct expunges the record.",
    logs: ["IOERROR: Failed to stat file", "IOERROR: open failed"],
    hazard: NO_RECONSTRUCT,
    repair: COPY,
  },
  "file-orphan": {
    means: "A message file has no record in the index.",
    cyrus: "Nothing sees it, until reconstruct adds it as a message, under a new UID if its own has been passed.",
    logs: ["found - adding", "rediscovered - appending"],
    hazard: "A crash leaves such files, and so does a lost record: the file may be the only copy of a message.",
    repair:
      "Look at the file before anything is deleted. On a primary reconstruct brings it back; on a replica reset the user.",
  },
  "file-size-differs": {
    means: "The file has another length than its index says: cut off, grown, or another file.",
    cyrus:
      "Who reads the message gets too little or an error. An upload of it is refused. Replication is silent once both have the record.",
    logs: [
      "IOERROR: Size mismatch",
      "IOERROR: size mismatch on parse",
      "IOERROR: reading message: unexpected end of file",
    ],
    hazard: NO_RECONSTRUCT,
    repair: COPY,
  },
  "file-corrupt": {
    means: "The bytes of the file are not those of the message: its digest is not the GUID in this host's own index.",
    cyrus:
      "Nothing notices while mail is read. Replication is silent: it trusts the index. Only an upload, or reconstruct -G, reads the bytes.",
    logs: ["IOERROR: GUID mismatch", "IOERROR: guid mismatch on parse", "guid mismatch"],
    hazard: `${NO_RECONSTRUCT} reconstruct -G -R keeps the damaged file as a new message.`,
    repair: COPY,
  },
  "file-content-differs": {
    means:
      "The two files differ, and no GUID says which of them is the message. Of one host alone: the bytes of a file have changed since an earlier scan, while nothing wrote to it.",
    cyrus: "It never compares the files.",
    logs: [],
    hazard: "To copy either way may overwrite the good one.",
    repair: "Look at both. The one whose MIME structure is whole, or that a backup agrees with, is the message.",
  },
  "file-unreadable": {
    means: "The file could not be read: no permission, an error of the disk, no regular file, or it kept changing.",
    cyrus: "FETCH of the message fails.",
    logs: ["IOERROR: Failed to read file", "IOERROR: open failed", "System I/O error"],
    hazard: "An error of the disk seldom comes alone: look at the kernel log and at the rest of the partition.",
    repair: "Find out why, then scan again. A dying disk: copy what can be read, then the rest from the partner.",
  },
} satisfies Partial<Record<VarianceClass, Meaning>>;
