import { setTimeout } from "node:timers/promises";
import type { ReadProblem } from "../mail/mailbox.ts";
import { type ByteString, compareNames } from "../mail/name.ts";
import type { MailboxList, MailboxRef, MailStore } from "../store/mail-store.ts";
import { findUnlisted, holdsMailbox } from "./discover.ts";
import type { LostRoots } from "./lost-roots.ts";

/**
 * The list, or, where there is one of a kind that cannot be read, what lies on disk in its place: every directory that
 * holds a mailbox, by what it says of itself. What only the list knows (the order of changes, deletions) is not known.
 *
 * @param roots looked at by now; below lost ones nothing is found
 * @param problem told of what could not be walked, of directories that do not say which mailbox they are, and of roots
 *   that are lost: nothing else would speak of the mailboxes there
 */
export async function listOrMailboxesOnDisk(
  store: MailStore,
  list: MailboxList,
  roots: LostRoots,
  problem: (problem: ReadProblem) => void,
): Promise<MailboxList> {
  if (list.unread === undefined) return list;
  problem(list.unread);
  for (const lost of roots.lost()) problem(lost);
  // By place: index and header of one mailbox can lie in two directories, each of which leads to it.
  const refs = new Map<ByteString, MailboxRef>();
  for await (const { directory, root } of findUnlisted(store.kind, roots.usable(), [], problem)) {
    const ref = await store.describeUnlisted(directory, root.partition);
    if (ref === null) problem(nameless(directory));
    else refs.set(ref.indexFile, ref);
  }
  await dropCopies(store, refs);
  const mailboxes = [...refs.values()].sort((a, b) => compareNames(a.name, b.name));
  return { ...list, mailboxes };
}

/** How long both directories of a mailbox can be there while it is renamed. */
const RENAME_MS = 2000;

/** Of mailboxes of one uniqueid those that are gone in a moment: they were on their way to the name of another. */
async function dropCopies(store: MailStore, refs: Map<ByteString, MailboxRef>): Promise<void> {
  const byId = Map.groupBy([...refs.values()], ({ uniqueId }) => uniqueId);
  const copies = [...byId].flatMap(([uniqueId, same]) => (uniqueId !== null && same.length > 1 ? same : []));
  if (copies.length === 0) return;
  await setTimeout(RENAME_MS);
  for (const { indexFile } of copies) if (!holdsMailbox(store.kind, directoryOf(indexFile))) refs.delete(indexFile);
}

function directoryOf(file: ByteString): ByteString {
  return file.slice(0, file.lastIndexOf("/"));
}

function nameless(directory: ByteString): ReadProblem {
  const found = "it seems to hold a mailbox, and does not say which";
  return { what: "directory", path: directory, uid: null, errno: null, found };
}
