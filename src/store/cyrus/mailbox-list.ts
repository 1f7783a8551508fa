/**
 * The entries of `mailboxes.db`, in the three shapes they have had. Keys and values of
 *
 * - 3.6 and later: `N` + name → map with `I` (uniqueid), `I` + uniqueid → map with `N` (name) and `H` (former names).
 *   Parts of these names are separated by 0x1f, a domain ends with 0x1d, dots are dots. Other first letters are indexes.
 * - 2.5 to 3.4: internal name → map. Keys that begin with `$` are indexes.
 * - up to 2.4: internal name → `TYPE [SERVER!]PARTITION ACL`, maybe after `(key value …) `; TYPE is a sum of bits.
 *
 * @see cyrus-imapd `imap/mboxlist.c`, mboxlist_entry_cstring, mboxlist_parse_entry, mboxlist_dbname_to_key
 */
import { CorruptStoreError } from "../../errors.ts";
import type { MailboxListing, ReadProblem, Tombstone } from "../../mail/mailbox.ts";
import { type ByteString, compareNames, DELETED_PREFIX, displayName, isDeletedName } from "../../mail/name.ts";
import type { DatabaseEntry } from "./cyrusdb/entries.ts";
import { dlistGet, dlistItem, isDlistList, isDlistMap, parseDlist } from "./dlist.ts";
import { BadEntryError, type EntryFields, entryOfMap, parseTextEntry, SharedValues } from "./mailbox-entry.ts";
import { canonicalName, internalName } from "./mailbox-name.ts";

/** Which shape the keys and values have. */
export type ListGeneration = "3.6" | "2.5" | "2.3";

/** A live mailbox of the list. */
export interface ListedMailbox {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly listing: MailboxListing;
  /** Its directories are named after the mailbox, not after its uniqueid. */
  readonly legacyLayout: boolean;
  /** Only where its entry does not say what it is or where, so that it cannot be read: why. */
  readonly unread?: string;
}

/** All that a mailbox list says. */
export interface DecodedList {
  readonly generation: ListGeneration;
  /** In name order; two may have one uniqueid, which is for others to judge. */
  readonly mailboxes: readonly ListedMailbox[];
  readonly tombstones: readonly Tombstone[];
  readonly problems: readonly ReadProblem[];
}

/**
 * Decodes the entries of a `mailboxes.db`. An entry that cannot be right is one that cannot be read, or, where it is none
 * of a mailbox, a problem of the result; never an exception.
 *
 * @param path of the database, named in problems
 * @param deletedPrefix first part of the names of deleted mailboxes there
 */
export function decodeMailboxList(
  entries: readonly DatabaseEntry[],
  path: ByteString,
  deletedPrefix: ByteString = DELETED_PREFIX,
): DecodedList {
  const generation = generationOf(entries);
  const collector = new Collector(generation, path, deletedPrefix);
  for (const [key, value] of entries) {
    try {
      collector.add(key, value);
    } catch (error) {
      if (error instanceof BadEntryError) collector.addUnread(key, error.message);
      else if (error instanceof CorruptStoreError) collector.addUnread(key, error.found);
      else throw error;
    }
  }
  return collector.finish();
}

/**
 * A list of 3.6 or later holds a separator in most keys, and the name in the value of every `I` key. Neither occurs
 * before, where keys may well begin with these letters (`News.announce`).
 */
