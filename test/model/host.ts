/**
 * One mail host of the model: as much of a Cyrus server as replication is about, written from what is known of Cyrus and
 * from nothing of the program under test. Numbers are plain, times whole seconds of the host's own clock.
 *
 * @see cyrus-imapd `imap/mailbox.c` (records, modseqs, repacking) and `imap/mboxlist.c` (names, tombstones)
 */

/** What the disk has done to a message file. */
export type FileFault = "file-missing" | "file-corrupt" | "file-size-differs";

export interface ModelRecord {
  readonly uid: number;
  /** Stands for the bytes of the message. */
  guid: number;
  modseq: number;
  lastUpdated: number;
  flags: string;
  expunged: boolean;
  fault: FileFault | null;
}

export interface ModelMailbox {
  readonly uniqueId: string;
  readonly user: string;
  name: string;
  uidValidity: number;
  foldermodseq: number;
  /** When the host last wrote the entry of its list. */
  listMtime: number;
  rights: string;
  lastUid: number;
  highestModseq: number;
  deletedModseq: number;
  lastRepackTime: number;
  filesMtime: number;
  records: ModelRecord[];
}

export interface ModelTombstone {
  readonly name: string;
  readonly uniqueId: string;
  readonly foldermodseq: number;
  readonly mtime: number;
}

/** The time that all hosts live in, in milliseconds. */
export interface Clock {
  nowMs: number;
}

/** A host: its clock is off by some milliseconds. */
export class ModelHost {
  readonly mailboxes = new Map<string, ModelMailbox>();
  readonly tombstones = new Map<string, ModelTombstone>();
  readonly #clock: Clock;
  readonly #offMs: number;
  /** Modseqs are counted for each user (conversations), or for each mailbox. */
  readonly #byUser: boolean;
  readonly #counters = new Map<string, number>();
  /** By name, of the last mailbox that was made under it. */
  readonly #uidValidities = new Map<string, number>();

  constructor(clock: Clock, offMs: number, byUser: boolean) {
    this.#clock = clock;
    this.#offMs = offMs;
    this.#byUser = byUser;
  }

  get nowMs(): number {
    return this.#clock.nowMs + this.#offMs;
  }

  get seconds(): number {
    return Math.floor(this.nowMs / 1000);
  }

  byName(name: string): ModelMailbox | undefined {
    return [...this.mailboxes.values()].find((mailbox) => mailbox.name === name);
  }

  /** Mailboxes that are not deleted. */
  live(): ModelMailbox[] {
    return [...this.mailboxes.values()].filter(({ name }) => !isDeleted(name));
  }

  /** The counter of a user is never below a modseq that is in use. */
  raise(user: string, modseq: number): void {
    this.#counters.set(user, Math.max(this.#counters.get(user) ?? 0, modseq));
  }

  nextFolderModseq(user: string): number {
    this.raise(user, (this.#counters.get(user) ?? 0) + 1);
    return this.#counters.get(user) ?? 0;
  }

  #nextModseq(mailbox: ModelMailbox): number {
    mailbox.highestModseq = this.#byUser ? this.nextFolderModseq(mailbox.user) : mailbox.highestModseq + 1;
    mailbox.filesMtime = this.seconds;
    return mailbox.highestModseq;
  }

  create(uniqueId: string, user: string, name: string): ModelMailbox {
    const foldermodseq = this.nextFolderModseq(user);
    const newest = Math.max(0, ...[...this.mailboxes.values()].map(({ uidValidity }) => uidValidity));
    const earlier = this.#uidValidities.get(name);
    const mailbox: ModelMailbox = {
      ...{ uniqueId, user, name, foldermodseq, rights: "lrs", records: [] },
      // Taken from the clock, but never the same twice; under the name of an earlier one it is the next after that one's.
      uidValidity: earlier === undefined ? Math.max(newest + 1, this.seconds) : earlier + 1,
      ...{ listMtime: this.seconds, filesMtime: this.seconds },
      ...{ lastUid: 0, highestModseq: this.#byUser ? foldermodseq : 1, deletedModseq: 0, lastRepackTime: 0 },
    };
    this.#uidValidities.set(name, mailbox.uidValidity);
    this.mailboxes.set(uniqueId, mailbox);
    this.tombstones.delete(name);
    return mailbox;
  }

  append(mailbox: ModelMailbox, guid: number): ModelRecord {
    const modseq = this.#nextModseq(mailbox);
    const record = { uid: ++mailbox.lastUid, guid, modseq, lastUpdated: this.seconds };
    mailbox.records.push({ ...record, flags: "", expunged: false, fault: null });
    return mailbox.records.at(-1) as ModelRecord;
  }

  /** Changes flags, or expunges: records of one command share a modseq. */
  store(mailbox: ModelMailbox, records: readonly ModelRecord[], change: { flags?: string; expunged?: true }): void {
    const modseq = this.#nextModseq(mailbox);
    for (const record of records) Object.assign(record, change, { modseq, lastUpdated: this.seconds });
  }

  /** Drops expunged records. */
  repack(mailbox: ModelMailbox, drops: (record: ModelRecord) => boolean): void {
    const dropped = mailbox.records.filter((record) => record.expunged && drops(record));
    if (dropped.length === 0) return;
    mailbox.records = mailbox.records.filter((record) => !dropped.includes(record));
    mailbox.deletedModseq = Math.max(mailbox.deletedModseq, ...dropped.map(({ modseq }) => modseq));
    mailbox.lastRepackTime = this.seconds;
    mailbox.filesMtime = this.seconds;
  }

  rename(mailbox: ModelMailbox, name: string, foldermodseq: number): void {
    if (isDeleted(name)) this.#bury(mailbox, foldermodseq);
    mailbox.name = name;
    mailbox.foldermodseq = foldermodseq;
    mailbox.listMtime = this.seconds;
    this.tombstones.delete(name);
  }

  /** Takes a mailbox away altogether; the list remembers that it was. */
  purge(mailbox: ModelMailbox): void {
    this.#bury(mailbox, mailbox.foldermodseq);
    this.mailboxes.delete(mailbox.uniqueId);
  }

  #bury({ name, uniqueId }: ModelMailbox, foldermodseq: number): void {
    this.tombstones.set(name, { name, uniqueId, foldermodseq, mtime: this.seconds });
  }

  setRights(mailbox: ModelMailbox, rights: string, foldermodseq: number): void {
    mailbox.rights = rights;
    mailbox.foldermodseq = foldermodseq;
    mailbox.listMtime = this.seconds;
  }
}

export function isDeleted(name: string): boolean {
  return name.startsWith("DELETED.");
}

/** The name under which a mailbox that is deleted now is kept until it expires. */
export function deletedName(name: string, seconds: number): string {
  return `DELETED.${name}.${seconds.toString(16).toUpperCase()}`;
}
