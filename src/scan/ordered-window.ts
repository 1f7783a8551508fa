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
 * those behind it once as much waits as the limits allow.
 *
 * @param weigh what a waiting result costs, in the unit of the limit
 * @throws what a job, `jobs` or `emit` throws; jobs that run then are left to themselves
 */
export async function runInOrder<J, R>(
  jobs: AsyncIterable<J>,
  run: (job: J) => Promise<R>,
  emit: (result: R) => void,
  limits: WindowLimits,
  weigh: (result: R) => number,
): Promise<void> {
  const waiting = new Map<number, R>();
  const running = new Set<Promise<void>>();
  let begun = 0;
  let emitted = 0;
  let weight = 0;
  const take = (number: number, result: R) => {
    waiting.set(number, result);
    weight += weigh(result);
    for (let next = waiting.get(emitted); next !== undefined; next = waiting.get(emitted)) {
      waiting.delete(emitted++);
      weight -= weigh(next);
      emit(next);
    }
  };
  const mustWait = () =>
    running.size >= limits.running ||
    (running.size > 0 && (waiting.size >= limits.waiting || weight >= limits.waitingWeight));
  for await (const job of jobs) {
    while (mustWait()) await Promise.race(running);
    const number = begun++;
    const promise: Promise<void> = run(job).then((result) => {
      // In this order: what the receiver throws must be met by the next wait.
      take(number, result);
      running.delete(promise);
    });
    running.add(promise);
    // A rejection while nobody waits here must not count as unhandled; the next wait throws it.
    promise.catch(() => {});
  }
  while (running.size > 0) await Promise.race(running);
}
