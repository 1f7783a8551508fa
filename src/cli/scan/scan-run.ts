/** One run of a scan: takes the output, reads the store, and publishes the manifest or leaves it for the next run. */
import { existsSync } from "node:fs";
import { ExitCode, ManifestError } from "../../errors.ts";
import { createFileDigester } from "../../hash/create-digester.ts";
import { beginManifest, type ScanBeginning } from "../../manifest/begin.ts";
import type { ManifestTotals } from "../../manifest/manifest-row.ts";
import { partialPathOf } from "../../manifest/partial-file.ts";
import type { ManifestWriter } from "../../manifest/writer.ts";
import { terminalText } from "../../report/escape.ts";
import { runScan } from "../../scan/scan.ts";
import type { ScanOptions, ScanOutcome, ScanSink } from "../../scan/scan-options.ts";
import { unreached } from "../../scan/unreached.ts";
import { nothingMatched, scopeOf } from "../scope-options.ts";
import { baseLines } from "./scan-base.ts";
import { identityOf, termsOf } from "./scan-identity.ts";
import type { ScanCommandOptions, ScanJob } from "./scan-job.ts";
import { ProgressPrinter } from "./scan-progress.ts";
import { closingLines, scanExitCode } from "./scan-summary.ts";
import { StopSignal } from "./stop-signal.ts";

/** How much nicer than this process the worker threads are: a mail server's work comes first. */
const NICE_INCREMENT = 10;

type Say = (text: string) => void;

/** Scans and writes. Returns what the process is to end with. */
export async function runAndWrite(job: ScanJob): Promise<ExitCode> {
  const { store, options, output, only } = job;
  const say: Say = (text) => void (options.quiet === true || process.stderr.write(`${text}\n`));
  const beginning = begin(job, say);
  const { writer } = beginning;
  let settled = false;
  let diskFailed = false;
  const stop = new StopSignal(options.runTime ?? null);
  const progress = new ProgressPrinter(options.quiet === true);
  try {
    await checkDigester(options, say);
    const outcome = await runScan(store, scanOptions(job, beginning), sinkOf(writer), progress, stop.signal);
    progress.stop();
    if (outcome.status === "stopped") {
      // What was read comes first: the rest can take a moment on a busy host.
      writer.commit();
      settled = true;
      sayStopped(job, stop.reason, say);
      if (stop.reason === "run-time" && finishedNone(outcome)) say(NOT_ONE_FINISHED);
      if (options.publishPartial === true) publishWhatWasRead(job, beginning, outcome, stop.reason, say);
      writer.abandon({ remove: false });
      return ExitCode.incomplete;
    }
    // Of a second look it is an answer that none of its mailboxes is here.
    if (only === undefined && outcome.matched === 0 && outcome.unlisted === 0)
      throw nothingMatched("the mail store", options);
    const totals = finish(job, writer, beginning, outcome, null);
    settled = true;
    for (const line of [...closingLines(output, outcome, totals), ...baseLines(job.base, options.base)]) say(line);
    return scanExitCode(outcome);
  } catch (error) {
    diskFailed = error instanceof ManifestError;
    throw error;
  } finally {
    progress.stop();
    stop.release();
    // What was read is worth keeping whatever went wrong, but for a disk that may be full of it.
    if (!settled) writer.abandon({ remove: diskFailed || (beginning.runs === 1 && writer.isEmpty) });
  }
}

function begin(job: ScanJob, say: Say): ScanBeginning {
  const { options, output } = job;
  const run = { terms: termsOf(job), startedAtMs: Date.now(), restart: options.restart === true };
  const beginning = beginManifest(output, options.level, run);
  const partial = terminalText(partialPathOf(output));
  if (beginning.replaced !== null) {
    say(`spooldiff: ${partial} of a scan that did not finish is replaced: ${beginning.replaced}`);
  } else if (beginning.runs > 1) {
    say(`spooldiff: Going on with ${partial}, begun ${new Date(beginning.startedAtMs).toISOString()}`);
  }
  return beginning;
}

