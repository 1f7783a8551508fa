/** What the lists need to know of the two hosts beside the findings. The command line hands it in. */
import type { Side } from "../compare/classes.ts";
import type { ByteString } from "../mail/name.ts";
import type { MailboxFacts, MessageFacts } from "../mail/scan-facts.ts";
import type { NamingRules } from "./grammar.ts";

/** Where a mailbox lies on a host, by the program's own layout code; never a path that a manifest gave. */
export type Place =
  | {
      readonly partition: string;
      /** Below the partition's roots. */
      readonly directory: ByteString;
      /** Absolute path of its index; null where no configuration was given. */
      readonly indexFile: ByteString | null;
    }
  | { readonly refused: string };

/** Message files lie below one of two roots of a partition. */
export type RootKind = "spool" | "archive";

/** One host: its manifest, and what is known of its configuration. */
export interface WorkHost {
  /** A label, to be shown and quoted, never trusted. */
  readonly name: string;
  /** A listed mailbox. */
  mailbox(uniqueId: string | null, name: ByteString | null): MailboxFacts | null;
  /** Whether the host remembers that a mailbox was deleted. */
  wasDeleted(uniqueId: string): boolean;
  message(mailboxId: number, uid: number): MessageFacts | null;
  messages(mailboxId: number): Iterable<MessageFacts>;
  /** Where its message files lie. */
  placeOf(mailbox: MailboxFacts): Place;
  /** Absolute path of a root; null where no configuration was given. */
  rootOf(partition: string, kind: RootKind): ByteString | null;
  /** Path of its imapd.conf as the tools on it are to be told; null: their default. */
  readonly configFile: string | null;
  /** The database that is its mailbox list; null where no configuration was given. */
  readonly mailboxDatabase: { readonly path: ByteString; readonly kind: string } | null;
  /** Highest version of a cyrus.index on it; null where none was read. */
  readonly indexVersion: number | null;
}

/** Both hosts, and how their administrators name mailboxes. */
export interface WorkHosts extends Readonly<Record<Side, WorkHost>> {
  readonly naming: NamingRules;
  /** Whether the primary's configuration has sync_cache_db_path; null: not known. */
  readonly syncCache: boolean | null;
}
