import type { ItemKind } from "../mail/item.ts";
import type { OrphanFile, PendingName, ReadProblem, Tombstone } from "../mail/mailbox.ts";
import type { Message } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type {
  ComparableFields,
  ItemFacts,
  ItemPair,
  MailboxFacts,
  MessageFacts,
  MessagePair,
  ScanFacts,
  UnreadItems,
} from "../mail/scan-facts.ts";
import type { Side } from "./classes.ts";

/** One manifest as the judge of one host reads it. */
export interface ManifestView {
  /** As the user named the file. */
  readonly path: string;
  readonly facts: ScanFacts;
  mailbox(id: number): MailboxFacts;
  /** All of them, in name order. */
  mailboxes(): Iterable<MailboxFacts>;
  /** A listed mailbox by its exact name. */
  listedByName(name: ByteString): number | null;
  /** A listed mailbox by its uniqueid. */
  listedByUniqueId(uniqueId: string): number | null;
  /** Ids, in name order, of mailboxes that may have a finding of their own side: everything but the plainly healthy. */
  suspectMailboxes(): number[];
  /** uniqueids that more than one listed mailbox has. */
  duplicateUniqueIds(): string[];
  /** Messages whose file is not what the index says. In ascending UID order. */
  faultyMessages(mailboxId: number): Iterable<MessageFacts>;
  message(mailboxId: number, uid: number): Message | null;
  orphans(mailboxId: number): readonly OrphanFile[];
  acl(mailboxId: number): readonly (readonly [ByteString, ByteString])[];
  /** Items of one kind, or all of them (ACLs too), ordered by kind, owner, key and name of the mailbox. */
  items(kind?: ItemKind): Iterable<ItemFacts>;
  /** What of the items could not be read. */
  unreadItems(): readonly UnreadItems[];
  tombstones(): readonly Tombstone[];
  pending(): readonly PendingName[];
  problems(): readonly (ReadProblem & { readonly mailbox: number | null })[];
  /** Those of one mailbox. */
  problemsOf(mailboxId: number): readonly ReadProblem[];
  /** Other messages whose file is the same inode as this one's, as `mailbox/uid`. */
  sameInode(mailboxId: number, uid: number): readonly { readonly mailbox: ByteString; readonly uid: number }[];
  /** Checks the rows of a mailbox against the seal before they are used. Throws ManifestError. */
  verifyRows(mailboxId: number): void;
}

/** Two mailboxes that are the same one, or what is left over on one side. Ids are local to each manifest. */
export interface PairedMailboxes {
  readonly primary: number | null;
  readonly replica: number | null;
}

/** Two manifests side by side. */
export interface ManifestPairView {
  readonly primary: ManifestView;
  readonly replica: ManifestView;
  /** Listed mailboxes of both sides with one uniqueid, paired, that differ in anything or are not plainly healthy. */
  differingPairs(): PairedMailboxes[];
  /** How many pairs there are by uniqueid, and how many of them agree in everything. */
  pairCounts(): { readonly pairs: number; readonly equal: number; readonly equalMessages: number };
  /** Pairs by uniqueid that agree in everything, in name order, for a report of every mailbox. */
  equalPairs(): Iterable<PairedMailboxes>;
  /** Listed mailboxes of one side that no uniqueid pairs, in name order. */
  unpaired(side: Side): number[];
  /**
   * UIDs of a pair of mailboxes at which the sides differ in a comparable field, or that only one side has live.
   * In ascending order, with what each side holds, also expunged.
   */
  differingMessages(primary: number, replica: number, fields: ComparableFields): Iterable<MessagePair>;
  /**
   * The newest last_updated of a record that both sides hold equal, over all mailboxes of an owner
   * (null: over all mailboxes that are in no user's tree).
   *
   * @param beforeMs only those that the replica is known to have had by then, on its own clock; null: whenever
   */
  newestEqualUpdate(owner: ByteString | null, beforeMs: number | null): number | null;
  /** How many messages of each side of a pair the other has no message with that GUID for, counted as a multiset. */
  unmatchedGuids(primary: number, replica: number): { readonly primary: number; readonly replica: number };
  /**
   * Items but ACLs (the mailboxes' own) whose value differs, or that one side lacks; of server, users and listed
   * mailboxes, paired by uniqueid, or by name where there is none. Ordered by kind, owner, key and mailbox. That a side
   * lacks an item says nothing where `unreadItems` covers it.
   */
  differingItems(): Iterable<ItemPair>;
  /** The same of one pair of mailboxes, whatever paired them. */
  differingItemsOf(primary: number, replica: number): Iterable<ItemPair>;
}
