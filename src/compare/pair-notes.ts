/**
 * What two sides of a mailbox, or of a user, need not have alike at every moment and what is worth knowing all the same.
 * Nothing here is a variance. Design §3.6.
 */
import { displayName } from "../mail/name.ts";
import type { ItemPair, MailboxFacts } from "../mail/scan-facts.ts";
import { isoSeconds } from "./evidence.ts";
import type { Hosts } from "./explain.ts";
import type { NoteClass } from "./meanings/notes.ts";
import type { Note } from "./variance.ts";

/** Fields that IMAP and POP3 sessions move without a modseq; replication brings them with the next change. */
const SESSION_FIELDS = [
  ["recentuid", "recentUid"],
  ["recenttime", "recentTime"],
  ["pop3_last_login", "pop3LastLogin"],
  ["pop3_show_after", "pop3ShowAfter"],
] as const;

/** Notes of one pair of mailboxes whose indexes were both read. */
export function pairNotes(primary: MailboxFacts, replica: MailboxFacts, hosts: Hosts, agree: boolean): Note[] {
  const p = primary.header;
  const r = replica.header;
  if (p === null || r === null) return [];
  const found: string[] = [];
  const add = (name: string, pv: string | number | null, rv: string | number | null) => {
    if (pv !== null && rv !== null && pv !== rv)
      found.push(`${name} is ${pv} on ${hosts.primary}, ${rv} on ${hosts.replica}`);
  };
  for (const [name, field] of SESSION_FIELDS) {
    const show = (value: number | null) => (field === "recentUid" ? value : isoSeconds(value));
    add(name, show(p[field]), show(r[field]));
  }
  // A message that is on its way moves it too, and has its finding.
  if (agree) add("last_appenddate", isoSeconds(p.lastAppendDate), isoSeconds(r.lastAppendDate));
  const notes: Note[] = [];
  if (found.length > 0) notes.push(note("session-fields-differ", primary, found.join("; ")));
  if (agree && annotationCrcsDiffer(primary, replica)) notes.push(note("sync-crc-differs", primary, CRC_WORDS));
  return notes;
}

const CRC_WORDS =
  "Everything that is compared agrees, and the sync CRCs over annotations do not: sync_client will compare this mailbox " +
  "message by message (releases of Cyrus differ in how they form them)";

/** Both are what their own records and annotations give. */
function annotationCrcsDiffer({ stored: p, counted: pc }: MailboxFacts, { stored: r, counted: rc }: MailboxFacts) {
  const crcs = [p?.syncCrcAnnot, pc?.syncCrcAnnot, r?.syncCrcAnnot, rc?.syncCrcAnnot];
  if (crcs.some((crc) => crc === null || crc === undefined)) return false;
  return crcs[0] === crcs[1] && crcs[2] === crcs[3] && crcs[0] !== crcs[2];
}

function note(kind: NoteClass, mailbox: MailboxFacts, explain: string): Note {
  return { type: "note", class: kind, mailbox: mailbox.name, side: "both", explain };
}

/** A user's counter of modseqs, where both hosts have one: how far the replica is behind, or that it is ahead. */
export function counterNote({ primary, replica }: ItemPair, hosts: Hosts): Note | null {
  if (primary === null || replica === null || primary.value === replica.value) return null;
  const [p, r] = [Number(primary.value), Number(replica.value)];
  const owner = primary.owner === "" ? "shared mailboxes" : displayName(primary.owner).text;
  const far = `${hosts.replica} is ${Math.abs(p - r)} ${p > r ? "behind" : "ahead"}`;
  const explain = `The modseq counter of ${owner} is ${p} on ${hosts.primary} and ${r} on ${hosts.replica}: ${far}`;
  return { type: "note", class: "modseq-counter-differs", mailbox: null, side: p > r ? "replica" : "primary", explain };
}
