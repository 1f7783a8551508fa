/**
 * What one user has read: a database (`USER.seen`, `seen.db`) of uniqueid → `1 LASTREAD LASTUID LASTCHANGE UIDS`, where
 * UIDS is a sequence as IMAP has them, `1:3,7`, and may be missing. LASTREAD is when the user last looked at the mailbox;
 * whatever changes UIDS sets it.
 *
 * @see cyrus-imapd `imap/seen_db.c`, parse_data
 */
import { CorruptStoreError } from "../../../errors.ts";
import type { ByteString } from "../../../mail/name.ts";
import type { DatabaseEntry } from "../cyrusdb/entries.ts";
import { canonicalSequence } from "./uid-sequence.ts";

/** What a user has read of one mailbox. */
export interface SeenState {
  readonly uniqueId: string;
  /** Canonical sequence of UIDs; empty where nothing was read. */
  readonly uids: string;
  /** Seconds since 1970. */
  readonly lastRead: number;
}

/**
 * Decodes a seen database.
 *
 * @throws {CorruptStoreError} when a value is of another version, or no seen state at all
 */
export function decodeSeenStates(entries: readonly DatabaseEntry[], path: ByteString): SeenState[] {
  return entries.map(([uniqueId, value]) => {
    const match = /^1 (\d{1,15}) (\d{1,10}) \d{1,15}(?: ([\d:,*]*))?$/.exec(value);
    const uids = match === null ? null : canonicalSequence(match[3] ?? "", Number(match[2]));
    if (match === null || uids === null) {
      throw new CorruptStoreError(path, `the value of ${JSON.stringify(uniqueId.slice(0, 64))} is no seen state`);
    }
    return { uniqueId, uids, lastRead: Number(match[1]) };
  });
}
