import { constants, lstatSync } from "node:fs";
import { errnoOf } from "../../errors.ts";
import type { KnownFiles } from "../../mail/known-files.ts";
import type { ReadProblem } from "../../mail/mailbox.ts";
import type { ByteString } from "../../mail/name.ts";
import { CONTENT_BYTES, CORE_BYTES, STAT_BYTES } from "../../mail/packed-messages.ts";
import type { LiveRecords, MailboxReader } from "../../store/mail-store.ts";
import type { Brake } from "../brake.ts";
import { agreesWithIndex } from "../files/agreement.ts";
import type { FileIdentity, FileLook } from "../files/file-look.ts";
import type { FileResults, FileRows } from "../files/file-results.ts";
import type { MessageFiles } from "../files/message-files.ts";
import { isAscii } from "../files/sound-pass.ts";
import type { ReadCounts } from "../read-counts.ts";
import { rotProblem } from "./rot.ts";

const BIGINT = { bigint: true, throwIfNoEntry: false } as const;
const FILE_TYPE = BigInt(constants.S_IFMT);
const REGULAR = BigInt(constants.S_IFREG);

/** Where rows of the packed groups hold what is needed here. */
const CORE = { size: 9 } as const;
const CONTENT = { presence: 1, size: 2, md5: 10, xxh64: 46 } as const;
const STAT = { root: 1, inode: 2, size: 10, mtimeNs: 18, ctimeNs: 26, readAtMs: 34 } as const;
/** Presence bits of level `quick`: size and xxHash64. */
const QUICK = 1 | 8;

/** What one thread carries digests over with. */
export interface BaseTools {
  /** Reads files for their xxHash64 alone. */
  readonly again: MessageFiles;
  readonly brake: Brake;
  readonly depth: "quick" | "full";
}

/** What a pass over the files of one mailbox works with. */
interface PassTools {
  readonly base: BaseTools;
  readonly reader: MailboxReader;
  readonly results: FileResults;
  readonly counts: ReadCounts;
}

/**
 * Carries over what is known of message files of which nothing has changed: one lstat a file, no open. Those whose turn
 * it is are read again; all others are left to who reads them.
 */
export class KnownPass {
  readonly #tools: PassTools;
  readonly #known: KnownFiles;
  readonly #live: LiveRecords;
  /** Of the spool and of the archive; null: it could not be opened. */
  readonly #prefixes: readonly (ByteString | null)[];
  /** True where paths are the same bytes as text, which saves a Buffer for each. */
  readonly #ascii: boolean;
  readonly #core: DataView;
  readonly #content: DataView;
  readonly #stat: DataView;
  #near = -1;
  #rows: number[] = [];
  /** Positions in `known` of files that hold other bytes than they did, though nothing of them has changed. */
  readonly #rotten = new Map<number, ByteString>();

  /**
   * @param directories absolute paths of the spool and the archive; null: it is not to be looked into
   * @param live the records for which `results` has made its rows
   */
  constructor(tools: PassTools, known: KnownFiles, directories: readonly (ByteString | null)[], live: LiveRecords) {
    this.#tools = tools;
    this.#known = known;
    this.#live = live;
    this.#prefixes = directories.map((path) => (path === null ? null : `${path}/`));
    this.#ascii = directories.every((path) => path === null || isAscii(path));
    this.#core = viewOf(live.core);
    this.#content = viewOf(known.content);
    this.#stat = viewOf(known.stat);
  }

