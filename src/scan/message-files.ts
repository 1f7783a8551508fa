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

type Done = (look: FileLook) => void;

type Finish = (digests: Digests, readAtMs: number) => void;

interface Wish {
  readonly maxBytes: bigint;
  readonly fresh: boolean;
  readonly done: Done;
}

/** Reads in a row that a file may spoil by changing. */
const TRIES = 3;
const PIECE_BYTES = 1 << 20;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export class MessageFiles {
  readonly #digester: FileDigester | null;
  readonly #cache = new DigestCache();
  #piece: Buffer | null = null;
  #bytesRead = 0;
  #filesRead = 0;

  /** @param digester null to take each file's presence and size only */
  constructor(digester: FileDigester | null) {
    this.#digester = digester;
  }

  /**
   * Looks at the file `path`. What it finds is handed to `done`, now or in {@link flush}.
   *
   * @param maxBytes a longer file is not read; its size is taken all the same
   * @param fresh read it even if the same inode was read before
   * @returns false if there is no such file; `done` is not called then
   */
  look(path: ByteString, maxBytes: bigint, fresh: boolean, done: Done): boolean {
    const bytes = Buffer.from(path, "latin1");
    try {
      if (this.#digester === null) lookAtStat(bytes, done);
      else this.#lookAtBytes(bytes, this.#digester, { maxBytes, fresh, done });
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

  /** Message bytes read from disk and files opened for it, since this was last asked. */
  takeCounts(): { readonly bytesRead: bigint; readonly filesRead: number } {
    const counts = { bytesRead: BigInt(this.#bytesRead), filesRead: this.#filesRead };
    this.#bytesRead = 0;
    this.#filesRead = 0;
    return counts;
  }

  #lookAtBytes(path: Buffer, digester: FileDigester, wish: Wish): void {
    const fd = retryPassing(() => openSync(path, OPEN_FLAGS));
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        if (tries > 0) pause(5 * tries);
        const look = this.#readOnce(fd, digester, wish);
        if (look === "owed") return;
        if (look === "changed") continue;
        wish.done(look);
        return;
      }
      wish.done(unstableLook());
    } finally {
      closeSync(fd);
    }
  }

  /** `owed`: its bytes were read and the digester will call `done`. `changed`: not while it was read. */
  #readOnce(fd: number, digester: FileDigester, { maxBytes, fresh, done }: Wish): FileLook | "owed" | "changed" {
    const stat = retryPassing(() => fstatSync(fd, { bigint: true }));
    if (!stat.isFile()) return notRegular(stat);
    const known = fresh ? null : this.#cache.get(stat);
    if (known !== null) return digestedLook(stat, known.digests, known.readAtMs);
    if (stat.size > maxBytes) return overlongLook(stat);
    this.#filesRead++;
    const finish = (digests: Digests, readAtMs: number) => {
      this.#cache.put(stat, { digests, readAtMs });
      done(digestedLook(stat, digests, readAtMs));
    };
    const whole = stat.size <= BigInt(WHOLE_FILE_BYTES);
    const read = whole ? this.#readWhole(fd, stat, digester, finish) : this.#readPieces(fd, stat, digester, finish);
    return read ? "owed" : "changed";
  }

  /** False if the file did not end where its size said. */
  #readWhole(fd: number, stat: BigIntStats, digester: FileDigester, finish: Finish): boolean {
    const size = Number(stat.size);
    // One byte more than promised: a file that has grown shows itself without another call.
    const room = digester.room(size + 1);
    let length = 0;
    do {
      const got = readAt(fd, room, length, length);
      if (got === 0) break;
      length += got;
    } while (length < size);
    this.#bytesRead += length;
    if (length !== size) return false;
    const readAtMs = Date.now();
    digester.add(size, (digests) => finish(digests, readAtMs));
    return true;
  }

  /** False if the file changed while it was read. */
  #readPieces(fd: number, stat: BigIntStats, digester: FileDigester, finish: Finish): boolean {
    this.#piece ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    const piece = this.#piece;
    const size = Number(stat.size);
    const digests = digester.stream();
    let at = 0;
    while (at < size) {
      const got = readAt(fd, piece.subarray(0, Math.min(PIECE_BYTES, size - at)), 0, at);
      if (got === 0) return false;
      digests.update(piece.subarray(0, got));
      this.#bytesRead += got;
      at += got;
    }
    const after = fstatSync(fd, { bigint: true });
    if (after.size !== stat.size || after.mtimeNs !== stat.mtimeNs || after.ctimeNs !== stat.ctimeNs) return false;
    finish(digests.digest(), Date.now());
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

function factsOf(stat: BigIntStats, readAtMs: number | null): Omit<FileStat, "root"> {
  return { inode: stat.ino, sizeBytes: stat.size, mtimeNs: stat.mtimeNs, ctimeNs: stat.ctimeNs, readAtMs };
}
