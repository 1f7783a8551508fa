import { realpathSync } from "node:fs";
import { ConfigurationError, errnoOf, foundBy, isDenied, MAY_NOT_READ } from "../../errors.ts";
import { type ByteString, displayName } from "../../mail/name.ts";
import type { ItemReading, MailboxList, MailboxRef, MailStore, PartitionRoot, StoreConfig } from "../mail-store.ts";
import { type CyrusConfig, type CyrusPartition, loadCyrusConfig } from "./config.ts";
import { readDatabase } from "./cyrusdb/read-database.ts";
import { readCyrusItems } from "./items/read-items.ts";
import { type MailboxPlace, pathOfPlace, placesOf } from "./layout.ts";
import { decodeMailboxList, type ListedMailbox, type ListGeneration } from "./mailbox-list.ts";
import { lookAtMailboxList, type MailboxListFile } from "./mailbox-list-file.ts";
import { lstatOrNull } from "./meta-file.ts";
import { PlacedMailbox } from "./placed-mailbox.ts";
import { readSyncLogs } from "./sync-log.ts";
import { describeUnlisted } from "./unlisted.ts";

/**
 * Opens the store of a Cyrus IMAP server: reads its configuration and looks at its mailbox list. Nothing is locked.
 *
 * @throws {ConfigurationError} when configuration, config directory or mailbox list are missing or cannot be read
 */
export async function openCyrusStore(config: StoreConfig): Promise<MailStore> {
  const cyrus = loadCyrusConfig(config);
  return new CyrusStore(cyrus, realPathOf(cyrus.configDirectory), lookAtMailboxList(cyrus));
}

class CyrusStore implements MailStore {
  readonly kind = "cyrus";
  readonly identityPath: ByteString;
  readonly roots: readonly PartitionRoot[];
  readonly #config: CyrusConfig;
  #listFile: MailboxListFile;
  /** What the last reading of the list found, for people. */
  #listFound = "";

  constructor(config: CyrusConfig, identityPath: ByteString, listFile: MailboxListFile) {
    this.#config = config;
    this.identityPath = identityPath;
    this.#listFile = listFile;
    this.roots = [...config.partitions.values()].flatMap((partition) => rootsOf(partition));
  }

  get configFiles(): readonly ByteString[] {
    return this.#config.files;
  }

  get configDirectory(): ByteString {
    return this.#config.configDirectory;
  }

