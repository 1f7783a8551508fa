import { crc32 } from "node:zlib";
import { canonicalFlag, joinFlags, lowerAscii, SYSTEM_FLAGS } from "../../mail/flags.ts";
import type { ByteString } from "../../mail/name.ts";

/** A set of flags as one record carries it: its canonical text, and its share in the record's sync CRC. */
export interface FlagSet {
  readonly text: ByteString;
  /** XOR of the CRC-32 of each name in lower case. */
  readonly crc: number;
}

/** Flag numbers that a record has bits for: MAX_USER_FLAGS. */
export const MAX_USER_FLAGS = 128;

/** Sets kept at once. Real mailboxes have tens; a damaged one could have as many as records. */
const MAX_KNOWN = 4096;

const ALL_SYSTEM_FLAGS = SYSTEM_FLAGS.reduce((mask, [bit]) => mask | bit, 0);

/**
 * The distinct flag sets of one mailbox. Few exist in any mailbox, so each is named once and then found by its bits.
 * A bit without a name in `cyrus.header` stands for nothing, as in Cyrus.
 *
 * @see cyrus-imapd `imap/mailbox.c`, crc_basic (3.6)
 */
export class FlagSets {
  readonly #names: readonly (ByteString | null)[];
  /** Sets whose only user flags are numbers 0–31, by `word * 32 + system flags`. */
  readonly #small = new Map<number, FlagSet>();
  readonly #large = new Map<string, FlagSet>();

  /** @param names flag names in the order of their numbers, null for an unused number */
  constructor(names: readonly (ByteString | null)[]) {
    this.#names = names;
  }

  /** The set of a record with these system flags and these four words of user flags, each an unsigned 32-bit number. */
  of(systemFlags: number, word0: number, word1: number, word2: number, word3: number): FlagSet {
    const system = systemFlags & ALL_SYSTEM_FLAGS;
    if ((word1 | word2 | word3) === 0) {
      const key = word0 * 32 + system;
      const known = this.#small.get(key);
      if (known !== undefined) return known;
      const set = this.#name(system, [word0]);
      remember(this.#small, key, set);
      return set;
    }
    const key = `${system} ${word0} ${word1} ${word2} ${word3}`;
    const known = this.#large.get(key);
    if (known !== undefined) return known;
    const set = this.#name(system, [word0, word1, word2, word3]);
    remember(this.#large, key, set);
    return set;
  }

  #name(system: number, words: readonly number[]): FlagSet {
    const flags: FlagSet[] = [];
    for (const [bit, name] of SYSTEM_FLAGS) if (system & bit) flags.push(flagOf(name));
    for (const [w, word] of words.entries()) {
      for (let bit = 0; bit < 32; bit++) {
        const name = (word >>> bit) & 1 ? this.#names[w * 32 + bit] : null;
        if (name !== undefined && name !== null) flags.push(flagOf(name));
      }
    }
    let sum = 0;
    for (const { crc } of flags) sum ^= crc;
    return { text: joinFlags(flags.map(({ text }) => text)), crc: sum >>> 0 };
  }
}

/** Single flags. The same few names are used in all mailboxes. */
const single = new Map<ByteString, FlagSet>();

function flagOf(name: ByteString): FlagSet {
  const known = single.get(name);
  if (known !== undefined) return known;
  const flag = { text: canonicalFlag(name), crc: crc32(Buffer.from(lowerAscii(name), "latin1")) };
  remember(single, name, flag);
  return flag;
}

function remember<K, V>(known: Map<K, V>, key: K, value: V): void {
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, value);
}
