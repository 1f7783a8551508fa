import type { TestContext } from "node:test";

/**
 * Skips a test for want of something that every machine of CI has; there it is a failure, so that no run passes because
 * of what was not tried.
 */
export function skipHere(context: TestContext, reason: string): void {
  if (process.env.CI) throw new Error(`Cannot be tried: ${reason}`);
  context.skip(reason);
}
