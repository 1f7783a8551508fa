import type { ByteString } from "../../../mail/name.ts";
import type { AnnotationsReading, MailboxRef, MessageAnnotation } from "../../mail-store.ts";
import type { DatabaseEntry } from "../cyrusdb/entries.ts";
import { readDatabaseSync } from "../cyrusdb/read-database.ts";
import { decodeAnnotation } from "./annotation.ts";
import { annotationItem } from "./annotation-item.ts";
import { failureOf } from "./read-optional.ts";
import { isReplicated } from "./replicated-entries.ts";

/** Reads the annotations of a mailbox's messages; where there is no such file, there are none. */
export function readMessageAnnotations({ annotationsFile, name }: MailboxRef): AnnotationsReading {
  try {
    const { entries } = readDatabaseSync(annotationsFile);
    return { status: "read", annotations: decodeMessageAnnotations(entries, name, annotationsFile) };
  } catch (error) {
    const failure = failureOf(error, annotationsFile);
    if (failure.status === "absent") return { status: "read", annotations: [] };
    return { status: "unread", problem: { ...failure.problem, what: "message-annotation" } };
  }
}

/**
 * Annotations of messages among the records of a `cyrus.annotations`.
 *
 * @throws {CorruptStoreError} when a record is none
 */
export function decodeMessageAnnotations(
  entries: readonly DatabaseEntry[],
  mailbox: ByteString,
  path: ByteString,
): MessageAnnotation[] {
  const annotations: MessageAnnotation[] = [];
  for (const entry of entries) {
    const annotation = decodeAnnotation(entry, path);
    if (annotation === null || !isReplicated(annotation.entry)) continue;
    const uid = /^[1-9]\d{0,9}$/.test(annotation.where) ? Number(annotation.where) : null;
    // UID 0 is the mailbox itself: what some versions left there is in annotations.db too.
    if (uid !== null) {
      annotations.push({ uid, item: annotationItem(annotation, mailbox, uid), value: annotation.value });
    }
  }
  return annotations;
}
