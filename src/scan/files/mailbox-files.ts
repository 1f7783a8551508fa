import type { KnownFiles } from "../../mail/known-files.ts";
import type { ReadProblem } from "../../mail/mailbox.ts";
import { NOT_LOOKED_AT } from "../../mail/message.ts";
import type { ByteString } from "../../mail/name.ts";
import { fileFacts, type PackedMessages, uidOf } from "../../mail/packed-messages.ts";
import type { IndexSnapshot, LiveRecords, MailboxReader, MailboxRef } from "../../store/mail-store.ts";
import { type FileRecord, isDoubtful, merge, readLimit, UNKNOWN, unstable } from "../again/repeated-file-looks.ts";
import { type BaseTools, KnownPass } from "../base/known-pass.ts";
import { readingOrder } from "../base/reading-order.ts";
import { type DirectoryOpening, type MailboxDirectory, openMailboxDirectory } from "../mailbox-directory.ts";
import type { ReadCounts } from "../read-counts.ts";
import type { OrphanCandidate } from "../scan-task.ts";
import type { Steps } from "../steps.ts";
import type { FileLook } from "./file-look.ts";
import { type FileResult, FileResults } from "./file-results.ts";
import type { MessageFiles } from "./message-files.ts";
import { isAscii, SoundPass } from "./sound-pass.ts";

/** Files looked at between two stops. */
const PORTION = 1024;

interface OpenDirectory {
  readonly directory: MailboxDirectory;
  readonly root: 0 | 1;
}

/** What an earlier scan knows of the files of a mailbox, and what it is carried over with. */
interface FilesBase {
  readonly known: KnownFiles;
  readonly tools: BaseTools;
}

/** A first look at files, of those that it is good for. */
interface Pass {
  /** False if the file has to be looked at in another way. */
  look(row: number): boolean;
  /** Rows since the last call whose digests are not what the index says; when nothing is owed any more. */
  takeContradicted(): number[];
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
  readonly #onlyUids: ReadonlySet<number> | null;
  readonly #base: FilesBase | null;
  #carried: KnownPass | null = null;
  /** Records whose files are to be looked at once more. */
  #doubtful: FileRecord[] = [];
  /** UIDs of all records of the snapshot that was looked at last; null where it is not known what is expunged. */
  #recordUids: Uint32Array | null = new Uint32Array();

