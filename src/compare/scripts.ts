/**
 * Where each side keeps the sources of sieve scripts: up to 3.4 as files of a directory, since 3.6 as messages of the
 * user's mailbox `#sieve` (or as `sieve_folder` calls it). Two mailboxes are compared as such; else the scripts are, wherever they lie.
 */
import { type ByteString, isDeletedName, isSieveMailbox, ownerOf } from "../mail/name.ts";
import type { ItemFacts, ItemPair, MailboxFacts } from "../mail/scan-facts.ts";
import { SIDES, type Side } from "./classes.ts";
import type { ManifestPairView, ManifestView } from "./manifest-view.ts";

/** Which side keeps whose scripts where. */
export class Scripts {
  readonly #views: Readonly<Record<Side, ManifestView>>;
  readonly #inDirectories: Partial<Record<Side, ReadonlySet<ByteString>>> = {};
  readonly #inMailboxes: Partial<Record<Side, ReadonlySet<ByteString>>> = {};

  constructor(pair: ManifestPairView) {
    this.#views = { primary: pair.primary, replica: pair.replica };
  }

  /** True where both sides have a mailbox for the user's scripts: its messages are compared. */
  areMessages(owner: ByteString): boolean {
    return SIDES.every((side) => this.#ownersInMailboxes(side).has(owner));
  }

  /**
   * True for a mailbox of scripts that only `having` has, where the other side keeps the same user's scripts in a
   * directory: that it has no such mailbox is no loss.
   */
  isPlace(mailbox: MailboxFacts, having: Side): boolean {
    const owner = ownerOfScripts(mailbox);
    if (owner === null) return false;
    const other = having === "primary" ? "replica" : "primary";
    const owners = this.#ownersInDirectories(other);
    return owners.has(owner) || (owners.size > 0 && this.#ownersInMailboxes(other).size === 0);
  }

  /** True for the item of a script whose mailbox is compared, or missing as a whole. */
  isOfMailbox({ mailbox, mailboxId, owner }: ItemFacts, side: Side): boolean {
    if (mailboxId === null || mailbox === null) return false;
    return this.areMessages(owner) || !this.isPlace(this.#views[side].mailbox(mailboxId), side);
  }

  #ownersInDirectories(side: Side): ReadonlySet<ByteString> {
    const known = this.#inDirectories[side];
    if (known !== undefined) return known;
    const owners = new Set<ByteString>();
    for (const { mailboxId, key, owner } of this.#views[side].items("sieve")) {
      if (mailboxId === null && key.endsWith(".script")) owners.add(owner);
    }
    this.#inDirectories[side] = owners;
    return owners;
  }

  #ownersInMailboxes(side: Side): ReadonlySet<ByteString> {
    const known = this.#inMailboxes[side];
    if (known !== undefined) return known;
    const owners = new Set<ByteString>();
    for (const mailbox of this.#views[side].mailboxes()) {
      const owner = mailbox.listed ? ownerOfScripts(mailbox) : null;
      if (owner !== null) owners.add(owner);
    }
    this.#inMailboxes[side] = owners;
    return owners;
  }
}

/** Whose scripts a mailbox holds; null where it holds none, or where it is deleted. */
function ownerOfScripts({ listing, name }: MailboxFacts): ByteString | null {
  return isSieveMailbox(listing?.type ?? null, name) && !isDeletedName(name) ? ownerOf(name) : null;
}

/** Joins the two sides of each script where they are kept in different places; takes pairs in order of owner and key. */
export function* joinedScripts(pairs: Iterable<ItemPair>): Generator<ItemPair> {
  let held: ItemPair | null = null;
  for (const pair of pairs) {
    const joined: ItemPair | null = held === null ? null : joinedPair(held, pair);
    if (joined !== null) {
      held = null;
      if (joined.primary?.value !== joined.replica?.value) yield joined;
      continue;
    }
    if (held !== null) yield held;
    held = null;
    if ((pair.primary ?? pair.replica)?.kind === "sieve") held = pair;
    else yield pair;
  }
  if (held !== null) yield held;
}

function joinedPair(a: ItemPair, b: ItemPair): ItemPair | null {
  const [one, another] = [a.primary ?? a.replica, b.primary ?? b.replica];
  if (one?.kind !== another?.kind || one?.owner !== another?.owner || one?.key !== another?.key) return null;
  if (a.primary !== null && a.replica === null && b.primary === null) return { primary: a.primary, replica: b.replica };
  if (a.primary === null && b.primary !== null && b.replica === null) return { primary: b.primary, replica: a.replica };
  return null;
}
