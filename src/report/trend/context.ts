import type { StandingFindings } from "../standing.ts";

/** What a report of a trend names beside the trend itself. */
export interface TrendContext {
  /** Of the last comparison; null: there is none. */
  readonly primary: string | null;
  readonly replica: string | null;
  /** Levels and scopes of the last comparison: what its words speak of. */
  readonly level: string | null;
  readonly narrowedBy: readonly string[];
  /** The verdict of the last comparison alone, and findings that it did not look at again. */
  readonly lastVerdict: string | null;
  readonly notReExamined: number;
  /** Differences that were accepted in the last comparison: they are open nowhere. Absent: none. */
  readonly accepted?: number;
  readonly standing: readonly StandingFindings[];
  /** What the last comparison had looked at; absent or null: an older program recorded it, and it is not known. */
  readonly coverage?: TrendCoverage | null;
}

/** What a comparison had looked at. Messages are those of the mailboxes compared, also what one side lacks. */
export interface TrendCoverage {
  readonly mailboxes: number;
  readonly mailboxesUnchecked: number;
  readonly messages: number;
  readonly primary: TrendSideCoverage;
  readonly replica: TrendSideCoverage;
}

/** Bytes that a manifest stands for, read by its own scan or carried from an earlier one. */
export interface TrendSideCoverage {
  readonly bytes: number;
  readonly read: number;
  readonly carried: number;
  /** When the oldest carried bytes were read; null: none are carried. */
  readonly oldestMs: number | null;
}
