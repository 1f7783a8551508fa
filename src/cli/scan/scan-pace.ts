import type { ScanProgress } from "../../scan/scan-options.ts";

/** What is seen at one moment of a scan. */
interface Sample {
  readonly atMs: number;
  readonly bytesRead: bigint;
  readonly filesRead: number;
}

/** How far back the rates look: a scan that was held up says so soon, and one big mailbox is no jump. */
const WINDOW_MS = 30_000;
/** Samples closer together than this say nothing new. */
const SAMPLE_EVERY_MS = 250;
/** Time that mailboxes must have taken before they tell how long the others will. */
const LEAST_EVIDENCE_MS = 2000;

/** How fast a scan goes now, and when it will be done. Times come from the caller, in milliseconds. */
export class ScanPace {
  #samples: Sample[] = [];
  #readingSinceMs: number | null = null;

  /** Takes what is known at `atMs`. */
  add(atMs: number, { phase, bytesRead, filesRead }: ScanProgress): void {
    if (phase === "mailboxes") this.#readingSinceMs ??= atMs;
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < SAMPLE_EVERY_MS) return;
    this.#samples.push({ atMs, bytesRead, filesRead });
    // One sample from before the window is kept: it is where the window begins.
    while ((this.#samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#samples.shift();
  }

  /** Read in each second of the last half minute. */
  rates(): { readonly bytes: number; readonly files: number } {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last === first) return { bytes: 0, files: 0 };
    const seconds = (last.atMs - first.atMs) / 1000;
    return {
      bytes: Number(last.bytesRead - first.bytesRead) / seconds,
      files: (last.filesRead - first.filesRead) / seconds,
    };
  }

  /**
   * Seconds until all mailboxes are read, if those left are like those that this run has read; null where that cannot be
   * told. What an earlier run has read took this one no time.
   */
  secondsLeft(atMs: number, { phase, mailboxes, mailboxesDone, mailboxesKept }: ScanProgress): number | null {
    const done = mailboxesDone - mailboxesKept;
    if (phase !== "mailboxes" || done <= 0 || this.#readingSinceMs === null) return null;
    const elapsedMs = atMs - this.#readingSinceMs;
    if (elapsedMs < LEAST_EVIDENCE_MS) return null;
    return Math.round(((elapsedMs / done) * (mailboxes - mailboxesDone)) / 1000);
  }
}
