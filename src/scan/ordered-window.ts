import { setImmediate } from "node:timers/promises";

/** How much may be under way or wait for its turn. */
export interface WindowLimits {
  /** Jobs running at once. */
  readonly running: number;
  /** Results that wait for the one before them, by number and by weight; no job is begun above either. */
  readonly waiting: number;
  readonly waitingWeight: number;
}

/**
 * Runs jobs side by side and hands out their results in the order of the jobs, with bounded memory: a slow job holds up
 * those behind it once as much waits as the limits allow. Between two results the event loop has a turn: when many have
 * waited for a slow one, those who do the jobs are not left without any.
 *
 * @param weigh what a waiting result costs, in the unit of the limit
 * @throws what a job, `jobs` or `emit` throws; jobs that run then are left to themselves
 */
export async function runInOrder<J, R extends NonNullable<unknown>>(
  jobs: AsyncIterable<J>,
  run: (job: J) => Promise<R>,
  emit: (result: R) => void,
  limits: WindowLimits,
  weigh: (result: R) => number,
): Promise<void> {
  const waiting = new WaitingResults(emit, weigh);
  const running = new Set<Promise<void>>();
  let begun = 0;
  const isFull = () => waiting.size >= limits.waiting || waiting.weight >= limits.waitingWeight;
  const mustWait = () =>
    running.size >= limits.running || (isFull() && (running.size > 0 || waiting.handingOut !== null));
  const step = () => Promise.race([...running, ...(waiting.handingOut === null ? [] : [waiting.handingOut])]);
  for await (const job of jobs) {
    while (mustWait()) await step();
    const number = begun++;
    const promise: Promise<void> = run(job).then((result) => {
      waiting.add(number, result);
      running.delete(promise);
    });
    running.add(promise);
    // A rejection while nobody waits here must not count as unhandled; the next wait throws it.
    promise.catch(() => {});
  }
  while (running.size > 0 || waiting.handingOut !== null) await step();
}

/** Results that are there before their turn. */
class WaitingResults<R> {
  readonly #emit: (result: R) => void;
  readonly #weigh: (result: R) => number;
  readonly #results = new Map<number, R>();
  #emitted = 0;
  #weight = 0;
  #handingOut: Promise<void> | null = null;

  constructor(emit: (result: R) => void, weigh: (result: R) => number) {
    this.#emit = emit;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#results.size;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Ends when all are handed out whose turn it is, or with what the receiver throws; null: there are none. */
  get handingOut(): Promise<void> | null {
    return this.#handingOut;
  }

  add(number: number, result: R): void {
    this.#results.set(number, result);
    this.#weight += this.#weigh(result);
    if (this.#handingOut !== null || !this.#results.has(this.#emitted)) return;
    this.#handingOut = this.#handOut();
    // As for jobs: the next wait throws it.
    this.#handingOut.catch(() => {});
  }

  async #handOut(): Promise<void> {
    for (let next = this.#results.get(this.#emitted); next !== undefined; next = this.#results.get(this.#emitted)) {
      this.#results.delete(this.#emitted++);
      this.#weight -= this.#weigh(next);
      this.#emit(next);
      await setImmediate();
    }
    this.#handingOut = null;
  }
}
