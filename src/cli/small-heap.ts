import { setFlagsFromString } from "node:v8";

/**
 * Lets the heaps of this thread, and of all that come after it, grow no further than what is in use needs. Of themselves
 * they grow with the machine: new objects get 16 times the room they begin with, and old ones are looked through only
 * when there are several times as many, though hardly anything here outlives a message or a row.
 *
 * Measured with two workers: a scan of 200,000 messages takes 40 MB less and no more processor time, one of 50,000
 * mailboxes 292 MB instead of 612, a comparison 18 MB less; `verify` takes 7 % more time.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=60");
}
