/**
 * What replication does in the model: it compares lists and modseqs and sends what is above the replica's, a mailbox, a
 * part of one or a user at a time, and in no order but that.
 *
 * @see cyrus-imapd `imap/sync_support.c`: sync_do_update_mailbox, sync_do_user, compare_one_record
 */
import type { Random } from "../support/random.ts";
import { isDeleted, type ModelHost, type ModelMailbox, type ModelRecord } from "./host.ts";

/** What one step of replication brings over. */
export interface SyncStep {
  /** Name, rights and deletion. */
  readonly list: boolean;
  readonly content: boolean;
  /** Only a part of the content (`sync_batchsize`). */
  readonly part: boolean;
}

export const EVERYTHING: SyncStep = { list: true, content: true, part: false };

/** Replication from one host to another. */
export class Replication {
  readonly #primary: ModelHost;
  readonly #replica: ModelHost;
  readonly #random: Random;
  /** Mailboxes that it leaves alone: what was done to them is to be seen as it is. */
  readonly #frozen: ReadonlySet<string>;
  /** Mailboxes of which a part has been brought, and not yet the rest. */
  readonly partial = new Set<string>();

  constructor(primary: ModelHost, replica: ModelHost, random: Random, frozen: ReadonlySet<string>) {
    this.#primary = primary;
    this.#replica = replica;
    this.#random = random;
    this.#frozen = frozen;
  }

  /** Brings everything over. */
  all(): void {
    for (const id of [...this.#replica.mailboxes.keys(), ...this.#primary.mailboxes.keys()])
      this.mailbox(id, EVERYTHING);
  }

  /** Brings one mailbox over, by its uniqueid. */
  mailbox(id: string, step: SyncStep): void {
    if (this.#frozen.has(id)) return;
    const primary = this.#primary.mailboxes.get(id);
    const known = this.#replica.mailboxes.get(id);
    if (primary === undefined) {
      if (known !== undefined && step.list) this.#deleted(known);
      return;
    }
    if (known === undefined && isDeleted(primary.name)) return;
    if (known === undefined) {
      if (!step.list || !this.#makeRoom(primary.name, id)) return;
      this.#content(primary, this.#create(primary), step.part);
      return;
    }
    if (step.list) this.#list(primary, known);
    if (step.content && !isDeleted(primary.name) && !isDeleted(known.name)) this.#content(primary, known, step.part);
  }

  #create(primary: ModelMailbox): ModelMailbox {
    const { uniqueId, user, name, uidValidity, foldermodseq, rights } = primary;
    const made = this.#replica.create(uniqueId, user, name);
    this.#replica.raise(user, foldermodseq);
    return Object.assign(made, { uidValidity, foldermodseq, rights, highestModseq: 0 });
  }

  /** A mailbox that the primary has not any more, and remembers. */
  #deleted(replica: ModelMailbox): void {
    const remembered = [...this.#primary.tombstones.values()].some(({ uniqueId }) => uniqueId === replica.uniqueId);
    if (remembered) this.#replica.purge(replica);
  }

  #list(primary: ModelMailbox, replica: ModelMailbox): void {
    const isSame =
      primary.name === replica.name &&
      primary.foldermodseq === replica.foldermodseq &&
      primary.uidValidity === replica.uidValidity;
    if (isSame || isDeleted(replica.name) || !this.#makeRoom(primary.name, primary.uniqueId)) return;
    this.#replica.rename(replica, primary.name, primary.foldermodseq);
    this.#replica.raise(primary.user, primary.foldermodseq);
    replica.rights = primary.rights;
    if (replica.uidValidity !== primary.uidValidity) replica.filesMtime = this.#replica.seconds;
    replica.uidValidity = primary.uidValidity;
  }

  /** Brings over first what has happened to the mailbox that still has a name. */
  #makeRoom(name: string, id: string): boolean {
    const inTheWay = this.#replica.byName(name);
    if (inTheWay === undefined || inTheWay.uniqueId === id) return true;
    this.mailbox(inTheWay.uniqueId, { list: true, content: false, part: false });
    return this.#replica.byName(name) === undefined;
  }

  #content(primary: ModelMailbox, replica: ModelMailbox, wantsPart: boolean): void {
    if (primary.highestModseq <= replica.highestModseq && primary.lastUid <= replica.lastUid) return;
    const isFull = primary.deletedModseq > replica.highestModseq;
    const pending = primary.records.filter(
      ({ uid, modseq }) => modseq > replica.highestModseq || uid > replica.lastUid || isFull,
    );
    const part = wantsPart && !isFull ? this.#part(pending, replica) : null;
    for (const record of part?.records ?? pending) put(replica, record, part?.highestModseq ?? record.modseq);
    if (isFull) expungeWhatIsGone(primary, replica);
    if (part === null) this.partial.delete(primary.uniqueId);
    else this.partial.add(primary.uniqueId);
    // A batch may be of old messages alone.
    replica.lastUid = Math.max(replica.lastUid, part?.lastUid ?? primary.lastUid);
    replica.highestModseq = part?.highestModseq ?? primary.highestModseq;
    replica.filesMtime = this.#replica.seconds;
    this.#replica.raise(primary.user, replica.highestModseq);
  }

  /**
   * The first of the pending messages. Until the rest has come too the replica stays below the modseqs of that, and what
   * is above it is put at a lowered modseq.
   */
  #part(pending: readonly ModelRecord[], replica: ModelMailbox) {
    if (pending.length < 2) return null;
    const count = this.#random.integer(1, pending.length - 1);
    const records = pending.slice(0, count);
    const lowestLeft = Math.min(...pending.slice(count).map(({ modseq }) => modseq));
    // Where it goes on while changes of old messages are left, what it stands for depends on how often those changed: a
    // primary that was read before all that can then not be held against it.
    const isOfNewOnes = pending.every(({ uid }) => uid > replica.lastUid);
    const highest = isOfNewOnes ? Math.max(replica.highestModseq, lowestLeft - 1) : replica.highestModseq;
    const highestModseq = this.#random.integer(replica.highestModseq, highest);
    return { records, highestModseq, lastUid: records.at(-1)?.uid ?? replica.lastUid };
  }
}

