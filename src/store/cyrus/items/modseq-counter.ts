import { crc32 } from "node:zlib";
import type { Item } from "../../../mail/item.ts";
import type { ByteString } from "../../../mail/name.ts";
import { readMetaFile } from "../meta-file.ts";

/** The longest of the versions that are known, 9, has 296 bytes. */
const MAX_BYTES = 4096;
const LEAST_BYTES = 48;

/**
 * The highest modseq that a user's mailboxes have had, from the file of his counters (3.0 and later, where modseqs are
 * the user's and not each mailbox's):
 *
 *   generation u32, version u32, highestmodseq u64, …, CRC-32 of all before it
 *
 * It tells how far a replica is behind, and no more; so where there is no sound file there is none. Generation and the
 * other counters are a host's own: a replica counts otherwise.
 *
 * @param paths where the file can lie, likeliest first
 * @see cyrus-imapd `imap/mboxname.c`, mboxname_load_counters (3.6)
 */
export function readModseqCounter(paths: readonly ByteString[], owner: ByteString): Item | null {
  for (const path of paths) {
    const file = readMetaFile(path, MAX_BYTES);
    if (file.status === "absent") continue;
    const value = file.status === "read" ? decodeHighestModseq(file.bytes) : null;
    if (value === null) return null;
    return { kind: "modseq-counter", owner, key: "", value: String(value), mtime: null, modseq: null };
  }
  return null;
}

/** The counter in the bytes of the file; null if they are none. */
export function decodeHighestModseq(bytes: Buffer): bigint | null {
  const end = bytes.length - 4;
  if (bytes.length < LEAST_BYTES || bytes.readUInt32BE(end) !== crc32(bytes.subarray(0, end))) return null;
  return bytes.readBigUInt64BE(8);
}
