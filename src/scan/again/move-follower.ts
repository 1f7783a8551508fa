import { setTimeout } from "node:timers/promises";
import type { MailboxList, MailboxRef, MailStore } from "../../store/mail-store.ts";
import { type FoundDirectory, holdsMailbox } from "../discover.ts";
import type { LostRoots } from "../lost-roots.ts";
import { readingWithout } from "../reading.ts";
import type { ScanTally } from "../scan-tally.ts";
import type { ScanItem } from "../scan-task.ts";
import { Moves } from "./moves.ts";
import { NewerList, readNewerList } from "./newer-list.ts";
import { RepeatedLooks } from "./repeated-looks.ts";
import type { Elsewhere, SecondLooks } from "./second-looks.ts";

/** How long a directory and its entry in the mailbox list can be apart while a mailbox is made, renamed or deleted. */
const LIST_SETTLES_MS = 2000;

/** Directories with a mailbox that the list did not know, and when the last of them was found. */
export interface Unlisted {
  readonly directories: readonly FoundDirectory[];
  readonly foundAtMs: number;
}

/** What a follower of moves works with. */
export interface FollowerTools {
  readonly store: MailStore;
  readonly tally: ScanTally;
  readonly roots: LostRoots;
  readonly second: SecondLooks;
  readonly signal: AbortSignal;
  /** Whether a mailbox is to be read. */
  readonly takes: (ref: MailboxRef) => boolean;
  readonly read: (items: readonly ScanItem[]) => Promise<void>;
}

/** Finds out, by newer lists, about mailboxes that were not where the list had them and those that it did not have. */
export class MoveFollower {
  readonly #tools: FollowerTools;
  /** Uniqueids of the listed mailboxes that were read. */
  readonly #done = new Set<string>();
  #deletedMeanwhile = 0;

  constructor(tools: FollowerTools) {
    this.#tools = tools;
  }

  /** Mailboxes that the list had and that were gone, by a newer list, when they were to be read. */
  get deletedMeanwhile(): number {
    return this.#deletedMeanwhile;
  }

  /** Follows all that were not found, and `unlisted`. */
  async followAll(list: MailboxList, unlisted: Unlisted): Promise<void> {
    const { second, roots, signal } = this.#tools;
    const elsewhere = second.takeElsewhere();
    if (elsewhere.length === 0 && unlisted.directories.length === 0) return;
    await this.#letListSettle(elsewhere.length > 0, unlisted);
    roots.check();
    if (list.unread !== undefined) {
      await this.#lookAgain(elsewhere);
      return;
    }
    const looks = new RepeatedLooks(elsewhere);
    this.#noteDone(list.mailboxes.filter(this.#tools.takes), elsewhere);
    let read = await this.#follow(list, elsewhere, unlisted.directories);
    // However busy the host is, a list that goes on naming what is not there does not do so for ever.
    for (;;) {
      const missing = second.takeElsewhere();
      looks.add(missing);
      this.#noteDone(read, missing);
      const again: Elsewhere[] = [];
      for (const entry of missing) {
        const verdict = looks.verdictOn(entry);
        if (verdict === "look-again") again.push(entry);
        else if (verdict === "stands") this.#concede(entry);
        else this.#tools.tally.mailbox(readingWithout(entry.item, "unstable", "it was another mailbox at every look"));
      }
      if (again.length === 0) return;
      await setTimeout(looks.waitMs, null, { signal });
      read = await this.#follow(list, again, []);
    }
  }

