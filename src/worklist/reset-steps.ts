/** What has to be done on a replica before and after `sync_reset`, without which it stops or leaves something behind. */
import { type ByteString, isDeletedName } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { configOption } from "./config-option.ts";
import { renameCommand, shellWord } from "./grammar.ts";
import type { WorkHosts } from "./host.ts";

/** Lines of `reset.txt`, without the mark of a comment; or why there can be none. */
export type Steps =
  | { readonly before: readonly ByteString[]; readonly after: readonly ByteString[] }
  | { readonly refused: string };

/**
 * A mailbox that was deleted on the replica. sync_reset deletes it for good and leaves its tombstone, and with that
 * sync_client refuses to make the mailbox again. Renamed back it leaves none. Cyrus 3.6 refuses that in the layout by
 * name; there, and where nothing can be renamed back, the tombstone's two entries are to go.
 *
 * @param uniqueId of the mailbox on the primary
 * @param recreated the replica has another mailbox of that name by now
 */
export function undeleteSteps(uniqueId: string, name: ByteString, recreated: boolean, hosts: WorkHosts): Steps {
  const { replica, naming } = hosts;
  const left = replica.mailbox(uniqueId, null);
  const deleted = left !== null && isDeletedName(left.name) ? left : null;
  if (recreated && deleted === null && !replica.wasDeleted(uniqueId)) return { before: [], after: [] };
  const entries = entrySteps(uniqueId, name, hosts);
  if (deleted === null || recreated)
    return entries.length === 0 ? { refused: NOTHING_LEFT } : { before: [], after: entries };
  const rename = renameCommand(deleted.name, name, naming);
  if ("refused" in rename) return rename;
  const before = [`replica imap> ${rename.text}`];
  const place = replica.placeOf(deleted);
  if ("refused" in place || place.directory.startsWith("uuid/")) return { before, after: [] };
  return { before, after: entries.length === 0 ? [NO_DATABASE] : [ONLY_WHERE_REFUSED, ...entries] };
}

/** What takes the two entries of a tombstone from the mailbox list of 3.6; nothing where the list is not known. */
function entrySteps(uniqueId: string, name: ByteString, { replica }: WorkHosts): ByteString[] {
  if (replica.mailboxDatabase === null) return [];
  const { path, kind } = replica.mailboxDatabase;
  const tool = `cyr_dbtool${configOption(replica.configFile)} ${shellWord(path)} ${kind} delete`;
  return [
    `replica$ ${tool} "$(printf ${shellWord(databaseKey(name))})"`,
    `replica$ ${tool} ${shellWord(`I${uniqueId}`)}`,
  ];
}

const ONLY_WHERE_REFUSED = "only where the RENAME was refused (Cyrus 3.6, directories by name):";
const NO_DATABASE = "where the RENAME was refused, its tombstone is to go from mailboxes.db (compare -C prints how)";
const NOTHING_LEFT =
  "its mailbox was deleted on the replica; the tombstone is to go from mailboxes.db (compare -C prints how)";

/** The key of a mailbox in a list of 3.6, for printf: levels are parted by 0x1f, a domain ends with 0x1d. */
function databaseKey(name: ByteString): ByteString {
  const domainEnd = name.indexOf("!");
  const literal = (text: ByteString) => text.replaceAll("\\", "\\\\").replaceAll("%", "%%");
  const parts = name.slice(domainEnd + 1).split(".");
  const local = parts.map((part) => literal(part.replaceAll("^", "."))).join("\\037");
  return `N${domainEnd < 0 ? "" : `${literal(name.slice(0, domainEnd))}\\035`}${local}`;
}

/** An index whose record fails its checksum: sync_reset of 3.6 aborts when it opens it, and does without one. */
export function dropIndexSteps(mailbox: MailboxFacts, { replica }: WorkHosts): Steps {
  const place = replica.placeOf(mailbox);
  const index = "refused" in place ? null : place.indexFile;
  if (index === null) {
    return { before: ["first remove the damaged cyrus.index (mbpath says where): sync_reset aborts on it"], after: [] };
  }
  return { before: [`replica$ rm -- ${shellWord(index)}`], after: [] };
}
