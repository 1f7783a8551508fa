import { type FileReading, NOT_LOOKED_AT } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { FileStat } from "../mail/packed-messages.ts";
import type { IndexRecord, IndexSnapshot, MailboxReader, MailboxRef } from "../store/mail-store.ts";
import { type DirectoryOpening, type MailboxDirectory, openMailboxDirectory } from "./mailbox-directory.ts";
import type { FileLook, MessageFiles } from "./message-files.ts";
import type { OrphanCandidate } from "./scan-task.ts";

/** What is known of one message's file. */
export interface FileResult {
  readonly file: FileReading;
  readonly stat: FileStat | null;
  readonly path: ByteString;
  readonly errno: string | null;
  /** For people, where something is wrong that is not in `file`. */
  readonly found: string | null;
  /** Looks in a row that found exactly this, and looks in all. */
  readonly same: number;
  readonly looks: number;
}

/** A file that is not as the index says is believed to be so when two looks find the same. */
const BELIEVED_AFTER = 2;
/** Looks at a file that shows something else each time. */
const MOST_LOOKS = 4;

/** Longest file that is read though the index knows of no length like it. */
const LEAST_LIMIT = 256n << 20n;

/**
 * The longest file that is read where `expected` bytes should be: a sparse file of a terabyte must not hold up a scan
 * for digests that would prove nothing more than its size does.
 */
export function readLimit(expected: bigint): bigint {
  return expected * 4n > LEAST_LIMIT ? expected * 4n : LEAST_LIMIT;
}

interface OpenDirectory {
  readonly directory: MailboxDirectory;
  readonly root: 0 | 1;
}

/** The message files of one mailbox while they are read. Holds directories open: to be closed. */
export class MailboxFiles {
  /** How the directory that every mailbox has, and the one of an archive if there is one, could be opened. */
  readonly spool: DirectoryOpening;
  readonly archive: DirectoryOpening | null;
  readonly #spoolFirst: readonly OpenDirectory[];
  readonly #archiveFirst: readonly OpenDirectory[];
  readonly #reader: MailboxReader;
  readonly #files: MessageFiles;
  readonly #results = new Map<number, FileResult>();

  constructor(ref: MailboxRef, reader: MailboxReader, files: MessageFiles) {
    this.#reader = reader;
    this.#files = files;
    this.spool = openDirectory(ref, 0) ?? { status: "missing" };
    this.archive = openDirectory(ref, 1);
    const spool: OpenDirectory[] = this.spool.status === "open" ? [{ directory: this.spool.directory, root: 0 }] : [];
    const archive: OpenDirectory[] =
      this.archive?.status === "open" ? [{ directory: this.archive.directory, root: 1 }] : [];
    this.#spoolFirst = [...spool, ...archive];
    this.#archiveFirst = [...archive, ...spool];
  }

