import { type ByteString, compareNames } from "../mail/name.ts";
import type { MailboxList, MailboxRef } from "../store/mail-store.ts";
import type { NewerList } from "./newer-list.ts";
import type { ScanItem } from "./scan-task.ts";

/** What is to be read after all, by the lists at both ends of the scan. */
export class Moves {
  readonly newer: NewerList;
  readonly #takes: (ref: MailboxRef) => boolean;
  readonly #namesBefore: ReadonlySet<ByteString>;
  readonly #items = new Map<string, ScanItem>();

  constructor(older: MailboxList, newer: NewerList, takes: (ref: MailboxRef) => boolean) {
    this.newer = newer;
    this.#takes = takes;
    this.#namesBefore = new Set(older.mailboxes.map(({ name }) => name));
  }

  /** `moved`: what it has become is to be read, or has been. */
  follow({ ref }: ScanItem): "unmoved" | "moved" | "deleted" {
    const same = this.newer.sameName(ref);
    const renamed = this.newer.sameId(ref);
    if (same !== null && same.uniqueId === ref.uniqueId && same.indexFile === ref.indexFile) return "unmoved";
    if (same !== null) this.add({ ref: same, listed: true, contradiction: null });
    if (renamed !== null && renamed.name !== ref.name) this.addNew(renamed);
    return same !== null || renamed !== null ? "moved" : "deleted";
  }

  /** A mailbox that the older list did not have under this name, unless it is not to be read. */
  addNew(ref: ScanItem["ref"]): void {
    if (this.#namesBefore.has(ref.name) || !this.#takes(ref)) return;
    this.add({ ref, listed: true, contradiction: null });
  }

  add(item: ScanItem): void {
    // By place as well: a directory that the list does not know may carry the name of one that it does.
    this.#items.set(`${item.ref.indexFile}\0${item.ref.name}`, item);
  }

  items(): ScanItem[] {
    return [...this.#items.values()].sort((a, b) => compareNames(a.ref.name, b.ref.name));
  }
}
