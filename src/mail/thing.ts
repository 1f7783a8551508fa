import type { ByteString } from "./name.ts";

/**
 * What a finding is about, as it is recognised in later comparisons. What is wrong with it (class, state, side) may
 * change from one comparison to the next; the thing stays.
 */
export interface Thing {
  /** `mailbox`, `index`, `message`, `flags`, `file`, `subscription`, … */
  readonly kind: string;
  /** uniqueid of the mailbox, or its name where it has none; empty for what belongs to no mailbox. */
  readonly mailbox: ByteString;
  /** 0 where the thing is no message. */
  readonly uid: number;
  readonly owner: ByteString;
  /** What tells things of one kind, mailbox, message and owner apart: a field, an entry, a path. */
  readonly key: ByteString;
}
