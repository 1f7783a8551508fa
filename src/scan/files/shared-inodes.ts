import type { Digests } from "../../hash/digester.ts";
import { type CachedDigests, DigestCache } from "./digest-cache.ts";
import type { FileIdentity } from "./file-look.ts";

/** Takes the digests of a file that was read at `readAtMs`. */
export type Finish = (digests: Digests, readAtMs: number) => void;

interface Owed {
  readonly identity: FileIdentity;
  readonly others: Finish[];
}

/** Inodes that have several names: each is read once, and its digests are handed to all who ask for one of the names. */
export class SharedInodes {
  readonly #known = new DigestCache();
  /** Those that were read and whose digests are owed, by inode number. */
  readonly #owed = new Map<bigint, Owed>();

  known(identity: FileIdentity): CachedDigests | null {
    return this.#known.get(identity);
  }

  /** True if the digests are owed to somebody; they are handed to `finish` too then. */
  join(identity: FileIdentity, finish: Finish): boolean {
    const owed = this.#owed.get(identity.ino);
    if (owed === undefined || !isSame(owed.identity, identity)) return false;
    owed.others.push(finish);
    return true;
  }

  /** What is to be called instead of `finish`, so that the others get the digests too. */
  owe(identity: FileIdentity, finish: Finish): Finish {
    const owed: Owed = { identity, others: [] };
    this.#owed.set(identity.ino, owed);
    return (digests, readAtMs) => {
      // Another state of the same inode may have been read meanwhile.
      if (this.#owed.get(identity.ino) === owed) this.#owed.delete(identity.ino);
      this.#known.put(identity, { digests, readAtMs });
      finish(digests, readAtMs);
      for (const other of owed.others) other(digests, readAtMs);
    };
  }
}

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}
