import { type ByteString, compareNames } from "../../mail/name.ts";
import type { MailboxList, MailboxRef } from "../../store/mail-store.ts";
import type { ScanItem } from "../scan-task.ts";
import type { NewerList } from "./newer-list.ts";

/** What is to be read after all, by the lists at both ends of the scan. */
export class Moves {
  readonly newer: NewerList;
  readonly #takes: (ref: MailboxRef) => boolean;
  readonly #done: ReadonlySet<string>;
  readonly #namesBefore: ReadonlySet<ByteString>;
  readonly #items = new Map<string, ScanItem>();

  /** @param done uniqueids of the listed mailboxes that were read under whatever name they had then: once is enough */
  constructor(
    older: MailboxList,
    newer: NewerList,
    { takes, done }: { takes: (ref: MailboxRef) => boolean; done: ReadonlySet<string> },
  ) {
    this.newer = newer;
    this.#takes = takes;
    this.#done = done;
    this.#namesBefore = new Set(older.mailboxes.map(({ name }) => name));
  }

  /** `moved`: what it has become is to be read, or has been. */
  follow({ ref }: ScanItem): "unmoved" | "moved" | "deleted" {
    const same = this.newer.sameName(ref);
    const renamed = this.newer.sameId(ref);
    if (same !== null && same.uniqueId === ref.uniqueId && same.indexFile === ref.indexFile) return "unmoved";
    // The one that goes by its name now may have been read when it had another.
    const anew = same !== null && (same.uniqueId === ref.uniqueId || !this.#isDone(same)) ? same : null;
    if (anew !== null) this.add({ ref: anew, listed: true, contradiction: null });
    // Also where its name was that of a mailbox that was read and has gone since: that one's reading is not of this one.
    if (renamed !== null && renamed.name !== ref.name && this.#takes(renamed) && !this.#isDone(renamed)) {
      this.add({ ref: renamed, listed: true, contradiction: null });
    }
    return anew !== null || renamed !== null ? "moved" : "deleted";
  }

  /** A mailbox that the older list did not have under this name, unless it is not to be read, or was under another. */
  addNew(ref: ScanItem["ref"]): void {
    if (this.#namesBefore.has(ref.name) || !this.#takes(ref) || this.#isDone(ref)) return;
    this.add({ ref, listed: true, contradiction: null });
  }

  add(item: ScanItem): void {
    // By place as well: a directory that the list does not know may carry the name of one that it does.
    this.#items.set(`${item.ref.indexFile}\0${item.ref.name}`, item);
  }

  items(): ScanItem[] {
    return [...this.#items.values()].sort((a, b) => compareNames(a.ref.name, b.ref.name));
  }

  #isDone({ uniqueId }: MailboxRef): boolean {
    return uniqueId !== null && this.#done.has(uniqueId);
  }
}
