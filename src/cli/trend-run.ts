/** `spooldiff trend` once its options are parsed. */
import { ExitCode, SpooldiffError } from "../errors.ts";
import { readSeries } from "../history/read-series.ts";
import { alarmOfTrend, NAGIOS_CODES, writeNagios } from "../report/nagios.ts";
import { withHtmlPackages } from "../report/optional.ts";
import { writeTrendPrometheus } from "../report/prometheus/trend.ts";
import { ASCII_INK, UNICODE_INK } from "../report/trend/chart.ts";
import type { TrendContext } from "../report/trend/context.ts";
import { writeTrendJson } from "../report/trend/json.ts";
import { writeTrendText } from "../report/trend/text.ts";
import { isAlarm, type Trend, trendOf } from "../trend/trend.ts";
import { contextOf, seriesOf } from "./reports/pair-series.ts";
import { pluginFailure } from "./reports/plugin.ts";
import { checkNotState, isAlone, parseTargets, TREND_FORMATS, wantsColour } from "./reports/report-targets.ts";
import { writeEach } from "./reports/report-writing.ts";

/** The options of `trend`, parsed. */
export interface TrendOptions {
  readonly format: readonly string[];
  readonly maxAge?: number;
  readonly persist: number;
  readonly chart?: boolean;
}

/** Judges and reports the series that a state file holds. */
export async function trend(path: string, options: TrendOptions): Promise<ExitCode> {
  const targets = parseTargets(options.format, TREND_FORMATS);
  const plugin = isAlone(targets, "nagios");
  checkNotState(targets, path);
  const html = targets.some(({ name }) => name === "html") ? await loadHtml() : null;
  try {
    const stored = readSeries(path, options.persist);
    const judged = trendOf(seriesOf(stored), { nowMs: Date.now(), maxAgeSeconds: options.maxAge ?? null });
    const context = contextOf(stored);
    let status = NAGIOS_CODES.UNKNOWN as number;
    writeEach(targets, (target, sink) => {
      if (target.name === "json") writeTrendJson(judged, context, sink);
      else if (target.name === "html") html?.writeTrendHtml(judged, context, sink);
      else if (target.name === "prometheus") writeTrendPrometheus(judged, context, sink);
      else if (target.name === "nagios") status = NAGIOS_CODES[writeNagios(alarm(judged, context), sink)];
      else {
        const ink = options.chart !== true ? null : speaksUtf8() ? UNICODE_INK : ASCII_INK;
        writeTrendText(judged, context, { colour: wantsColour(target), chart: ink }, sink);
      }
    });
    // A plugin's codes, and not this program's.
    return plugin ? (status as ExitCode) : exitCodeOf(judged);
  } catch (error) {
    if (!plugin || !(error instanceof SpooldiffError)) throw error;
    return pluginFailure(error);
  }
}

/** The page and what draws it: not loaded for anything else. */
function loadHtml() {
  return withHtmlPackages(() => import("../report/html/trend.ts"));
}

function alarm(judged: Trend, context: TrendContext) {
  const hosts = { primary: context.primary ?? "?", replica: context.replica ?? "?" };
  return alarmOfTrend(judged, hosts, context.standing, context.accepted);
}

function exitCodeOf({ verdict }: Trend): ExitCode {
  if (isAlarm(verdict)) return ExitCode.variance;
  return verdict === "unknown" ? ExitCode.incomplete : ExitCode.ok;
}

/** What setlocale(3) would look at, in its order. */
function speaksUtf8(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}
