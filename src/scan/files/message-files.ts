/**
 * Reading message files, in one thread: never following a link, never waiting for a FIFO, never more bytes than the
 * file's size promised, and one inode that has several names only once.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../../errors.ts";
import { type DigestsDone, type FileDigester, WHOLE_FILE_BYTES } from "../../hash/digester.ts";
import type { ByteString } from "../../mail/name.ts";
import { type Brake, NO_BRAKE } from "../brake.ts";
import type { ReadCounts } from "../read-counts.ts";
import { pause, retryPassing } from "../retry.ts";
import {
  digestedLook,
  type FileIdentity,
  type FileLook,
  notRegularLook,
  overlongLook,
  sizeOnlyLook,
  unreadableLook,
  unstableLook,
} from "./file-look.ts";
import { type Finish, SharedInodes } from "./shared-inodes.ts";
import { SoundFiles } from "./sound-files.ts";

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

/** A path as system calls take it. */
type SystemPath = string | Buffer;

/** `owed`: the digester will call `done`. `changed`: the file did while it was read. */
type ReadOutcome = FileLook | "owed" | "changed";

/** Reads in a row that a file may spoil by changing. */
const TRIES = 3;
const PIECE_BYTES = 1 << 20;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export class MessageFiles {
  readonly #digester: FileDigester | null;
  readonly #brake: Brake;
  readonly #shared = new SharedInodes();
  #piece: Buffer | null = null;

  /** The quick way to look at files; null under a brake, which has to be asked before each file. */
  readonly sound: SoundFiles | null;

  /**
   * @param digester null to take each file's presence and size only
   * @param brake asked before each file and each piece of one
   * @param quickWay false to do without it; what is found is the same
   */
  constructor(digester: FileDigester | null, brake: Brake = NO_BRAKE, quickWay = true) {
    this.#digester = digester;
    this.#brake = brake;
    this.sound = quickWay && !brake.holdsBack ? new SoundFiles(digester, brake) : null;
  }

  /**
   * Looks at the file `path`. What it finds is handed to `done`, now or at the latest in {@link flush}.
   *
   * @returns false if there is no such file; `done` is not called then
   */
  look(path: ByteString, wish: Wish, done: Done): boolean {
    const systemPath = systemPathOf(path);
    this.#brake.file();
    try {
      if (this.#digester === null) lookAtStat(systemPath, done);
      else this.#lookAtBytes(systemPath, this.#digester, wish, done);
      return true;
    } catch (error) {
      const look = failedLook(systemPath, error);
      if (look !== null) done(look);
      return look !== null;
    }
  }

  /** Hands out what {@link look} still owes. */
  flush(): void {
    this.#digester?.flush();
  }

  #lookAtBytes(path: SystemPath, digester: FileDigester, wish: Wish, done: Done): void {
    const fd = retryPassing(() => openSync(path, OPEN_FLAGS));
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        if (tries > 0) pause(5 * tries);
        const outcome = this.#readOnce(fd, digester, wish, done);
        if (outcome === "owed") return;
        if (outcome === "changed") continue;
        done(outcome);
        return;
      }
      done(unstableLook(TRIES));
    } finally {
      closeSync(fd);
    }
  }

  #readOnce(fd: number, digester: FileDigester, { maxBytes, fresh, counts }: Wish, done: Done): ReadOutcome {
    const stat = retryPassing(() => fstatSync(fd, { bigint: true }));
    if (!stat.isFile()) return notRegularLook(stat);
    const { dev, ino, size, mtimeNs, ctimeNs } = stat;
    // Not all of it: this is held for each file whose digests are owed.
    const identity = { dev, ino, size, mtimeNs, ctimeNs };
    // Before the read, which may take long: what has changed since then may not be in it.
    const readAtMs = Date.now();
    let finish: Finish = (digests, readThen) => done(digestedLook(identity, digests, readThen));
    if (stat.nlink > 1n) {
      const known = fresh ? null : this.#shared.known(identity);
      if (known !== null) return digestedLook(identity, known.digests, known.readAtMs);
      if (!fresh && this.#shared.join(identity, finish)) return "owed";
    }
    if (size > maxBytes) return overlongLook(identity);
    counts.filesRead++;
    if (stat.nlink > 1n) finish = this.#shared.owe(identity, finish);
    if (size <= BigInt(WHOLE_FILE_BYTES))
      return readWhole(fd, Number(size), digester, counts, (digests) => finish(digests, readAtMs), this.#brake);
    return this.#readPieces(fd, identity, digester, counts, (digests) => finish(digests, readAtMs));
  }

  #readPieces(
    fd: number,
    identity: FileIdentity,
    digester: FileDigester,
    counts: ReadCounts,
    finish: DigestsDone,
  ): ReadOutcome {
    this.#piece ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    const piece = this.#piece;
    const size = Number(identity.size);
    const digests = digester.stream();
    let at = 0;
    while (at < size) {
      const wanted = Math.min(PIECE_BYTES, size - at, this.#brake.pieceBytes);
      this.#brake.bytes(wanted);
      const got = readAt(fd, piece.subarray(0, wanted), 0, at);
      if (got === 0) return "changed";
      digests.update(piece.subarray(0, got));
      counts.bytesRead += got;
      at += got;
    }
    const after = fstatSync(fd, { bigint: true });
    if (after.size !== identity.size || after.mtimeNs !== identity.mtimeNs || after.ctimeNs !== identity.ctimeNs) {
      return "changed";
    }
    finish(digests.digest());
    return "owed";
  }
}

function readWhole(
  fd: number,
  size: number,
  digester: FileDigester,
  counts: ReadCounts,
  finish: DigestsDone,
  brake: Brake,
): ReadOutcome {
  // One byte more than promised: a file that has grown shows itself without another call.
  const room = digester.room(size + 1);
  let length = 0;
  do {
    const piece = Math.min(room.length, length + brake.pieceBytes);
    brake.bytes(Math.min(piece, size) - length);
    const got = readAt(fd, piece === room.length ? room : room.subarray(0, piece), length, length);
    if (got === 0) break;
    length += got;
  } while (length < size);
  counts.bytesRead += length;
  if (length !== size) return "changed";
  digester.add(size, finish);
  return "owed";
}

function readAt(fd: number, into: Uint8Array, offset: number, position: number): number {
  return retryPassing(() => readSync(fd, into, offset, into.length - offset, position));
}

/** Text where it says the same bytes, which saves a Buffer for each file. */
function systemPathOf(path: ByteString): SystemPath {
  return /[^ -~]/.test(path) ? Buffer.from(path, "latin1") : path;
}

function lookAtStat(path: SystemPath, done: Done): void {
  const stat = retryPassing(() => lstatSync(path, { bigint: true }));
  done(stat.isFile() ? sizeOnlyLook(stat, null) : notRegularLook(stat));
}

/** What a failed call says of the file; null if there is none. */
function failedLook(path: SystemPath, error: unknown): FileLook | null {
  const errno = errnoOf(error);
  if (errno === null) throw error;
  if (errno === "ENOENT") return null;
  try {
    // Opening a socket or a symbolic link fails in several ways; what it is says more than how it failed.
    const stat = lstatSync(path, { bigint: true });
    if (!stat.isFile()) return notRegularLook(stat);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return null;
  }
  return unreadableLook(errno);
}
