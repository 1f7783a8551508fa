import type { ReadProblem } from "../../../mail/mailbox.ts";
import type { ItemReading, MailboxRef } from "../../mail-store.ts";
import type { DatabaseEntry } from "../cyrusdb/entries.ts";
import { readDatabase } from "../cyrusdb/read-database.ts";
import { decodeAnnotation } from "./annotation.ts";
import { annotationItem } from "./annotation-item.ts";
import { found, unread } from "./item-reading.ts";
import type { Mailboxes } from "./mailboxes.ts";
import { decoded, readOptional } from "./read-optional.ts";
import { isReplicated } from "./replicated-entries.ts";

/**
 * Reads the annotations of mailboxes and of the server. A record that is none leaves those of its mailbox unknown, or,
 * where it does not say whose it is, those of all.
 */
export async function* readMailboxAnnotations(path: string, mailboxes: Mailboxes): AsyncGenerator<ItemReading> {
  const read = await readOptional(path, readDatabase, ({ entries }) => entries);
  if (read.status === "unread") yield unread("annotation", null, null, null, read.problem);
  const covered = new Set<MailboxRef | null>();
  for (const entry of read.status === "read" ? read.value : []) {
    const annotation = decoded(() => decodeAnnotation(entry, path), path);
    if (annotation.status === "unread") yield* unreadRecord(entry, annotation.problem, mailboxes, covered);
    if (annotation.status !== "read" || annotation.value === null || !isReplicated(annotation.value.entry)) continue;
    const { where } = annotation.value;
    const ref = where === "" ? null : mailboxes.of(where);
    if (ref !== undefined) yield found(annotationItem(annotation.value, ref?.name ?? null, null), ref);
  }
}

/** Said once of each mailbox. What was left by one that is gone, and what is the server's, is nobody's loss. */
function* unreadRecord(
  [key]: DatabaseEntry,
  problem: ReadProblem,
  mailboxes: Mailboxes,
  covered: Set<MailboxRef | null>,
): Generator<ItemReading> {
  const end = key.indexOf("\0");
  const ref = end > 0 ? mailboxes.of(key.slice(0, end)) : undefined;
  const isOfKnownForm = end >= 0 && key.startsWith("/", end + 1);
  if (ref === undefined && isOfKnownForm) return;
  if (covered.has(ref ?? null)) return;
  covered.add(ref ?? null);
  yield unread("annotation", ref ?? null, null, null, problem);
}
