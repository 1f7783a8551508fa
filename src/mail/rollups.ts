/**
 * The digests of a mailbox. Each covers one group of packed columns (`packed-messages.ts`), so the same messages
 * give the same digest on every host, and `verify` can compute it again from the rows.
 */
import { addValues, beginDigest } from "./canonical-digest.ts";
import type { ExpungedMessage } from "./message.ts";
import type { PackedMessages } from "./packed-messages.ts";

/** The rollups of the messages of one mailbox; each 32 bytes. */
export interface MessageRollups {
  readonly core: Uint8Array;
  readonly ext: Uint8Array;
  readonly content: Uint8Array;
  /** Over all message and expunged rows: what the seal is made of. */
  readonly rows: Uint8Array;
}

/** Digests the messages of one mailbox. `expunged` must be in ascending UID order. */
export function rollUp(messages: PackedMessages, expunged: readonly ExpungedMessage[]): MessageRollups {
  const core = beginDigest("core").update(messages.core);
  for (const text of messages.flagTexts) addValues(core, [Buffer.from(text, "latin1")]);
  const digests = {
    core: core.digest(),
    ext: beginDigest("ext").update(messages.ext).digest(),
    content: contentRollup(messages.content),
  };
  const rows = beginDigest("rows").update(digests.core).update(digests.ext).update(digests.content);
  for (const e of expunged) addValues(rows, [e.uid, e.modseq, e.lastUpdated, e.guid]);
  return { ...digests, rows: rows.digest() };
}

/** The rollup of the packed group `content` alone. */
export function contentRollup(content: Uint8Array): Buffer {
  return beginDigest("content").update(content).digest();
}
