import { SpooldiffError } from "../../errors.ts";
import type { ReadProblem, Tombstone } from "../../mail/mailbox.ts";
import type { ByteString } from "../../mail/name.ts";
import type { MailboxList, MailboxRef, MailStore } from "../../store/mail-store.ts";

/** A mailbox list read again at the end of a scan, for those that were not where the first one had them. */
export class NewerList {
  readonly #byName = new Map<ByteString, MailboxRef>();
  readonly #byId = new Map<string, MailboxRef>();
  readonly #byDirectory = new Map<ByteString, MailboxRef>();
  readonly #tombstones = new Map<ByteString, Tombstone[]>();
  readonly #unplaced = new Set<ByteString>();

  constructor(list: Pick<MailboxList, "mailboxes" | "tombstones">) {
    for (const ref of list.mailboxes) {
      if (ref.nowhere !== undefined) {
        this.#unplaced.add(ref.name);
        continue;
      }
      this.#byName.set(ref.name, ref);
      if (ref.uniqueId !== null) this.#byId.set(ref.uniqueId, ref);
      for (const directory of directoriesOf(ref)) this.#byDirectory.set(directory, ref);
    }
    for (const tombstone of list.tombstones) {
      const same = this.#tombstones.get(tombstone.name);
      if (same === undefined) this.#tombstones.set(tombstone.name, [tombstone]);
      else same.push(tombstone);
    }
  }

  /** What goes by the name of `ref` now. */
  sameName(ref: MailboxRef): MailboxRef | null {
    return this.#byName.get(ref.name) ?? null;
  }

  /** What `ref` has become, whatever its name is now. */
  sameId(ref: MailboxRef): MailboxRef | null {
    return ref.uniqueId === null ? null : (this.#byId.get(ref.uniqueId) ?? null);
  }

  /** The mailbox that has files in `directory`. */
  at(directory: ByteString): MailboxRef | null {
    return this.#byDirectory.get(directory) ?? null;
  }

  /** True where the list has a mailbox of that name and does not say where it is. */
  hasUnplaced(name: ByteString): boolean {
    return this.#unplaced.has(name);
  }

  tombstonesOf(name: ByteString): readonly Tombstone[] {
    return this.#tombstones.get(name) ?? [];
  }
}

/**
 * Reads the list again.
 *
 * @returns a problem if it cannot be read any more
 */
export async function readNewerList(store: MailStore): Promise<NewerList | ReadProblem> {
  try {
    return new NewerList(await store.readMailboxList());
  } catch (error) {
    if (!(error instanceof SpooldiffError)) throw error;
    const found = `it could not be read again at the end of the scan: ${error.message}`;
    return { what: "mailbox-list", path: store.configDirectory, uid: null, errno: null, found };
  }
}

function directoriesOf(ref: MailboxRef): Set<ByteString> {
  const files = [ref.indexFile, ref.headerFile].map((file) => file.slice(0, file.lastIndexOf("/")));
  return new Set([...files, ...ref.messageDirectories]);
}
