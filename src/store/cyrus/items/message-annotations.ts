import { lstatSync } from "node:fs";
import { type ByteString, ownerOf } from "../../../mail/name.ts";
import type { AnnotationsReading, MailboxRef, MessageAnnotation } from "../../mail-store.ts";
import { type AnnotationCrc, annotationCrc } from "../annotation-crc.ts";
import type { DatabaseEntry } from "../cyrusdb/entries.ts";
import { readDatabaseSync } from "../cyrusdb/read-database.ts";
import { decodeAnnotation, OWNER } from "./annotation.ts";
import { annotationItem } from "./annotation-item.ts";
import { failureOf } from "./read-optional.ts";
import { isReplicated } from "./replicated-entries.ts";

/** Annotations, with what each adds to the checksum that the index keeps over them; null where nobody can tell. */
export type MessageAnnotationsReading =
  | (Extract<AnnotationsReading, { status: "read" }> & { readonly crcs: readonly AnnotationCrc[] | null })
  | Extract<AnnotationsReading, { status: "unread" }>;

const NONE = { status: "read", annotations: [], crcs: [] } as const;

/** Reads the annotations of a mailbox's messages; where there is no such file, there are none. */
export function readMessageAnnotations({ annotationsFile, name }: MailboxRef): MessageAnnotationsReading {
  try {
    // Few mailboxes have any, and an exception for each of the others would cost more than their index.
    if (lstatSync(Buffer.from(annotationsFile, "latin1"), { throwIfNoEntry: false }) === undefined) return NONE;
    const { entries } = readDatabaseSync(annotationsFile);
    const annotations = decodeMessageAnnotations(entries, name, annotationsFile);
    return { status: "read", annotations, crcs: annotationCrcs(entries, name, annotationsFile) };
  } catch (error) {
    const failure = failureOf(error, annotationsFile);
    if (failure.status === "absent") return NONE;
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

/** What each annotation adds to the checksum of the index; null where one is an owner's of a mailbox that has none. */
function annotationCrcs(
  entries: readonly DatabaseEntry[],
  mailbox: ByteString,
  path: ByteString,
): AnnotationCrc[] | null {
  const owner = ownerOf(mailbox);
  const crcs: AnnotationCrc[] = [];
  for (const entry of entries) {
    const annotation = decodeAnnotation(entry, path);
    if (annotation === null || annotation.where === "0") continue;
    const user = annotation.user === OWNER ? owner : annotation.user;
    if (user === null) return null;
    // A key that ends after the entry: no user, where a shared annotation has an empty one.
    const nobodys = entry[0].split("\0").length === 3;
    crcs.push(annotationCrc(Number(annotation.where), annotation.entry, user, annotation.value, nobodys));
  }
  return crcs;
}