  get description(): readonly string[] {
    const { hashImapSpool, fullDirHash, mailboxListPath, virtDomains } = this.#config;
    const list = displayName(mailboxListPath).text;
    const kind = "kind" in this.#listFile ? `(${this.#listFile.kind})` : `is not read: ${this.#listFile.unread}`;
    return [
      `mailbox list: ${list} ${kind}${this.#listFound}`,
      `directories by name: hashimapspool ${onOff(hashImapSpool)}, fulldirhash ${onOff(fullDirHash)}`,
      `virtual domains: ${virtDomains}`,
      ...[...this.#config.partitions.values()].map((partition) => describePartition(this.#config, partition)),
    ];
  }

  async readMailboxList(): Promise<MailboxList> {
    const path = this.#config.mailboxListPath;
    // Once more: it may have been converted since.
    this.#listFile = lookAtMailboxList(this.#config);
    if ("unread" in this.#listFile) return this.#unreadList(this.#listFile.unread);
    const database = await readDatabase(path);
    const list = decodeMailboxList(database.entries, path, this.#config.deletedPrefix);
    if (list.mailboxes.length === 0) throw withoutMailboxes(path);
    const mailboxes: MailboxRef[] = [];
    for (const listed of list.mailboxes) mailboxes.push(this.#placed(listed));
    this.#listFound = `, ${GENERATIONS[list.generation]}, ${list.mailboxes.length} mailboxes`;
    return { readAtMs: database.readAtMs, mailboxes, tombstones: list.tombstones, problems: list.problems };
  }

  /** Mailboxes of a list that cannot be read are to be found by their directories. */
  #unreadList(found: string): MailboxList {
    this.#listFound = "";
    const unread = { what: "unread-list", path: this.#config.mailboxListPath, uid: null, errno: null, found };
    return { readAtMs: Date.now(), mailboxes: [], tombstones: [], problems: [], unread };
  }

  async readPending(): ReturnType<MailStore["readPending"]> {
    return readSyncLogs(`${this.#config.configDirectory}/sync`);
  }

  readItems(list: MailboxList): AsyncIterable<ItemReading> {
    return readCyrusItems(this.#config, list);
  }

  async describeUnlisted(directory: ByteString, partition: string): Promise<MailboxRef | null> {
    return describeUnlisted(this.#config, directory, partition);
  }

  #placed(listed: ListedMailbox): MailboxRef {
    const { name, uniqueId, listing } = listed;
    const place = this.#placeOf(listed);
    const partition = this.#config.partitions.get(listing.partition ?? "");
    if (place.nowhere !== undefined || partition === undefined) return { name, uniqueId, listing, ...place };
    return new PlacedMailbox(listed, this.#config, partition, pathOfPlace(place));
  }

  /** Where several places are possible: the one with an index, else with a directory, else the likeliest. */
  #placeOf(mailbox: ListedMailbox): MailboxPlace & Pick<MailboxRef, "nowhere"> {
    if (mailbox.unread !== undefined) return { ...NO_PLACE, nowhere: { found: mailbox.unread, partition: false } };
    const places = placesOf(this.#config, { ...mailbox, partition: mailbox.listing.partition });
    if ("refused" in places) {
      return { ...NO_PLACE, nowhere: { found: places.refused, partition: places.partition ?? false } };
    }
    if (places.length === 1) return places[0];
    const indexed = places.find(({ indexFile }) => lstatOrNull(indexFile) !== null);
    const present = places.find(({ messageDirectories }) =>
      messageDirectories.some((path) => lstatOrNull(path) !== null),
    );
    return indexed ?? present ?? places[0];
  }
}

/** What a server leaves that has lost its list and made a new one: everything on disk would be unknown to it. */
function withoutMailboxes(path: ByteString): ConfigurationError {
  return new ConfigurationError(`Cannot use "${displayName(path).text}": it has no mailbox`, {
    hint: "Check that this is the configuration of the server in use, and that its mailbox list was not lost",
  });
}

const GENERATIONS: Record<ListGeneration, string> = {
  "3.6": "entries as since 3.6",
  "2.5": "entries as in 2.5 to 3.4",
  "2.3": "entries as up to 2.4",
};

function rootsOf(partition: CyrusPartition): PartitionRoot[] {
  const { name, spool, meta, archive, metaDirectories } = partition;
  const roots: PartitionRoot[] = [{ partition: name, kind: "spool", directory: spool }];
  const metaRoots = new Set(meta === null ? [] : [meta]);
  for (const kind of ["header", "index"] as const) {
    const directory = metaDirectories.get(kind);
    if (directory !== undefined) metaRoots.add(directory);
  }
  metaRoots.delete(spool);
  for (const directory of metaRoots) roots.push({ partition: name, kind: "meta", directory });
  if (archive !== null) roots.push({ partition: name, kind: "archive", directory: archive });
  return roots;
}

function describePartition(
  config: CyrusConfig,
  { name, spool, meta, archive, metaDirectories }: CyrusPartition,
): string {
  const parts = [displayName(spool).text];
  if (meta !== null) parts.push(`${[...config.metapartitionFiles].join(" ")}: ${displayName(meta).text}`);
  for (const [kind, directory] of metaDirectories) parts.push(`${kind}: ${displayName(directory).text}`);
  if (archive !== null) parts.push(`archive: ${displayName(archive).text}`);
  return `partition ${name}: ${parts.join("; ")}`;
}

function onOff(setting: boolean | null): string {
  return setting === null ? "unknown, both are tried" : setting ? "on" : "off";
}

const NO_PLACE = {
  indexFile: "",
  headerFile: "",
  annotationsFile: "",
  expungeFile: "",
  messageDirectories: [],
  messageRoots: [],
} satisfies MailboxPlace;

function realPathOf(configDirectory: ByteString): ByteString {
  try {
    return realpathSync.native(Buffer.from(configDirectory, "latin1"), "latin1");
  } catch (error) {
    const errno = errnoOf(error);
    const found = errno === "ENOENT" ? "there is no such directory" : foundBy(error);
    throw new ConfigurationError(`Cannot read the config directory "${displayName(configDirectory).text}": ${found}`, {
      hint: isDenied(errno) ? MAY_NOT_READ : "Check configdirectory in imapd.conf, or what --config-directory names",
      cause: error,
    });
  }
}
