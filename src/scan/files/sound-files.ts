/**
 * The quick way to look at message files, for those that are as their index says, which nearly all are: open, fstat,
 * read, close, no object for a file, and what is found goes straight into the packed rows. At the first sign of anything
 * else the file is left to {@link MessageFiles.look}, which begins anew and knows all that can be the matter.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../../errors.ts";
import { type FileDigester, WHOLE_FILE_BYTES } from "../../hash/digester.ts";
import { CONTENT_BYTES, STAT_BYTES } from "../../mail/packed-messages.ts";
import type { Brake } from "../brake.ts";
import type { ReadCounts } from "../read-counts.ts";
import type { FileRows } from "./file-results.ts";

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const BIGINT = { bigint: true } as const;
const FILE_TYPE = BigInt(constants.S_IFMT);
const REGULAR = BigInt(constants.S_IFREG);

/** Presence bytes of rows, see `mail/packed-messages.ts`. */
const HAS = { size: 1, md5: 2, sha1: 4, xxh64: 8, stat: 1, read: 2 } as const;
const DIGESTS_AT = 10;

export class SoundFiles {
  readonly #digester: FileDigester | null;
  readonly #brake: Brake;
  readonly #presence: number;

  /** @param digester null to take presence and size only */
  constructor(digester: FileDigester | null, brake: Brake) {
    this.#digester = digester;
    this.#brake = brake;
    const full = HAS.size | HAS.md5 | HAS.sha1 | HAS.xxh64;
    this.#presence = digester === null ? HAS.size : digester.depth === "full" ? full : HAS.size | HAS.xxh64;
  }

  /**
   * Looks at the file `path`, which should have `sizeBytes` bytes, and fills a row. The digests are there at the latest
   * when they are flushed.
   *
   * @param path ASCII only
   * @param counts what is read is added to them
   * @returns false if the file is not a regular one of that size and one name, or anything failed: then the row says
   *   nothing, and the file has to be looked at in the other way
   */
  look(path: string, sizeBytes: number, counts: ReadCounts, rows: FileRows, row: number): boolean {
    if (sizeBytes > WHOLE_FILE_BYTES) return false;
    try {
      if (this.#digester !== null) return this.#read(this.#digester, path, sizeBytes, counts, rows, row);
      const stat = lstatSync(path, BIGINT);
      if ((stat.mode & FILE_TYPE) !== REGULAR || stat.size !== BigInt(sizeBytes)) return false;
      this.#brake.file();
      putSize(rows, row, this.#presence, stat.size);
      putStat(rows, row, stat, null);
      return true;
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      return false;
    }
  }

  #read(
    digester: FileDigester,
    path: string,
    sizeBytes: number,
    counts: ReadCounts,
    rows: FileRows,
    row: number,
  ): boolean {
    const fd = openSync(path, OPEN_FLAGS);
    try {
      const stat = fstatSync(fd, BIGINT);
      if ((stat.mode & FILE_TYPE) !== REGULAR || stat.nlink !== 1n || stat.size !== BigInt(sizeBytes)) return false;
      // One byte more than promised: a file that has grown shows itself without another call.
      const at = digester.roomAt(sizeBytes + 1);
      // Before the read: what has changed since then may not be in it.
      const readAtMs = Date.now();
      const got = readSync(fd, digester.arena, at, sizeBytes + 1, 0);
      counts.bytesRead += got;
      if (got !== sizeBytes) return false;
      counts.filesRead++;
      this.#brake.file();
      this.#brake.bytes(got);
      putSize(rows, row, this.#presence, stat.size);
      putStat(rows, row, stat, readAtMs);
      digester.place(sizeBytes, rows.content, row * CONTENT_BYTES + DIGESTS_AT);
      return true;
    } finally {
      closeSync(fd);
    }
  }
}

function putSize({ content }: FileRows, row: number, presence: number, size: bigint): void {
  const at = row * CONTENT_BYTES;
  content.setUint8(at + 1, presence);
  content.setBigUint64(at + 2, size, true);
}

interface Stat {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function putStat(rows: FileRows, row: number, { ino, size, mtimeNs, ctimeNs }: Stat, readAtMs: number | null): void {
  const view = rows.stat;
  const at = row * STAT_BYTES;
  view.setUint8(at, readAtMs === null ? HAS.stat : HAS.stat | HAS.read);
  view.setBigUint64(at + 2, ino);
  view.setBigUint64(at + 10, size, true);
  view.setBigInt64(at + 18, mtimeNs, true);
  view.setBigInt64(at + 26, ctimeNs, true);
  if (readAtMs === null) return;
  // Milliseconds since 1970 as two words: there is no need for a bigint of each.
  view.setUint32(at + 34, readAtMs % 0x1_0000_0000, true);
  view.setUint32(at + 38, readAtMs / 0x1_0000_0000, true);
}
