import type { ByteString } from "./name.ts";

/** What of one mailbox a second look reads. */
export interface OnlyMailbox {
  /** Exact name, or null where it is known by its uniqueid alone. */
  readonly name: ByteString | null;
  readonly uniqueId: string | null;
  /** UIDs of the messages whose files are read; null: all of them. */
  readonly uids: readonly number[] | null;
}

/** The scope of `scan --only`: what a list of earlier findings asks to be read again. */
export interface OnlyScope {
  /** SHA-256 of the list, in hex: two scans have one scope when it is equal. */
  readonly digest: string;
  /** The list itself, one finding a line, as the manifest keeps it. */
  readonly lines: readonly string[];
  readonly mailboxes: readonly OnlyMailbox[];
  /** Whether items are read that lie in no mailbox's own files. */
  readonly items: boolean;
  /** Users whose subscriptions, scripts and seen state are read. */
  readonly owners: readonly ByteString[];
  readonly quotaRoots: readonly ByteString[];
  /** Some finding is a directory that the mailbox list does not know, so that the disk is to be searched. */
  readonly unlisted: boolean;
}

/** Answers by name or uniqueid what an {@link OnlyScope} covers: a mailbox may have been renamed since. */
export class OnlyFilter {
  readonly #byName = new Map<ByteString, Set<number> | null>();
  readonly #byId = new Map<string, Set<number> | null>();
  readonly #owners: ReadonlySet<ByteString>;
  readonly #quotaRoots: ReadonlySet<ByteString>;

  constructor(scope: OnlyScope) {
    for (const { name, uniqueId, uids } of scope.mailboxes) {
      if (name !== null) add(this.#byName, name, uids);
      if (uniqueId !== null) add(this.#byId, uniqueId, uids);
    }
    this.#owners = new Set(scope.owners);
    this.#quotaRoots = new Set(scope.quotaRoots);
  }

  hasMailbox(name: ByteString, uniqueId: string | null): boolean {
    return this.#byName.has(name) || (uniqueId !== null && this.#byId.has(uniqueId));
  }

  /** UIDs of a mailbox whose files are to be read, ascending; null: all. */
  uidsOf(name: ByteString, uniqueId: string | null): number[] | null {
    const known = [this.#byName.get(name), uniqueId === null ? undefined : this.#byId.get(uniqueId)];
    if (known.includes(null)) return null;
    const all = new Set(known.flatMap((uids) => [...(uids ?? [])]));
    return [...all].sort((a, b) => a - b);
  }

  /** Whether the file of one message is to be read. */
  hasUid(name: ByteString, uniqueId: string | null, uid: number): boolean {
    const known = [this.#byName.get(name), uniqueId === null ? undefined : this.#byId.get(uniqueId)];
    return known.some((uids) => uids === null || uids?.has(uid) === true);
  }

  hasOwner(owner: ByteString): boolean {
    return this.#owners.has(owner);
  }

  hasQuotaRoot(root: ByteString): boolean {
    return this.#quotaRoots.has(root);
  }
}

function add<K>(map: Map<K, Set<number> | null>, key: K, uids: readonly number[] | null): void {
  const known = map.get(key);
  if (known === null) return;
  if (uids === null) map.set(key, null);
  else if (known === undefined) map.set(key, new Set(uids));
  else for (const uid of uids) known.add(uid);
}
