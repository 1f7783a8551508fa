/** Pending work: which names the primary's replication logs still hold. Evidence only, whatever it says. */
import type { PendingName } from "../mail/mailbox.ts";
import { type ByteString, ownerOf } from "../mail/name.ts";
import type { Pending, Subject } from "./variance.ts";

/** Types of lines that name a user, and those that name what a user or a quota root has; all others name a mailbox. */
const OF_USERS: ReadonlySet<string> = new Set(["USER", "UNUSER", "META", "SIEVE"]);
const OF_KEYS: ReadonlySet<string> = new Set(["SUB", "UNSUB", "QUOTA"]);

/** The names of all logs of one host. */
export class PendingWork {
  readonly #users = new Map<ByteString, ByteString>();
  readonly #keys = new Map<ByteString, ByteString>();
  readonly #mailboxes = new Map<ByteString, ByteString>();

  constructor(names: Iterable<PendingName>) {
    for (const { type, name, log } of names) {
      const known = OF_USERS.has(type) ? this.#users : OF_KEYS.has(type) ? this.#keys : this.#mailboxes;
      if (!known.has(name)) known.set(name, log);
    }
  }

  /** Which log names what a finding is about, or its owner; null: none does, which says nothing. */
  of({ mailbox, otherMailbox, owner, key }: Subject): Pending | null {
    const named = [mailbox, otherMailbox].map((name) => get(this.#mailboxes, name));
    const log = named[0] ?? named[1] ?? (mailbox === null ? get(this.#keys, key) : null);
    if (log !== null) return { names: "mailbox", log };
    // What somebody has of a mailbox is replicated with the mailbox's user or with that somebody.
    const user = get(this.#users, mailbox === null ? null : ownerOf(mailbox)) ?? get(this.#users, owner);
    return user === null ? null : { names: "user", log: user };
  }
}

function get(names: ReadonlyMap<ByteString, ByteString>, name: ByteString | null | undefined): ByteString | null {
  return name === null || name === undefined ? null : (names.get(name) ?? null);
}
