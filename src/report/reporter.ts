import type { ReportFormat } from "./format.ts";
import { withHtmlPackages } from "./optional.ts";

/** Every format by its name in `--format`, loaded when it is asked for. A new format is one line here. */
export const REPORT_FORMATS = {
  text: async () => (await import("./text.ts")).textFormat,
  json: async () => (await import("./json.ts")).jsonFormat,
  csv: async () => (await import("./csv.ts")).csvFormat,
  html: async () => (await withHtmlPackages(() => import("./html/comparison.ts"))).htmlFormat,
  junit: async () => (await import("./junit.ts")).junitFormat,
  nagios: async () => (await import("./nagios.ts")).nagiosFormat,
  prometheus: async () => (await import("./prometheus/comparison.ts")).prometheusFormat,
} as const satisfies Readonly<Record<string, () => Promise<ReportFormat>>>;

export type ReportFormatName = keyof typeof REPORT_FORMATS;

/** True for the name of a format: for checking what was typed. */
export function isReportFormat(name: string): name is ReportFormatName {
  return Object.hasOwn(REPORT_FORMATS, name);
}
