import { setFlagsFromString } from "node:v8";

/**
 * Lets the heaps of this thread, and of all that come after it, grow no further than what is in use needs. Of themselves
 * they grow with the machine: new objects get 16 times the room they begin with, and old ones are looked through only
 * when there are several times as many, though hardly anything here outlives a message or a row.
 *
 * Measured with two workers at level full: a scan of 200,000 messages takes 188 MB instead of 248 and no more processor
 * time (with the 1 MB that V8 begins with it takes 175 MB and 5 % more time), one of 50,000 mailboxes half.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString("--min-semi-space-size=4");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=60");
}
