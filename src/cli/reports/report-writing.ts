/** Writes several reports side by side: one that cannot be written neither harms another nor passes in silence. */
import type { Variance } from "../../compare/variance.ts";
import { SpooldiffError } from "../../errors.ts";
import type { Report, Sink } from "../../report/format.ts";
import { fileOutput, type Output, standardOutput } from "../output.ts";
import type { FormatTarget } from "./report-targets.ts";

/** One target with where it goes to; no output any more where that has failed. */
interface Channel<Name extends string> {
  readonly target: FormatTarget<Name>;
  output: Output | null;
}

/** The outputs of all `--format` options of a command. A file has its name when its report is whole, or not at all. */
class ReportOutputs<Name extends string> {
  readonly #channels: Channel<Name>[] = [];
  readonly #failures: SpooldiffError[] = [];

  constructor(targets: readonly FormatTarget<Name>[]) {
    for (const target of targets) {
      const channel: Channel<Name> = { target, output: null };
      this.#channels.push(channel);
      this.#attempt(channel, () => {
        channel.output = outputOf(target);
      });
    }
  }

  /** Lets each report that is still under way write its next piece. */
  each(write: (target: FormatTarget<Name>, sink: Sink, index: number) => void): void {
    for (const [index, channel] of this.#channels.entries()) {
      const { output, target } = channel;
      if (output !== null) this.#attempt(channel, () => write(target, (chunk) => output.write(chunk), index));
    }
  }

  /**
   * Ends them all.
   *
   * @throws {SpooldiffError} that names each report which could not be written, when all others have been
   */
  close(): void {
    for (const channel of this.#channels) this.#attempt(channel, () => channel.output?.close());
    const [first, ...others] = this.#failures;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const message = this.#failures.map((failure) => failure.message).join("; ");
    throw new SpooldiffError(first.code, message, { hint: first.hint ?? "", cause: first });
  }

  /** Gives all of them up. */
  abandon(): void {
    for (const channel of this.#channels) {
      channel.output?.abandon();
      channel.output = null;
    }
  }

  #attempt(channel: Channel<Name>, write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof SpooldiffError) || error.code !== "output") throw error;
      this.#failures.push(error);
      channel.output?.abandon();
      channel.output = null;
    }
  }
}

/** Prometheus' node_exporter is another user, and cron's umask may well be 077. */
const READ_BY_OTHERS: ReadonlySet<string> = new Set(["prometheus"]);

function outputOf({ name, file }: FormatTarget<string>): Output {
  if (file === null) return standardOutput();
  return fileOutput(file, READ_BY_OTHERS.has(name) ? 0o644 : null);
}

/** Writes one report after the other, each as a whole. */
export function writeEach<Name extends string>(
  targets: readonly FormatTarget<Name>[],
  write: (target: FormatTarget<Name>, sink: Sink) => void,
): void {
  withOutputs(targets, (outputs) => outputs.each(write));
}

/**
 * Writes all reports in one pass over the findings.
 *
 * @param begin begins the report of a target; it is also given nothing but the sink afterwards
 * @param beside more that wants to see each finding in this pass
 */
export function writeReports<Name extends string>(
  targets: readonly FormatTarget<Name>[],
  findings: Iterable<Variance>,
  begin: (target: FormatTarget<Name>, sink: Sink) => Report,
  beside: (variance: Variance) => void = () => {},
): void {
  withOutputs(targets, (outputs) => {
    const reports: Report[] = [];
    outputs.each((target, sink, index) => {
      reports[index] = begin(target, sink);
    });
    for (const finding of findings) {
      outputs.each((_target, _sink, index) => reports[index]?.finding(finding));
      beside(finding);
    }
    outputs.each((_target, _sink, index) => reports[index]?.end());
  });
}

function withOutputs<Name extends string>(
  targets: readonly FormatTarget<Name>[],
  write: (outputs: ReportOutputs<Name>) => void,
): void {
  const outputs = new ReportOutputs(targets);
  try {
    write(outputs);
  } catch (error) {
    outputs.abandon();
    throw error;
  }
  outputs.close();
}
