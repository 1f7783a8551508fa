/** Notes that are no class of findings: worth knowing, and never a variance. */
export const MEANINGS_OF_NOTES = {
  "acceptance-expired":
    "An entry of the --ignore file has passed the day in its expires: what it covers counts again. Look whether the difference is still right, then give it another day or take it out.",
  "acceptance-refused":
    "An entry of the --ignore file describes findings that it may not cover. What could not be told is no known difference: leave it out of the scope with --exclude, or make it readable. What alarms at once (damage, two messages under one UID, split brain) is accepted one by one, by an entry that names its mailbox, and its uid, owner and key where it has them, without * and ?: a pattern would hide the fault of tomorrow.",
  "acceptance-unused":
    "An entry of the --ignore file covers no finding of this comparison: the difference is gone, or out of scope, or the entry is mistyped. Take it out, so that it does not hide the next one.",
  "same-store":
    "Both manifests are of one and the same store. That they agree says nothing of a replica, and a fault that both have is one fault of that host. Scan the other host.",
  "modseq-counter-differs":
    "Cyrus counts the modseqs of each user, and of the shared mailboxes, in a counter of its own. A replica's is behind by what replication has yet to bring; on a healthy pair it may differ for good. It is a hint where to look, and no judgement rests on it.",
  "session-fields-differ":
    "Fields of the index that IMAP and POP3 sessions write without a modseq: recentuid, recenttime, the POP3 times, the time of the last append. Replication brings them with the next change of the mailbox, so that they may differ until then on a healthy pair.",
  "sync-crc-differs":
    "All that is compared in the mailbox agrees, and the sync CRCs over annotations, each right on its own host, do not: releases of Cyrus form them in several ways. sync_client compares such a mailbox message by message every time, which is slow and does no harm.",
} as const;

/** Class of a note that is no class of findings. */
export type NoteClass = keyof typeof MEANINGS_OF_NOTES;

export const NOTE_CLASSES = Object.keys(MEANINGS_OF_NOTES) as readonly NoteClass[];
