import { type FileReading, NOT_LOOKED_AT } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { IndexRecord, IndexSnapshot, MailboxReader, MailboxRef } from "../store/mail-store.ts";
import { type FileResult, FileResults } from "./file-results.ts";
import { type DirectoryOpening, type MailboxDirectory, openMailboxDirectory } from "./mailbox-directory.ts";
import type { FileLook, MessageFiles, ReadCounts } from "./message-files.ts";
import type { OrphanCandidate } from "./scan-task.ts";
import type { Steps } from "./steps.ts";

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
  /** What was read so far. */
  readonly counts: ReadCounts;
  readonly #spoolFirst: readonly OpenDirectory[];
  readonly #archiveFirst: readonly OpenDirectory[];
  #listed: readonly { readonly directory: MailboxDirectory; readonly uids: Uint32Array }[] = [];
  readonly #reader: MailboxReader;
  readonly #files: MessageFiles;
  readonly #results = new FileResults();

  /** @param counts what is read is added to them */
  constructor(ref: MailboxRef, reader: MailboxReader, files: MessageFiles, counts: ReadCounts) {
    this.#reader = reader;
    this.#files = files;
    this.counts = counts;
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

  /** Notes which message files there are. Throws system errors. */
  list(): void {
    this.#listed = this.#spoolFirst.map(({ directory }) => {
      const names = directory.names();
      const uids = names.map((name) => this.#reader.messageUid(name)).filter((uid) => uid !== null);
      return { directory, uids: Uint32Array.from(uids).sort() };
    });
  }

  /** Noted files that no record of `snapshot` accounts for, in order of UIDs. */
  unaccounted(snapshot: IndexSnapshot): OrphanCandidate[] {
    const left: OrphanCandidate[] = [];
    for (const { directory, uids } of this.#listed) {
      let next = 0;
      let known = 0;
      for (const uid of uids) {
        while (known < uid && next < snapshot.recordCount) known = snapshot.record(next++).uid;
        if (known !== uid) left.push({ uid, path: `${directory.path}/${this.#reader.messageFileName(uid)}` });
      }
    }
    return left.sort((a, b) => a.uid - b.uid);
  }

  /** What is known of the file of message `uid`; missing if nothing is. */
  resultOf(uid: number): FileResult {
    return this.#results.get(uid) ?? { ...UNKNOWN, ...this.#absence(uid) };
  }

  /** Forgets everything: the UIDs stand for other messages now. */
  forget(): void {
    this.#results.clear();
  }

  /** Says that no two looks agreed on whether the file of message `uid` is there. */
  markUnstable(uid: number): void {
    this.#results.set(uid, unstable(this.#spoolPath(uid), "it came and went"));
  }

  /**
   * Looks at the files of those live messages that nothing is known of yet; and again, until two looks find the same,
   * at those that are not as the index says. Stops where it needs what `files` owes.
   *
   * @returns the UIDs whose files are missing
   */
  *lookAtNew(snapshot: IndexSnapshot): Steps<number[]> {
    const missing: number[] = [];
    let open: IndexRecord[] = [];
    for (let i = 0; i < snapshot.recordCount; i++) {
      const record = snapshot.record(i);
      if (!record.expunged && this.#isOpen(record)) open.push(record);
      // In portions, so that the records of a huge mailbox are not all held at once.
      if (open.length === 1024) {
        missing.push(...(yield* this.#settle(open)));
        open = [];
      }
    }
    missing.push(...(yield* this.#settle(open)));
    return missing;
  }

  *#settle(records: readonly IndexRecord[]): Steps<number[]> {
    const missing: number[] = [];
    let open = records;
    while (open.length > 0) {
      for (const record of open) if (!this.#lookAt(record)) missing.push(record.uid);
      yield;
      open = open.filter((record) => this.#results.has(record.uid) && this.#isOpen(record));
    }
    return missing;
  }

  #isOpen(record: IndexRecord): boolean {
    const known = this.#results.get(record.uid);
    if (known === null) return true;
    return known.same < BELIEVED_AFTER && known.file.problem === null && contradicts(known.file, record);
  }

  /** What is to be said of a file that none of the directories has. */
  #absence(uid: number): Pick<FileResult, "file" | "remark"> {
    // Without a look into the archive nobody can say that a file is missing.
    if (this.archive?.status !== "refused") return { file: { ...NOT_LOOKED_AT, problem: "missing" }, remark: null };
    const { errno, found } = this.archive;
    const remark = { path: this.#spoolPath(uid), errno, found: `the archive may have it: ${found}` };
    return { file: { ...NOT_LOOKED_AT, problem: "unreadable" }, remark };
  }

  #spoolPath(uid: number): ByteString {
    return `${this.#spoolFirst[0]?.directory.path ?? ""}/${this.#reader.messageFileName(uid)}`;
  }

  #lookAt(record: IndexRecord): boolean {
    const name = this.#reader.messageFileName(record.uid);
    const before = this.#results.get(record.uid);
    const wish = { maxBytes: readLimit(record.sizeBytes), fresh: before !== null, counts: this.counts };
    for (const { directory, root } of record.archived ? this.#archiveFirst : this.#spoolFirst) {
      const path = `${directory.path}/${name}`;
      const done = (look: FileLook) => this.#results.set(record.uid, merge(before, look, path, root));
      if (this.#files.look(path, wish, done)) return true;
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

const UNKNOWN = { stat: null, same: 1, looks: 1 };

function merge(before: FileResult | null, look: FileLook, path: ByteString, root: 0 | 1): FileResult {
  const stat = look.stat === null ? null : { root, ...look.stat };
  const remark = look.found === null ? null : { path, errno: look.errno, found: look.found };
  const looks = (before?.looks ?? 0) + 1;
  const same = before !== null && isSameFinding(before.file, look.file) ? before.same + 1 : 1;
  if (looks >= MOST_LOOKS && same < BELIEVED_AFTER) return unstable(path, "each look found something else");
  return { file: look.file, stat, same, looks, remark };
}

function unstable(path: ByteString, found: string): FileResult {
  return { ...UNKNOWN, file: { ...NOT_LOOKED_AT, problem: "unstable" }, remark: { path, errno: null, found } };
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
