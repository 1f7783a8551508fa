/** `spooldiff inspect` once its options are parsed. */
import { inspectManifest } from "../compare/inspect.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { FindingStore } from "../findings/store.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { ManifestReader } from "../manifest/reader.ts";
import { verifyMailboxRows, verifyTables } from "../manifest/verify.ts";
import { StoredManifestView } from "../manifest/view.ts";
import type { ReportFormat } from "../report/format.ts";
import { md5sumLine } from "../report/md5sum.ts";
import { writeMessageLines } from "../report/message-lines.ts";
import { standardOutput } from "./output.ts";
import { loadFormats, type ReportTarget, reportTargets, wantsColour } from "./reports/report-targets.ts";
import { writeReports } from "./reports/report-writing.ts";
import { nothingMatched, type ScopeOptions, scopeOf } from "./scope-options.ts";
import { readIgnoreFile } from "./settings/ignore-file.ts";

/** The options of `inspect`, parsed. */
export interface InspectOptions extends ScopeOptions {
  readonly format: readonly string[];
  readonly messages?: boolean;
  readonly md5sum?: boolean;
  readonly ignore?: string;
  readonly limit: number;
  readonly all?: boolean;
}

/** Shows one manifest. */
export async function inspect(path: string, options: InspectOptions): Promise<ExitCode> {
  const targets = reportTargets(options.format);
  const formatOf = await loadFormats(targets);
  for (const target of targets) reportOf(target, formatOf(target), options);
  const manifest = ManifestReader.open(path);
  const store = new FindingStore();
  try {
    verifyTables(manifest);
    const scope = scopeOf(options);
    const inScope = (mailbox: MailboxFacts) => scope(mailbox.name);
    if (options.md5sum === true) return writeMd5sums(manifest, inScope);
    const view = new StoredManifestView(manifest);
    const acceptances = options.ignore === undefined ? null : readIgnoreFile(options.ignore, Date.now());
    const inspection = inspectManifest(view, store, inScope, acceptances);
    if (isEmpty(inspection.mailboxes())) throw nothingMatched(path, options);
    writeReports(targets, inspection.variances(), (target, sink) => {
      if (options.messages === true) {
        for (const mailbox of view.mailboxes()) {
          if (!inScope(mailbox)) continue;
          view.verifyRows(mailbox.id);
          writeMessageLines(mailbox, manifest.messages(mailbox.id), target.name === "json" ? "json" : "text", sink);
        }
      }
      const report = { colour: wantsColour(target), limit: options.limit, allMailboxes: options.all === true };
      return reportOf(target, formatOf(target), options)(inspection, report, sink);
    });
    return inspection.exitCode as ExitCode;
  } finally {
    store.close();
    manifest.close();
  }
}

/** The report of this command in a format; refuses what cannot be written. */
function reportOf({ name }: ReportTarget, { inspection }: ReportFormat, options: InspectOptions) {
  if (inspection === null) {
    const found = `Cannot use --format ${name}: inspect has no such report`;
    throw new UsageError(found, "One manifest alone has reports in text, json, csv and junit");
  }
  if (options.messages === true && name !== "text" && name !== "json") {
    throw new UsageError(
      `Cannot use --messages with --format ${name}: it has no room for messages`,
      "Messages are printed by --format text and --format json",
    );
  }
  return inspection;
}

/** Takes the first item at most, and leaves the loop properly: an abandoned iterator would keep its database busy. */
function isEmpty(items: Iterable<unknown>): boolean {
  for (const _ of items) return false;
  return true;
}

function writeMd5sums(manifest: ManifestReader, inScope: (mailbox: MailboxFacts) => boolean): ExitCode {
  if (manifest.facts.level !== "full") {
    throw new UsageError(
      `Cannot list MD5 digests of "${manifest.path}": it was scanned at level ${manifest.facts.level}`,
      "Scan that host with --level full",
    );
  }
  const output = standardOutput();
  for (const mailbox of manifest.mailboxes()) {
    if (!inScope(mailbox)) continue;
    verifyMailboxRows(manifest, mailbox.id);
    for (const message of manifest.messagesWithStat(mailbox.id)) {
      const directory = mailbox.directories[message.stat?.root === 1 ? 1 : 0];
      if (directory === undefined || message.file.md5 === null) continue;
      output.write(md5sumLine(message.file.md5, `${directory}/${message.uid}.`));
    }
  }
  output.close();
  return ExitCode.ok;
}