  /**
   * @param counts what is read is added to them
   * @param onlyUids of which messages alone the files are looked at; null: of all
   * @param base what an earlier scan knows of the files; null: nothing
   */
  constructor(
    ref: MailboxRef,
    reader: MailboxReader,
    files: MessageFiles,
    counts: ReadCounts,
    onlyUids: readonly number[] | null = null,
    base: FilesBase | null = null,
  ) {
    this.#base = base;
    this.#onlyUids = onlyUids === null ? null : new Set(onlyUids);
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

  /** Noted files that no record accounts for of the snapshot that was looked at last, in order of UIDs. */
  unaccounted(): OrphanCandidate[] {
    const left: OrphanCandidate[] = [];
    const accounted = this.#recordUids;
    if (accounted === null) return left;
    for (const { directory, uids } of this.#listed) {
      let next = 0;
      for (const uid of uids) {
        while ((accounted[next] ?? Number.POSITIVE_INFINITY) < uid) next++;
        if (accounted[next] !== uid && !this.#isLeftOut(uid))
          left.push({ uid, path: pathOf(directory, this.#reader.messageFileName(uid)) });
      }
    }
    return left.sort((a, b) => a.uid - b.uid);
  }

  /** What is known of the file of message `uid`; missing if nothing is. */
  resultOf(uid: number): FileResult {
    if (this.#isLeftOut(uid)) return { ...UNKNOWN, file: NOT_LOOKED_AT, remark: null };
    return this.#results.get(uid) ?? { ...UNKNOWN, ...this.#absence(uid) };
  }

  /**
   * All that is known of the files of `live`, where that is one reading of each and there is nothing to remark; else null.
   * Nothing is known any more afterwards.
   */
  takeRows(live: LiveRecords): Pick<PackedMessages, "content" | "stat"> | null {
    return this.#onlyUids === null ? this.#results.takeAll(live) : null;
  }

  /** Files whose bytes are no longer what they were, though nothing wrote to them. To be asked before {@link takeRows}. */
  rot(): ReadProblem[] {
    return this.#carried?.rot() ?? [];
  }

  #isLeftOut(uid: number): boolean {
    return this.#onlyUids !== null && !this.#onlyUids.has(uid);
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
    let looks = 0;
    const { live } = snapshot;
    this.#recordUids = snapshot.uids;
    const passes = this.#firstPasses(live);
    const order = this.#carried === null || this.#base === null ? null : readingOrder(live, this.#base.known);
    for (let i = 0; i < live.count; i++) {
      const row = order?.[i] ?? i;
      if (this.#onlyUids !== null && this.#isLeftOut(uidOf(live, row))) continue;
      if (!passes.some((pass) => pass.look(row))) {
        const record = recordOf(live, row);
        if (this.#isSettled(record)) continue;
        if (!this.#lookAt(record)) missing.push(record.uid);
      }
      // In portions, so that the doubtful ones of a huge mailbox are not all held at once.
      if (++looks % PORTION === 0) yield* this.#settle(missing, live, passes);
    }
    yield* this.#settle(missing, live, passes);
    return missing;
  }

  /** What looks first at files of which nothing is known yet; none once there was a look. */
  #firstPasses(live: LiveRecords): Pass[] {
    // What is read later has rows that may move while its digests are owed.
    if (!this.#results.expect(live)) return [];
    this.#carried = this.#knownPass(live);
    return [this.#carried, this.#soundPass(live)].filter((pass) => pass !== null);
  }

  /** The quick look; null where there is none. */
  #soundPass(live: LiveRecords): SoundPass | null {
    const [spool] = this.#spoolFirst;
    if (this.#files.sound === null || spool?.root !== 0 || !isAscii(spool.directory.path)) return null;
    const tools = { files: this.#files.sound, reader: this.#reader, results: this.#results, counts: this.counts };
    return new SoundPass(tools, spool.directory.path, live);
  }

  #knownPass(live: LiveRecords): KnownPass | null {
    if (this.#base === null) return null;
    const { known, tools: base } = this.#base;
    const pathOfRoot = (root: 0 | 1) => this.#spoolFirst.find((open) => open.root === root)?.directory.path ?? null;
    const tools = { base, reader: this.#reader, results: this.#results, counts: this.counts };
    return new KnownPass(tools, known, [pathOfRoot(0), pathOfRoot(1)], live);
  }

  /** Waits for what is owed, and looks at doubtful files until none is left. */
  *#settle(missing: number[], live: LiveRecords, passes: readonly Pass[]): Steps<void> {
    yield;
    for (const pass of passes) {
      for (const row of pass.takeContradicted()) this.#doubtful.push(recordOf(live, row));
    }
    while (this.#doubtful.length > 0) {
      const doubtful = this.#doubtful;
      this.#doubtful = [];
      for (const record of doubtful) if (!this.#lookAt(record)) missing.push(record.uid);
      yield;
    }
  }

  #isSettled(record: FileRecord): boolean {
    if (!this.#results.has(record.uid)) return false;
    const known = this.#results.get(record.uid);
    return known !== null && !isDoubtful(known, record);
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

  /** False if none of the directories has the file. */
  #lookAt(record: FileRecord): boolean {
    const { uid } = record;
    const name = this.#reader.messageFileName(uid);
    const before = this.#results.get(uid);
    const wish = { maxBytes: readLimit(record.sizeBytes), fresh: before !== null, counts: this.counts };
    for (const { directory, root } of record.archived ? this.#archiveFirst : this.#spoolFirst) {
      const done = (look: FileLook) => {
        const result = merge(before, look, root, pathOf(directory, name));
        this.#results.set(uid, result);
        if (isDoubtful(result, record)) this.#doubtful.push(record);
      };
      if (this.#files.look(pathOf(directory, name), wish, done)) return true;
    }
    this.#results.delete(uid);
    return false;
  }
}

function recordOf(live: LiveRecords, row: number): FileRecord {
  return { ...fileFacts(live, row), archived: live.archived[row] === 1 };
}

function pathOf(directory: MailboxDirectory, name: string): ByteString {
  return `${directory.path}/${name}`;
}

function openDirectory(ref: MailboxRef, which: 0 | 1): DirectoryOpening | null {
  const path = ref.messageDirectories[which];
  const root = ref.messageRoots[which];
  return path === undefined || root === undefined ? null : openMailboxDirectory(path, root);
}
