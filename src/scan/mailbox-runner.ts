import type { ReadProblem } from "../mail/mailbox.ts";
import { mailboxReaderFor } from "../store/reader-registry.ts";
import { type AheadFiles, LookAhead } from "./ahead/look-ahead.ts";
import { withBase } from "./base/with-known.ts";
import { type Batch, batchesOf, taskLimits, type WorkOf, workIn } from "./batches.ts";
import { UNBRAKED } from "./brake.ts";
import type { LostRoots } from "./lost-roots.ts";
import { runInOrder, type WindowLimits } from "./ordered-window.ts";
import { readingWithout } from "./reading.ts";
import type { ScanBase, ScanOptions } from "./scan-options.ts";
import type { ScanPool } from "./scan-pool.ts";
import type { MailboxOutcome, OrphanItem, OrphanOutcome, ScanItem, ScanSettings } from "./scan-task.ts";

/** An item and what became of it. */
export interface ItemOutcome {
  readonly item: ScanItem;
  readonly outcome: MailboxOutcome;
}

/** Bytes of results that may wait for a slower mailbox before them. */
const MOST_WAITING_BYTES = 64 << 20;
const MOST_WAITING_TASKS = 1024;
/** Tasks that may fail, each for a mailbox of its own, before the fault is taken to be this program's. */
const MOST_FAILURES = 100;

/** Mailboxes read in one task, or a single one that all threads read together. */
interface Job extends Batch {
  readonly together: boolean;
}

/** Does the reading of mailboxes in a pool, and gives what came of it in the order of the items. */
export class MailboxRunner {
  readonly #pool: ScanPool;
  readonly #settings: ScanSettings;
  readonly #roots: LostRoots;
  readonly #base: ScanBase | undefined;
  readonly #workOf: WorkOf;
  readonly #ahead: LookAhead;
  #succeeded = false;
  #failures = 0;

  /** @param options what an earlier scan knows, and when to look ahead */
  constructor(
    pool: ScanPool,
    settings: ScanSettings,
    roots: LostRoots,
    { base, ahead }: Pick<ScanOptions, "base" | "ahead"> = {},
  ) {
    this.#base = base;
    this.#workOf = workIn(mailboxReaderFor(settings.kind), settings.level);
    this.#ahead = new LookAhead({ pool, settings, workOf: this.#workOf }, ahead);
    this.#pool = pool;
    this.#settings = settings;
    this.#roots = roots;
  }