  /** Fills the row of a live record; false if its file has to be read. */
  look(row: number): boolean {
    const uid = this.#core.getUint32(row * CORE_BYTES, true);
    const at = this.#positionOf(uid);
    if (at === null) return false;
    const root = this.#live.archived[row] === 1 ? 1 : 0;
    const prefix = this.#prefixes[root] ?? null;
    // A file that was found elsewhere than where it belongs now is looked for as any other.
    if (prefix === null || this.#stat.getUint8(at * STAT_BYTES + STAT.root) !== root) return false;
    const size = this.#content.getBigUint64(at * CONTENT_BYTES + CONTENT.size, true);
    if (size !== this.#core.getBigUint64(row * CORE_BYTES + CORE.size, true)) return false;
    const path = prefix + this.#tools.reader.messageFileName(uid);
    const taken = this.#known.due[at] === 1 ? this.#readAgain(at, row, path, size) : this.#carry(at, row, path);
    if (!taken) return false;
    this.#tools.results.filled(row);
    this.#rows.push(row);
    return true;
  }

  /** Rows since the last call whose digests are not what the index says. */
  takeContradicted(): number[] {
    const rows = this.#rows;
    this.#rows = [];
    const { content } = this.#tools.results.rows;
    return rows.filter((row) => !agreesWithIndex(this.#live, this.#core, content, row));
  }

  /** Files that turned out to have rotted, when all have been read. */
  rot(): ReadProblem[] {
    const problems: ReadProblem[] = [];
    for (const [at, path] of [...this.#rotten].sort(([a], [b]) => a - b)) {
      const uid = this.#known.uids[at] ?? 0;
      const now = this.#tools.results.get(uid);
      const xxh64 = now?.file.xxh64 ?? null;
      // It was only the read that had failed, or it could not be read once more, which is a finding of its own.
      if (xxh64 === null || Buffer.compare(xxh64, this.#xxh64(at)) === 0) continue;
      // It was written while it was read: to these bytes belong other times.
      if (now?.stat == null || !this.#isUnchanged(at, { ...now.stat, ino: now.stat.inode, size: now.stat.sizeBytes })) {
        continue;
      }
      problems.push(rotProblem(uid, path, Number(this.#stat.getBigInt64(at * STAT_BYTES + STAT.readAtMs, true))));
    }
    return problems;
  }

  #carry(at: number, row: number, path: ByteString): boolean {
    const { brake } = this.#tools.base;
    // It is not read. Where files are rationed, to look at one still moves the disk.
    if (brake.holdsBack) brake.file();
    const stat = statOf(this.#ascii ? path : Buffer.from(path, "latin1"));
    if (stat === null || !this.#isUnchanged(at, stat)) return false;
    this.#fill(at, row);
    return true;
  }

  /** Reads the bytes of a file for their xxHash64; false if that or anything else is not what it was. */
  #readAgain(at: number, row: number, path: ByteString, size: bigint): boolean {
    const { base, counts } = this.#tools;
    let found: FileLook | null = null;
    const done = (look: FileLook) => {
      found = look;
    };
    base.again.look(path, { maxBytes: size, fresh: false, counts }, done);
    base.again.flush();
    const { file, stat } = (found ?? NOTHING) as Pick<FileLook, "file" | "stat">;
    if (stat === null || stat.readAtMs === null || file.xxh64 === null) return false;
    const { inode, sizeBytes, mtimeNs, ctimeNs, readAtMs } = stat;
    if (!this.#isUnchanged(at, { ino: inode, size: sizeBytes, mtimeNs, ctimeNs })) return false;
    if (Buffer.compare(file.xxh64, this.#xxh64(at)) !== 0) {
      this.#rotten.set(at, path);
      return false;
    }
    this.#fill(at, row).stat.setBigInt64(row * STAT_BYTES + STAT.readAtMs, BigInt(readAtMs), true);
    return true;
  }

  #isUnchanged(at: number, { ino, size, mtimeNs, ctimeNs }: Omit<FileIdentity, "dev">): boolean {
    const stat = this.#stat;
    const from = at * STAT_BYTES;
    return (
      stat.getBigInt64(from + STAT.ctimeNs, true) === ctimeNs &&
      stat.getBigUint64(from + STAT.inode) === ino &&
      stat.getBigUint64(from + STAT.size, true) === size &&
      stat.getBigInt64(from + STAT.mtimeNs, true) === mtimeNs
    );
  }

  /** Copies what is known into a row. */
  #fill(at: number, row: number): FileRows {
    const { results, base } = this.#tools;
    const { rows } = results;
    copy(this.#content, at * CONTENT_BYTES, rows.content, row * CONTENT_BYTES, CONTENT_BYTES);
    copy(this.#stat, at * STAT_BYTES, rows.stat, row * STAT_BYTES, STAT_BYTES);
    if (base.depth === "quick") {
      // A scan of this level would not have the others.
      const to = row * CONTENT_BYTES;
      rows.content.setUint8(to + CONTENT.presence, QUICK);
      for (let i = CONTENT.md5; i < CONTENT.xxh64; i++) rows.content.setUint8(to + i, 0);
    }
    return rows;
  }

  #xxh64(at: number): Uint8Array {
    const from = at * CONTENT_BYTES + CONTENT.xxh64;
    return this.#known.content.subarray(from, from + 8);
  }

  /** Most records come in ascending order, so that what is sought is mostly the next one. */
  #positionOf(uid: number): number | null {
    const { uids } = this.#known;
    if (uids[this.#near + 1] === uid) return ++this.#near;
    let low = 0;
    let high = uids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((uids[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    if (uids[low] !== uid) return null;
    this.#near = low;
    return low;
  }
}

const NOTHING: Pick<FileLook, "file" | "stat"> = {
  file: { problem: null, sizeBytes: null, md5: null, sha1: null, xxh64: null },
  stat: null,
};

/** Null where there is no regular file, or nothing can be said of it. */
function statOf(path: string | Buffer): FileIdentity | null {
  try {
    const stat = lstatSync(path, BIGINT);
    return stat === undefined || (stat.mode & FILE_TYPE) !== REGULAR ? null : stat;
  } catch (error) {
    // Who reads the file will find and say it.
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

function copy(from: DataView, at: number, into: DataView, to: number, bytes: number): void {
  let i = 0;
  for (; i + 4 <= bytes; i += 4) into.setUint32(to + i, from.getUint32(at + i));
  for (; i < bytes; i++) into.setUint8(to + i, from.getUint8(at + i));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
