import { lstatSync, type Stats } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigurationError, CorruptStoreError, errnoOf } from "../../../errors.ts";
import type { ByteString } from "../../../mail/name.ts";
import { displayName } from "../../../mail/name.ts";
import { NotRegularFileError, readFully, readRegularFile, withRegularFile } from "../regular-file.ts";
import { type DatabaseKind, DETECT_BYTES, detectDatabaseKind, type ReadableKind } from "./detect.ts";
import { type DatabaseEntry, TornSnapshotError } from "./entries.ts";
import { decodeFlat } from "./flat.ts";
import { decodeSkiplist } from "./skiplist.ts";
import { decodeTwom, TWOM_HEADER_BYTES } from "./twom.ts";
import { decodeTwoskip, TWOSKIP_HEADER_BYTES } from "./twoskip.ts";

/** A consistent state of a database. */
export interface DatabaseSnapshot {
  readonly kind: ReadableKind;
  /** In ascending order of the keys' bytes. */
  readonly entries: readonly DatabaseEntry[];
  /** Milliseconds since 1970 when its last byte was read. */
  readonly readAtMs: number;
  /** Of the file, in milliseconds since 1970. */
  readonly mtimeMs: number;
}

const DECODERS: Record<ReadableKind, (bytes: Buffer, path: ByteString, settled: boolean) => DatabaseEntry[]> = {
  twoskip: decodeTwoskip,
  skiplist: decodeSkiplist,
  flat: decodeFlat,
  twom: decodeTwom,
};

/** How much of a file of each kind is to be read before all else of it. */
const HEADER_BYTES: Partial<Record<DatabaseKind, number>> = {
  twoskip: TWOSKIP_HEADER_BYTES,
  twom: TWOM_HEADER_BYTES,
};
const LONGEST_HEADER = Math.max(TWOSKIP_HEADER_BYTES, TWOM_HEADER_BYTES);

/** Under non-stop writes the lab needed at most 10 reads (`cyrus.index`) and 2 (twoskip). */
const MAX_READS = 20;
/** A file that has stayed the same for this many reads, some 80 ms, has no writer: what is wrong is damage. */
const SAME_READS = 6;
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 100;

/** The first bytes of a database, at least as many as tell its kind. Errors as {@link readDatabase}. */
export function readDatabaseStart(path: ByteString, bytes = DETECT_BYTES): Buffer {
  try {
    return readRegularFile(path, bytes);
  } catch (error) {
    throw explained(error, path);
  }
}

/**
 * Reads a consistent state of a live cyrusdb file without locking it: reads again, after a short wait, while a writer is
 * in the way. The back end is recognised by content.
 *
 * @param path absolute; a symbolic link is not followed
 * @throws {ConfigurationError} when there is no such file, it may not be read, or its kind cannot be read
 * @throws {CorruptStoreError} when the file does not follow its format, or never holds still
 */
export async function readDatabase(path: ByteString): Promise<DatabaseSnapshot> {
  const attempts = new Attempts(path);
  for (;;) {
    const read = attempts.next();
    if ("entries" in read) return read;
    await sleep(read.waitMs);
  }
}

/** The same in a worker thread, which it puts to sleep between its reads. */
export function readDatabaseSync(path: ByteString): DatabaseSnapshot {
  const attempts = new Attempts(path);
  for (;;) {
    const read = attempts.next();
    if ("entries" in read) return read;
    Atomics.wait(SLEEPS, 0, 0, read.waitMs);
  }
}

const SLEEPS = new Int32Array(new SharedArrayBuffer(4));

/** Reads of one file, until one is consistent. */
class Attempts {
  readonly #path: ByteString;
  #previous: Buffer | null = null;
  #reads = 0;
  #same = 1;
  #waitMs = FIRST_WAIT_MS;

  constructor(path: ByteString) {
    this.#path = path;
  }

