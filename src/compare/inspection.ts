import type { MailboxStatus } from "../mail/mailbox.ts";
import type { ByteString } from "../mail/name.ts";
import type { State, VarianceClass } from "./classes.ts";
import type { Note, SideSummary, Variance } from "./variance.ts";

/** One mailbox of one manifest. Null where nothing was read, or the store does not say. */
export interface InspectedMailbox {
  readonly mailbox: ByteString;
  readonly uniqueId: string | null;
  readonly partition: string | null;
  readonly status: MailboxStatus;
  readonly messages: number | null;
  readonly unseen: number | null;
  readonly uidvalidity: number | null;
  readonly uidnext: number | null;
  readonly highestmodseq: string | null;
  /** Bytes of its messages by its index, in decimal. */
  readonly bytes: string | null;
}

/**
 * Everything that one manifest says of its own host, with no partner needed. Its findings are own-side findings:
 * `side` is the role of the manifest (`primary` where it has none), and evidence stands on that side only.
 */
export interface Inspection {
  readonly side: SideSummary;
  readonly verdict: "damaged" | "incomplete" | "in-sync";
  readonly exitCode: number;
  readonly counts: {
    readonly byClass: Readonly<Partial<Record<VarianceClass, number>>>;
    readonly byState: Readonly<Partial<Record<State, number>>>;
    /** Only with `--ignore`: findings that were accepted, and are in neither of the two totals above. */
    readonly accepted?: number;
    readonly notes: number;
  };
  /** Why it is incomplete; empty when it is not. */
  readonly incomplete: readonly string[];
  /** How many findings there are of one class in one state. */
  countOf(state: State, name: VarianceClass): number;
  /** In report order: by state (worst first), class, mailbox name, uid; after all others those that were accepted. */
  variances(): Iterable<Variance>;
  notes(): Iterable<Note>;
  /** All of them, in name order. */
  mailboxes(): Iterable<InspectedMailbox>;
}

/** What a reporter is given of an inspection beside its findings, which it gets one by one. */
export type Inspected = Omit<Inspection, "variances">;
