/**
 * The subscriptions of one user: a database (`USER.sub`, `sub.db`) with a record for each mailbox. Keys are
 *
 * - up to 3.4: the internal name;
 * - 3.6 and later, which have a record 0x1f `VER` 0x1f → `2` (up to 3.10) or `3`: `N` and the name in database form, in
 *   which the user's own INBOX is called `INBOX`.
 *
 * Version 2 puts `INBOX` for the name of the user's INBOX wherever a name begins with it, even in the middle of a part:
 * `NINBOXhew` of the user matt is `user.matthew`.
 *
 * @see cyrus-imapd `imap/mboxlist.c`, mboxlist_dbname_to_key, mboxlist_dbname_from_key
 */
import { CorruptStoreError } from "../../../errors.ts";
import { type ByteString, compareNames } from "../../../mail/name.ts";
import type { DatabaseEntry } from "../cyrusdb/entries.ts";
import { databaseName, internalName } from "../mailbox-name.ts";
import { checkLength } from "./check-length.ts";

const VERSION_KEY = "\x1fVER\x1f";
const INBOX = "INBOX";

/**
 * Internal names of the mailboxes that a user is subscribed to, in name order, each once.
 *
 * @param userInbox internal name of his INBOX
 * @throws {CorruptStoreError} when a record is of no known version
 */
export function decodeSubscriptions(entries: readonly DatabaseEntry[], userInbox: ByteString, path: ByteString) {
  const version = entries.find(([key]) => key === VERSION_KEY)?.[1] ?? null;
  if (version !== null && version !== "2" && version !== "3") {
    throw new CorruptStoreError(path, `version ${JSON.stringify(version.slice(0, 20))} of subscriptions is not known`);
  }
  const names = new Set<ByteString>();
  const inbox = databaseName(userInbox);
  for (const [key] of entries) {
    checkLength(key, path);
    if (version === null) names.add(key);
    else if (key !== VERSION_KEY) names.add(internalName(nameOfKey(key, inbox, version === "2", path)));
  }
  return [...names].sort(compareNames);
}

function nameOfKey(key: ByteString, inbox: ByteString, anywhere: boolean, path: ByteString): ByteString {
  if (!key.startsWith("N")) throw new CorruptStoreError(path, "the key of a record is of no known kind");
  const name = key.slice(1);
  const rest = name.slice(INBOX.length);
  if (!name.startsWith(INBOX) || !(anywhere || rest === "" || rest.startsWith("\x1f"))) return name;
  return inbox + rest;
}
