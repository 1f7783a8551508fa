import type { MailboxItem, UnreadMailboxItems } from "../mail/item.ts";
import { type ByteString, inboxesOf } from "../mail/name.ts";
import type { OnlyFilter } from "../mail/only-scope.ts";

/** Which items a scan takes that is narrowed by names of mailboxes. */
export class ItemScope {
  readonly #includes: (name: ByteString) => boolean;
  readonly #only: OnlyFilter | null;

  /** @param only what a second look is about; null: everything */
  constructor(includes: (name: ByteString) => boolean, only: OnlyFilter | null = null) {
    this.#includes = includes;
    this.#only = only;
  }

  /**
   * What belongs to a mailbox goes with it, a quota root with the mailbox that it is named after, what belongs to a user
   * with his INBOX; all else is the server's.
   */
  has(item: MailboxItem | UnreadMailboxItems): boolean {
    const { kind, mailbox, owner, key } = item;
    if (this.#only !== null && !isAskedFor(this.#only, item)) return false;
    if (mailbox?.name !== null && mailbox?.name !== undefined) return this.#includes(mailbox.name);
    if (kind === "quota" || kind === "quota-usage") return key === null || this.#includes(key);
    if (kind === "subscription" || kind === "sieve") {
      return owner === null || inboxesOf(owner).some(this.#includes);
    }
    return true;
  }
}

/** What could not be read of everybody, or of every root, may be what is asked for. */
function isAskedFor(only: OnlyFilter, { kind, mailbox, owner, key }: MailboxItem | UnreadMailboxItems): boolean {
  if (kind === "quota" || kind === "quota-usage") return key === null || only.hasQuotaRoot(key);
  if (kind === "subscription" || kind === "sieve") return owner === null || only.hasOwner(owner);
  if (kind === "seen" && owner !== null && !only.hasOwner(owner)) return false;
  if (mailbox === null) return false;
  return only.hasMailbox(mailbox.name ?? "", mailbox.uniqueId);
}
