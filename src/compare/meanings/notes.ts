/** Notes that are no class of findings: worth knowing, and never a variance. */
export const MEANINGS_OF_NOTES = {
  "same-store":
    "Both manifests are of one and the same store. That they agree says nothing of a replica, and a fault that both have is one fault of that host. Scan the other host.",
  "modseq-counter-differs":
    "Cyrus counts the modseqs of each user, and of the shared mailboxes, in a counter of its own. A replica's is behind by what replication has yet to bring; on a healthy pair it may differ for good. It is a hint where to look, and no judgement rests on it.",
} as const;

/** Class of a note that is no class of findings. */
export type NoteClass = keyof typeof MEANINGS_OF_NOTES;

export const NOTE_CLASSES = Object.keys(MEANINGS_OF_NOTES) as readonly NoteClass[];
