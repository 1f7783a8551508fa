import type { Item, ItemKind } from "../../../mail/item.ts";
import type { ReadProblem } from "../../../mail/mailbox.ts";
import type { ByteString } from "../../../mail/name.ts";
import type { ItemReading, MailboxRef } from "../../mail-store.ts";

/** An item that was read, of a mailbox or of none. */
export function found(item: Item, ref: MailboxRef | null): ItemReading {
  return { status: "read", item: { ...item, mailbox: identityOf(ref) } };
}

/** Items that were not read; null stands for every mailbox, owner and key. */
export function unread(
  kind: Exclude<ItemKind, "acl">,
  ref: MailboxRef | null,
  owner: ByteString | null,
  key: ByteString | null,
  problem: ReadProblem | null,
): ItemReading {
  // Whoever reports it finds the reason of a kind of items by its name.
  const reason = problem === null ? null : { ...problem, what: kind };
  return { status: "unread", unread: { kind, mailbox: identityOf(ref), owner, key }, problem: reason };
}

function identityOf(ref: MailboxRef | null) {
  return ref === null ? null : { uniqueId: ref.uniqueId, name: ref.name };
}
