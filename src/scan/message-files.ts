/**
 * Reading message files, in one thread: never following a link, never waiting for a FIFO, never more bytes than the
 * file's size promised, and one inode that has several names only once.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../errors.ts";
import { type Digests, type FileDigester, WHOLE_FILE_BYTES } from "../hash/digester.ts";
import { type FileProblem, type FileReading, NOT_LOOKED_AT } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { FileStat } from "../mail/packed-messages.ts";
import { DigestCache } from "./digest-cache.ts";
import { pause, retryPassing } from "./retry.ts";

/** What one look at a message file brought. */
export interface FileLook {
  readonly file: FileReading;
  /** `root` is for the caller to say. */
  readonly stat: Omit<FileStat, "root"> | null;
  /** The system call's failure and what was found, for people; null where all is well. */
  readonly errno: string | null;
  readonly found: string | null;
}

/** Message bytes read from disk, and files opened for it. */
export interface ReadCounts {
  bytesRead: number;
  filesRead: number;
}

/** How a file is to be looked at. */
interface Wish {
  /** A longer file is not read; its size is taken all the same. */
  readonly maxBytes: bigint;
  /** Read it even if the same inode was read before. */
  readonly fresh: boolean;
  /** What is read is added to them. */
  readonly counts: ReadCounts;
}

type Done = (look: FileLook) => void;

type Finish = (digests: Digests, readAtMs: number) => void;

/** An inode with several names whose digests are owed, and who else wants them. */
interface Pending {
  readonly stat: BigIntStats;
  readonly others: Finish[];
}

/** Reads in a row that a file may spoil by changing. */
const TRIES = 3;
const PIECE_BYTES = 1 << 20;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export class MessageFiles {
  readonly #digester: FileDigester | null;
  readonly #cache = new DigestCache();
  /** By inode number. */
  readonly #pending = new Map<bigint, Pending>();
  #piece: Buffer | null = null;

  /** @param digester null to take each file's presence and size only */
  constructor(digester: FileDigester | null) {
    this.#digester = digester;
  }

  /**
   * Looks at the file `path`. What it finds is handed to `done`, now or in {@link flush}.
   *
   * @returns false if there is no such file; `done` is not called then
   */
  look(path: ByteString, wish: Wish, done: Done): boolean {
    const bytes = Buffer.from(path, "latin1");
    try {
      if (this.#digester === null) lookAtStat(bytes, done);
      else this.#lookAtBytes(bytes, this.#digester, wish, done);
      return true;
    } catch (error) {
      const look = failedLook(bytes, error);
      if (look !== null) done(look);
      return look !== null;
    }
  }

  /** Hands out what {@link look} still owes. */
  flush(): void {
    this.#digester?.flush();
  }

  #lookAtBytes(path: Buffer, digester: FileDigester, wish: Wish, done: Done): void {
    const fd = retryPassing(() => openSync(path, OPEN_FLAGS));
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        if (tries > 0) pause(5 * tries);
        const look = this.#readOnce(fd, digester, wish, done);
        if (look === "owed") return;
        if (look === "changed") continue;
        done(look);
        return;
      }
      done(unstableLook());
    } finally {
      closeSync(fd);
    }
  }

  /** `owed`: the digester will call `done`. `changed`: the file did while it was read. */
  #readOnce(fd: number, digester: FileDigester, wish: Wish, done: Done): FileLook | "owed" | "changed" {
    const stat = retryPassing(() => fstatSync(fd, { bigint: true }));
    if (!stat.isFile()) return notRegular(stat);
    const finish = (digests: Digests, readAtMs: number) => done(digestedLook(stat, digests, readAtMs));
    if (!wish.fresh && stat.nlink > 1n) {
      const known = this.#cache.get(stat);
      if (known !== null) return digestedLook(stat, known.digests, known.readAtMs);
      if (this.#joinPending(stat, finish)) return "owed";
    }
    if (stat.size > wish.maxBytes) return overlongLook(stat);
    wish.counts.filesRead++;
    const whole = stat.size <= BigInt(WHOLE_FILE_BYTES);
    const read = whole
      ? this.#readWhole(fd, stat, digester, wish.counts, finish)
      : this.#readPieces(fd, stat, digester, wish.counts, finish);
    return read ? "owed" : "changed";
  }

  #joinPending(stat: BigIntStats, finish: Finish): boolean {
    const pending = this.#pending.get(stat.ino);
    if (pending === undefined || !isSameFile(pending.stat, stat)) return false;
    pending.others.push(finish);
    return true;
  }

  /** Hands the digests to `finish` and to those that join until then, and remembers them. */
  #sharing(stat: BigIntStats, finish: Finish): Finish {
    if (stat.nlink <= 1n) return finish;
    const pending: Pending = { stat, others: [] };
    this.#pending.set(stat.ino, pending);
    return (digests, readAtMs) => {
      if (this.#pending.get(stat.ino) === pending) this.#pending.delete(stat.ino);
      this.#cache.put(stat, { digests, readAtMs });
      finish(digests, readAtMs);
      for (const other of pending.others) other(digests, readAtMs);
    };
  }

  /** False if the file did not end where its size said. */
  #readWhole(fd: number, stat: BigIntStats, digester: FileDigester, counts: ReadCounts, finish: Finish): boolean {
    const size = Number(stat.size);
    // One byte more than promised: a file that has grown shows itself without another call.
    const room = digester.room(size + 1);
    let length = 0;
    do {
      const got = readAt(fd, room, length, length);
      if (got === 0) break;
      length += got;
    } while (length < size);
    counts.bytesRead += length;
    if (length !== size) return false;
    const readAtMs = Date.now();
    const shared = this.#sharing(stat, finish);
    digester.add(size, (digests) => shared(digests, readAtMs));
    return true;
  }

  /** False if the file changed while it was read. */
  #readPieces(fd: number, stat: BigIntStats, digester: FileDigester, counts: ReadCounts, finish: Finish): boolean {
    this.#piece ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    const piece = this.#piece;
    const size = Number(stat.size);
    const digests = digester.stream();
    let at = 0;
    while (at < size) {
      const got = readAt(fd, piece.subarray(0, Math.min(PIECE_BYTES, size - at)), 0, at);
      if (got === 0) return false;
      digests.update(piece.subarray(0, got));
      counts.bytesRead += got;
      at += got;
    }
    const after = fstatSync(fd, { bigint: true });
    if (after.size !== stat.size || after.mtimeNs !== stat.mtimeNs || after.ctimeNs !== stat.ctimeNs) return false;
    this.#sharing(stat, finish)(digests.digest(), Date.now());
    return true;
  }
}

