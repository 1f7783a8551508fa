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
  let emittedThen = 0;
  const isFull = () => waiting.size >= limits.waiting || waiting.weight >= limits.waitingWeight;
  // Where the receiver is the slow one, no more is begun than it takes: what waits for it must not grow.
  const isBehind = () => waiting.turn !== null && waiting.size >= limits.running && waiting.emitted === emittedThen;
  const mustWait = () =>
    running.size >= limits.running || isBehind() || (isFull() && (running.size > 0 || waiting.turn !== null));
  const step = () => Promise.race([...running, ...(waiting.turn === null ? [] : [waiting.turn])]);
  for await (const job of jobs) {
    while (mustWait()) await step();
    const number = begun++;
    emittedThen = waiting.emitted;
    const promise: Promise<void> = run(job).then((result) => {
      waiting.add(number, result);
      running.delete(promise);
    });
    running.add(promise);
    // A rejection while nobody waits here must not count as unhandled; the next wait throws it.
    promise.catch(() => {});
  }
  while (running.size > 0 || waiting.turn !== null) await step();
}

/** Results that are there before their turn. */
class WaitingResults<R> {
  readonly #emit: (result: R) => void;
  readonly #weigh: (result: R) => number;
  readonly #results = new Map<number, R>();
  #emitted = 0;
  #weight = 0;
  #turn: Promise<void> | null = null;

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

  /** How many were handed out. */
  get emitted(): number {
    return this.#emitted;
  }

  /** Ends when the next one may be handed out, or with what the receiver has thrown; null: none has its turn. */
  get turn(): Promise<void> | null {
    return this.#turn;
  }

  add(number: number, result: R): void {
    this.#results.set(number, result);
    this.#weight += this.#weigh(result);
    if (this.#turn === null) this.#next();
  }

  #next(): void {
    const result = this.#results.get(this.#emitted);
    this.#turn = result === undefined ? null : this.#handOut(result);
    // As for jobs: the next wait throws it.
    this.#turn?.catch(() => {});
  }

  async #handOut(result: R): Promise<void> {
    this.#results.delete(this.#emitted++);
    this.#weight -= this.#weigh(result);
    this.#emit(result);
    await setImmediate();
    this.#next();
  }
}
