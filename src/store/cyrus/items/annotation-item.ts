import { createHash } from "node:crypto";
import type { Item } from "../../../mail/item.ts";
import { type ByteString, ownerOf } from "../../../mail/name.ts";
import { type Annotation, OWNER } from "./annotation.ts";

const LONGEST_VALUE = 1024;

/** Private entries whose values are settings, and say nothing of anybody. */
const SETTINGS = /^\/(specialuse$|vendor\/cmu\/cyrus-imapd\/)/;

/**
 * The item that an annotation is. A private one, which only its user can read on the server, and a long one are held as
 * size and digest: enough to tell two apart, and nobody's notes leave the host in a manifest.
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
    value: (user === "" || SETTINGS.test(entry)) && value.length <= LONGEST_VALUE ? value : digested(value),
    mtime: null,
    modseq,
  };
}

/** Digest and size of a value. */
function digested(value: ByteString): ByteString {
  return `${shortened(value, -1)} (${value.length} bytes)`;
}

/** A value, or where it is longer than `longest` bytes its digest. */
export function shortened(value: ByteString, longest: number): ByteString {
  if (value.length <= longest) return value;
  return `sha1:${createHash("sha1").update(value, "latin1").digest("hex")}`;
}