function readAt(fd: number, into: Uint8Array, offset: number, position: number): number {
  return retryPassing(() => readSync(fd, into, offset, into.length - offset, position));
}

function lookAtStat(path: Buffer, done: Done): void {
  const stat = retryPassing(() => lstatSync(path, { bigint: true }));
  done(stat.isFile() ? sizeOnlyLook(stat, null) : notRegular(stat));
}

/** What a failed call says of the file; null if there is none. */
function failedLook(path: Buffer, error: unknown): FileLook | null {
  const errno = errnoOf(error);
  if (errno === null) throw error;
  if (errno === "ENOENT") return null;
  try {
    // Opening a socket or a symbolic link fails in several ways; what it is says more than how it failed.
    const stat = lstatSync(path, { bigint: true });
    if (!stat.isFile()) return notRegular(stat);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return null;
  }
  return problemLook("unreadable", errno, `the system refuses it (${errno})`);
}

function notRegular(stat: BigIntStats): FileLook {
  return problemLook("not-regular", null, `${kindOf(stat)} stands where the message should be`);
}

function kindOf(stat: BigIntStats): string {
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isDirectory()) return "a directory";
  if (stat.isFIFO()) return "a FIFO";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

function unstableLook(): FileLook {
  return problemLook("unstable", null, `it changed during each of ${TRIES} reads`);
}

function problemLook(problem: FileProblem, errno: string | null, found: string): FileLook {
  return { file: { ...NOT_LOOKED_AT, problem }, stat: null, errno, found };
}

function overlongLook(stat: BigIntStats): FileLook {
  return sizeOnlyLook(stat, `it is ${stat.size} bytes long, far more than it should be, and was not read`);
}

function sizeOnlyLook(stat: BigIntStats, found: string | null): FileLook {
  return { file: { ...NOT_LOOKED_AT, sizeBytes: stat.size }, stat: factsOf(stat, null), errno: null, found };
}

function digestedLook(stat: BigIntStats, digests: Digests, readAtMs: number): FileLook {
  return {
    file: { problem: null, sizeBytes: stat.size, ...digests },
    stat: factsOf(stat, readAtMs),
    errno: null,
    found: null,
  };
}

function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

function factsOf(stat: BigIntStats, readAtMs: number | null): Omit<FileStat, "root"> {
  return { inode: stat.ino, sizeBytes: stat.size, mtimeNs: stat.mtimeNs, ctimeNs: stat.ctimeNs, readAtMs };
}
