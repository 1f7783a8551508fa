/** What the history is told of a comparison, and what it answers. Times in milliseconds since 1970. */
import type { ByteString } from "../mail/name.ts";
import type { ScanFacts } from "../mail/scan-facts.ts";
import type { Thing } from "../mail/thing.ts";

/** The part of a scan's facts that places it in the history. */
export type CountedScan = Pick<ScanFacts, "id" | "instance" | "host" | "startedAtMs" | "finishedAtMs">;

/** The two scans of a comparison by their roles. */
export interface CountedPair {
  readonly primary: CountedScan;
  readonly replica: CountedScan;
  /** One of them looked at a few findings again, and at nothing else. */
  readonly secondLook: boolean;
}

/** Where a comparison stands among the earlier ones of its pair. */
export interface Standing {
  /** Its number, or that of the last comparison that counted where this one does not; 0: none has. */
  readonly comparison: number;
  /** When the manifests of the first comparison had both been read; null: there is none. */
  readonly sinceMs: number | null;
  /** Why it does not count and changes nothing; null where it counts. */
  readonly notCounted: string | null;
  /** The hosts have changed their roles since the comparison before: then nothing is cleared. */
  readonly swapped: boolean;
}

/** One finding, as it is remembered. */
export interface SeenFinding {
  readonly thing: Thing;
  /** Name of the mailbox. */
  readonly name: ByteString | null;
  readonly class: string;
  readonly state: string;
  readonly side: string;
  readonly cause: string | null;
  readonly rule: string;
  /** The lower one of the two index versions, where the thing has an index. */
  readonly indexVersion: number | null;
  /** 16 bytes that stand for what each side had. */
  readonly values: Uint8Array;
}

/** An open finding of an earlier comparison that the present one has not made. */
export interface OpenFinding extends Pick<SeenFinding, "thing" | "name" | "class" | "indexVersion"> {
  /** Level of the comparison that saw it last. */
  readonly level: string;
}

/** What a comparison came to. */
export interface Outcome {
  readonly comparedAtMs: number;
  readonly level: string;
  readonly narrowed: readonly string[];
  readonly verdict: string;
  readonly exitCode: number;
  readonly complete: boolean;
  readonly counts: unknown;
  readonly coverage: ComparisonCoverage;
}

/** What a comparison had looked at. Messages are those of the mailboxes compared, also what one side lacks. */
export interface ComparisonCoverage {
  readonly mailboxes: number;
  readonly mailboxesUnchecked: number;
  readonly messages: number;
  readonly primary: SideCoverage;
  readonly replica: SideCoverage;
}

/** Bytes that a manifest stands for: read by its own scan, or by an earlier one and carried. */
export interface SideCoverage {
  readonly bytes: number;
  readonly read: number;
  readonly carried: number;
  /** When the oldest carried bytes were read; null: none are carried. */
  readonly oldestMs: number | null;
}

/** How many findings a comparison left in which place. */
export interface RunTotals {
  /** Of things that had no open finding; `reopened` of them had been cleared before. */
  readonly appeared: number;
  readonly persisting: number;
  readonly reopened: number;
  readonly cleared: number;
  readonly unexamined: number;
}

/** The first of an unbroken row of comparisons that saw a thing with just these values. */
export interface EarlierSighting {
  /** When the scans of that comparison had ended. */
  readonly primaryReadMs: number;
  readonly replicaReadMs: number;
  /** As it was judged last. */
  readonly cause: string | null;
  readonly side: string;
  readonly rule: string;
}

/** How old a finding is. */
export interface FindingAge {
  readonly firstSeenMs: number;
  /** Comparisons that saw it, the present one too. */
  readonly runs: number;
  /** Comparisons up to the present one that it has stood for as it is. */
  readonly standing: number;
  readonly course: "new" | "persisting" | "reopened";
}

/** How far replication had come with the mailboxes of one user, or with the shared ones. */
export interface UserMeasure {
  /** Empty: shared mailboxes. */
  readonly owner: ByteString;
  readonly mailboxes: number;
  /** Sums of the HIGHESTMODSEQs of each side; null: no mailbox has one. */
  readonly primaryModseq: bigint | null;
  readonly replicaModseq: bigint | null;
  /** Of what the primary alone has for lack of replication. */
  readonly lagMessages: number;
  readonly lagBytes: number;
  /** Age of the oldest change that is not replicated; null: there is none with an age. */
  readonly lagSeconds: number | null;
}

/** What a comparison measures beside its findings. */
export interface Measures {
  readonly users: readonly UserMeasure[];
  /** Of the ages of all changes that are not replicated. */
  readonly lagMedian: number | null;
  readonly lagP95: number | null;
}

/** One row of `progress`: the pair or a user after one comparison. Numbers of open findings by state. */
export interface StoredProgress {
  readonly comparison: number;
  readonly owner: ByteString;
  readonly mailboxes: number;
  readonly primaryModseq: string | null;
  readonly replicaModseq: string | null;
  readonly damaged: number;
  readonly diverged: number;
  readonly inFlight: number;
  readonly unproven: number;
  /** Damaged or diverged, or in flight, and open after an earlier comparison as well. */
  readonly lasting: number;
  readonly waiting: number;
  readonly oldestSeconds: number | null;
  readonly appeared: number;
  readonly cleared: number;
  readonly lagMessages: number;
  readonly lagBytes: number;
  readonly lagSeconds: number | null;
  readonly lagMedian: number | null;
  readonly lagP95: number | null;
}

/** One comparison of a series, with the progress of the pair as a whole. */
export interface StoredComparison extends StoredProgress {
  /** When both hosts had been read. */
  readonly readMs: number;
  readonly primaryHost: string;
  readonly replicaHost: string;
  readonly swapped: boolean;
  readonly level: string;
  /** The globs that narrowed it, as JSON. */
  readonly scope: string;
  readonly verdict: string;
  readonly complete: boolean;
  /** Differences that were accepted: they are no open findings. */
  readonly accepted: number;
  readonly unexamined: number;
  /** Null: an older program recorded it. */
  readonly coverage: ComparisonCoverage | null;
}

/** Open findings of one class, state and rule; `lasting` of them since so many comparisons as were asked for. */
export interface StandingFindings {
  readonly state: string;
  readonly class: string;
  readonly rule: string;
  readonly findings: number;
  readonly lasting: number;
}

/** What a state file says over time, oldest first. */
export interface StoredSeries {
  readonly comparisons: readonly StoredComparison[];
  /** Of users, by comparison, of the last comparisons only. */
  readonly users: readonly StoredProgress[];
  readonly standing: readonly StandingFindings[];
}
