/**
 * All users that a store may hold something of: those who own a mailbox of the list, and those of whom there are only
 * files. The latter read shared mailboxes, or have their INBOX on another back end of a cluster.
 *
 *   CONFIG/user/H/USER.{sub,seen}
 *   CONFIG/domain/H/DOMAIN/user/H/USER.{sub,seen}      with virtual domains
 *   CONFIG/user/uuid/I/D/IDENTIFIER/{sub,seen}.db      the mailbox list has the name, as of a remote mailbox
 */
import type { ReadProblem } from "../../../mail/mailbox.ts";
import { type ByteString, compareNames } from "../../../mail/name.ts";
import type { MailboxList, MailboxRef } from "../../mail-store.ts";
import { type CyrusConfig, mayHaveDomains } from "../config.ts";
import type { DatabaseEntry } from "../cyrusdb/entries.ts";
import { dlistItem, isDlistMap, parseDlist } from "../dlist.ts";
import { uniqueIdPath } from "../layout.ts";
import { internalName } from "../mailbox-name.ts";
import { listDirectory } from "./list-directory.ts";
import { type StoreUser, userOf, userOfMailbox } from "./user-files.ts";

/** Users in order of their names, and what of the directories could not be listed. */
export interface FoundUsers {
  readonly users: readonly StoreUser[];
  readonly problems: readonly ReadProblem[];
}

/**
 * Finds all users.
 *
 * @param readList the entries of the mailbox list once more, only asked for where there are files of an unknown uniqueid
 */
export async function findUsers(
  config: CyrusConfig,
  list: MailboxList,
  readList: () => Promise<readonly DatabaseEntry[]>,
): Promise<FoundUsers> {
  const byName = new Map(list.mailboxes.map((ref) => [ref.name, ref]));
  const users = new Map<ByteString, StoreUser>();
  const problems: ReadProblem[] = [];
  for (const { name } of list.mailboxes) {
    const user = userOfMailbox(name, byName);
    if (user !== null && !users.has(user.inbox)) users.set(user.inbox, user);
  }
  for (const user of usersWithFiles(config, problems)) {
    // Who owns a mailbox has his files where that says; users of the default domain have theirs beside those of none.
    const ofDefault = user.domain === null ? userOf(user.local, config.defaultDomain, null) : user;
    if (!users.has(user.inbox) && !users.has(ofDefault.inbox)) users.set(user.inbox, user);
  }
  const unknown = uniqueIdsWithFiles(config, problems).filter(isUnknownTo(list));
  if (list.unread !== undefined && unknown.length > 0) {
    const path = `${config.configDirectory}/user/uuid`;
    const found = "whose files these are only the mailbox list would say, and that was not read";
    problems.push({ what: "items", path, uid: null, errno: null, found });
  } else if (unknown.length > 0) {
    for (const user of remoteUsers(unknown, byName, await readList())) users.set(user.inbox, user);
  }
  return { users: [...users.values()].sort((a, b) => compareNames(a.name, b.name)), problems };
}

function* usersWithFiles(config: CyrusConfig, problems: ReadProblem[]): Generator<StoreUser> {
  yield* usersBelow(`${config.configDirectory}/user`, null, problems);
  if (!mayHaveDomains(config)) return;
  const domains = `${config.configDirectory}/domain`;
  for (const letter of listDirectory(domains, problems)) {
    for (const domain of listDirectory(`${domains}/${letter}`, problems)) {
      yield* usersBelow(`${domains}/${letter}/${domain}/user`, domain, problems);
    }
  }
}

function* usersBelow(directory: ByteString, domain: ByteString | null, problems: ReadProblem[]): Generator<StoreUser> {
  for (const letter of listDirectory(directory, problems).filter((name) => name.length === 1)) {
    for (const file of listDirectory(`${directory}/${letter}`, problems)) {
      const local = /^(.+)\.(?:sub|seen)$/s.exec(file)?.[1];
      if (local !== undefined) yield userOf(local.replaceAll("^", "."), domain, null);
    }
  }
}

function isUnknownTo({ mailboxes }: MailboxList): (uniqueId: string) => boolean {
  const known = new Set(mailboxes.map(({ uniqueId }) => uniqueId));
  return (uniqueId) => !known.has(uniqueId);
}

/** Users whose files are named by the uniqueid of an INBOX that is not here. */
function remoteUsers(
  uniqueIds: readonly string[],
  byName: ReadonlyMap<ByteString, MailboxRef>,
  entries: readonly DatabaseEntry[],
): StoreUser[] {
  const names = namesByUniqueId(entries);
  return uniqueIds.flatMap((id) => {
    const match = /^(?:([^!]+)!)?user\.([^.]+)$/s.exec(names.get(id) ?? "");
    const user = match === null ? null : userOf((match[2] ?? "").replaceAll("^", "."), match[1] ?? null, id);
    return user === null || byName.has(user.inbox) ? [] : [user];
  });
}

function uniqueIdsWithFiles(config: CyrusConfig, problems: ReadProblem[]): string[] {
  const root = `${config.configDirectory}/user/uuid`;
  const ids: string[] = [];
  for (const first of listDirectory(root, problems)) {
    for (const second of listDirectory(`${root}/${first}`, problems)) {
      for (const id of listDirectory(`${root}/${first}/${second}`, problems)) {
        if (uniqueIdPath(id) === `uuid/${first}/${second}/${id}`) ids.push(id);
      }
    }
  }
  return ids;
}

function namesByUniqueId(entries: readonly DatabaseEntry[]): Map<string, ByteString> {
  const names = new Map<string, ByteString>();
  for (const [key, value] of entries) {
    if (!key.startsWith("I") || !value.startsWith("%(")) continue;
    const name = nameOf(value);
    if (name !== null) names.set(key.slice(1), internalName(name));
  }
  return names;
}

function nameOf(value: ByteString): ByteString | null {
  try {
    const map = parseDlist(value, "");
    return isDlistMap(map) ? dlistItem(map, "N") : null;
  } catch {
    // The list's own reading has told of it.
    return null;
  }
}
