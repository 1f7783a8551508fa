import { CorruptStoreError } from "../../../errors.ts";
import type { ByteString } from "../../../mail/name.ts";

/** One record of a cyrusdb database. */
export type DatabaseEntry = readonly [key: ByteString, value: ByteString];

/**
 * The bytes contradict their format in a way that a writer at work also produces: reading again may succeed. Where it
 * never does, the file is corrupt, and this error says what was found.
 */
export class TornSnapshotError extends CorruptStoreError {}

/**
 * Orders keys as `improved_mboxlist_sort` does: `.` before everything else that a mailbox name holds, so that a mailbox
 * is followed by its children.
 *
 * @see cyrus-imapd `lib/bsearch.c`, bsearch_ncompare_mbox
 */
export function compareMailboxNames(a: ByteString, b: ByteString): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = mailboxOrder(a.charCodeAt(i)) - mailboxOrder(b.charCodeAt(i));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function mailboxOrder(c: number): number {
  if (c === 0) return 0;
  if (c === 0x09 || c === 0x0a) return 1;
  if (c === 0x2e) return 2;
  if (c < 0x09) return c + 2;
  return c < 0x2e ? c + 1 : c;
}
