import type { Inspected } from "../compare/inspection.ts";
import type { Compared, Variance } from "../compare/variance.ts";
import type { Trend } from "../trend/trend.ts";

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
  /** What the comparisons of this pair come to, this one among them; absent without a history. */
  readonly trend?: Trend;
}

/**
 * A report under way. It is given each finding once, in report order, and ended; so that all reports of a comparison
 * are written in one pass over its findings.
 */
export interface Report {
  finding(variance: Variance): void;
  end(): void;
}

/** One format of report: begun with what is known beside the findings, a pure function of these and the findings. */
export interface ReportFormat {
  /** The report of `compare`. */
  comparison(compared: Compared, options: ReportOptions, sink: Sink): Report;
  /** The report of `inspect`; null where the format has none. */
  readonly inspection: ((inspected: Inspected, options: ReportOptions, sink: Sink) => Report) | null;
}
