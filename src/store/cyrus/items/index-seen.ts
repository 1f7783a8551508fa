import type { MailboxRef } from "../../mail-store.ts";
import { indexLayout } from "../index-layout.ts";
import { readRegularFile } from "../regular-file.ts";

/** More than the header of any version has. */
const HEADER_BYTES = 256;
const MINOR_VERSION_AT = 8;
/** Option of a mailbox whose \Seen is everybody's. @see cyrus-imapd `imap/mailbox.h`, OPT_IMAP_SHAREDSEEN */
const OPTION_SHARED_SEEN = 1 << 2;

/** Whose \Seen the index of a mailbox holds, so that seen databases do not count. */
export type IndexSeen = "nobody" | "owner" | "everybody";

/** Looks at a mailbox's index. One that cannot be read is taken for one of today; it is reported by who reads it all. */
export function indexSeenOf(ref: MailboxRef): IndexSeen {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(ref.indexFile, HEADER_BYTES);
  } catch {
    return "owner";
  }
  const layout = bytes.length < HEADER_MINIMUM ? null : indexLayout(bytes.readUInt32BE(MINOR_VERSION_AT));
  if (layout === null || bytes.length < layout.header.options + 4) return "owner";
  if (!layout.ownerSeen) return "nobody";
  return (bytes.readUInt32BE(layout.header.options) & OPTION_SHARED_SEEN) === 0 ? "owner" : "everybody";
}

const HEADER_MINIMUM = MINOR_VERSION_AT + 4;
