/**
 * Work that stops where it needs the digests of what it has read, and gives way to others meanwhile: so that the files
 * of many small mailboxes are digested together.
 */
export type Steps<R> = Generator<void, R, void>;

/**
 * Works through all of `jobs` side by side, in this thread; results in their order. When one throws, the others are
 * ended and its error is thrown on.
 *
 * @param settle called when every job that is not finished has come to a stop; they go on after it
 */
export function runTogether<R>(jobs: readonly Steps<R>[], settle: () => void): R[] {
  const results: R[] = [];
  let open = [...jobs.entries()];
  try {
    while (open.length > 0) {
      open = open.filter(([number, job]) => {
        const step = job.next();
        if (step.done === true) results[number] = step.value;
        return step.done !== true;
      });
      if (open.length > 0) settle();
    }
  } finally {
    // Those that are not finished close what they hold open. What they would return then is never looked at.
    for (const [, job] of open) job.return(undefined as never);
  }
  return results;
}
