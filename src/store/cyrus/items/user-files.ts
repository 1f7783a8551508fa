/**
 * Where the files of one user lie.
 *
 *   by name   CONFIG[/domain/H/DOMAIN]/user/H/USER.sub          SIEVE[/domain/H/DOMAIN]/H/USER/
 *   by id     CONFIG/user/uuid/I/D/IDENTIFIER/sub.db            SIEVE/uuid/I/D/IDENTIFIER/
 *
 * By id, that of the INBOX, where the INBOX lies by id (3.6 and later). H is a letter made of what follows it.
 *
 * @see cyrus-imapd `imap/mboxname.c`, mboxname_conf_getpath; `imap/user.c`, user_sieve_path
 */
import { type ByteString, inboxOf } from "../../../mail/name.ts";
import type { MailboxRef } from "../../mail-store.ts";
import type { CyrusConfig } from "../config.ts";
import { hashLetter, uniqueIdPath } from "../layout.ts";

/** A user of the mailbox list. */
export interface StoreUser {
  readonly name: ByteString;
  /** uniqueid of the INBOX where that lies by id. */
  readonly inboxId: string | null;
}

/** The user that has this INBOX, or, if he has none, only other mailboxes. */
export function storeUser(name: ByteString, mailboxes: ReadonlyMap<ByteString, MailboxRef>): StoreUser {
  const inbox = mailboxes.get(inboxOf(name));
  const path = uniqueIdPath(inbox?.uniqueId ?? null);
  const byId = path !== null && inbox?.indexFile.endsWith(`/${path}/cyrus.index`) === true;
  return { name, inboxId: byId ? (inbox?.uniqueId ?? null) : null };
}

/** Places where a database of the user can lie, likeliest first; none where no file can have his name. */
export function userDatabases(config: CyrusConfig, user: StoreUser, kind: "sub" | "seen"): ByteString[] {
  const directory = config.configDirectory;
  const byId = uniqueIdPath(user.inboxId);
  if (byId !== null) return [`${directory}/user/${byId}/${kind}.db`];
  return placesByName(config, user.name, "user/").map((path) => `${directory}/${path}.${kind}`);
}

/** Directories where the user's scripts can lie, likeliest first. */
export function sieveDirectories(config: CyrusConfig, sieveDirectory: ByteString, user: StoreUser): ByteString[] {
  const byId = uniqueIdPath(user.inboxId);
  if (byId !== null) return [`${sieveDirectory}/${byId}`];
  return placesByName(config, user.name, "").map((path) => `${sieveDirectory}/${path}`);
}

function placesByName(config: CyrusConfig, user: ByteString, below: string): ByteString[] {
  const at = user.lastIndexOf("@");
  const domain = at < 0 ? null : user.slice(at + 1);
  const local = at < 0 ? user : user.slice(0, at);
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
