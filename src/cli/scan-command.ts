import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { type Command, Option } from "commander";
import { ExitCode, UsageError } from "../errors.ts";
import { createFileDigester } from "../hash/create-digester.ts";
import { LEVELS, type Level } from "../mail/message.ts";
import type { OnlyScope } from "../mail/only-scope.ts";
import { partialPathOf } from "../manifest/partial-file.ts";
import { ManifestReader } from "../manifest/reader.ts";
import { type ManifestTotals, ManifestWriter } from "../manifest/writer.ts";
import { runScan } from "../scan/scan.ts";
import type { ScanOutcome, ScanSink } from "../scan/scan-options.ts";
import type { MailStore } from "../store/mail-store.ts";
import { openStore, STORE_KINDS } from "../store/registry.ts";
import type { Finish } from "./finish.ts";
import { standardOutput } from "./output.ts";
import { readRecheckList } from "./recheck-file.ts";
import { checkAccess, checkAfter, checkOutputPlace, explainAccess } from "./scan-guards.ts";
import { printPlan } from "./scan-plan.ts";
import { ProgressPrinter } from "./scan-progress.ts";
import { closingLines, scanExitCode } from "./scan-summary.ts";
import { nothingMatched, type ScopeOptions, scopeOf } from "./scope-options.ts";
import { repeatable, wholeNumber } from "./values.ts";
import { versionText } from "./version.ts";

/** The options of `scan`, parsed. */
export interface ScanCommandOptions extends ScopeOptions {
  readonly imapdConf?: string;
  readonly store: string;
  readonly partition: readonly string[];
  readonly configDirectory?: string;
  readonly output?: string;
  readonly host: string;
  readonly role?: "primary" | "replica";
  readonly after?: string;
  readonly level: Level;
  readonly workers: number;
  readonly only?: string;
  readonly plan?: boolean;
  readonly quiet?: boolean;
}

/** How much nicer than this process the worker threads are: a mail server's work comes first. */
const NICE_INCREMENT = 10;

/** Adds `spooldiff scan`. */
export function addScanCommand(program: Command, finish: Finish): void {
  program
    .command("scan")
    .summary("read the mail store of this host and write a manifest")
    .description(
      "Reads the mail store of this host and writes one manifest. Takes no lock and writes nothing below the spool.\n\nExample:\n  spooldiff scan -C /etc/imapd.conf -o mx1.db",
    )
    .option("-C, --imapd-conf <file>", "Cyrus configuration to take everything from")
    .addOption(new Option("--store <kind>", "kind of mail store").choices(STORE_KINDS).default("cyrus"))
    .addOption(repeatable("--partition <name=dir>", "a partition, without an imapd.conf", "those of -C"))
    .option("--config-directory <dir>", "configdirectory, without an imapd.conf")
    .option("-o, --output <file>", "manifest to write")
    .addOption(new Option("--host <name>", "name of this host in reports").default(hostname(), "its own"))
    .addOption(new Option("--role <role>", "what this host is").choices(["primary", "replica"]))
    .option("--after <manifest>", "proves that this scan began after that one had ended")
    .addOption(new Option("--level <level>", "how deep to look").choices(LEVELS).default("full"))
    .addOption(repeatable("--include <glob>", "only mailboxes of these names", "every name"))
    .addOption(repeatable("--exclude <glob>", "no mailboxes of these names", "none"))
    .option("--only <list>", "only what a recheck.list of compare --worklist names")
    .addOption(
      new Option("--workers <n>", "worker threads; 0 reads in this one")
        .argParser(wholeNumber("--workers", 0, 256))
        .default(availableParallelism(), "one for each core"),
    )
    .option("--plan", "say what would be read, and read no message")
    .option("-q, --quiet", "say nothing but errors")
    .action(async (options) => finish(await scan(options as ScanCommandOptions)));
}

/** Scans one store and writes its manifest, or prints the plan. */
export async function scan(options: ScanCommandOptions): Promise<ExitCode> {
  if (options.plan !== true && (options.output ?? "") === "") {
    throw new UsageError("Cannot scan: no --output was given", "Name the manifest to write: -o mx1.db");
  }
  const config = {
    configFile: options.imapdConf ?? null,
    partitions: options.partition.map(partitionOption),
    configDirectory: options.configDirectory ?? null,
  };
  const store = await openStore(options.store, config).catch((error: unknown) => {
    throw explainAccess(error);
  });
  checkAccess(store);
  if (options.output !== undefined) checkOutputPlace(store, options.output);
  if (options.plan === true) return printPlan(store, options, standardOutput());
  if (options.output !== undefined && options.after !== undefined) checkAfter(options.after, options.output);
  const afterId = options.after === undefined ? null : idOfEarlier(options.after);
  const only = options.only === undefined ? undefined : readRecheckList(options.only).scope;
  return writeManifest(store, options, options.output ?? "", { afterId, only });
}

