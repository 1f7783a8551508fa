import { UsageError } from "../errors.ts";
import type { ReportFormat } from "../report/format.ts";
import { isReportFormat, REPORT_FORMATS, type ReportFormatName } from "../report/reporter.ts";
import { fileOutput, type Output, standardOutput } from "./output.ts";
import { checkOutsideServer } from "./server-place.ts";

/** One `--format F[=FILE]`. */
export interface ReportTarget {
  readonly name: ReportFormatName;
  /** Null: standard output. */
  readonly file: string | null;
}

/** Parses all `--format` options of a command; none means text on standard output. */
export function reportTargets(given: readonly string[]): ReportTarget[] {
  const targets = (given.length === 0 ? ["text"] : given).map((text): ReportTarget => {
    const at = text.indexOf("=");
    const name = at < 0 ? text : text.slice(0, at);
    const file = at < 0 ? null : text.slice(at + 1);
    if (!isReportFormat(name)) {
      const known = Object.keys(REPORT_FORMATS).join(", ");
      throw new UsageError(
        `Cannot use --format "${text}": there is no such format`,
        `Formats are ${known}; a file is named as in --format json=report.ndjson`,
      );
    }
    if (file === "") throw new UsageError(`Cannot use --format "${text}": the file has no name`);
    if (file !== null) checkOutsideServer(file);
    return { name, file };
  });
  if (targets.filter((target) => target.file === null).length > 1) {
    throw new UsageError(
      "Cannot write two reports to standard output",
      "Name a file for all but one: --format json=report.ndjson",
    );
  }
  return targets;
}

/** Writes every report. Files are opened before any of them is written, and named when they are whole. */
export async function writeReports(
  targets: readonly ReportTarget[],
  write: (format: ReportFormat, output: Output, target: ReportTarget) => void,
): Promise<void> {
  for (const target of targets) {
    const format = await REPORT_FORMATS[target.name]();
    const output = target.file === null ? standardOutput() : fileOutput(target.file);
    try {
      write(format, output, target);
      output.close();
    } catch (error) {
      output.abandon();
      throw error;
    }
  }
}

/** Colours only on a terminal, and not where NO_COLOR asks for none. */
export function wantsColour(target: ReportTarget): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (target.file !== null) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
  return process.stdout.isTTY === true && TERM !== "dumb";
}
