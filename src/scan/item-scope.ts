import type { MailboxItem, UnreadMailboxItems } from "../mail/item.ts";
import { type ByteString, inboxOf } from "../mail/name.ts";

/** Which items a scan takes that is narrowed by names of mailboxes. */
export class ItemScope {
  readonly #includes: (name: ByteString) => boolean;

  constructor(includes: (name: ByteString) => boolean) {
    this.#includes = includes;
  }

  /**
   * What belongs to a mailbox goes with it, a quota root with the mailbox that it is named after, what belongs to a user
   * with his INBOX; all else is the server's.
   */
  has({ kind, mailbox, owner, key }: MailboxItem | UnreadMailboxItems): boolean {
    if (mailbox?.name !== null && mailbox?.name !== undefined) return this.#includes(mailbox.name);
    if (kind === "quota" || kind === "quota-usage") return key === null || this.#includes(key);
    if (kind === "subscription" || kind === "sieve") return owner === null || this.#includes(inboxOf(owner));
    return true;
  }
}
