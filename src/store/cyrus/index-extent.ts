import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../../errors.ts";
import type { MailboxExtent, MailboxRef } from "../mail-store.ts";
import { indexLayout, LONGEST_HEADER_BYTES, PREAMBLE_BYTES } from "./index-layout.ts";

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const NOTHING: MailboxExtent = { messages: 0, bytes: 0 };

const head = Buffer.allocUnsafeSlow(LONGEST_HEADER_BYTES);
const view = new DataView(head.buffer);

/**
 * How much a mailbox holds, as the head of its index says. Nothing of it is checked but that there are no more records
 * than the file has room for; of an index that cannot be read it is nothing: whoever reads the mailbox will say why.
 */
export function indexExtent({ indexFile }: MailboxRef): MailboxExtent {
  let fd: number | null = null;
  try {
    fd = openSync(Buffer.from(indexFile, "latin1"), OPEN_FLAGS);
    const stat = fstatSync(fd);
    const length = stat.isFile() ? readSync(fd, head, 0, head.length, 0) : 0;
    return extentOf(length, stat.size);
  } catch (error) {
    // A path that no system call takes, with a NUL in it, counts as one that leads nowhere.
    if (errnoOf(error) === null && !(error instanceof TypeError)) throw error;
    return NOTHING;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function extentOf(length: number, fileBytes: number): MailboxExtent {
  if (length < PREAMBLE_BYTES) return NOTHING;
  const layout = indexLayout(view.getUint32(8));
  if (layout === null || length < layout.startOffset) return NOTHING;
  const room = Math.floor((fileBytes - layout.startOffset) / layout.recordSize);
  return {
    messages: Math.min(view.getUint32(20), room),
    bytes: Number(view.getBigUint64(layout.header.quotaUsed)),
  };
}
