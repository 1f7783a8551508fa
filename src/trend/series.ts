/** What the judge of a series is given: the comparisons of one pair that counted, oldest first. */
import type { ByteString } from "../mail/name.ts";

/** The pair, or one user, after one comparison. Open findings by state, those not re-examined among them. */
export interface Point {
  readonly comparison: number;
  /** When both hosts had been read, in milliseconds since 1970. */
  readonly readMs: number;
  /** Everything in scope could be read and compared. */
  readonly complete: boolean;
  /** The hosts have changed their roles since the comparison before. */
  readonly swapped: boolean;
  /** What narrowed the comparison; equal texts are equal scopes. */
  readonly scope: string;
  /** Sums of HIGHESTMODSEQs in decimal, each side's own; null: nothing has one. */
  readonly primaryModseq: string | null;
  readonly replicaModseq: string | null;
  readonly damaged: number;
  readonly diverged: number;
  readonly inFlight: number;
  readonly unproven: number;
  /** Of those damaged or diverged, and of those in flight: how many were open after an earlier comparison as well. */
  readonly lasting: number;
  readonly waiting: number;
  /** Age of the oldest open finding: of the change itself where that is known, else since it was first seen. */
  readonly oldestSeconds: number | null;
  readonly appeared: number;
  readonly cleared: number;
  readonly lagMessages: number;
  readonly lagBytes: number;
  /** Age of the oldest change that was not replicated; and, of the pair, the median and the 95th percentile of all. */
  readonly lagSeconds: number | null;
  readonly lagMedian: number | null;
  readonly lagP95: number | null;
}

/** The series of one user; of shared mailboxes where the name is empty. */
export interface UserSeries {
  readonly user: ByteString;
  readonly points: readonly Point[];
}

/** The series of a pair and of its users. */
export interface Series {
  readonly points: readonly Point[];
  readonly users: readonly UserSeries[];
}

/** Open findings of all states. */
export function openOf({ damaged, diverged, inFlight, unproven }: Point): number {
  return damaged + diverged + inFlight + unproven;
}

/** Findings that replication will not mend. */
export function lastingKindOf({ damaged, diverged }: Point): number {
  return damaged + diverged;
}
