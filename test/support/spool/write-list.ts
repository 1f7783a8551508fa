/** The mailbox list of a model, in the shape of each generation. */
import type { Change } from "../cyrusdb-writer.ts";
import { dlistText } from "./dlist-text.ts";
import { isById, type ModelLayout, serverName } from "./layout.ts";
import type { ModelMailbox, ModelTombstone, SpoolModel } from "./model.ts";

/** Entries of `mailboxes.db`. */
export function listChanges(spool: SpoolModel, layout: ModelLayout): Change[] {
  const listed = spool.mailboxes.filter(({ unlisted }) => !unlisted);
  // The name may be in use again; then Cyrus has no tombstone any more, only the history.
  const gone = spool.tombstones.filter(({ name }) => !listed.some((mailbox) => mailbox.name === name));
  const changes = listed.flatMap((mailbox) => mailboxEntries(mailbox, layout));
  return layout.generation === "2.4" ? changes : [...changes, ...gone.map((name) => tombstoneEntry(name, layout))];
}

/** The form of names in the databases of 3.6. */
export function databaseName(name: string): string {
  const at = name.indexOf("!");
  const local = name
    .slice(at + 1)
    .replaceAll(".", "\x1f")
    .replaceAll("^", ".");
  return at < 0 ? local : `${name.slice(0, at)}\x1d${local}`;
}

function mailboxEntries(mailbox: ModelMailbox, layout: ModelLayout): Change[] {
  const { uniqueId, uidValidity, foldermodseq, listMtime, acl, partition } = mailbox;
  const name = serverName(mailbox.name, layout);
  if (layout.generation === "2.4") {
    const rights = acl.map(([who, what]) => `${who}\t${what}\t`).join("");
    return [{ put: name, value: `0 ${partition} ${rights}` }];
  }
  const rights = acl.map((entry) => entry.map(dlistText).join(" ")).join(" ");
  const fields = `P ${partition} V ${uidValidity} C 2 F ${foldermodseq} M ${listMtime} A %(${rights})`;
  if (layout.generation === "3.4") return [{ put: name, value: `%(I ${uniqueId} ${fields})` }];
  const type = `${mailbox.type ?? "e"}${isById(mailbox, layout) ? "" : "l"}`;
  return [
    { put: `N${databaseName(name)}`, value: `%(T ${type} I ${uniqueId} ${fields})` },
    { put: `I${uniqueId}`, value: `%(T ${type} N ${dlistText(databaseName(name))} ${fields})` },
  ];
}

function tombstoneEntry({ name, uniqueId, foldermodseq, mtime }: ModelTombstone, layout: ModelLayout): Change {
  const value = `%(T d I ${uniqueId} V 0 F ${foldermodseq} M ${mtime})`;
  return { put: layout.generation === "3.6" ? `N${databaseName(name)}` : name, value };
}
