import type { MailboxListing } from "../../mail/mailbox.ts";
import type { ByteString } from "../../mail/name.ts";
import type { MailboxRef } from "../mail-store.ts";
import type { CyrusConfig, CyrusPartition } from "./config.ts";
import { fileBelow, messageRootsOf } from "./layout.ts";
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
    return fileBelow(this.#config, this.#partition, this.#path, "index");
  }

  get headerFile(): ByteString {
    return fileBelow(this.#config, this.#partition, this.#path, "header");
  }

  get annotationsFile(): ByteString {
    return fileBelow(this.#config, this.#partition, this.#path, "annotations");
  }

  get expungeFile(): ByteString {
    return fileBelow(this.#config, this.#partition, this.#path, "expunge");
  }

  get messageDirectories(): readonly ByteString[] {
    return messageRootsOf(this.#partition).map((root) => `${root}/${this.#path}`);
  }

  get messageRoots(): readonly ByteString[] {
    return messageRootsOf(this.#partition);
  }
}
