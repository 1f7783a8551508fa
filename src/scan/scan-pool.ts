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
  /** @param isLong no task should have to wait behind it for its thread */
  scan(task: ScanTask, isLong?: boolean): Promise<MailboxOutcome[]>;
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
/** Tasks that a thread has, so that it goes on with the next while this thread is busy with what came of the last. */
const TASKS_AT_THREAD = 2;

/**
 * Heap of a worker for what was made last, in MiB. What a message needs is garbage a moment later: under V8's own limit
 * of 48 a worker grows by 50 MB more and is no faster; under 12 it is slower.
 */
const YOUNG_GENERATION_MB = 24;

const STOPPED = "The scan was stopped";

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
  let destroyed = false;
  const run = async <R>(name: string, task: PoolTask, transferList: ArrayBuffer[] = [], isLong = false): Promise<R> => {
    // Piscina would begin new threads, which nobody ends.
    if (destroyed) throw new Error(STOPPED);
    // Who asks for a slow scan wants no more threads in it.
    if (!isBraked(task.settings.brakes ?? UNBRAKED) && growth?.look(usage()) === true) {
      groups.push(new ThreadGroup(growth.threads - threads(), niceIncrement));
    }
    const idlest = groups.reduce((best, group) => (group.load < best.load ? group : best));
    return idlest.run<R>(task, { name, transferList }, isLong);
  };
  return {
    get threads() {
      return threads();
    },
    get window() {
      return threads() * TASKS_PER_THREAD;
    },
    scan: (task, isLong) => run("scan", plainTask(task), knownBuffers(task.items), isLong),
    confirm: (task) => run("confirm", plainTask(task), [], true),
    outline: (task) => run("outline", { ...task, ref: plainRef(task.ref) }, [], true),
    lookAtRange: (task) => run("lookAtRange", { ...task, ref: plainRef(task.ref) }, rangeBuffers(task.range)),
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

/** One thread, as piscina shows it to those who choose between its threads. */
type PoolThread = Parameters<
  NonNullable<NonNullable<ConstructorParameters<typeof Piscina>[0]>["loadBalancer"]>
>[1][number];

/** Threads that began together: what piscina has of them stays as many as there were. */
class ThreadGroup {
  readonly threads: number;
  readonly #pool: Piscina;
  #tasks = 0;
  #longTasks = 0;
  #destroyed = false;

  constructor(threads: number, niceIncrement: number) {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.threads = threads;
    this.#pool = new Piscina({
      filename: new URL(`./scan-worker.${extension}`, import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      niceIncrement,
      concurrentTasksPerWorker: TASKS_AT_THREAD,
      loadBalancer: (_task, threads) => this.#leastBusy(threads),
      // A task that no thread may have yet keeps its place: results are wanted in the order of the tasks.
      stricterFIFO: true,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#pool.on("error", (error) => {
      // What a thread had sent before it was ended comes to a pool that knows of no task any more.
      if (!this.#destroyed) throw error;
    });
  }

  /** Tasks for each thread. */
  get load(): number {
    return this.#tasks / this.threads;
  }

  async run<R>(task: unknown, options: { name: string; transferList: ArrayBuffer[] }, isLong: boolean): Promise<R> {
    this.#tasks++;
    if (isLong) this.#longTasks++;
    try {
      return await this.#pool.run(task, options);
    } finally {
      this.#tasks--;
      if (isLong) this.#longTasks--;
    }
  }

  /** While one of the tasks is a long one, none is put behind another: which thread has the long one is not known. */
  #leastBusy(threads: Iterable<PoolThread>): PoolThread | null {
    let least: PoolThread | null = null;
    let most = this.#longTasks > 0 ? 1 : TASKS_AT_THREAD;
    for (const thread of threads) {
      if (thread.currentUsage >= most) continue;
      least = thread;
      most = thread.currentUsage;
    }
    return least;
  }

  destroy(): Promise<void> {
    this.#destroyed = true;
    return this.#pool.destroy();
  }
}

function inThisThread(): ScanPool {
  let destroyed = false;
  async function oneByOne<I, O>(items: readonly I[], run: (items: I[]) => Promise<O[]>): Promise<O[]> {
    const outcomes: O[] = [];
    for (const item of items) {
      await setImmediate();
      if (destroyed) throw new Error(STOPPED);
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
