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
  readonly standing: readonly StandingFindings[];
}
