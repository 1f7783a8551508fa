import { setImmediate } from "node:timers/promises";
import { Piscina } from "piscina";
import { knownBuffers } from "./base/with-known.ts";
import { confirmOrphansOf, scanMailboxes } from "./scan-mailboxes.ts";
import { type MailboxOutcome, type OrphanOutcome, type OrphanTask, plainItem, type ScanTask } from "./scan-task.ts";

/** Where tasks are done: in worker threads, or in this one. */
export interface ScanPool {
  /** Worker threads; 0: this one does it. */
  readonly threads: number;
  /** How many tasks are worth handing in at once: enough that no thread waits for this one. */
  readonly window: number;
  scan(task: ScanTask): Promise<MailboxOutcome[]>;
  confirm(task: OrphanTask): Promise<OrphanOutcome[]>;
  /** Ends all threads at once; what they were doing is rejected. */
  destroy(): Promise<void>;
  isDestroyed(): boolean;
}

/** Tasks handed in for each thread. */
const TASKS_PER_THREAD = 3;

/**
 * Heap of a worker for what was made last, in MiB. What a message needs is garbage a moment later: under V8's own limit
 * of 48 a worker grows by 50 MB more and is no faster; under 12 it is slower.
 */
const YOUNG_GENERATION_MB = 24;

/**
 * A pool of `threads` worker threads. With none, tasks are done in this thread, one mailbox at a turn of its event
 * loop; the results are the same.
 *
 * @param niceIncrement how much nicer than this process the threads are, so that a mail server's work comes first
 */
export function createScanPool(threads: number, niceIncrement: number): ScanPool {
  if (threads === 0) return inThisThread();
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const pool = new Piscina({
    filename: new URL(`./scan-worker.${extension}`, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    niceIncrement,
    recordTiming: false,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  let destroyed = false;
  return {
    threads,
    window: threads * TASKS_PER_THREAD,
    scan: ({ settings, items }) =>
      pool.run({ settings, items: items.map(plainItem) }, { name: "scan", transferList: knownBuffers(items) }),
    confirm: ({ settings, items }) => pool.run({ settings, items: items.map(plainItem) }, { name: "confirm" }),
    destroy: () => {
      destroyed = true;
      return pool.destroy();
    },
    isDestroyed: () => destroyed,
  };
}

function inThisThread(): ScanPool {
  let destroyed = false;
  async function oneByOne<I, O>(items: readonly I[], run: (items: I[]) => Promise<O[]>): Promise<O[]> {
    const outcomes: O[] = [];
    for (const item of items) {
      await setImmediate();
      if (destroyed) throw new Error("The scan was stopped");
      outcomes.push(...(await run([item])));
    }
    return outcomes;
  }
  return {
    threads: 0,
    window: 1,
    scan: ({ settings, items }) => oneByOne(items, (some) => scanMailboxes({ settings, items: some })),
    confirm: ({ settings, items }) => oneByOne(items, (some) => confirmOrphansOf({ settings, items: some })),
    destroy: async () => {
      destroyed = true;
    },
    isDestroyed: () => destroyed,
  };
}
