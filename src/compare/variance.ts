import type { ByteString } from "../mail/name.ts";
import type { Check, CheckResult, Side, State, VarianceClass, Verdict } from "./classes.ts";

/** Facts read on one side, as they are printed: field name to value. Digests and ids are hex, modseqs decimal text. */
export type Evidence = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** The thing that a finding is about; what identifies it over runs. */
export interface Subject {
  readonly mailbox: ByteString | null;
  /** The replica's name of the mailbox where it has another one. */
  readonly otherMailbox?: ByteString;
  readonly uniqueId: string | null;
  readonly uid?: number;
  /** Absolute path on the side that `side` names (the primary for `both`). */
  readonly path?: ByteString;
  /** Which field, where the class covers several. */
  readonly item?: string;
  readonly owner?: ByteString;
  readonly key?: ByteString;
}

/** A replication log of the primary that still names what a finding is about, or its user. */
export interface Pending {
  readonly names: "mailbox" | "user";
  /** The log, relative to the directory of all of them. */
  readonly log: ByteString;
}

/** Who reads a report knows of this difference: it counts towards no verdict. */
export interface Acceptance {
  readonly reason: string;
  /** The last day of it, UTC. */
  readonly expires: string;
}

/** One fault, said once. */
export interface Variance {
  readonly type: "variance";
  readonly class: VarianceClass;
  readonly state: State;
  /**
   * Where the thing is missing, bad, or changed; for an in-flight finding the side that is behind. A difference of two
   * live records that no evidence can place is the replica's: the primary is what it should follow.
   */
  readonly side: Side | "both" | "unknown";
  /** Of an in-flight finding: replication has yet to bring it, or it came between the two scans. */
  readonly cause?: "lag" | "race";
  /** Of an in-flight finding: how old the change was when the side that lacks it was read, in seconds. */
  readonly ageSeconds?: number;
  readonly subject: Subject;
  readonly primary: Evidence | null;
  readonly replica: Evidence | null;
  /** Which rule of the judge decided. */
  readonly rule: string;
  /** One or two sentences in an administrator's words; the side is named by its host. */
  readonly explain: string;
  /** What to do, or null where nothing needs doing. */
  readonly repair: string | null;
  /** Messages that this finding stands for, where it stands for more than one thing. */
  readonly messages?: number;
  /** Findings that this one made redundant, by class. */
  readonly absorbed?: Readonly<Partial<Record<VarianceClass, number>>>;
  /** Work that replication had not done when the primary was scanned. Evidence: that it is absent says nothing. */
  readonly pending?: Pending;
  /** With `--state`: when a comparison that counted saw this thing first, ISO 8601 UTC, and how many have. */
  readonly firstSeen?: string;
  readonly runs?: number;
  readonly course?: "new" | "persisting" | "reopened";
  /** With `--state`: comparisons in a row up to this one that it has stood for as it is. */
  readonly standing?: number;
  /** A second look (`scan --only`) found the thing again that an earlier comparison had a finding of. */
  readonly confirmed?: true;
  /** With `--ignore`: it was accepted, and counts in no verdict and no total but that of accepted findings. */
  readonly accepted?: Acceptance;
}

/** Worth knowing, never a variance. */
export interface Note {
  readonly type: "note";
  readonly class: string;
  readonly mailbox: ByteString | null;
  readonly side: Side | "both" | null;
  readonly explain: string;
  readonly count?: number;
}

/** The numbers of the seed's second check for one side of a mailbox. */
export interface MailboxStatusNumbers {
  readonly messages: number;
  readonly unseen: number | null;
  readonly uidvalidity: number;
  readonly uidnext: number;
  readonly highestmodseq: string | null;
}

/** One line for a pair of mailboxes, or for a mailbox that only one side has. */
export interface MailboxResult {
  readonly type: "mailbox";
  readonly mailbox: ByteString;
  readonly otherMailbox?: ByteString;
  readonly uniqueId: string | null;
  readonly checks: Readonly<Record<Check, CheckResult>>;
  readonly primary: MailboxStatusNumbers | null;
  readonly replica: MailboxStatusNumbers | null;
  /** How many findings of each state this mailbox has, those that were accepted apart. */
  readonly findings: Readonly<Partial<Record<State, number>>>;
}

/** How much of the bytes one manifest stands for. */
export interface Coverage {
  readonly level: string;
  readonly messages: number;
  readonly bytes: string;
  readonly bytesReadNow: string;
  readonly bytesCarried: string;
  /** ISO 8601, or null when nothing was carried. */
  readonly oldestCarried: string | null;
}

/** One manifest, as a report names it. */
export interface SideSummary {
  readonly manifest: string;
  readonly file: string;
  readonly host: string;
  readonly store: string;
  readonly instance: string;
  readonly role: string | null;
  readonly level: string;
  /** ISO 8601 UTC. */
  readonly scannedFrom: string;
  readonly scannedTo: string;
  readonly coverage: Coverage;
  readonly mailboxes: number;
  readonly messages: number;
}

