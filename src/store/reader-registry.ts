import { cyrusMailboxReader } from "./cyrus/reader.ts";
import type { MailboxReader } from "./mail-store.ts";

const readers: Readonly<Record<"cyrus", MailboxReader>> = { cyrus: cyrusMailboxReader };

/** The reader of a store kind's mailboxes. Kept apart from what reads lists, so that worker threads load only this. */
export function mailboxReaderFor(kind: "cyrus"): MailboxReader {
  return readers[kind];
}
