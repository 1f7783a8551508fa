import { createFileDigester } from "../hash/create-digester.ts";
import { mailboxReaderFor } from "../store/reader-registry.ts";
import { confirmOrphans } from "./again/confirm-orphans.ts";
import type { MailboxOutline, OutlineTask, RangeFiles, RangeTask } from "./ahead/ahead-task.ts";
import { lookAtRange } from "./ahead/look-ahead-tasks.ts";
import { outlineOf } from "./ahead/outline.ts";
import { withKnown } from "./base/with-known.ts";
import { brakeOf, NO_BRAKE } from "./brake.ts";
import { MessageFiles } from "./files/message-files.ts";
import { type ScanTools, scanMailbox } from "./scan-mailbox.ts";
import type { MailboxOutcome, OrphanOutcome, OrphanTask, ScanItem, ScanSettings, ScanTask } from "./scan-task.ts";
import { runTogether } from "./steps.ts";

/** Mailboxes read side by side. Each holds two directories open, and a system may allow a process a thousand. */
const TOGETHER = 32;

/** Reads the mailboxes of one task, in this thread; outcomes in the order of its items. */
export async function scanMailboxes(task: ScanTask): Promise<MailboxOutcome[]> {
  const tools = await toolsFor(task.settings);
  return readMailboxes(tools, task.items);
}

/** Reads `items` with the tools given; outcomes in their order. Never throws for what is on disk. */
export function readMailboxes(tools: ScanTools, items: readonly ScanItem[]): MailboxOutcome[] {
  const outcomes: MailboxOutcome[] = [];
  for (let at = 0; at < items.length; at += TOGETHER) {
    const some = items.slice(at, at + TOGETHER).map(withKnown);
    const jobs = some.map(({ item }) => scanMailbox(tools, item));
    const found = runTogether(jobs, () => tools.files.flush());
    outcomes.push(
      ...found.map((outcome, i) => (some[i]?.unsound ? { ...outcome, unsoundBase: true as const } : outcome)),
    );
  }
  return outcomes;
}

/** Looks again at files that no record accounted for, in this thread; outcomes in the order of its items. */
export async function confirmOrphansOf(task: OrphanTask): Promise<OrphanOutcome[]> {
  const tools = await toolsFor(task.settings);
  return task.items.map((item) => confirmOrphans(tools, item));
}

/** Says in this thread which files a huge mailbox should have; null where its index is not in order. */
export async function outlineOfTask({ settings, ref }: OutlineTask): Promise<MailboxOutline | null> {
  const { reader } = await toolsFor(settings);
  return outlineOf(reader, ref);
}

/** Reads files ahead, in this thread; null where that cannot be done. */
export async function lookAtRangeOf({ settings, ...task }: RangeTask): Promise<RangeFiles | null> {
  return lookAtRange(await toolsFor(settings), task);
}

/** The tools of the scan that this thread works for: its WebAssembly, its buffers, what it remembers of inodes. */
let current: { readonly scanId: string; readonly tools: Promise<ScanTools> } | null = null;

function toolsFor(settings: ScanSettings): Promise<ScanTools> {
  if (current?.scanId !== settings.scanId) current = { scanId: settings.scanId, tools: createTools(settings) };
  return current.tools;
}

async function createTools({ kind, level, brakes }: ScanSettings): Promise<ScanTools> {
  const depth = level === "quick" || level === "full" ? level : null;
  const digester = depth === null ? null : await createFileDigester(depth);
  const brake = brakes === undefined ? NO_BRAKE : brakeOf(brakes);
  const tools = { reader: mailboxReaderFor(kind), level, files: new MessageFiles(digester, brake), brake };
  if (depth === null) return tools;
  return { ...tools, base: { again: new MessageFiles(await createFileDigester("quick"), brake), brake, depth } };
}