  close(): void {
    for (const { directory } of this.#spoolFirst) directory.close();
  }

  /** False if one of the directories was replaced since it was opened: what was read may not be this mailbox's. */
  isUnchanged(): boolean {
    return this.#spoolFirst.every(({ directory }) => directory.isUnchanged());
  }

  /** The message files that there are, in order of UIDs. Throws system errors. */
  list(): OrphanCandidate[] {
    const listed: OrphanCandidate[] = [];
    for (const { directory } of this.#spoolFirst) {
      for (const name of directory.names()) {
        const uid = this.#reader.messageUid(name);
        if (uid !== null) listed.push({ uid, path: `${directory.path}/${name}` });
      }
    }
    return listed.sort((a, b) => a.uid - b.uid);
  }

  /** What is known of the file of message `uid`; missing if nothing is. */
  resultOf(uid: number): FileResult {
    const known = this.#results.get(uid);
    if (known !== undefined) return known;
    const [first] = this.#spoolFirst;
    const path = `${first?.directory.path ?? ""}/${this.#reader.messageFileName(uid)}`;
    // Without a look into the archive nobody can say that a file is missing.
    const refused = this.archive?.status === "refused" ? this.archive : null;
    const problem = refused === null ? "missing" : "unreadable";
    return {
      file: { ...NOT_LOOKED_AT, problem },
      stat: null,
      path,
      errno: refused?.errno ?? null,
      found: refused?.found ?? null,
      same: 1,
      looks: 1,
    };
  }

  /** Forgets everything: the UIDs stand for other messages now. */
  forget(): void {
    this.#results.clear();
  }

  /** Says that no two looks agreed on whether the file of message `uid` is there. */
  markUnstable(uid: number): void {
    this.#results.set(uid, { ...unstable(this.resultOf(uid)), found: "it came and went" });
  }

  /**
   * Looks at the files of those live messages that nothing is known of yet; and again, until two looks find the same,
   * at those that are not as the index says.
   *
   * @returns the UIDs whose files are missing
   */
  lookAtNew(snapshot: IndexSnapshot): number[] {
    const missing: number[] = [];
    let open: IndexRecord[] = [];
    for (let i = 0; i < snapshot.recordCount; i++) {
      const record = snapshot.record(i);
      if (!record.expunged && this.#isOpen(record)) open.push(record);
      // In portions, so that the records of a huge mailbox are not all held at once.
      if (open.length === 1024) {
        missing.push(...this.#settle(open));
        open = [];
      }
    }
    missing.push(...this.#settle(open));
    return missing;
  }

  #settle(records: readonly IndexRecord[]): number[] {
    const missing: number[] = [];
    let open = records;
    while (open.length > 0) {
      for (const record of open) if (!this.#lookAt(record)) missing.push(record.uid);
      this.#files.flush();
      open = open.filter((record) => this.#results.has(record.uid) && this.#isOpen(record));
    }
    return missing;
  }

  #isOpen(record: IndexRecord): boolean {
    const known = this.#results.get(record.uid);
    if (known === undefined) return true;
    return known.same < BELIEVED_AFTER && known.file.problem === null && contradicts(known.file, record);
  }

  #lookAt(record: IndexRecord): boolean {
    const name = this.#reader.messageFileName(record.uid);
    const before = this.#results.get(record.uid);
    const limit = readLimit(record.sizeBytes);
    for (const { directory, root } of record.archived ? this.#archiveFirst : this.#spoolFirst) {
      const path = `${directory.path}/${name}`;
      const done = (look: FileLook) => this.#results.set(record.uid, merge(before, look, path, root));
      if (this.#files.look(path, limit, before !== undefined, done)) return true;
    }
    this.#results.delete(record.uid);
    return false;
  }
}

/** True if the file that was read is not the one that the index describes. */
function contradicts(file: FileReading, record: IndexRecord): boolean {
  if (file.sizeBytes !== null && file.sizeBytes !== record.sizeBytes) return true;
  return file.sha1 !== null && record.guid !== null && Buffer.compare(file.sha1, record.guid) !== 0;
}

function merge(before: FileResult | undefined, look: FileLook, path: ByteString, root: 0 | 1): FileResult {
  const stat = look.stat === null ? null : { root, ...look.stat };
  const result = { ...look, stat, path, same: 1, looks: 1 };
  if (before === undefined) return result;
  const same = isSameFinding(before.file, look.file) ? before.same + 1 : 1;
  const looks = before.looks + 1;
  return looks >= MOST_LOOKS && same < BELIEVED_AFTER ? unstable(result) : { ...result, same, looks };
}

function unstable(result: FileResult): FileResult {
  const found = "each look found something else";
  return { ...result, file: { ...NOT_LOOKED_AT, problem: "unstable" }, stat: null, errno: null, found };
}

function isSameFinding(a: FileReading, b: FileReading): boolean {
  if (a.problem !== b.problem || a.sizeBytes !== b.sizeBytes) return false;
  if (a.xxh64 === null || b.xxh64 === null) return a.xxh64 === b.xxh64;
  return Buffer.compare(a.xxh64, b.xxh64) === 0;
}

function openDirectory(ref: MailboxRef, which: 0 | 1): DirectoryOpening | null {
  const path = ref.messageDirectories[which];
  const root = ref.messageRoots[which];
  return path === undefined || root === undefined ? null : openMailboxDirectory(path, root);
}