async function writeManifest(
  store: MailStore,
  options: ScanCommandOptions,
  output: string,
  { afterId, only }: { afterId: string | null; only: OnlyScope | undefined },
): Promise<ExitCode> {
  const say = (text: string) => (options.quiet === true ? undefined : process.stderr.write(`${text}\n`));
  const { writer, replacedPartial } = ManifestWriter.create(output, options.level);
  if (replacedPartial) say(`spooldiff: ${partialPathOf(output)} of a scan that did not finish is replaced`);
  if (options.level === "quick" || options.level === "full") {
    // Here as well as in the workers: a wrong digest must end the run, and what fails in a worker is one mailbox.
    const { notice } = await createFileDigester(options.level);
    if (notice !== null) say(`spooldiff: ${notice}`);
  }
  const stop = new StopSignal();
  const progress = new ProgressPrinter(options.quiet === true);
  let finished = false;
  try {
    const outcome = await runScan(store, scanOptions(options, only), sinkOf(writer), progress, stop.signal);
    progress.stop();
    if (outcome.status === "stopped") {
      writer.abandon({ remove: false });
      finished = true;
      say(
        `spooldiff: Stopped. There is no ${output}; ${partialPathOf(output)} is unfinished and of no use but to the next scan, which replaces it`,
      );
      return ExitCode.incomplete;
    }
    // Of a second look it is an answer that none of its mailboxes is here.
    if (only === undefined && outcome.matched === 0 && outcome.unlisted === 0)
      throw nothingMatched("the mail store", options);
    const totals = finishManifest(writer, store, options, outcome, { afterId, only });
    finished = true;
    for (const line of closingLines(output, outcome, totals)) say(line);
    return scanExitCode(outcome);
  } finally {
    progress.stop();
    stop.release();
    if (!finished) writer.abandon({ remove: true });
  }
}

function finishManifest(
  writer: ManifestWriter,
  store: MailStore,
  options: ScanCommandOptions,
  outcome: ScanOutcome,
  { afterId, only }: { afterId: string | null; only: OnlyScope | undefined },
): ManifestTotals {
  const identity = {
    id: randomBytes(16).toString("hex"),
    host: options.host,
    instance: instanceId(store),
    role: options.role ?? null,
    store: store.kind,
    tool: `spooldiff ${versionText()}`,
    level: options.level,
    narrowed: options.include.length + options.exclude.length > 0 || only !== undefined,
    options: {
      include: options.include,
      exclude: options.exclude,
      workers: options.workers,
      ...(only === undefined ? {} : { only: { digest: only.digest, lines: only.lines } }),
    },
    afterId,
  };
  return writer.finish(identity, {
    startedAtMs: Math.floor(outcome.startedAtMs),
    listReadAtMs: Math.floor(outcome.listReadAtMs ?? outcome.startedAtMs),
    itemsReadAtMs: outcome.itemsReadAtMs,
    finishedAtMs: Math.ceil(outcome.finishedAtMs),
  });
}

function scanOptions(options: ScanCommandOptions, only: OnlyScope | undefined) {
  return {
    level: options.level,
    workers: options.workers,
    niceIncrement: NICE_INCREMENT,
    includes: scopeOf(options),
    findUnlisted: true,
    ...(only === undefined ? {} : { only }),
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

/** The other manifest is under its final name and sealed: so its scan had ended before this one began. */
function idOfEarlier(path: string): string {
  const earlier = ManifestReader.open(path);
  try {
    return earlier.facts.id;
  } finally {
    earlier.close();
  }
}

function partitionOption(text: string): { name: string; directory: string } {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) {
    throw new UsageError(
      `Cannot use --partition "${text}": it is not NAME=DIR`,
      "For example --partition default=/var/spool/cyrus/mail",
    );
  }
  return { name: text.slice(0, at), directory: text.slice(at + 1) };
}

/** Tells stores apart without writing anything to remember them by; the same store has the same id at every scan. */
function instanceId(store: MailStore): string {
  let machine = "";
  try {
    machine = readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    machine = hostname();
  }
  return createHash("sha256").update(`${machine}\0${store.kind}\0${store.identityPath}`, "latin1").digest("hex");
}

/** Ctrl-C and SIGTERM stop the scan; a second one ends the process at once. */
class StopSignal {
  readonly #controller = new AbortController();
  readonly #onSignal = () => {
    if (this.#controller.signal.aborted) process.exit(ExitCode.incomplete);
    this.#controller.abort();
  };

  constructor() {
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
  }
}
