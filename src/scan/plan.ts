import { randomUUID } from "node:crypto";
import type { ReadProblem } from "../mail/mailbox.ts";
import type { MailStore } from "../store/mail-store.ts";
import { LostRoots } from "./lost-roots.ts";
import { MailboxRunner } from "./mailbox-runner.ts";
import { listOrMailboxesOnDisk } from "./mailboxes-on-disk.ts";
import { unplaced } from "./nowhere.ts";
import type { ScanOptions } from "./scan-options.ts";
import { createScanPool } from "./scan-pool.ts";

/** What there is to scan in one partition. */
export interface PartitionPlan {
  readonly partition: string;
  readonly mailboxes: number;
  readonly messages: number;
  /** Sizes of the live messages, as their indexes have them. */
  readonly bytes: bigint;
  /** Mailboxes whose index could not be read, or not at once. */
  readonly unread: number;
}

/** What a scan with these options would read. */
export interface ScanPlan {
  /** Mailboxes in the list. */
  readonly listed: number;
  /** Those that would be read, by partition in order of names. */
  readonly partitions: readonly PartitionPlan[];
  /** Problems of the list, and partition roots that are missing or empty. */
  readonly problems: readonly ReadProblem[];
}

/** Counts what a scan would read, by the indexes alone: no message file is looked at, nothing is waited for. */
export async function planScan(
  store: MailStore,
  options: Pick<ScanOptions, "workers" | "niceIncrement" | "includes">,
): Promise<ScanPlan> {
  const roots = new LostRoots(store.roots);
  roots.check();
  const problems: ReadProblem[] = [];
  const list = await listOrMailboxesOnDisk(store, await store.readMailboxList(), roots, (problem) =>
    problems.push(problem),
  );
  problems.push(...list.problems);
  const partitions = new Map<string, PartitionPlan>();
  const pool = createScanPool(options.workers, options.niceIncrement);
  const runner = new MailboxRunner(pool, { scanId: randomUUID(), kind: store.kind, level: "index" }, roots);
  const refs = list.mailboxes.filter(({ name }) => options.includes(name));
  problems.push(...unplaced(store, refs).problems);
  const items = refs
    .filter(({ nowhere }) => nowhere === undefined)
    .map((ref) => ({ ref, listed: true, contradiction: null }));
  try {
    await runner.run(items, ({ item, outcome }) => {
      const partition = item.ref.listing.partition ?? "";
      const known = partitions.get(partition) ?? { partition, mailboxes: 0, messages: 0, bytes: 0n, unread: 0 };
      const reading = outcome.kind === "reading" ? outcome.reading : null;
      const problem = outcome.kind === "root-lost" ? roots.problemFor(outcome.root) : null;
      if (problem !== null) problems.push(problem);
      partitions.set(partition, {
        partition,
        mailboxes: known.mailboxes + 1,
        messages: known.messages + (reading?.messages.count ?? 0),
        bytes: known.bytes + (reading?.counted?.quotaUsed ?? 0n),
        unread: known.unread + (reading?.status === "read" ? 0 : 1),
      });
    });
  } finally {
    await pool.destroy();
  }
  const byName = [...partitions.values()].sort((a, b) => (a.partition < b.partition ? -1 : 1));
  return { listed: list.mailboxes.length, partitions: byName, problems };
}
