import type { MailboxReading, ReadProblem } from "../mail/mailbox.ts";
import type { MailboxRef, MailStore } from "../store/mail-store.ts";
import { readingWithout } from "./reading.ts";

/** Mailboxes that the list has and that have no place on this host. */
export interface Unplaced {
  readonly readings: readonly MailboxReading[];
  /** One for each partition that is not configured: that is one fault, not one of each of its mailboxes. */
  readonly problems: readonly ReadProblem[];
}

/** What is to be said of those of `refs` that have no place. */
export function unplaced(store: MailStore, refs: readonly MailboxRef[]): Unplaced {
  const readings: MailboxReading[] = [];
  const partitions = new Map<string, number>();
  for (const ref of refs) {
    if (ref.nowhere === undefined) continue;
    const { found, partition } = ref.nowhere;
    if (partition) partitions.set(found, (partitions.get(found) ?? 0) + 1);
    readings.push(readingWithout({ ref, listed: true }, partition ? "not-checked" : "unreadable", found));
  }
  const path = store.configFiles[0] ?? store.configDirectory;
  const problems = [...partitions].map(([found, mailboxes]): ReadProblem => {
    const has = `the mailbox list has ${mailboxes} ${mailboxes === 1 ? "mailbox" : "mailboxes"} there`;
    return { what: "partition", path, uid: null, errno: null, found: `${found}, and ${has}` };
  });
  return { readings, problems };
}
