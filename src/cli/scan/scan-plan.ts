import { statfsSync } from "node:fs";
import { availableParallelism, userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { ExitCode } from "../../errors.ts";
import { displayName } from "../../mail/name.ts";
import { terminalName, terminalText } from "../../report/escape.ts";
import { count, counted, size } from "../../report/figures.ts";
import { planScan, type ScanPlan } from "../../scan/plan.ts";
import type { MailStore } from "../../store/mail-store.ts";
import type { Output } from "../output.ts";
import { nothingMatched, type ScopeOptions, scopeOf } from "../scope-options.ts";

/** Bytes of a manifest for each message and each mailbox, and of an empty one; measured on generated spools. */
const BYTES_PER_MESSAGE = 165;
const BYTES_PER_MAILBOX = 900;
const BYTES_EMPTY = 120_000;

interface PlanOptions extends ScopeOptions {
  readonly output?: string;
  readonly workers: number | "auto";
  readonly level: string;
}

/** Prints what a scan would do, without reading any message. */
export async function printPlan(store: MailStore, options: PlanOptions, output: Output): Promise<ExitCode> {
  const plan = await planScan(store, { workers: options.workers, niceIncrement: 10, includes: scopeOf(options) });
  const matched = plan.partitions.reduce((sum, partition) => sum + partition.mailboxes, 0);
  if (matched === 0) throw nothingMatched("the mail store", options);
  for (const line of planLines(store, options, plan)) output.write(`${line}\n`);
  output.close();
  const unread = plan.partitions.some((partition) => partition.unread > 0) || plan.problems.length > 0;
  return unread ? ExitCode.incomplete : ExitCode.ok;
}

function* planLines(store: MailStore, options: PlanOptions, plan: ScanPlan): Generator<string> {
  yield `Store           ${store.kind}, as user ${terminalText(userInfo().username)}`;
  for (const file of store.configFiles) yield `Configuration   ${terminalName(file)}`;
  yield `configdirectory ${terminalName(store.configDirectory)}`;
  for (const line of store.description) yield `                ${terminalText(line)}`;
  for (const root of store.roots) {
    yield `Partition       ${terminalText(root.partition)} (${root.kind}) ${terminalName(root.directory)}`;
  }
  const onDisk = plan.problems.some(({ what }) => what === "unread-list");
  yield `Mailboxes       ${count(plan.listed)} ${onDisk ? "found by their directories" : "in the list"}`;
  let messages = 0;
  let bytes = 0n;
  let mailboxes = 0;
  for (const part of plan.partitions) {
    messages += part.messages;
    bytes += part.bytes;
    mailboxes += part.mailboxes;
    const unread = part.unread > 0 ? `, ${count(part.unread)} not readable now` : "";
    const name = terminalText(displayName(part.partition).text) || "(none)";
    yield `  ${name}: ${counted(part.mailboxes, "mailbox", "mailboxes")}, ${counted(part.messages, "message")}, ${size(part.bytes)}${unread}`;
  }
  const workers = options.workers === "auto" ? availableParallelism() : options.workers;
  yield `To read         ${counted(messages, "message")}, ${size(bytes)} at level ${options.level}, ${counted(workers, "worker")}`;
  const expected = BYTES_EMPTY + messages * BYTES_PER_MESSAGE + mailboxes * BYTES_PER_MAILBOX;
  yield `Manifest        about ${size(expected)}${freeSpace(options.output)}`;
  for (const problem of plan.problems)
    yield `Problem         ${terminalName(problem.path)}: ${terminalText(problem.found)}`;
}

function freeSpace(output: string | undefined): string {
  if (output === undefined) return "";
  try {
    const { bavail, bsize } = statfsSync(dirname(resolve(output)));
    return `, ${size(bavail * bsize)} free at ${terminalText(output)}`;
  } catch {
    return `; ${terminalText(output)} cannot be written to`;
  }
}
