import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Piscina } from "piscina";
import {
  type MailboxOutline,
  type OutlineTask,
  type RangeFiles,
  type RangeTask,
  rangeBuffers,
} from "./ahead/ahead-task.ts";
import { knownBuffers } from "./base/with-known.ts";
import { isBraked, UNBRAKED } from "./brake.ts";
import { confirmOrphansOf, lookAtRangeOf, outlineOfTask, scanMailboxes } from "./scan-mailboxes.ts";
import { type MailboxOutcome, type OrphanOutcome, type OrphanTask, plainRef, type ScanTask } from "./scan-task.ts";
import { usageNow, WorkerGrowth } from "./worker-growth.ts";

/** Where tasks are done: in worker threads, or in this one. */
export interface ScanPool {
  /** Worker threads; 0: this one does it. */
  readonly threads: number;
  /** How many tasks are worth handing in at once: enough that no thread waits for this one. */
  readonly window: number;
  scan(task: ScanTask): Promise<MailboxOutcome[]>;
  confirm(task: OrphanTask): Promise<OrphanOutcome[]>;
  /** For looks ahead, see `ahead/`. The buffers of a range are gone once it is handed in. */
  outline(task: OutlineTask): Promise<MailboxOutline | null>;
  lookAtRange(task: RangeTask): Promise<RangeFiles | null>;
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

/** How many worker threads; `auto`: one for each core, and more while they wait for a disk, see `worker-growth.ts`. */
export type Workers = number | "auto";

/**
 * A pool of worker threads. With none, tasks are done in this thread, one mailbox at a turn of its event loop; the
 * results are the same.
 *
 * @param niceIncrement how much nicer than this process the threads are, so that a mail server's work comes first
 * @param usage what `auto` goes by
 */
export function createScanPool(workers: Workers, niceIncrement: number, usage = usageNow): ScanPool {
  if (workers === 0) return inThisThread();
  const cores = availableParallelism();
  const groups = [new ThreadGroup(workers === "auto" ? cores : workers, niceIncrement)];
  const growth = workers === "auto" ? new WorkerGrowth(cores, usage()) : null;
  const threads = () => groups.reduce((sum, group) => sum + group.threads, 0);
  const run = async <R>(name: string, task: PoolTask, transferList: ArrayBuffer[] = []): Promise<R> => {
    // Who asks for a slow scan wants no more threads in it.
    if (!isBraked(task.settings.brakes ?? UNBRAKED) && growth?.look(usage()) === true) {
      groups.push(new ThreadGroup(growth.threads - threads(), niceIncrement));
    }
    const idlest = groups.reduce((best, group) => (group.load < best.load ? group : best));
    return idlest.run<R>(task, { name, transferList });
  };
  let destroyed = false;
  return {
    get threads() {
      return threads();
    },
    get window() {
      return threads() * TASKS_PER_THREAD;
    },
    scan: (task) => run("scan", plainTask(task), knownBuffers(task.items)),
    confirm: (task) => run("confirm", plainTask(task)),
    outline: (task) => run("outline", { ...task, ref: plainRef(task.ref) }),
    lookAtRange: (task) => run("lookAtRange", { ...task, ref: plainRef(task.ref) }, rangeBuffers([task.range])),
    destroy: async () => {
      destroyed = true;
      await Promise.all(groups.map((group) => group.destroy()));
    },
    isDestroyed: () => destroyed,
  };
}

/** What threads are asked for. */
type PoolTask = ScanTask | OrphanTask | OutlineTask | RangeTask;

function plainTask<T extends ScanTask | OrphanTask>({ settings, items }: T): PoolTask {
  return { settings, items: items.map((item) => ({ ...item, ref: plainRef(item.ref) })) };
}

/** Threads that began together: what piscina has of them stays as many as there were. */
class ThreadGroup {
  readonly threads: number;
  readonly #pool: Piscina;
  #tasks = 0;

  constructor(threads: number, niceIncrement: number) {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.threads = threads;
    this.#pool = new Piscina({
      filename: new URL(`./scan-worker.${extension}`, import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      niceIncrement,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
  }

  /** Tasks for each thread. */
  get load(): number {
    return this.#tasks / this.threads;
  }

  async run<R>(task: unknown, options: { name: string; transferList: ArrayBuffer[] }): Promise<R> {
    this.#tasks++;
    try {
      return await this.#pool.run(task, options);
    } finally {
      this.#tasks--;
    }
  }

  destroy(): Promise<void> {
    return this.#pool.destroy();
  }
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
    outline: outlineOfTask,
    lookAtRange: lookAtRangeOf,
    destroy: async () => {
      destroyed = true;
    },
    isDestroyed: () => destroyed,
  };
}
