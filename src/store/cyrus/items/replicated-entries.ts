import type { ByteString } from "../../../mail/name.ts";

const VENDOR = "/vendor/cmu/cyrus-imapd/";

/**
 * Entries that are computed from the index, the mailbox list or the host, and that some version stores all the same.
 * They are compared where they come from, or are no part of what replication keeps equal.
 *
 * @see cyrus-imapd `imap/annotate.c`, message_builtin_entries, mailbox_builtin_entries; `cassandane/Cyrus/CheckReplication.pm`
 */
const COMPUTED = new Set(
  [
    ...["thrid", "basethrid", "savedate", "createdmodseq", "internaldate.nsec"],
    ...["lastupdate", "lastpop", "partition", "server", "size", "synccrcs", "uniqueid", "freespace"],
  ].map((entry) => VENDOR + entry),
);

/** True for an entry that replication keeps equal. */
export function isReplicated(entry: ByteString): boolean {
  return !COMPUTED.has(entry);
}
