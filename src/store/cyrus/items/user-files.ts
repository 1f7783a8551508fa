/**
 * Where the files of one user lie.
 *
 *   by name   CONFIG[/domain/H/DOMAIN]/user/H/USER.sub          SIEVE[/domain/H/DOMAIN]/H/USER/
 *   by id     CONFIG/user/uuid/I/D/IDENTIFIER/sub.db            SIEVE/uuid/I/D/IDENTIFIER/
 *
 * By id, that of the INBOX, where the INBOX lies by id (3.6 and later) or would on the back end that has it. H is a
 * letter made of what follows it.
 *
 * @see cyrus-imapd `imap/mboxname.c`, mboxname_conf_getpath; `imap/user.c`, user_sieve_path
 */
import { type ByteString, isDeletedName } from "../../../mail/name.ts";
import type { MailboxRef } from "../../mail-store.ts";
import type { CyrusConfig } from "../config.ts";
import { hashLetter, uniqueIdPath } from "../layout.ts";
import { splitName } from "../mailbox-name.ts";

/** A user that the store may hold something of. */
export interface StoreUser {
  /** As `ownerOf` gives it: `alice`, `dave.smith`, `sven@north.test`. */
  readonly name: ByteString;
  /** Without a domain, dots are dots. May hold an `@` where there are no virtual domains. */
  readonly local: ByteString;
  readonly domain: ByteString | null;
  /** Internal name of the INBOX, whether it is there or not. */
  readonly inbox: ByteString;
  /** uniqueid of the INBOX where that lies by id. */
  readonly inboxId: string | null;
}

/** The user of a local part and a domain. */
export function userOf(local: ByteString, domain: ByteString | null, inboxId: string | null): StoreUser {
  const box = `user.${local.replaceAll(".", "^")}`;
  return {
    ...{ local, domain, inboxId },
    name: domain === null ? local : `${local}@${domain}`,
    inbox: domain === null ? box : `${domain}!${box}`,
  };
}

/** The user whose tree a mailbox is in, or null for a shared or deleted one. */
export function userOfMailbox(name: ByteString, mailboxes: ReadonlyMap<ByteString, MailboxRef>): StoreUser | null {
  const split = isDeletedName(name) ? null : splitName(name);
  if (split === null || "refused" in split) return null;
  const [root, part] = split.parts;
  if (root !== "user" || part === undefined) return null;
  const user = userOf(part.replaceAll("^", "."), split.domain, null);
  const inbox = mailboxes.get(user.inbox);
  const path = uniqueIdPath(inbox?.uniqueId ?? null);
  const byId = path !== null && inbox?.indexFile.endsWith(`/${path}/cyrus.index`) === true;
  return byId ? { ...user, inboxId: inbox.uniqueId } : user;
}

/** Places where a database of the user can lie, likeliest first; none where no file can have his name. */
export function userDatabases(config: CyrusConfig, user: StoreUser, kind: "sub" | "seen" | "counters"): ByteString[] {
  const directory = config.configDirectory;
  const byId = uniqueIdPath(user.inboxId);
  if (byId !== null) return [`${directory}/user/${byId}/${kind}.db`];
  return placesByName(config, user, "user/").map((path) => `${directory}/${path}.${kind}`);
}

/** Directories where the user's scripts can lie, likeliest first. */
export function sieveDirectories(config: CyrusConfig, sieveDirectory: ByteString, user: StoreUser): ByteString[] {
  const byId = uniqueIdPath(user.inboxId);
  if (byId !== null) return [`${sieveDirectory}/${byId}`];
  return placesByName(config, user, "").map((path) => `${sieveDirectory}/${path}`);
}

function placesByName(config: CyrusConfig, { local, domain }: StoreUser, below: string): ByteString[] {
  if (/[/\0]/.test(local + (domain ?? "")) || domain === "." || domain === "..") return [];
  const paths = new Set<ByteString>();
  for (const full of config.fullDirHash === null ? [false, true] : [config.fullDirHash]) {
    const prefix =
      domain === null || domain === config.defaultDomain ? "" : `domain/${hashLetter(domain, full)}/${domain}/`;
    // Versions differ in whether a dot is a dot here, or as it is in names of mailboxes.
    for (const name of [local, local.replaceAll(".", "^")]) {
      if (name !== "." && name !== "..") paths.add(`${prefix}${below}${hashLetter(name, full)}/${name}`);
    }
  }
  return [...paths];
}
