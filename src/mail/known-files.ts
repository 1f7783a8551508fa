/**
 * What an earlier scan of the same host, or an earlier look of the same scan, found in the message files of one mailbox,
 * and may be carried over where nothing of a file has changed: as flat bytes, so that it crosses threads by transfer.
 */
export interface KnownFiles {
  /** UIDs, ascending; each has its position as its row in the others. */
  readonly uids: Uint32Array<ArrayBuffer>;
  /** Rows of the groups `content` and `stat` of `packed-messages.ts`. */
  readonly content: Uint8Array<ArrayBuffer>;
  readonly stat: Uint8Array<ArrayBuffer>;
  /** 1 where the bytes are to be read again, though nothing of the file has changed. */
  readonly due: Uint8Array<ArrayBuffer>;
}

/** How much of what could be carried over is read again all the same, oldest read first. */
export type Reread =
  /** One part in so many of all bytes: 30 reads everything once in 30 scans. */
  | { readonly kind: "share"; readonly parts: number }
  | { readonly kind: "bytes"; readonly bytes: number }
  | { readonly kind: "all" }
  | { readonly kind: "none" };

/** The buffers to hand over when `known` is posted to another thread. */
export function transferListOfKnown({ uids, content, stat, due }: KnownFiles): ArrayBuffer[] {
  return [uids.buffer, content.buffer, stat.buffer, due.buffer];
}
