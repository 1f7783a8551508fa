/** Writes reports of many findings as `compare` does, all formats in one pass, and says what memory that took. */
import { readFileSync } from "node:fs";
import { loadFormats, reportTargets } from "../../src/cli/reports/report-targets.ts";
import { writeReports } from "../../src/cli/reports/report-writing.ts";
import type { Variance } from "../../src/compare/variance.ts";
import { FindingStore } from "../../src/findings/store.ts";
import { findingsOf, variance } from "./findings.ts";

/** What a process that has written them says of itself. */
export interface ManyFindingsOutcome {
  /** The most memory that it had in use: heap, buffers, SQLite's own, the program. */
  readonly peakBytes: number;
  /** How often the findings were gone through. */
  readonly passes: number;
  readonly failure: string | null;
}

/**
 * Code for `node --input-type=module -e` that writes so many findings and ends with its outcome, as JSON, on standard
 * error.
 *
 * @param source where findings come from: made one by one, or put into the table of a comparison before
 * @param formats as `--format` takes them
 */
export function manyFindingsCode(findings: number, source: "made" | "table", formats: readonly string[]): string {
  return `import { writeMany } from ${JSON.stringify(import.meta.url)};
    const outcome = await writeMany(${findings}, ${JSON.stringify(source)}, ${JSON.stringify(formats)});
    process.stderr.write(JSON.stringify(outcome));`;
}

/** What {@link manyFindingsCode} runs. */
export async function writeMany(
  findings: number,
  source: "made" | "table",
  formats: readonly string[],
): Promise<ManyFindingsOutcome> {
  const targets = reportTargets(formats);
  const formatOf = await loadFormats(targets);
  const store = new FindingStore();
  let passes = 0;
  let failure: string | null = null;
  try {
    if (source === "table") for (const finding of made(findings)) store.variance(finding);
    const variances: Iterable<Variance> = {
      [Symbol.iterator]() {
        passes++;
        return (source === "table" ? store.variances() : made(findings))[Symbol.iterator]();
      },
    };
    const options = { colour: false, limit: 1000, allMailboxes: false };
    writeReports(targets, variances, (target, sink) => formatOf(target).comparison(findingsOf([]), options, sink));
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    store.close();
  }
  const peakKilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return { passes, failure, peakBytes: Number(peakKilobytes) * 1024 };
}

/** Findings that exist only while they are looked at, not in the order of a report. */
function* made(findings: number): Generator<Variance> {
  const base = variance({ primary: { size: 8411 }, replica: { size: 8410 } });
  for (let i = 0; i < findings; i++) {
    const uid = (i * 7919) % findings;
    yield { ...base, subject: { mailbox: `user.u${uid >> 6}`, uniqueId: null, uid } };
  }
}
