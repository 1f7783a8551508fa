import { lstat, statfsSync } from "node:fs";
import type { ByteString } from "../mail/name.ts";

/**
 * File systems that count a directory's subdirectories among its links: ext2 to ext4, and XFS. Others, such as Btrfs,
 * give every directory the same number.
 *
 * @see Linux `include/uapi/linux/magic.h`
 */
const COUNTING: ReadonlySet<number> = new Set([0xef53, 0x5846_5342]);

/** The links of a directory without any directory in it: its name, and its own ".". */
const LINKS_OF_LEAF = 2;

/**
 * Tells of directories, without listing them, that there is no directory in them: in a spool that spares the listing of
 * nearly every message. Where nobody can tell, it says no.
 */
export class LeafDirectories {
  readonly #counting = new Map<number, boolean>();

  isLeaf(path: ByteString, callback: (isLeaf: boolean) => void): void {
    lstat(Buffer.from(path, "latin1"), (error, stat) => {
      callback(
        error === null && stat.isDirectory() && stat.nlink === LINKS_OF_LEAF && this.#isCounting(stat.dev, path),
      );
    });
  }

  /** Asked once for each file system: a directory of a spool may be a mount point of its own. */
  #isCounting(device: number, path: ByteString): boolean {
    const known = this.#counting.get(device);
    if (known !== undefined) return known;
    const counting = countsLinks(path);
    this.#counting.set(device, counting);
    return counting;
  }
}

function countsLinks(path: ByteString): boolean {
  try {
    return COUNTING.has(statfsSync(Buffer.from(path, "latin1")).type);
  } catch {
    // Whoever reads it will find and say what is wrong with it.
    return false;
  }
}
