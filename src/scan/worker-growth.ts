/**
 * How many threads read, where that is left to the program: one for each core, and more while they wait for a disk. A
 * disk that is asked for several files at once gives more of them (measured: 1.6 times with four threads a core), which
 * costs nothing but memory; what lies in memory already is read no faster by more threads than there are cores.
 */

/** What a process has used so far. */
export interface Usage {
  readonly nowMs: number;
  readonly cpuMs: number;
  /** Bytes that came from a disk, not from memory. File systems of the network do not count theirs. */
  readonly diskBytes: number;
}

/** Time over which it is looked how the threads spend theirs. */
const LOOK_MS = 500;
/** Less than this from the disk in that time is not what anybody waits for. */
const WORTH_BYTES = 1 << 20;
/** Cores are idle for the disk's sake when this share of their time is not used. */
const IDLE = 0.4;
const MOST_PER_CORE = 4;
const MOST = 16;

/** Decides from time to time how many threads there should be. There are never fewer than before. */
export class WorkerGrowth {
  readonly #cores: number;
  #threads: number;
  #last: Usage;

  /** @param start what was used before the first thread had anything to do */
  constructor(cores: number, start: Usage) {
    this.#cores = cores;
    this.#threads = cores;
    this.#last = start;
  }

  /** How many threads there should be. */
  get threads(): number {
    return this.#threads;
  }

  /** Looks at what was used meanwhile; true if there should be more threads. */
  look(now: Usage): boolean {
    const wallMs = now.nowMs - this.#last.nowMs;
    if (wallMs < LOOK_MS) return false;
    const cpuMs = now.cpuMs - this.#last.cpuMs;
    const diskBytes = now.diskBytes - this.#last.diskBytes;
    this.#last = now;
    const most = Math.max(this.#cores, Math.min(MOST, MOST_PER_CORE * this.#cores));
    if (this.#threads >= most || diskBytes < WORTH_BYTES) return false;
    if (cpuMs > (1 - IDLE) * wallMs * this.#cores) return false;
    this.#threads = Math.min(most, Math.max(4, 2 * this.#threads));
    return true;
  }
}

const BLOCK_BYTES = 512;

/** What this process has used. */
export function usageNow(): Usage {
  const { userCPUTime, systemCPUTime, fsRead } = process.resourceUsage();
  return {
    nowMs: performance.now(),
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
    diskBytes: fsRead * BLOCK_BYTES,
  };
}
