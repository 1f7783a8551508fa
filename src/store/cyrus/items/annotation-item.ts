import { createHash } from "node:crypto";
import type { Item } from "../../../mail/item.ts";
import { type ByteString, ownerOf } from "../../../mail/name.ts";
import { type Annotation, OWNER } from "./annotation.ts";

const LONGEST_VALUE = 1024;

/**
 * The item that an annotation is.
 *
 * @param mailbox name of the mailbox that it belongs to, or whose message; null for one of the server
 * @param uid of the message that it belongs to
 */
export function annotationItem(annotation: Annotation, mailbox: ByteString | null, uid: number | null): Item {
  const { entry, user, value, modseq } = annotation;
  return {
    kind: uid === null ? "annotation" : "message-annotation",
    owner: user === OWNER ? ((mailbox === null ? null : ownerOf(mailbox)) ?? OWNER) : user,
    key: uid === null ? entry : `${uid} ${entry}`,
    value: shortened(value, LONGEST_VALUE),
    mtime: null,
    modseq,
  };
}

/** A value, or where it is longer than `longest` bytes its digest. */
export function shortened(value: ByteString, longest: number): ByteString {
  if (value.length <= longest) return value;
  return `sha1:${createHash("sha1").update(value, "latin1").digest("hex")}`;
}