async function checkDigester({ level }: ScanCommandOptions, say: Say): Promise<void> {
  if (level !== "quick" && level !== "full") return;
  // Here as well as in the workers: a wrong digest must end the run, and what fails in a worker is one mailbox.
  const { notice } = await createFileDigester(level);
  if (notice !== null) say(`spooldiff: ${notice}`);
}

function sayStopped({ output }: ScanJob, reason: StopSignal["reason"], say: Say): void {
  const name = terminalText(output);
  const left = existsSync(output) ? `${name} is still that of an earlier scan` : `There is no ${name}`;
  const why = reason === "run-time" ? "Stopped at the end of --run-time." : "Stopped.";
  const partial = terminalText(partialPathOf(output));
  say(`spooldiff: ${why} ${left}; ${partial} is unfinished: the same scan, started again, goes on with it`);
}

const NOT_ONE_FINISHED =
  "spooldiff: This run finished no mailbox, and one that is not finished is read again: give it more time, or more of --max-rate and --max-files";

/** Whether a run that came as far as reading mailboxes was too short for any: the next one may be as well. */
function finishedNone({ refs, kept, mailboxes }: ScanOutcome): boolean {
  const handedOver = Object.values(mailboxes).reduce((sum, n) => sum + n, 0);
  return refs.length > kept && handedOver === kept;
}

/** Publishes a copy: the next run goes on with the partial file all the same. */
function publishWhatWasRead(
  job: ScanJob,
  beginning: ScanBeginning,
  outcome: ScanOutcome,
  reason: StopSignal["reason"],
  say: Say,
): void {
  if (outcome.refs.length === 0) {
    say("spooldiff: Nothing is published: no mailbox was read yet");
    return;
  }
  const copy = beginning.writer.copy();
  let published = false;
  try {
    copy.forgetItems();
    let notChecked = outcome.mailboxes["not-checked"];
    for (const reading of unreached(outcome.refs, (mailbox) => copy.hasMailbox(mailbox))) {
      copy.mailbox(reading);
      notChecked++;
    }
    const totals = finish(job, copy, beginning, { ...outcome, itemsReadAtMs: null }, reason ?? "signal");
    published = true;
    const mailboxes = { ...outcome.mailboxes, "not-checked": notChecked };
    for (const line of closingLines(job.output, { ...outcome, mailboxes }, totals)) say(line);
  } finally {
    if (!published) copy.abandon({ remove: true });
  }
}

function finish(
  job: ScanJob,
  writer: ManifestWriter,
  { startedAtMs, runs }: ScanBeginning,
  outcome: ScanOutcome,
  stopped: "signal" | "run-time" | null,
): ManifestTotals {
  return writer.finish(identityOf(job, { runs, stopped }), {
    startedAtMs,
    listReadAtMs: Math.floor(outcome.listReadAtMs ?? outcome.startedAtMs),
    itemsReadAtMs: outcome.itemsReadAtMs,
    finishedAtMs: Math.ceil(outcome.finishedAtMs),
  });
}

function scanOptions({ options, only, base }: ScanJob, { writer, runs }: ScanBeginning): ScanOptions {
  const isBraked = options.maxRate !== undefined || options.maxFiles !== undefined;
  return {
    level: options.level,
    // A brake makes a thread sleep, and this one has to hear of signals.
    workers: isBraked && options.workers === 0 ? 1 : options.workers,
    niceIncrement: NICE_INCREMENT,
    includes: scopeOf(options),
    findUnlisted: true,
    rates: { bytesPerSecond: options.maxRate ?? null, filesPerSecond: options.maxFiles ?? null },
    ...(only === undefined ? {} : { only }),
    ...(base === null ? {} : { base }),
    ...(runs > 1 ? { earlier: writer.earlier() } : {}),
  };
}

function sinkOf(writer: ManifestWriter): ScanSink {
  return {
    mailbox: (reading) => writer.mailbox(reading),
    tombstone: (tombstone) => writer.tombstone(tombstone),
    pending: (name) => writer.pending(name),
    problem: (problem) => writer.problem(problem),
    item: (item) => writer.item(item),
    unreadItems: (unread) => writer.unreadItems(unread),
  };
}
