import type { MailboxListing } from "../../mail/mailbox.ts";
import type { ByteString } from "../../mail/name.ts";
import type { MailboxRef } from "../mail-store.ts";
import type { CyrusConfig, CyrusPartition } from "./config.ts";
import { type MailboxPlace, placeBelow } from "./layout.ts";
import type { ListedMailbox } from "./mailbox-list.ts";

/**
 * A mailbox of the list that makes its paths when they are asked for. A list holds every mailbox of the store from the
 * first to the last minute of a scan, and the paths would be most of what there is to a mailbox: for 50,000, 75 MB more.
 */
export class PlacedMailbox implements MailboxRef {
  readonly name: ByteString;
  readonly uniqueId: string | null;
  readonly listing: MailboxListing;
  readonly #config: CyrusConfig;
  readonly #partition: CyrusPartition;
  /** Relative to the partition's roots. */
  readonly #path: ByteString;

  constructor(
    { name, uniqueId, listing }: ListedMailbox,
    config: CyrusConfig,
    partition: CyrusPartition,
    path: ByteString,
  ) {
    this.name = name;
    this.uniqueId = uniqueId;
    this.listing = listing;
    this.#config = config;
    this.#partition = partition;
    this.#path = path;
  }

  get indexFile(): ByteString {
    return this.#place().indexFile;
  }

  get headerFile(): ByteString {
    return this.#place().headerFile;
  }

  get annotationsFile(): ByteString {
    return this.#place().annotationsFile;
  }

  get expungeFile(): ByteString {
    return this.#place().expungeFile;
  }

  get messageDirectories(): readonly ByteString[] {
    return this.#place().messageDirectories;
  }

  get messageRoots(): readonly ByteString[] {
    return this.#place().messageRoots;
  }

  #place(): MailboxPlace {
    return placeBelow(this.#config, this.#partition, this.#path);
  }
}
