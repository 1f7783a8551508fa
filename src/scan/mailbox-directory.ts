/**
 * A mailbox directory held open while its files are read.
 *
 * Its files are opened by path, which is the quickest way; what that path leads to could change meanwhile. So the
 * directory itself is opened first (which also keeps its inode from being used again), its real path must lie below the
 * partition's, and {@link MailboxDirectory.isUnchanged} tells afterwards whether the path still led to it.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
} from "node:fs";
import { errnoOf } from "../errors.ts";
import type { ByteString } from "../mail/name.ts";
import { isBelow } from "./partition-root.ts";
import { retryPassing } from "./retry.ts";

export interface MailboxDirectory {
  /** Absolute. */
  readonly path: ByteString;
  /** Names in the directory, without order. Throws system errors. */
  names(): ByteString[];
  /** False when the path leads to another directory by now, or to none. */
  isUnchanged(): boolean;
  close(): void;
}

export type DirectoryOpening =
  | { readonly status: "open"; readonly directory: MailboxDirectory }
  | { readonly status: "missing" }
  | { readonly status: "refused"; readonly errno: string | null; readonly found: string };

/**
 * Opens the directory `path`, which must not be a symbolic link.
 *
 * @param root the partition root that it must lie below; the root itself may be reached through links
 */
export function openMailboxDirectory(path: ByteString, root: ByteString): DirectoryOpening {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let fd: number | null = null;
  try {
    fd = retryPassing(() => openSync(bytesOf(path), flags));
    const self = fstatSync(fd, { bigint: true });
    const real = realPath(path);
    if (!isBelow(real, realPath(root)) || !isSame(self, lstatSync(bytesOf(real), { bigint: true }))) {
      closeSync(fd);
      return { status: "refused", errno: null, found: `it leads out of its partition "${root}"` };
    }
    return { status: "open", directory: directoryOf(fd, self, path, real) };
  } catch (error) {
    if (fd !== null) closeSync(fd);
    return openingFailure(error);
  }
}

function directoryOf(fd: number, self: BigIntStats, path: ByteString, real: ByteString): MailboxDirectory {
  return {
    path,
    names: () => retryPassing(() => readdirSync(bytesOf(path), { encoding: "latin1" })),
    isUnchanged: () => {
      try {
        return realPath(path) === real && isSame(self, lstatSync(bytesOf(path), { bigint: true }));
      } catch (error) {
        if (errnoOf(error) === null) throw error;
        return false;
      }
    },
    close: () => closeSync(fd),
  };
}

function openingFailure(error: unknown): DirectoryOpening {
  const errno = errnoOf(error);
  switch (errno) {
    case null:
      throw error;
    case "ENOENT":
      return { status: "missing" };
    // Linux says ENOTDIR of a symbolic link that it was told not to follow to a directory; other systems say ELOOP.
    case "ELOOP":
    case "ENOTDIR":
      return { status: "refused", errno, found: "a symbolic link or a file stands where the directory should be" };
    default:
      return { status: "refused", errno, found: `the system refuses it (${errno})` };
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function realPath(path: ByteString): ByteString {
  return realpathSync.native(bytesOf(path), { encoding: "latin1" });
}

function bytesOf(path: ByteString): Buffer {
  return Buffer.from(path, "latin1");
}
