import type { KnownFiles } from "../../mail/known-files.ts";
import { CONTENT_BYTES, STAT_BYTES } from "../../mail/packed-messages.ts";
import type { WorkOf } from "../batches.ts";
import { isBraked, UNBRAKED } from "../brake.ts";
import { runInOrder } from "../ordered-window.ts";
import type { ReadCounts } from "../read-counts.ts";
import type { ScanPool } from "../scan-pool.ts";
import type { ScanItem, ScanSettings } from "../scan-task.ts";
import { AHEAD_LIMITS, type AheadLimits, type MailboxOutline, type RecordRange } from "./ahead-task.ts";
import { cutRanges } from "./outline.ts";
import { Places } from "./places.ts";

/** What is known of the message files of a mailbox by a look ahead. */
export interface AheadFiles {
  readonly known: KnownFiles;
  /** Which directories the files lay in. */
  readonly directories: string;
  /** What was read for it. */
  readonly counts: ReadCounts;
}

/**
 * Mailboxes of which files that were read ahead are held in memory (a hundred bytes each): while one of them is read
 * after its look ahead, all other threads can look ahead at the next.
 */
const AT_ONCE = 2;
/** Mailboxes that are looked at for how much there is to do behind a huge one. */
const MOST_LOOKS = 1000;

/** What looks ahead, at which scan's mailboxes, and how much there is to do in one. */
export interface LookAheadTools {
  readonly pool: ScanPool;
  readonly settings: ScanSettings;
  readonly workOf: WorkOf;
}

/** Looks ahead at huge mailboxes with all threads of a pool. */
export class LookAhead {
  readonly #pool: ScanPool;
  readonly #settings: ScanSettings;
  readonly #workOf: WorkOf;
  readonly #limits: AheadLimits;
  readonly #places = new Places(AT_ONCE);

  constructor({ pool, settings, workOf }: LookAheadTools, limits = AHEAD_LIMITS) {
    this.#pool = pool;
    this.#settings = settings;
    this.#workOf = workOf;
    this.#limits = limits;
  }

  /** A mailbox with fewer messages is not worth it. */
  get aboveMessages(): number {
    return this.#limits.aboveMessages;
  }

  /**
   * True for a mailbox that is worth it: without, the other threads would be idle before one of them has read it. With,
   * reading it costs a quarter more processor time, for another reading of the index and the lstats.
   *
   * @param behind the mailboxes that are to be read after it
   */
  isFor(item: ScanItem, behind: Iterable<ScanItem>): boolean {
    if (!this.#isPossible(item)) return false;
    const work = this.#workOf(item.ref);
    if (work <= this.#limits.aboveMessages) return false;
    let left = work * (this.#pool.threads - 1);
    if (left > this.#limits.waitingMessages) return true;
    let looks = 0;
    for (const { ref } of behind) {
      if (left <= 0 || ++looks > MOST_LOOKS) break;
      left -= this.#workOf(ref);
    }
    return left > 0;
  }

  #isPossible({ listed, contradiction, onlyUids }: ScanItem): boolean {
    const { level, brakes } = this.#settings;
    if (level !== "quick" && level !== "full") return false;
    // Where reading is rationed, more threads make it no faster.
    if (isBraked(brakes ?? UNBRAKED) || this.#pool.threads < 2) return false;
    return listed && contradiction === null && onlyUids === undefined;
  }

  /**
   * Looks ahead at a mailbox, then has it read.
   *
   * @param read is given what is known by the look; null where it brought nothing
   */
  around<R>(item: ScanItem, read: (ahead: AheadFiles | null) => Promise<R>): Promise<R> {
    return this.#places.within(async () => read(await this.#orNothing(this.#lookAt(item))));
  }

  /** Throws what is thrown where its task is done, or where there is no memory for what it brings. */
  async #lookAt(item: ScanItem): Promise<AheadFiles | null> {
    const { ref } = item;
    const settings = this.#settings;
    const outline = await this.#pool.outline({ settings, ref });
    if (outline === null) return null;
    const gathered = new GatheredFiles(outline);
    const lookAtRange = async (range: RecordRange) => {
      const { directories } = outline;
      const task = { settings, ref, directories, range, settledMs: this.#limits.settledMs };
      const found = await this.#orNothing(this.#pool.lookAtRange(task));
      if (found !== null) gathered.add(range.firstRow, found);
      return range.firstRow;
    };
    const pool = this.#pool;
    const limits = {
      // There may come more threads meanwhile.
      get running() {
        return pool.window;
      },
      // What is found is put where it belongs at once: nothing waits.
      waiting: Number.POSITIVE_INFINITY,
      waitingWeight: Number.POSITIVE_INFINITY,
    };
    await runInOrder(
      rangesOf(outline, this.#limits),
      lookAtRange,
      () => {},
      limits,
      () => 0,
    );
    return gathered.files;
  }

  /** A look ahead that fails is none: the mailbox is read all the same, and whatever is the matter is found then. */
  async #orNothing<R>(task: Promise<R>): Promise<R | null> {
    try {
      return await task;
    } catch (error) {
      if (this.#pool.isDestroyed()) throw error;
      return null;
    }
  }
}

async function* rangesOf({ live }: MailboxOutline, limits: AheadLimits): AsyncGenerator<RecordRange> {
  yield* cutRanges(live, limits);
}

/** The files of a whole mailbox, range by range. */
class GatheredFiles {
  readonly files: AheadFiles;

  constructor({ uids, directories }: MailboxOutline) {
    const known = {
      uids,
      content: new Uint8Array(uids.length * CONTENT_BYTES),
      stat: new Uint8Array(uids.length * STAT_BYTES),
      due: new Uint8Array(uids.length),
    };
    this.files = { known, directories, counts: { bytesRead: 0, filesRead: 0 } };
  }

  add(firstRow: number, found: { content: Uint8Array; stat: Uint8Array } & ReadCounts): void {
    const { known, counts } = this.files;
    known.content.set(found.content, firstRow * CONTENT_BYTES);
    known.stat.set(found.stat, firstRow * STAT_BYTES);
    counts.bytesRead += found.bytesRead;
    counts.filesRead += found.filesRead;
  }
}