  /** Notes which of `refs` were read: all but `missing`. */
  #noteDone(refs: readonly MailboxRef[], missing: readonly Elsewhere[]): void {
    const left = new Set(missing.map(({ item }) => `${item.ref.uniqueId}\0${item.ref.name}`));
    for (const { uniqueId, name } of refs) {
      if (uniqueId !== null && !left.has(`${uniqueId}\0${name}`)) this.#done.add(uniqueId);
    }
  }

  /**
   * Reads what has become of `elsewhere` by a list read now, and what it says of directories that the older one did not.
   * Returns the listed mailboxes that were to be read.
   */
  async #follow(
    list: MailboxList,
    elsewhere: readonly Elsewhere[],
    unlisted: readonly FoundDirectory[],
  ): Promise<MailboxRef[]> {
    const { store, tally, takes, read, second } = this.#tools;
    const newer = await readNewerList(store);
    const terms = { takes, done: this.#done };
    const moves = new Moves(list, newer instanceof NewerList ? newer : new NewerList(list), terms);
    if (!(newer instanceof NewerList)) tally.problem(newer);
    for (const entry of elsewhere) this.#followOne(entry, moves);
    const unknown: MailboxRef[] = [];
    for (const found of unlisted) unknown.push(...(await this.#describe(found, moves)));
    await this.#addUnknown(unknown, moves);
    const items = moves.items();
    await read(items);
    await second.settleContradicted();
    return items.filter(({ listed }) => listed).map(({ ref }) => ref);
  }

  /** Reads mailboxes once more of which no list says where they are now. One that has gone was deleted or renamed. */
  async #lookAgain(elsewhere: readonly Elsewhere[]): Promise<void> {
    const { read, second, store } = this.#tools;
    const items: ScanItem[] = [];
    for (const { item } of elsewhere) {
      // Only the directory says which mailbox it holds: by now that can be another one.
      const { indexFile, listing } = item.ref;
      const directory = indexFile.slice(0, indexFile.lastIndexOf("/"));
      const now = await store.describeUnlisted(directory, listing.partition ?? "");
      items.push(now?.indexFile === indexFile ? { ...item, ref: now } : item);
    }
    await read(items);
    await second.settleContradicted();
    for (const entry of second.takeElsewhere()) {
      if (entry.outcome.status === "directory-missing") this.#deletedMeanwhile++;
      else this.#concede(entry);
    }
  }

  /**
   * A directory is there shortly before its mailbox is in the list, and one is gone shortly before the list says so:
   * both pass within moments.
   */
  async #letListSettle(anythingMissing: boolean, { directories, foundAtMs }: Unlisted): Promise<void> {
    const from = anythingMissing ? Date.now() : directories.length > 0 ? foundAtMs : 0;
    const left = from + LIST_SETTLES_MS - Date.now();
    if (left > 0) await setTimeout(left, null, { signal: this.#tools.signal });
  }

  #followOne({ item }: Elsewhere, moves: Moves): void {
    const { roots, second, tally } = this.#tools;
    const lost = roots.lostFor(item.ref);
    if (lost !== null) {
      second.notChecked(item, lost);
      return;
    }
    const there = moves.follow(item);
    if (there === "deleted") {
      this.#deletedMeanwhile++;
      for (const tombstone of moves.newer.tombstonesOf(item.ref.name)) tally.tombstone(tombstone);
    } else if (there === "unmoved") {
      moves.add(item);
    }
  }

  #concede({ item, outcome }: Elsewhere): void {
    // A directory that the list does not know, and that has gone, is nobody's loss.
    if (!item.listed && outcome.status === "directory-missing") return;
    this.#tools.tally.mailbox(readingWithout(item, outcome.status, outcome.found));
  }

  /** The mailbox in a directory, if the newer list does not know it either. */
  async #describe({ directory, root }: FoundDirectory, moves: Moves): Promise<MailboxRef[]> {
    const { store, tally, takes } = this.#tools;
    const listed = moves.newer.at(directory);
    if (listed !== null) {
      // It came after the first list was read.
      moves.addNew(listed);
      return [];
    }
    const ref = await store.describeUnlisted(directory, root.partition);
    if (ref !== null) return takes(ref) && !moves.newer.hasUnplaced(ref.name) ? [ref] : [];
    // Else it was on its way into or out of the list when it was found, and by now is neither.
    if (holdsMailbox(store.kind, directory)) {
      const found = "it seems to hold a mailbox, but no list knows of it and it does not say which";
      tally.problem({ what: "directory", path: directory, uid: null, errno: null, found });
    }
    return [];
  }

  /**
   * Adds mailboxes that no list knew. A mailbox that is deleted and made again may have been missing from the list and
   * back on disk in the very moments that it was looked at: what a further list knows is listed.
   */
  async #addUnknown(refs: readonly MailboxRef[], moves: Moves): Promise<void> {
    if (refs.length === 0) return;
    await setTimeout(LIST_SETTLES_MS, null, { signal: this.#tools.signal });
    const latest = await readNewerList(this.#tools.store);
    for (const ref of refs) {
      const known = latest instanceof NewerList ? latest.sameId(ref) : null;
      // Where it was in another place all the time, this is a directory that was left behind.
      if (known === null || known.indexFile === moves.newer.sameId(ref)?.indexFile) {
        moves.add({ ref, listed: false, contradiction: null });
      } else moves.addNew(known);
    }
  }
}
