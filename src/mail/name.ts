/**
 * Bytes as a string with one character (U+0000–U+00FF) for each byte, as `latin1` decodes them. Names and paths of a
 * mail store are bytes: kept like this they survive unchanged, and JavaScript's `<` orders them as SQLite orders BLOBs.
 */
export type ByteString = string;

/** A name or path made readable. */
export interface DisplayName {
  /** The bytes as UTF-8; what is not UTF-8 appears as U+FFFD. */
  readonly text: string;
  /** The exact bytes in base64, only where `text` cannot be turned back into them. */
  readonly base64: string | null;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a name for people and JSON. Never throws. */
export function displayName(name: ByteString): DisplayName {
  const bytes = Buffer.from(name, "latin1");
  try {
    return { text: strictUtf8.decode(bytes), base64: null };
  } catch {
    return { text: bytes.toString("utf8"), base64: bytes.toString("base64") };
  }
}

/** The byte string of a text that a person typed or a configuration file holds (UTF-8). */
export function byteString(text: string): ByteString {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** -1, 0 or 1: the order of names everywhere in the program, which is that of their bytes. */
export function compareNames(a: ByteString, b: ByteString): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The user whose tree a mailbox is in, with the domain if there is one (`sven@north.test`), or null for a shared
 * mailbox. Deleted mailboxes belong to their former owner.
 *
 * @param name internal form: `user.alice.Sent`, `north.test!user.sven`, `DELETED.user.alice.Gone.6B053431`
 */
export function ownerOf(name: ByteString): ByteString | null {
  const { domain, rest } = splitDomain(name);
  const parts = rest.split(".");
  const at = parts[0] === DELETED_PREFIX ? 1 : 0;
  const user = parts[at] === "user" ? parts[at + 1] : undefined;
  if (user === undefined || user === "") return null;
  const local = user.replaceAll("^", ".");
  return domain === null ? local : `${local}@${domain}`;
}

/** Name of the INBOX of a user, `alice` or `sven@north.test`, in internal form. */
export function inboxOf(owner: ByteString): ByteString {
  const at = owner.lastIndexOf("@");
  const local = (at < 0 ? owner : owner.slice(0, at)).replaceAll(".", "^");
  return at < 0 ? `user.${local}` : `${owner.slice(at + 1)}!user.${local}`;
}

/**
 * Names that the INBOX of a user can have, likeliest first: where a server has no virtual domains, an `@` is a part of
 * the user's name as any other, `user.sven@north^test`.
 */
export function inboxesOf(owner: ByteString): readonly ByteString[] {
  return owner.includes("@") ? [inboxOf(owner), `user.${owner.replaceAll(".", "^")}`] : [inboxOf(owner)];
}

/**
 * True for a mailbox that holds a user's sieve scripts as messages (Cyrus 3.6 and later): by its type, since
 * `sieve_folder` may give it any name, or by the name that it has by default, since not every list gives types.
 *
 * @param type letters of the mailbox list
 */
export function isSieveMailbox(type: string | null, name: ByteString): boolean {
  return type?.startsWith("f") === true || name.endsWith(".#sieve");
}

/** First part of the name of a mailbox that was deleted but not yet expired (`deletedprefix`, default). */
export const DELETED_PREFIX = "DELETED";

/** True for a mailbox in the DELETED hierarchy: each host expires those on its own schedule. */
export function isDeletedName(name: ByteString): boolean {
  return splitDomain(name).rest.startsWith(`${DELETED_PREFIX}.`);
}

function splitDomain(name: ByteString): { domain: ByteString | null; rest: ByteString } {
  const at = name.indexOf("!");
  return at < 0 ? { domain: null, rest: name } : { domain: name.slice(0, at), rest: name.slice(at + 1) };
}
