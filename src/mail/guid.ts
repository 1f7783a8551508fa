/**
 * What a mailbox index says of a message's content. Its length tells which kind it is:
 *
 *   20 bytes   the SHA-1 of the file (Cyrus 2.3.10 and later)
 *   12 bytes   a UUID (2.3.0 to 2.3.9). Where it begins with 2, the rest is the MD5 of the file, cut to 11 bytes; all
 *              others were dealt out by the server and say nothing of the content
 *
 * @see cyrus-imapd 2.3.7 `imap/message_uuid.h`; FastMail's patch of 2007 ("uuidmode: md5")
 */

/** Length of a UUID. */
export const UUID_BYTES = 12;

/** First byte of a UUID that was made of an MD5. */
const MD5_UUID = 2;

/** True for a GUID that a file can be checked against. */
export function isDigest(guid: Uint8Array): boolean {
  return guid.length !== UUID_BYTES || guid[0] === MD5_UUID;
}

/** False where both are known and of one kind, and not the same. */
export function mayBeEqual(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null || a.length !== b.length || begins(a, b);
}

/** True if the file with these digests is the one that `guid` stands for, false if not; null where nothing tells. */
export function namesFile(
  guid: Uint8Array | null,
  digests: { readonly sha1: Uint8Array | null; readonly md5: Uint8Array | null },
): boolean | null {
  if (guid === null || !isDigest(guid)) return null;
  if (guid.length === UUID_BYTES) return digests.md5 === null ? null : begins(digests.md5, guid.subarray(1));
  return digests.sha1 === null ? null : begins(digests.sha1, guid);
}

function begins(digest: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => digest[i] === byte);
}
