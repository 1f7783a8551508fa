import type { Digests } from "../../hash/digester.ts";
import type { FileIdentity } from "./file-look.ts";

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
  // Two generations, the older one dropped whole: so nothing is ever taken out of a table.
  #young: Generation | null = null;
  #old: Generation | null = null;

  get(stat: FileIdentity): CachedDigests | null {
    return this.#young?.get(stat) ?? this.#old?.get(stat) ?? null;
  }

  put(stat: FileIdentity, entry: CachedDigests): void {
    this.#young ??= new Generation();
    if (this.#young.isFull) {
      const emptied = this.#old ?? new Generation();
      emptied.clear();
      this.#old = this.#young;
      this.#young = emptied;
    }
    this.#young.put(stat, entry);
  }
}

/** A power of two, so that a hash is cut to a slot by a mask; more than half of the slots stay empty. */
const SLOTS = 32_768;
const KEY_NUMBERS = 5;
const DIGEST_BYTES = 16 + 20 + 8;

/**
 * A hash table in flat memory: as objects its entries would live just long enough to be moved about by each garbage
 * collection, which takes longer than to read the messages again.
 */
class Generation {
  /** Row of an entry plus one; 0 in an empty slot. A slot that is taken is passed over to the next. */
  readonly #slots = new Uint16Array(SLOTS);
  readonly #keys = new BigInt64Array(MOST * KEY_NUMBERS);
  readonly #digests = new Uint8Array(MOST * DIGEST_BYTES);
  readonly #readAtMs = new Float64Array(MOST);
  /** 1 where there are MD5 and SHA-1. */
  readonly #full = new Uint8Array(MOST);
  #used = 0;

  get isFull(): boolean {
    return this.#used === MOST;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#used = 0;
  }

  get(stat: FileIdentity): CachedDigests | null {
    const row = (this.#slots[this.#slotOf(stat)] ?? 0) - 1;
    if (row < 0) return null;
    const at = row * DIGEST_BYTES;
    const full = this.#full[row] === 1;
    const digests = {
      md5: full ? this.#digests.slice(at, at + 16) : null,
      sha1: full ? this.#digests.slice(at + 16, at + 36) : null,
      xxh64: this.#digests.slice(at + 36, at + DIGEST_BYTES),
    };
    return { digests, readAtMs: this.#readAtMs[row] ?? 0 };
  }

  put(stat: FileIdentity, { digests: { md5, sha1, xxh64 }, readAtMs }: CachedDigests): void {
    const slot = this.#slotOf(stat);
    if (this.#slots[slot] === 0) this.#slots[slot] = ++this.#used;
    const row = (this.#slots[slot] ?? 0) - 1;
    const key = row * KEY_NUMBERS;
    this.#keys[key] = stat.dev;
    this.#keys[key + 1] = stat.ino;
    this.#keys[key + 2] = stat.size;
    this.#keys[key + 3] = stat.mtimeNs;
    this.#keys[key + 4] = stat.ctimeNs;
    const at = row * DIGEST_BYTES;
    if (md5 !== null) this.#digests.set(md5, at);
    if (sha1 !== null) this.#digests.set(sha1, at + 16);
    this.#digests.set(xxh64, at + 36);
    this.#full[row] = md5 !== null && sha1 !== null ? 1 : 0;
    this.#readAtMs[row] = readAtMs;
  }

  /** The slot that holds `stat`, or the empty one that is for it. */
  #slotOf(stat: FileIdentity): number {
    // Inode numbers come in runs: multiplied, they are spread over all slots.
    const spread = Math.imul(Number(stat.ino & 0xffff_ffffn), 0x9e37_79b1);
    for (let slot = spread >>> 17; ; slot = (slot + 1) & (SLOTS - 1)) {
      const row = (this.#slots[slot] ?? 0) - 1;
      if (row < 0 || this.#isKey(row, stat)) return slot;
    }
  }

  #isKey(row: number, stat: FileIdentity): boolean {
    const at = row * KEY_NUMBERS;
    const keys = this.#keys;
    return (
      keys[at + 1] === BigInt.asIntN(64, stat.ino) &&
      keys[at] === BigInt.asIntN(64, stat.dev) &&
      keys[at + 2] === stat.size &&
      keys[at + 3] === stat.mtimeNs &&
      keys[at + 4] === stat.ctimeNs
    );
  }
}