function generationOf(entries: readonly DatabaseEntry[]): ListGeneration {
  let generation: ListGeneration = "2.3";
  for (const [key, value] of entries) {
    if (key.includes("\x1f") || (key.startsWith("I") && /^%\((.* )?N /s.test(value))) return "3.6";
    if (value.startsWith("%(")) generation = "2.5";
  }
  return generation;
}

const UNKNOWN: MailboxListing = {
  partition: null,
  type: null,
  uidValidity: null,
  foldermodseq: null,
  createdModseq: null,
  mtime: null,
  acl: null,
};

class Collector {
  readonly #generation: ListGeneration;
  readonly #path: ByteString;
  readonly #deletedPrefix: ByteString;
  readonly #mailboxes: ListedMailbox[] = [];
  readonly #tombstones: Tombstone[] = [];
  readonly #former: Tombstone[] = [];
  readonly #problems: ReadProblem[] = [];
  readonly #shared = new SharedValues();

  constructor(generation: ListGeneration, path: ByteString, deletedPrefix: ByteString) {
    this.#deletedPrefix = deletedPrefix;
    this.#generation = generation;
    this.#path = path;
  }

  add(key: ByteString, value: ByteString): void {
    if (this.#generation === "3.6") {
      if (key.startsWith("N")) this.#addEntry(internalName(key.slice(1)), key, this.#fields(value));
      else if (key.startsWith("I")) this.#addHistory(key.slice(1), value);
      else if (!/^[AJ$]/.test(key)) throw new BadEntryError("the key is of no known kind");
    } else if (!key.startsWith("$")) {
      this.#addEntry(key, key, this.#fields(value));
    }
  }

  /** Of an entry of which no more than the key can be read. */
  addUnread(key: ByteString, found: string): void {
    const stored = this.#generation !== "3.6" ? key : key.startsWith("N") ? internalName(key.slice(1)) : null;
    if (stored === null) {
      this.#problem(key, found);
      return;
    }
    const name = canonicalName(stored, this.#deletedPrefix);
    this.#mailboxes.push({ name, uniqueId: null, listing: UNKNOWN, legacyLayout: true, unread: found });
  }

  #problem(key: ByteString, found: string): void {
    const shown = JSON.stringify(displayName(key).text);
    const problem = { what: "mailbox-list", path: this.#path, uid: null, errno: null };
    this.#problems.push({ ...problem, found: `entry ${shown}: ${found}` });
  }

  finish(): DecodedList {
    const holders = new Map<string, ByteString>();
    for (const { name, uniqueId } of this.#mailboxes) if (uniqueId !== null) holders.set(uniqueId, name);
    const seen = new Set<string>();
    const tombstones: Tombstone[] = [];
    for (const stone of [...this.#tombstones, ...this.#former]) {
      const holder = stone.uniqueId === null ? undefined : holders.get(stone.uniqueId);
      const identity = `${stone.name}\0${stone.uniqueId}`;
      if (holder === stone.name || seen.has(identity)) continue;
      seen.add(identity);
      tombstones.push({ ...stone, reason: holder === undefined ? stone.reason : reasonOf(stone.name, holder) });
    }
    return {
      generation: this.#generation,
      mailboxes: this.#mailboxes.sort((a, b) => compareNames(a.name, b.name)),
      tombstones: tombstones.sort((a, b) => compareNames(a.name, b.name)),
      problems: this.#problems,
    };
  }

  #fields(value: ByteString): EntryFields {
    if (!value.startsWith("%(") && this.#generation !== "3.6") return parseTextEntry(value);
    const map = parseDlist(value, this.#path);
    if (!isDlistMap(map)) throw new BadEntryError("the value is no map");
    return entryOfMap(map, this.#shared);
  }

  #addEntry(stored: ByteString, key: ByteString, { uniqueId, listing, type }: EntryFields): void {
    const name = canonicalName(stored, this.#deletedPrefix);
    if (type.includes("d")) {
      const { foldermodseq, uidValidity, mtime } = listing;
      this.#tombstones.push({ name, uniqueId, reason: "deleted", foldermodseq, uidValidity, mtime });
      return;
    }
    // On its way to or from another server, which moves both: what lies here is not all of it.
    const moving = type.includes("m");
    if (/[izr]/.test(type) && !moving) return;
    if (listing.partition === null) throw new BadEntryError("it names no partition");
    if (uniqueId === null && this.#generation === "3.6") this.#problem(key, "it has no uniqueid");
    const legacyLayout = this.#generation !== "3.6" || type.includes("l");
    const unread = moving ? { unread: "it is being moved; it can be read when that has ended" } : {};
    this.#mailboxes.push({ name, uniqueId, listing, legacyLayout, ...unread });
  }

  /** The names that this uniqueid had before; the one it has now is among the `N` entries. */
  #addHistory(uniqueId: string, value: ByteString): void {
    const map = parseDlist(value, this.#path);
    if (!isDlistMap(map)) throw new BadEntryError("the value is no map");
    const history = dlistGet(map, "H");
    if (!isDlistList(history)) return;
    for (const former of history) {
      const name = isDlistMap(former) ? dlistItem(former, "N") : null;
      if (!isDlistMap(former) || name === null) throw new BadEntryError("a former name is none");
      const { foldermodseq, uidValidity, mtime } = entryOfMap(former, this.#shared).listing;
      const stone = { uniqueId, reason: "renamed", foldermodseq, uidValidity, mtime } as const;
      this.#former.push({ ...stone, name: canonicalName(internalName(name), this.#deletedPrefix) });
    }
  }
}

/** Whether `name` was left by deleting or by renaming, when its uniqueid now belongs to `holder`. */
function reasonOf(name: ByteString, holder: ByteString): "deleted" | "renamed" {
  if (!isDeletedName(holder)) return "renamed";
  const domainEnd = name.indexOf("!") + 1;
  const deleted = `${name.slice(0, domainEnd)}${DELETED_PREFIX}.${name.slice(domainEnd)}.`;
  return holder.startsWith(deleted) && /^[0-9A-F]+$/i.test(holder.slice(deleted.length)) ? "deleted" : "renamed";
}