/** What would be lost if the primary died now: messages of which the replica has no good copy. */
export interface Exposure {
  readonly messages: number;
  /** By the primary's indexes, in decimal text. */
  readonly bytes: string;
  /** Users with such a message. */
  readonly users: number;
  /** ISO 8601: since when the oldest of them has stood on the primary alone; null where nothing says. */
  readonly oldest: string | null;
  /** Of the messages, those that came between the two scans: replication may have brought them since. */
  readonly betweenScans: number;
  /** False where of some messages nobody can tell: then there are at least so many. */
  readonly exact: boolean;
}

/** How far the replica is behind for lack of replication. What came between the scans is no lag. */
export interface LagSummary {
  /** What the primary alone has; bytes in decimal text. */
  readonly messages: number;
  readonly bytes: string;
  /** Ages of the changes that the replica lacks, in seconds: the oldest, the median, the 95th percentile. */
  readonly seconds: number | null;
  readonly median: number | null;
  readonly p95: number | null;
}

/** What became of one finding of an earlier comparison. */
export interface RecheckedFinding {
  readonly class: VarianceClass;
  readonly state: State;
  readonly side: Variance["side"];
  readonly subject: Subject;
  readonly outcome: "confirmed" | "cleared" | "not-re-examined";
  /** What it is now, of one that was confirmed. */
  readonly now: Pick<Variance, "class" | "state" | "side"> | null;
}

/** How many findings of a list there are of each outcome. */
export interface RecheckCounts {
  readonly confirmed: number;
  readonly cleared: number;
  readonly notReExamined: number;
}

/** What a second look made of the findings of an earlier comparison, in the order of their list. */
export interface RecheckResult {
  readonly findings: readonly RecheckedFinding[];
  readonly counts: RecheckCounts;
}

/** Where a comparison stands among the earlier ones of its pair, and what became of their findings. */
export interface HistorySummary {
  /** The state file, as the user named it. */
  readonly file: string;
  /** Its number among those that counted; of one that does not, that of the last one before, or 0. */
  readonly comparison: number;
  /** When the manifests of the first one had been read, ISO 8601 UTC; null: there is none. */
  readonly since: string | null;
  /** Why this one does not count and changed nothing; null where it counts. */
  readonly notCounted: string | null;
  /** The hosts have changed their roles since the last one: so nothing is cleared. */
  readonly swapped: boolean;
  /** When the manifests of the last complete one had been read, the present one included; null: there is none. */
  readonly lastComplete: string | null;
  /** Null where it does not count. */
  readonly findings: {
    readonly new: number;
    readonly persisting: number;
    readonly reopened: number;
    readonly cleared: number;
    /** Open findings that this comparison could not look at again: they stay open. */
    readonly notReExamined: number;
  } | null;
}

/** Totals of one comparison; exact, whatever a report leaves out. */
export interface Summary {
  readonly type: "summary";
  readonly schema: "spooldiff.report/1";
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly primary: SideSummary;
  readonly replica: SideSummary;
  /** `replica-first` is proved by `--after`; the others are by the clocks of the hosts. */
  readonly order: {
    readonly kind: "replica-first" | "primary-first" | "overlapping";
    readonly proved: boolean;
    readonly gapSeconds: number;
  };
  readonly scope: {
    readonly level: string;
    readonly checks: readonly Check[];
    /** Checks and items that this version does not read at all. */
    readonly outside: readonly string[];
    /** Fields that one side cannot supply, `field: reason`. */
    readonly notComparable: readonly string[];
    readonly narrowedBy: readonly string[];
  };
  readonly checks: Readonly<Record<Check, CheckResult>>;
  readonly counts: {
    readonly mailboxes: {
      readonly compared: number;
      readonly differing: number;
      readonly onlyPrimary: number;
      readonly onlyReplica: number;
      readonly notChecked: number;
    };
    readonly messages: { readonly compared: number; readonly differing: number };
    readonly byClass: Readonly<Partial<Record<VarianceClass, number>>>;
    readonly byState: Readonly<Partial<Record<State, number>>>;
    /** Only with `--ignore`: findings that were accepted. They are in neither of the two totals above. */
    readonly accepted?: number;
    readonly notes: number;
  };
  readonly exposure?: Exposure;
  readonly lag?: LagSummary;
  /** Only with `--state`. */
  readonly history?: HistorySummary;
  /** Only of a second look. */
  readonly recheck?: RecheckCounts;
  /** Why the run is incomplete; empty when it is not. */
  readonly incomplete: readonly string[];
  /** The next command to run, or null when there is nothing to do. */
  readonly next: string | null;
}

/** What a reporter is given of a comparison beside its findings, which it gets one by one. */
export interface Compared {
  readonly summary: Summary;
  /** How many findings there are of one class in one state. */
  countOf(state: State, name: VarianceClass): number;
  /** How many findings of a state one check made that place the fault on this side. */
  countAt(check: Check, side: Variance["side"], state: State): number;
  notes(): Iterable<Note>;
  /** Mailboxes that differ, or all of them. In name order. */
  mailboxes(all: boolean): Iterable<MailboxResult>;
  /** Only of a second look: what became of the findings that it looked at again. */
  readonly recheck?: RecheckResult;
  /** Mailboxes with the most findings, worst first. */
  worstMailboxes(limit: number): MailboxResult[];
}

/** Everything that a comparison came to. */
export interface Findings extends Compared {
  /** In report order: by state (worst first), class, mailbox name, uid; after all others those that were accepted. */
  variances(): Iterable<Variance>;
}
