import { setFlagsFromString } from "node:v8";

/**
 * Keeps the room for new objects as small as it is at the start, in this thread and in all that come after it. Hardly
 * anything here outlives a message or a row; V8 would let each thread's room grow to 16 times as much all the same.
 * Measured on 200,000 messages with two workers: a scan takes 30 to 50 MB less in all and no more processor time, a
 * comparison 18 MB less; `verify` takes 7 % more time.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
