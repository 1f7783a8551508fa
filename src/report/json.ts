import type { Inspected, InspectedMailbox } from "../compare/inspection.ts";
import type {
  Compared,
  MailboxResult,
  Note,
  RecheckedFinding,
  Subject,
  Summary,
  Variance,
} from "../compare/variance.ts";
import { type ByteString, displayName } from "../mail/name.ts";
import type { Report, ReportFormat, ReportOptions, Sink } from "./format.ts";

type Fields = Record<string, unknown>;

/** The report of a comparison: one object a line, one chunk a line; the summary last. Fields are only ever added. */
function beginJson(compared: Compared, options: ReportOptions, sink: Sink): Report {
  for (const mailbox of compared.mailboxes(options.allMailboxes)) sink(jsonLine(mailboxFields(mailbox)));
  return {
    finding: (variance) => sink(jsonLine(varianceFields(variance))),
    end() {
      for (const note of compared.notes()) sink(jsonLine(noteFields(note)));
      for (const finding of compared.recheck?.findings ?? []) sink(jsonLine(recheckFields(finding)));
      sink(jsonLine(summaryFields(compared.summary)));
    },
  };
}

/** The report of one manifest, in the same form: mailboxes if asked for, findings, notes, and the summary last. */
function beginInspectionJson(inspected: Inspected, options: ReportOptions, sink: Sink): Report {
  if (options.allMailboxes) {
    for (const mailbox of inspected.mailboxes()) sink(jsonLine(inspectedFields(mailbox)));
  }
  return {
    finding: (variance) => sink(jsonLine(varianceFields(variance))),
    end() {
      for (const note of inspected.notes()) sink(jsonLine(noteFields(note)));
      sink(jsonLine(inspectionSummaryFields(inspected)));
    },
  };
}

function inspectionSummaryFields({ verdict, exitCode, side, counts, incomplete }: Inspected): Fields {
  const { mailboxes, messages, ...manifest } = side;
  return {
    type: "summary",
    schema: "spooldiff.inspect/1",
    verdict,
    exitCode,
    ...manifest,
    counts: { mailboxes, messages, ...counts },
    incomplete,
  };
}

/** `--format json`. */
export const jsonFormat: ReportFormat = { comparison: beginJson, inspection: beginInspectionJson };

/**
 * One object as one line. JSON leaves DEL, C1 and format characters bare, which a terminal would obey; here they are
 * `\u…` escapes, which parse to the same text.
 */
export function jsonLine(fields: Fields): string {
  const text = JSON.stringify(fields);
  return `${text.replace(/[\x7f-\x9f\u2028\u2029\p{Cf}]/gu, escapeUnits)}\n`;
}

function escapeUnits(character: string): string {
  let escaped = "";
  for (let i = 0; i < character.length; i++) {
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}

/** The fields of a variance line: the subject's beside its own, names decoded. */
function varianceFields(variance: Variance): Fields {
  const { type, class: name, state, side, subject, primary, replica, pending, ...rest } = variance;
  const work = pending === undefined ? {} : { pending: { names: pending.names, ...named("log", pending.log) } };
  return { type, class: name, state, side, ...subjectFields(subject), primary, replica, ...work, ...rest };
}

/** What a finding is about, names decoded. */
function subjectFields({ mailbox, otherMailbox, uniqueId, path, owner, key, ...others }: Subject): Fields {
  return {
    ...named("mailbox", mailbox),
    ...named("otherMailbox", otherMailbox),
    uniqueid: uniqueId,
    ...others,
    ...named("owner", owner),
    ...named("key", key),
    ...named("path", path),
  };
}

/** The fields of a line that says what became of an earlier finding. */
function recheckFields({ outcome, class: name, state, side, subject, now }: RecheckedFinding): Fields {
  return { type: "recheck", outcome, class: name, state, side, ...subjectFields(subject), now };
}

/** The fields of a mailbox line. */
function mailboxFields(result: MailboxResult): Fields {
  const { type, mailbox, otherMailbox, uniqueId, ...rest } = result;
  return { type, ...named("mailbox", mailbox), ...named("otherMailbox", otherMailbox), uniqueid: uniqueId, ...rest };
}

function inspectedFields({ mailbox, uniqueId, ...rest }: InspectedMailbox): Fields {
  return { type: "mailbox", ...named("mailbox", mailbox), uniqueid: uniqueId, ...rest };
}

function noteFields({ type, class: name, mailbox, ...rest }: Note): Fields {
  return { type, class: name, ...named("mailbox", mailbox), ...rest };
}

function summaryFields({ type, schema, verdict, exitCode, ...rest }: Summary): Fields {
  return { type, schema, verdict, exitCode, ...rest };
}

/** A name as text, and beside it as `…Bytes` in base64 where the text cannot give the bytes back. */
function named(field: string, name: ByteString | null | undefined): Fields {
  if (name === undefined) return {};
  if (name === null) return { [field]: null };
  const { text, base64 } = displayName(name);
  return base64 === null ? { [field]: text } : { [field]: text, [`${field}Bytes`]: base64 };
}
