import type { Evidence, Variance } from "../compare/variance.ts";
import type { ByteString } from "../mail/name.ts";
import { terminalName, terminalText } from "./escape.ts";
import type { Report, ReportFormat, Sink } from "./format.ts";

/** The columns, in order, each with what it holds of a finding. Columns are only ever added, at the end. */
const COLUMNS: readonly (readonly [string, (variance: Variance) => string])[] = [
  ["class", ({ class: name }) => name],
  ["state", ({ state }) => state],
  ["side", ({ side }) => side],
  ["cause", ({ cause }) => cause ?? ""],
  ["age_seconds", ({ ageSeconds }) => number(ageSeconds)],
  ["mailbox", ({ subject }) => name(subject.mailbox)],
  ["other_mailbox", ({ subject }) => name(subject.otherMailbox)],
  ["uniqueid", ({ subject }) => terminalText(subject.uniqueId ?? "")],
  ["uid", ({ subject }) => number(subject.uid)],
  ["item", ({ subject }) => terminalText(subject.item ?? "")],
  ["owner", ({ subject }) => name(subject.owner)],
  ["key", ({ subject }) => name(subject.key)],
  ["messages", ({ messages }) => number(messages)],
  ["rule", ({ rule }) => rule],
  ["path", ({ subject }) => name(subject.path)],
  ["primary", ({ primary }) => evidence(primary)],
  ["replica", ({ replica }) => evidence(replica)],
  ["explain", ({ explain }) => terminalText(explain)],
  ["repair", ({ repair }) => terminalText(repair ?? "")],
  ["accepted_until", ({ accepted }) => terminalText(accepted?.expires ?? "")],
  ["accepted_reason", ({ accepted }) => terminalText(accepted?.reason ?? "")],
];

/**
 * The report as comma-separated values (RFC 4180): a header row, then one row for each finding, each on one line. Names
 * and paths are escaped as the text report escapes them, so that no two look alike; their exact bytes are in JSON.
 */
function beginCsv(sink: Sink): Report {
  sink(row(COLUMNS.map(([column]) => column)));
  return { finding: (variance) => sink(row(COLUMNS.map(([, value]) => value(variance)))), end: () => {} };
}

/** `--format csv`. */
export const csvFormat: ReportFormat = {
  comparison: (_compared, _options, sink) => beginCsv(sink),
  inspection: (_inspected, _options, sink) => beginCsv(sink),
};

function row(cells: readonly string[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

/**
 * What a spreadsheet would run: a cell that begins, after spaces which some programs skip, with one of these signs or
 * their full-width forms (OWASP, "CSV Injection"). In half of the world a spreadsheet takes `;` to end a cell, whatever
 * is quoted.
 */
const FORMULA = /(^|;)(?=\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20])/g;

/** Most cells: nothing in them ends a cell, and nothing a spreadsheet would run begins one. */
const PLAIN = /^(?:[0-9A-Za-z][\w./:\\-]*)?$/;

/** One cell. An apostrophe in front keeps a spreadsheet from running it, quotes keep it in one piece. */
function cell(value: string): string {
  if (PLAIN.test(value)) return value;
  const guarded = value.replace(FORMULA, "$1'");
  return /[", ]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function number(value: number | undefined): string {
  return value === undefined ? "" : String(value);
}

function name(value: ByteString | null | undefined): string {
  return value === null || value === undefined ? "" : terminalName(value);
}

/** What was read on one side, as JSON; empty where that side has nothing. */
function evidence(value: Evidence | null): string {
  return value === null ? "" : terminalText(JSON.stringify(value));
}
