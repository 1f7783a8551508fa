import type { Inspection } from "../compare/inspection.ts";
import type { Findings } from "../compare/variance.ts";

/** Where a report goes, piece by piece. Nothing is kept: a report of any length needs little memory. */
export type Sink = (chunk: string) => void;

/** What a caller may ask of a report; each format heeds what applies to it. */
export interface ReportOptions {
  /** Colours, for a terminal. */
  readonly colour: boolean;
  /** Findings shown of one class in one state, where people read; totals stay exact. */
  readonly limit: number;
  /** A line for every mailbox, not only for those that differ. */
  readonly allMailboxes: boolean;
  /** Comparisons after which what is still there alarms, where a format alarms. */
  readonly persist?: number;
}

/** One format of report: pure functions from findings to text. */
export interface ReportFormat {
  /** The report of `compare`. */
  comparison(findings: Findings, options: ReportOptions, sink: Sink): void;
  /** The report of `inspect`; null where the format has none. */
  readonly inspection: ((inspection: Inspection, options: ReportOptions, sink: Sink) => void) | null;
}