  /** A consistent state, or how long to wait before the next read. */
  next(): DatabaseSnapshot | { readonly waitMs: number } {
    const { bytes, mtimeMs, whole, settled } = readBytes(this.#path);
    this.#reads++;
    try {
      if (!whole) throw new TornSnapshotError(this.#path, "it was replaced while it was read");
      const kind = readable(detectDatabaseKind(bytes), this.#path);
      const readAtMs = Date.now();
      return { kind, entries: DECODERS[kind](bytes, this.#path, settled), readAtMs, mtimeMs };
    } catch (error) {
      if (!(error instanceof TornSnapshotError)) throw error;
      this.#same = whole && this.#previous?.equals(bytes) ? this.#same + 1 : 1;
      if (this.#same >= SAME_READS) throw new CorruptStoreError(this.#path, error.found, error.offset);
      if (this.#reads >= MAX_READS) {
        const found = `none of ${MAX_READS} reads found it consistent; last: ${error.found}`;
        throw new CorruptStoreError(this.#path, found);
      }
    }
    this.#previous = bytes;
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    return { waitMs };
  }
}

/** What one read brought. */
interface Bytes {
  readonly bytes: Buffer;
  readonly mtimeMs: number;
  /** False where the file was replaced and then cut, so that its rest, or all of it, is not there any more. */
  readonly whole: boolean;
  /** The header was the same when the last byte had been read. */
  readonly settled: boolean;
}

/**
 * Reads the file in the one order that keeps a twoskip or twom snapshot whole: header, then all else.
 *
 * A checkpoint of skiplist renames a new file to the name of the old one, and then truncates that: who has it open sees
 * an end where none was, or nothing at all, which would be an empty flat database.
 *
 * @see cyrus-imapd `lib/cyrusdb_skiplist.c`, mycheckpoint
 */
function readBytes(path: ByteString): Bytes {
  try {
    return withRegularFile(path, false, (fd, stat) => {
      const start = Buffer.alloc(Math.min(stat.size, LONGEST_HEADER));
      const headerBytes = HEADER_BYTES[detectDatabaseKind(start.subarray(0, readFully(fd, start, 0)))] ?? 0;
      const room = Buffer.allocUnsafe(stat.size);
      const header = room.subarray(0, start.copy(room, 0, 0, headerBytes));
      const bytes = room.subarray(0, header.length + readFully(fd, room.subarray(header.length), header.length));
      const whole = bytes.length === stat.size && (bytes.length > 0 || leadsTo(path, stat));
      const after = Buffer.alloc(header.length);
      const settled = readFully(fd, after, 0) === header.length && after.equals(header);
      return { bytes, mtimeMs: stat.mtimeMs, whole, settled };
    });
  } catch (error) {
    throw explained(error, path);
  }
}

function leadsTo(path: ByteString, { dev, ino }: Stats): boolean {
  const now = lstatSync(Buffer.from(path, "latin1"), { throwIfNoEntry: false });
  return now !== undefined && now.dev === dev && now.ino === ino;
}

function readable(kind: DatabaseKind, path: ByteString): ReadableKind {
  if (kind === "Berkeley DB" || kind === "SQLite") throw unsupported(kind, path);
  return kind;
}

function unsupported(kind: string, path: ByteString): ConfigurationError {
  return new ConfigurationError(`Cannot read "${displayName(path).text}": this is a ${kind} database`, {
    hint: "Convert a copy with cvt_cyrusdb to twoskip, skiplist or flat, or change the server's back end to one of them",
  });
}

function explained(error: unknown, path: ByteString): unknown {
  const shown = displayName(path).text;
  const errno = errnoOf(error);
  if (error instanceof NotRegularFileError || errno === "ELOOP") {
    // A zeroskip database is a directory; the system refuses to open one for reading only later.
    return new ConfigurationError(`Cannot read "${shown}": this is no regular file`, {
      hint: "A directory is a zeroskip database, which is not supported; a symbolic link is not followed",
    });
  }
  if (errno === null) return error;
  const found = errno === "ENOENT" ? "there is no such file" : errno;
  const hint =
    errno === "EACCES" || errno === "EPERM"
      ? "Run as root or as the user that the mail server runs as"
      : "Check the path in imapd.conf (…_db_path, configdirectory)";
  return new ConfigurationError(`Cannot read "${shown}": ${found}`, { cause: error, hint });
}
