import type { BigIntStats } from "node:fs";
import type { Digests } from "../hash/digester.ts";

/** Digests of one inode, and when its bytes were read, in milliseconds since 1970. */
export interface CachedDigests {
  readonly digests: Digests;
  readonly readAtMs: number;
}

/** Entries of one generation. */
const MOST = 10_000;

/**
 * Remembers the digests of inodes that have several names (single instance store): at least the last {@link MOST} of
 * one scan, at most twice as many. An inode that has changed in any way since is another one.
 */
export class DigestCache {
  // Two generations, the older one dropped whole: to take the oldest entry out of one big Map costs more than hashing
  // a message, since its iterator steps over everything that was deleted before.
  #young = new Map<string, CachedDigests>();
  #old = new Map<string, CachedDigests>();

  get(stat: BigIntStats): CachedDigests | null {
    if (stat.nlink <= 1n) return null;
    const key = keyOf(stat);
    return this.#young.get(key) ?? this.#old.get(key) ?? null;
  }

  put(stat: BigIntStats, entry: CachedDigests): void {
    if (stat.nlink <= 1n) return;
    if (this.#young.size >= MOST) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(keyOf(stat), entry);
  }
}

function keyOf(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}
