import { resolve } from "node:path";
import type { Option } from "commander";
import { UsageError } from "../../errors.ts";
import type { ReportFormat } from "../../report/format.ts";
import { isReportFormat, REPORT_FORMATS, type ReportFormatName } from "../../report/reporter.ts";
import { repeatable } from "../values.ts";
import { checkOutsideServer } from "../worklist/server-place.ts";

/** One `--format F[=FILE]`. */
export interface FormatTarget<Name extends string> {
  readonly name: Name;
  /** Null: standard output. */
  readonly file: string | null;
}

/** One report of a comparison or an inspection. */
export type ReportTarget = FormatTarget<ReportFormatName>;

/** The formats that a trend is reported in. */
export const TREND_FORMATS = ["text", "json", "html", "nagios", "prometheus"] as const;

/** Parses all `--format` options of a command; none means text on standard output. */
export function reportTargets(given: readonly string[]): ReportTarget[] {
  return parseTargets(given, Object.keys(REPORT_FORMATS).filter(isReportFormat));
}

/** The same, of the formats that a command knows; the first is what it writes when none is asked for. */
export function parseTargets<Name extends string>(
  given: readonly string[],
  known: readonly Name[],
): FormatTarget<Name>[] {
  const targets = (given.length === 0 ? known.slice(0, 1) : given).map((text) => parseTarget(text, known));
  for (const { file } of targets) if (file !== null) checkOutsideServer(file);
  if (targets.filter((target) => target.file === null).length > 1) {
    throw new UsageError(
      "Cannot write two reports to standard output",
      "Name a file for all but one: --format json=report.ndjson",
    );
  }
  return targets;
}

function parseTarget<Name extends string>(text: string, known: readonly Name[]): FormatTarget<Name> {
  const at = text.indexOf("=");
  const typed = at < 0 ? text : text.slice(0, at);
  const file = at < 0 ? null : text.slice(at + 1);
  const name = known.find((format) => format === typed);
  const asIn = "a file is named as in --format json=report.ndjson";
  if (name === undefined) {
    const found = `Cannot use --format "${text}": there is no such format`;
    throw new UsageError(found, `Formats are ${known.join(", ")}; ${asIn}`);
  }
  if (file === "") throw new UsageError(`Cannot use --format "${text}": the file has no name`, `Name it; ${asIn}`);
  return { name, file };
}

/** `--format` of a command, checked as it is parsed, so that an error can say where it was written. */
export function formatOption(known: readonly string[], description: string = listed(known)): Option {
  return repeatable("--format <format[=file]>", description, "text").argParser(
    (text: string, earlier: readonly string[]) => {
      parseTarget(text, known);
      return [...earlier, text];
    },
  );
}

/** Formats as help lists them: `text, json or csv`. */
function listed(formats: readonly string[]): string {
  return `${formats.slice(0, -1).join(", ")} or ${formats.at(-1)}`;
}

/** True where this format is the only one: `nagios` alone ends with the codes of a monitoring plugin. */
export function isAlone<Name extends string>(targets: readonly FormatTarget<Name>[], name: Name): boolean {
  return targets.length === 1 && targets[0]?.name === name;
}

/** Refuses a report that would take the place of the state file. */
export function checkNotState(targets: readonly FormatTarget<string>[], state: string): void {
  if (targets.some(({ file }) => file !== null && resolve(file) === resolve(state))) {
    throw new UsageError(`Cannot use "${state}" as the state file: a report is written there`, "Give two names");
  }
}

/** Loads the formats of these targets, and returns what gives the format of each. */
export async function loadFormats(targets: readonly ReportTarget[]): Promise<(target: ReportTarget) => ReportFormat> {
  const loaded = new Map<ReportFormatName, ReportFormat>();
  for (const { name } of targets) loaded.set(name, await REPORT_FORMATS[name]());
  return ({ name }) => {
    const format = loaded.get(name);
    if (format === undefined) throw new TypeError(`format ${name} was not loaded`);
    return format;
  };
}

/** Colours only on a terminal, and not where NO_COLOR asks for none. */
export function wantsColour(target: FormatTarget<string>): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (target.file !== null) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
  return process.stdout.isTTY === true && TERM !== "dumb";
}
