/**
 * The forms in which Cyrus stores a mailbox name:
 *
 *   internal   [domain "!"] part *("." part)          a dot in a part is "^"; used everywhere in this program
 *   database   [domain 0x1d] part *(0x1f part)        dots are dots; keys of mailboxes.db since 3.6
 *
 * @see cyrus-imapd `imap/mboxname.c`, mbname_from_dbname, mbname_intname
 */
import { type ByteString, DELETED_PREFIX } from "../../mail/name.ts";

/** The internal form of a name in database form. */
export function internalName(databaseName: ByteString): ByteString {
  const domainEnd = databaseName.indexOf("\x1d");
  const local = databaseName
    .slice(domainEnd + 1)
    .replaceAll(".", "^")
    .replaceAll("\x1f", ".");
  return domainEnd < 0 ? local : `${databaseName.slice(0, domainEnd)}!${local}`;
}

/** The database form of an internal name. */
export function databaseName(name: ByteString): ByteString {
  const domainEnd = name.indexOf("!");
  const local = name
    .slice(domainEnd + 1)
    .replaceAll(".", "\x1f")
    .replaceAll("^", ".");
  return domainEnd < 0 ? local : `${name.slice(0, domainEnd)}\x1d${local}`;
}

/** A name as this program has it: deleted mailboxes are below `DELETED`, whatever the server's `deletedprefix` is. */
export function canonicalName(name: ByteString, deletedPrefix: ByteString): ByteString {
  return withFirstPart(name, deletedPrefix, DELETED_PREFIX);
}

/** A name as the server has it: the opposite of {@link canonicalName}. */
export function storedName(name: ByteString, deletedPrefix: ByteString): ByteString {
  return withFirstPart(name, DELETED_PREFIX, deletedPrefix);
}

function withFirstPart(name: ByteString, from: ByteString, to: ByteString): ByteString {
  const start = name.indexOf("!") + 1;
  if (from === to || !name.startsWith(`${from}.`, start)) return name;
  return name.slice(0, start) + to + name.slice(start + from.length);
}

/** An internal name in its pieces. */
export interface NameParts {
  readonly domain: ByteString | null;
  /** At least one; encoded as they are in directory names. */
  readonly parts: readonly ByteString[];
}

/**
 * Splits an internal name, or says why no directory may be made of it: a part that is empty, `.` or `..`, or that holds
 * a slash or a NUL, would lead to another place than the one meant.
 */
export function splitName(name: ByteString): NameParts | { readonly refused: string } {
  const domainEnd = name.indexOf("!");
  const domain = domainEnd < 0 ? null : name.slice(0, domainEnd);
  const parts = name.slice(domainEnd + 1).split(".");
  // `parts` cannot hold dots; a domain can be made of them.
  if (domain === "." || domain === "..") return { refused: "the domain leads out of its directory" };
  if (domain === "" || parts.includes("")) return { refused: "a part of the name is empty" };
  if (/[/\0]/.test(name)) return { refused: "the name holds a slash or a NUL" };
  return { domain, parts };
}