function put(replica: ModelMailbox, record: ModelRecord, highestModseq: number): void {
  const modseq = Math.min(record.modseq, highestModseq);
  const at = replica.records.findIndex(({ uid }) => uid === record.uid);
  const fault = replica.records[at]?.fault ?? null;
  if (at >= 0) replica.records[at] = { ...record, modseq, fault };
  else if (!record.expunged || record.uid > replica.lastUid) replica.records.push({ ...record, modseq, fault });
  replica.records.sort((a, b) => a.uid - b.uid);
}

/** A message that the primary has expunged and forgotten is expunged on the replica, under the modseq that it had. */
function expungeWhatIsGone(primary: ModelMailbox, replica: ModelMailbox): void {
  for (const record of replica.records) {
    const isGone = !primary.records.some(({ uid }) => uid === record.uid);
    if (isGone && record.modseq <= primary.deletedModseq) record.expunged = true;
  }
}

/**
 * Whether replication would make one UID alike on both hosts without touching the primary: what it would send, and
 * whether the replica would take that. Nothing of this is a rule of the judge.
 */
export function wouldHeal(primary: ModelMailbox, replica: ModelMailbox, uid: number): boolean {
  const p = primary.records.find((record) => record.uid === uid);
  const r = replica.records.find((record) => record.uid === uid);
  const isLive = (record: ModelRecord | undefined) => record !== undefined && !record.expunged;
  if (!isLive(p) && !isLive(r)) return true;
  if (p === undefined) {
    // Only a comparison of everything, which the primary's forgotten expunges force, looks at what the replica has more.
    const isForgotten = uid <= primary.lastUid && primary.deletedModseq > replica.highestModseq;
    return isForgotten && (r?.modseq ?? 0) <= primary.deletedModseq;
  }
  const isSent = p.modseq > replica.highestModseq || uid > replica.lastUid;
  if (!isSent) return r !== undefined && isAlike(p, r);
  // The replica refuses (SYNC_CHECKSUM) what contradicts what it has.
  if (r === undefined) return uid > replica.lastUid;
  return r.guid === p.guid && r.modseq <= p.modseq && !(r.expunged && !p.expunged);
}

export function isAlike(p: ModelRecord, r: ModelRecord): boolean {
  return (
    p.guid === r.guid &&
    p.modseq === r.modseq &&
    p.lastUpdated === r.lastUpdated &&
    p.flags === r.flags &&
    p.expunged === r.expunged
  );
}
