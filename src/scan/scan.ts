import { randomUUID } from "node:crypto";
import type { ReadProblem } from "../mail/mailbox.ts";
import { OnlyFilter } from "../mail/only-scope.ts";
import type { MailboxList, MailboxRef, MailStore } from "../store/mail-store.ts";
import { MoveFollower } from "./again/move-follower.ts";
import { SecondLooks } from "./again/second-looks.ts";
import { createBrakes, type SharedBrakes, UNBRAKED } from "./brake.ts";
import { type FoundDirectory, findUnlisted } from "./discover.ts";
import { keepUnchanged } from "./earlier-readings.ts";
import { ItemScope } from "./item-scope.ts";
import { LostRoots } from "./lost-roots.ts";
import { MailboxRunner } from "./mailbox-runner.ts";
import { listOrMailboxesOnDisk } from "./mailboxes-on-disk.ts";
import { unplaced } from "./nowhere.ts";
import type { ScanEvents, ScanOptions, ScanOutcome, ScanSink } from "./scan-options.ts";
import { createScanPool, type ScanPool } from "./scan-pool.ts";
import { ScanTally } from "./scan-tally.ts";
import type { ScanItem } from "./scan-task.ts";

/**
 * Reads a whole store once: the mailbox list, the replication logs, every mailbox that `options.includes`, and the
 * directories that hold a mailbox which the list does not know. Everything goes to `sink`; nothing is printed.
 *
 * @param signal stops the scan within a second (with no worker threads: within one mailbox); the outcome says so
 * @throws {SpooldiffError} if there is no usable mailbox list, and what `sink` throws
 */
export async function runScan(
  store: MailStore,
  options: ScanOptions,
  sink: ScanSink,
  events: ScanEvents,
  signal: AbortSignal,
): Promise<ScanOutcome> {
  const pool = createScanPool(options.workers, options.niceIncrement);
  const stop = () => void pool.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const brakes = createBrakes(options.rates ?? UNBRAKED);
  const tally = new ScanTally(sink, events, brakes);
  // A mailbox can take hours: what is read of it meanwhile is told all the same.
  const ticker = setInterval(() => tally.tell(), TELL_EVERY_MS);
  const scan = new Scan({ store, options, sink, tally, pool, brakes, signal });
  try {
    await scan.run();
    return scan.outcome("finished");
  } catch (error) {
    if (!signal.aborted) throw error;
    return scan.outcome("stopped");
  } finally {
    clearInterval(ticker);
    signal.removeEventListener("abort", stop);
    // The threads of a stopped scan end by themselves. On a busy host that takes nice ones a while.
    if (!signal.aborted) await pool.destroy();
  }
}

const TELL_EVERY_MS = 500;

/** What a scan works with. */
interface ScanTools {
  readonly store: MailStore;
  readonly options: ScanOptions;
  readonly sink: ScanSink;
  readonly tally: ScanTally;
  readonly pool: ScanPool;
  readonly brakes: SharedBrakes;
  readonly signal: AbortSignal;
}

class Scan {
  readonly #store: MailStore;
  readonly #options: ScanOptions;
  readonly #sink: ScanSink;
  readonly #tally: ScanTally;
  readonly #signal: AbortSignal;
  readonly #roots: LostRoots;
  readonly #runner: MailboxRunner;
  readonly #second: SecondLooks;
  readonly #follower: MoveFollower;
  readonly #only: OnlyFilter | null;
  #list: MailboxList | null = null;
  #itemsReadAtMs: number | null = null;
  #refs: readonly MailboxRef[] = [];
  #unlisted: FoundDirectory[] = [];
  #discoveredAtMs = 0;

