import type { BigIntStats } from "node:fs";
import type { Digests } from "../hash/digester.ts";

/** Digests of one inode, and when its bytes were read, in milliseconds since 1970. */
export interface CachedDigests {
  readonly digests: Digests;
  readonly readAtMs: number;
}

const MOST = 20_000;

/**
 * Remembers the digests of inodes that have several names (single instance store), the last {@link MOST} of one scan.
 * An inode that has changed in any way since is another one.
 */
export class DigestCache {
  readonly #entries = new Map<string, CachedDigests>();

  get(stat: BigIntStats): CachedDigests | null {
    return stat.nlink > 1n ? (this.#entries.get(keyOf(stat)) ?? null) : null;
  }

  put(stat: BigIntStats, entry: CachedDigests): void {
    if (stat.nlink <= 1n) return;
    if (this.#entries.size >= MOST) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(keyOf(stat), entry);
  }
}

function keyOf(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}
