/**
 * Keeps a scan below so many bytes and files a second, all its threads together, and counts what they read.
 *
 * Each brake is a schedule in shared memory: the time at which what has been let through so far would have been through
 * at exactly the rate. Who wants to read puts his own part at its end, and sleeps until that begins. A schedule that
 * nobody uses does not save up more than {@link CREDIT_NS}: a pause must not end in a burst.
 */

/** Bytes and files a second; null: as many as can be. */
export interface Rates {
  readonly bytesPerSecond: number | null;
  readonly filesPerSecond: number | null;
}

export const UNBRAKED: Rates = { bytesPerSecond: null, filesPerSecond: null };

/** True where something has ever to wait. */
export function isBraked({ bytesPerSecond, filesPerSecond }: Rates): boolean {
  return bytesPerSecond !== null || filesPerSecond !== null;
}

/** What a thread reads under: to be asked before each file that is opened and each piece that is read. */
export interface Brake {
  /** False where nothing has ever to wait. */
  readonly holdsBack: boolean;
  /** The longest piece that may be read at once. */
  readonly pieceBytes: number;
  file(): void;
  bytes(count: number): void;
}

/** Time as the schedule has it: the same for all threads of a process, and never set back. */
export interface Clock {
  nowNs(): bigint;
  sleepNs(duration: bigint): void;
}

/** The brakes of one scan, as they cross threads. */
export interface SharedBrakes extends Rates {
  readonly memory: SharedArrayBuffer;
}

/** Where in the shared memory, in units of 64 bits, is what. */
const [BYTES_SCHEDULE, FILES_SCHEDULE, BYTES_READ, FILES_READ, SLOTS] = [0, 1, 2, 3, 4] as const;

/** How late a thread may come to its turn without losing it: what a busy machine adds to a sleep. */
const CREDIT_NS = 100_000_000n;
const SECOND_NS = 1_000_000_000n;
/** A piece takes a twentieth of a second, so that ten seconds hold a whole number of them to within a percent. */
const PIECES_PER_SECOND = 20;
const LEAST_PIECE_BYTES = 512;
const MOST_PIECE_BYTES = 1 << 20;
/** What a thread counts for itself before it adds it to what all have read. */
const COUNTED_BYTES = 1 << 20;
const COUNTED_FILES = 64;

/** The brakes of a scan, at rest. */
export function createBrakes(rates: Rates): SharedBrakes {
  return { ...rates, memory: new SharedArrayBuffer(SLOTS * BigInt64Array.BYTES_PER_ELEMENT) };
}

/** What all threads have read so far, to within a megabyte and a few files for each. */
export function readSoFar({ memory }: SharedBrakes): { readonly bytes: bigint; readonly files: number } {
  const slots = new BigInt64Array(memory);
  return { bytes: Atomics.load(slots, BYTES_READ), files: Number(Atomics.load(slots, FILES_READ)) };
}

/** The brakes of a scan as one of its threads uses them. */
export function brakeOf({ bytesPerSecond, filesPerSecond, memory }: SharedBrakes, clock = threadClock()): Brake {
  const slots = new BigInt64Array(memory);
  const pieceBytes = pieceOf(bytesPerSecond);
  let bytes = 0;
  let files = 0;
  return {
    holdsBack: isBraked({ bytesPerSecond, filesPerSecond }),
    pieceBytes,
    file: () => {
      if (filesPerSecond !== null) waitTurn(slots, FILES_SCHEDULE, costOf(1, filesPerSecond), clock);
      if (++files < COUNTED_FILES && filesPerSecond === null) return;
      Atomics.add(slots, FILES_READ, BigInt(files));
      files = 0;
    },
    bytes: (count) => {
      if (bytesPerSecond !== null) {
        for (let left = count; left > 0; left -= pieceBytes) {
          waitTurn(slots, BYTES_SCHEDULE, costOf(Math.min(left, pieceBytes), bytesPerSecond), clock);
        }
      }
      bytes += count;
      if (bytes < COUNTED_BYTES && bytesPerSecond === null) return;
      Atomics.add(slots, BYTES_READ, BigInt(bytes));
      bytes = 0;
    },
  };
}

/** Lets everything through, and counts nothing. */
export const NO_BRAKE: Brake = { holdsBack: false, pieceBytes: Number.POSITIVE_INFINITY, file() {}, bytes() {} };

function pieceOf(bytesPerSecond: number | null): number {
  if (bytesPerSecond === null) return Number.POSITIVE_INFINITY;
  const piece = Math.floor(bytesPerSecond / PIECES_PER_SECOND);
  return Math.min(MOST_PIECE_BYTES, Math.max(LEAST_PIECE_BYTES, piece));
}

function costOf(count: number, perSecond: number): bigint {
  return (SECOND_NS * BigInt(count)) / BigInt(perSecond);
}

/** Puts `cost` at the end of a schedule and sleeps until its turn comes. */
function waitTurn(slots: BigInt64Array, at: number, cost: bigint, clock: Clock): void {
  for (;;) {
    const end = Atomics.load(slots, at);
    const now = clock.nowNs();
    const turn = end > now - CREDIT_NS ? end : now - CREDIT_NS;
    if (Atomics.compareExchange(slots, at, end, turn + cost) !== end) continue;
    if (turn > now) clock.sleepNs(turn - now);
    return;
  }
}

function threadClock(): Clock {
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  return {
    nowNs: () => process.hrtime.bigint(),
    sleepNs: (duration) => void Atomics.wait(asleep, 0, 0, Number(duration) / 1e6),
  };
}
