/** Names the rows in tables, targets and the results file. */
export type RowId =
  | "full"
  | "full-no-stats"
  | "roof-full"
  | "roof-lanes"
  | "hashdeep"
  | "hashdeep-both"
  | "rclone"
  | "rhash"
  | "md5sum"
  | "quick"
  | "stat"
  | "index"
  | "rescan"
  | "roof-read"
  | "roof-stat"
  | "compare"
  | "compare-large"
  | "verify-large"
  | "scan-200k"
  | "scan-400k"
  | "scan-1m";

/** One command that is measured. */
export interface Row {
  readonly id: RowId;
  readonly label: string;
  readonly command: readonly string[];
  /** Done before each run, outside of the measured time. */
  readonly prepare?: () => void;
  /** Looks at what the command printed: why the run does not count, or null. Without it output is thrown away. */
  readonly objection?: (output: string) => string | null;
}

/** A row that cannot be measured here, and why. */
export interface MissingRow {
  readonly id: RowId;
  readonly reason: string;
}