  constructor({ store, options, sink, tally, pool, brakes, signal }: ScanTools) {
    this.#store = store;
    this.#options = options;
    this.#sink = sink;
    this.#tally = tally;
    this.#signal = signal;
    this.#roots = new LostRoots(store.roots);
    this.#only = options.only === undefined ? null : new OnlyFilter(options.only);
    const settings = { scanId: randomUUID(), kind: store.kind, level: options.level, brakes };
    this.#runner = new MailboxRunner(pool, settings, this.#roots, options);
    this.#second = new SecondLooks(this.#runner, tally, this.#roots, signal);
    const tools = { store, tally, signal, roots: this.#roots, second: this.#second, takes: this.#takes };
    this.#follower = new MoveFollower({ ...tools, read: (items) => this.#read(items) });
  }

  async run(): Promise<void> {
    this.#signal.throwIfAborted();
    this.#roots.check();
    this.#tally.begin("list");
    const list = await this.#readList();
    await this.#readPending();
    const findUnlisted = this.#options.findUnlisted && list.unread === undefined;
    // The walk and the workers have the disk to themselves by turns otherwise. What it throws is met where it is awaited.
    const discovery = findUnlisted && this.#options.only?.unlisted !== false ? this.#discover(list) : Promise.resolve();
    discovery.catch(() => {});
    const refs = list.mailboxes.filter(this.#takes);
    const items = refs
      .filter(({ nowhere }) => nowhere === undefined)
      .map((ref): ScanItem => ({ ref, listed: true, contradiction: null }));
    this.#refs = refs;
    const { earlier } = this.#options;
    if (earlier !== undefined) this.#tally.begin("earlier", refs.length);
    const rest = { roots: this.#roots, tally: this.#tally, signal: this.#signal };
    const left = earlier === undefined ? items : await keepUnchanged(items, earlier, rest);
    this.#tally.begin("mailboxes", refs.length);
    const { readings, problems } = unplaced(this.#store, refs);
    for (const problem of problems) this.#tally.problem(problem);
    for (const reading of readings) this.#tally.mailbox(reading);
    await this.#read(left);
    this.#tally.begin("discovery");
    await discovery;
    this.#tally.begin("second-looks");
    await this.#second.settleContradicted();
    await this.#follower.followAll(list, { directories: this.#unlisted, foundAtMs: this.#discoveredAtMs });
    await this.#second.confirmHeld();
    for (const problem of this.#roots.unwalkable()) this.#tally.problem(problem);
    await this.#readItems(list);
  }

  /** Whether a mailbox is to be read. */
  readonly #takes = ({ name, uniqueId }: Pick<MailboxRef, "name" | "uniqueId">): boolean =>
    this.#options.includes(name) && (this.#only === null || this.#only.hasMailbox(name, uniqueId));

  outcome(status: ScanOutcome["status"]): ScanOutcome {
    return this.#tally.outcome({
      status,
      listReadAtMs: this.#list?.readAtMs ?? null,
      itemsReadAtMs: this.#itemsReadAtMs,
      listed: this.#list?.mailboxes.length ?? 0,
      matched: this.#refs.length,
      refs: this.#refs,
      deletedMeanwhile: this.#follower.deletedMeanwhile,
    });
  }

  async #readList(): Promise<MailboxList> {
    const read = await this.#store.readMailboxList();
    if (read.unread !== undefined) this.#tally.begin("discovery");
    const list = await listOrMailboxesOnDisk(this.#store, read, this.#roots, (problem) => this.#tally.problem(problem));
    this.#signal.throwIfAborted();
    this.#list = list;
    for (const tombstone of list.tombstones) {
      if (this.#options.includes(tombstone.name)) this.#tally.tombstone(tombstone);
    }
    for (const problem of list.problems) this.#tally.problem(problem);
    return list;
  }

  async #readPending(): Promise<void> {
    const { names, problems } = await this.#store.readPending();
    for (const name of names) this.#sink.pending(name);
    for (const problem of problems) this.#tally.problem(problem);
  }

  async #discover(list: MailboxList): Promise<void> {
    const refused = (problem: ReadProblem) => this.#tally.problem(problem);
    // By the whole list: a mailbox that is not to be read is not unknown.
    const roots = this.#roots.usable();
    for await (const found of findUnlisted(this.#store.kind, roots, list.mailboxes, refused, this.#signal)) {
      this.#unlisted.push(found);
    }
    this.#discoveredAtMs = Date.now();
  }

  async #read(items: readonly ScanItem[]): Promise<void> {
    await this.#runner.run(
      items.map((item) => this.#narrowed(item)),
      (result) => this.#second.receive(result),
      () => this.#second.relieve(),
    );
    this.#signal.throwIfAborted();
  }

  /** The item with the messages that alone are asked for. */
  #narrowed(item: ScanItem): ScanItem {
    const onlyUids = this.#only?.uidsOf(item.ref.name, item.ref.uniqueId) ?? null;
    return onlyUids === null ? item : { ...item, onlyUids };
  }

  async #readItems(list: MailboxList): Promise<void> {
    if (this.#options.only?.items === false) return;
    this.#tally.begin("items");
    this.#itemsReadAtMs = Date.now();
    const inScope = new ItemScope(this.#options.includes, this.#only);
    for await (const reading of this.#store.readItems(list)) {
      if (inScope.has(reading.status === "read" ? reading.item : reading.unread)) this.#tally.item(reading);
      this.#signal.throwIfAborted();
    }
  }
}
