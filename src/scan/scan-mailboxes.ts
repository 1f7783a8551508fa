import { createFileDigester } from "../hash/digester.ts";
import { mailboxReaderFor } from "../store/reader-registry.ts";
import { confirmOrphans } from "./confirm-orphans.ts";
import { MessageFiles } from "./message-files.ts";
import { type ScanTools, scanMailbox } from "./scan-mailbox.ts";
import type { MailboxOutcome, OrphanOutcome, OrphanTask, ScanSettings, ScanTask } from "./scan-task.ts";

/** Reads the mailboxes of one task, in this thread; outcomes in the order of its items. */
export async function scanMailboxes(task: ScanTask): Promise<MailboxOutcome[]> {
  const tools = await toolsFor(task.settings);
  return task.items.map((item) => scanMailbox(tools, item));
}

/** Looks again at files that no record accounted for, in this thread; outcomes in the order of its items. */
export async function confirmOrphansOf(task: OrphanTask): Promise<OrphanOutcome[]> {
  const tools = await toolsFor(task.settings);
  return task.items.map((item) => confirmOrphans(tools, item));
}

/** The tools of the scan that this thread works for: its WebAssembly, its buffers, what it remembers of inodes. */
let current: { readonly scanId: string; readonly tools: Promise<ScanTools> } | null = null;

function toolsFor(settings: ScanSettings): Promise<ScanTools> {
  if (current?.scanId !== settings.scanId) current = { scanId: settings.scanId, tools: createTools(settings) };
  return current.tools;
}

async function createTools({ kind, level }: ScanSettings): Promise<ScanTools> {
  const digester = level === "quick" || level === "full" ? await createFileDigester(level) : null;
  return { reader: mailboxReaderFor(kind), level, files: new MessageFiles(digester) };
}