  /** Reads mailboxes; those on a partition that is lost are not looked at. */
  async run(
    items: Iterable<ScanItem>,
    receive: (result: ItemOutcome) => void,
    between: () => Promise<void> = async () => {},
  ): Promise<void> {
    // A mailbox that is worth a look ahead has a task of its own.
    const all = [...items];
    const shares = { threads: this.#pool.threads, mailboxes: all.length };
    const limits = taskLimits(this.#settings.brakes ?? UNBRAKED, shares);
    const most = { ...limits, work: Math.min(limits.work, this.#ahead.aboveMessages) };
    const workOf = this.#workOf;
    const ahead = this.#ahead;
    async function* jobs(): AsyncGenerator<Job> {
      let next = 0;
      for (const batch of batchesOf(all, workOf, most)) {
        await between();
        next += batch.items.length;
        const [only] = batch.items;
        const together = batch.items.length === 1 && only !== undefined && ahead.isFor(only, from(all, next));
        yield { ...batch, together };
      }
    }
    const emit = (results: readonly ItemOutcome[]) => results.forEach(receive);
    await runInOrder(jobs(), (job) => this.#runJob(job), emit, this.#limits(), weightOf);
  }

  /** Looks again at unaccounted files. */
  async confirm(
    items: readonly OrphanItem[],
    receive: (item: OrphanItem, outcome: OrphanOutcome) => void,
  ): Promise<void> {
    async function* jobs() {
      yield* items;
    }
    const run = async (item: OrphanItem) => {
      const [outcome] = await this.#pool.confirm({ settings: this.#settings, items: [item] });
      if (outcome === undefined) throw new TypeError("a task gave no outcome");
      return { item, outcome };
    };
    await runInOrder(
      jobs(),
      run,
      ({ item, outcome }) => receive(item, outcome),
      this.#limits(),
      () => 0,
    );
  }

  #limits(): WindowLimits {
    const pool = this.#pool;
    return {
      // There may come more threads meanwhile.
      get running() {
        return pool.window;
      },
      waiting: MOST_WAITING_TASKS,
      waitingWeight: MOST_WAITING_BYTES,
    };
  }

  async #runJob({ items, isLong, together }: Job): Promise<ItemOutcome[]> {
    const readable = items.filter(({ ref }) => this.#roots.lostFor(ref) === null);
    const outcomes = new Map<ScanItem, MailboxOutcome>();
    const [only] = readable;
    const results = together && only !== undefined ? this.#readTogether(only) : this.#read(readable, isLong);
    for (const { item, outcome } of await results) outcomes.set(item, outcome);
    return items.map((item) => ({ item, outcome: outcomes.get(item) ?? this.#lost(item) }));
  }

  #lost(item: ScanItem): MailboxOutcome {
    const root = this.#roots.lostFor(item.ref);
    if (root === null) throw new TypeError("a task gave too few outcomes");
    return { kind: "root-lost", root, state: this.#roots.stateOf(root) };
  }

  /** Reads a mailbox after a look ahead, unless an earlier scan knows its files. */
  async #readTogether(item: ScanItem): Promise<ItemOutcome[]> {
    const based = withBase([item], this.#base);
    if (based[0]?.base !== undefined) return this.#read([item], true, based);
    return this.#ahead.around(item, async (ahead) => {
      // The base is not asked twice: it would count the same unsound rows again.
      if (ahead === null) return this.#read([item], true, based);
      const { known, directories: knownIn } = ahead;
      const results = await this.#read([item], true, [{ ...item, known, knownIn }]);
      return results.map((result) => withCounts(result, ahead));
    });
  }

  /**
   * A task that fails as a whole is done again mailbox by mailbox, so that one cannot take others with it.
   *
   * @param isLong no other task should have to wait for it
   * @param prepared the same items with what is known of them; absent: that is asked for
   */
  async #read(items: readonly ScanItem[], isLong: boolean, prepared?: readonly ScanItem[]): Promise<ItemOutcome[]> {
    if (items.length === 0) return [];
    try {
      const known = prepared ?? withBase(items, this.#base);
      const outcomes = await this.#pool.scan({ settings: this.#settings, items: known }, isLong);
      this.#succeeded = true;
      return items.flatMap((item, i) => {
        const outcome = outcomes[i];
        if (outcome?.unsoundBase === true) this.#base?.foundUnsound();
        return outcome === undefined ? [] : [{ item, outcome }];
      });
    } catch (error) {
      if (this.#pool.isDestroyed()) throw error;
      // It may have been too much to be handed over.
      if (prepared !== undefined) return this.#read(items, isLong);
      if (items.length === 1 && items[0] !== undefined) return [this.#failed(items[0], error)];
      const results: ItemOutcome[] = [];
      for (const item of items) results.push(...(await this.#read([item], isLong)));
      return results;
    }
  }

  #failed(item: ScanItem, error: unknown): ItemOutcome {
    this.#failures++;
    if (!this.#succeeded || this.#failures > MOST_FAILURES) throw error;
    const found = `reading it failed: ${error instanceof Error ? error.message : String(error)}`;
    const problem: ReadProblem = { what: "index", path: item.ref.indexFile, uid: null, errno: null, found };
    const reading = readingWithout(item, "unreadable", found, [problem]);
    return { item, outcome: { kind: "reading", reading, candidates: [], contradiction: null } };
  }
}

function* from<T>(all: readonly T[], first: number): Generator<T> {
  for (let i = first; i < all.length; i++) yield all[i] as T; // within its length
}

/** Adds what was read ahead to what the mailbox's own task read. */
function withCounts({ item, outcome }: ItemOutcome, { counts }: AheadFiles): ItemOutcome {
  if (outcome.kind !== "reading") return { item, outcome };
  const { reading } = outcome;
  const bytesRead = reading.bytesRead + BigInt(counts.bytesRead);
  const filesRead = reading.filesRead + counts.filesRead;
  return { item, outcome: { ...outcome, reading: { ...reading, bytesRead, filesRead } } };
}

/** About how many bytes a batch's results hold on to. */
function weightOf(results: readonly ItemOutcome[]): number {
  let bytes = 0;
  for (const { outcome } of results) {
    if (outcome.kind === "reading") bytes += 200 * (outcome.reading.messages.count + outcome.reading.expunged.length);
  }
  return bytes;
}
