import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { ReadProblem } from "../mail/mailbox.ts";
import { OnlyFilter } from "../mail/only-scope.ts";
import type { MailboxList, MailboxRef, MailStore } from "../store/mail-store.ts";
import { type FoundDirectory, findUnlisted, holdsMailbox } from "./discover.ts";
import { ItemScope } from "./item-scope.ts";
import { LostRoots } from "./lost-roots.ts";
import { MailboxRunner } from "./mailbox-runner.ts";
import { listOrMailboxesOnDisk } from "./mailboxes-on-disk.ts";
import { Moves } from "./moves.ts";
import { NewerList, readNewerList } from "./newer-list.ts";
import { unplaced } from "./nowhere.ts";
import { readingWithout } from "./reading.ts";
import type { ScanEvents, ScanOptions, ScanOutcome, ScanSink } from "./scan-options.ts";
import { createScanPool, type ScanPool } from "./scan-pool.ts";
import { ScanTally } from "./scan-tally.ts";
import type { ScanItem } from "./scan-task.ts";
import { type Elsewhere, SecondLooks } from "./second-looks.ts";

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
  const scan = new Scan(store, options, sink, new ScanTally(sink, events), pool, signal);
  try {
    await scan.run();
    return scan.outcome("finished");
  } catch (error) {
    if (!signal.aborted) throw error;
    return scan.outcome("stopped");
  } finally {
    signal.removeEventListener("abort", stop);
    await pool.destroy();
  }
}

/** How long a directory and its entry in the mailbox list can be apart while a mailbox is made, renamed or deleted. */
const LIST_SETTLES_MS = 2000;
/** Waits before a mailbox that is still not where the list has it is looked for again. */
const PATIENCE_MS = [500, 1500];
/** The same where its directory is there and holds another one, or one half made: deleted and made again, and again. */
const REMADE_PATIENCE_MS = [500, 1000, 1500];

class Scan {
  readonly #store: MailStore;
  readonly #options: ScanOptions;
  readonly #sink: ScanSink;
  readonly #tally: ScanTally;
  readonly #signal: AbortSignal;
  readonly #roots: LostRoots;
  readonly #runner: MailboxRunner;
  readonly #second: SecondLooks;
  readonly #only: OnlyFilter | null;
  #list: MailboxList | null = null;
  #itemsReadAtMs: number | null = null;
  #matched = 0;
  #deletedMeanwhile = 0;
  #unlisted: FoundDirectory[] = [];
  #discoveredAtMs = 0;

  constructor(
    store: MailStore,
    options: ScanOptions,
    sink: ScanSink,
    tally: ScanTally,
    pool: ScanPool,
    signal: AbortSignal,
  ) {
    this.#store = store;
    this.#options = options;
    this.#sink = sink;
    this.#tally = tally;
    this.#signal = signal;
    this.#roots = new LostRoots(store.roots);
    this.#only = options.only === undefined ? null : new OnlyFilter(options.only);
    const settings = { scanId: randomUUID(), kind: store.kind, level: options.level };
    this.#runner = new MailboxRunner(pool, settings, this.#roots);
    this.#second = new SecondLooks(this.#runner, tally, this.#roots, signal);
  }

  async run(): Promise<void> {
    this.#signal.throwIfAborted();
    this.#roots.check();
    this.#tally.begin("list");
    const list = await this.#readList();
    await this.#readPending();
    const findUnlisted = this.#options.findUnlisted && list.unread === undefined;
    if (findUnlisted && this.#options.only?.unlisted !== false) await this.#discover(list);
    const refs = list.mailboxes.filter(this.#takes);
    const items = refs
      .filter(({ nowhere }) => nowhere === undefined)
      .map((ref): ScanItem => ({ ref, listed: true, contradiction: null }));
    this.#matched = refs.length;
    this.#tally.begin("mailboxes", refs.length);
    const { readings, problems } = unplaced(this.#store, refs);
    for (const problem of problems) this.#tally.problem(problem);
    for (const reading of readings) this.#tally.mailbox(reading);
    await this.#read(items);
    this.#tally.begin("second-looks");
    await this.#second.settleContradicted();
    await this.#followMoves(list);
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
      matched: this.#matched,
      deletedMeanwhile: this.#deletedMeanwhile,
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
    this.#tally.begin("discovery");
    const refused = (problem: ReadProblem) => this.#tally.problem(problem);
    // By the whole list: a mailbox that is not to be read is not unknown.
    for await (const found of findUnlisted(this.#store.kind, this.#roots.usable(), list.mailboxes, refused)) {
      this.#unlisted.push(found);
      this.#signal.throwIfAborted();
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

  /** Finds out, by a newer list, about mailboxes that were not where the list had them and those it did not have. */
  async #followMoves(list: MailboxList): Promise<void> {
    const elsewhere = this.#second.takeElsewhere();
    if (elsewhere.length === 0 && this.#unlisted.length === 0) return;
    await this.#letListSettle(elsewhere.length > 0);
    this.#roots.check();
    if (list.unread !== undefined) {
      await this.#lookAgain(elsewhere);
      return;
    }
    await this.#follow(list, elsewhere, this.#unlisted);
    // However busy the host is, a list that goes on naming what is not there does not do so for ever.
    const given = [...PATIENCE_MS, ...REMADE_PATIENCE_MS];
    for (const [tries, ms] of given.entries()) {
      const again: Elsewhere[] = [];
      for (const entry of this.#second.takeElsewhere()) {
        // Several lists had it there. What is not there now is missing.
        if (tries < PATIENCE_MS.length || entry.outcome.status === "header-corrupt") again.push(entry);
        else this.#concede(entry);
      }
      if (again.length === 0) return;
      await setTimeout(ms, null, { signal: this.#signal });
      await this.#follow(list, again, []);
    }
    for (const entry of this.#second.takeElsewhere()) this.#concede(entry);
  }

  /** Reads what has become of `elsewhere` by a list read now, and what it says of directories that the older one did not. */
  async #follow(
    list: MailboxList,
    elsewhere: readonly Elsewhere[],
    unlisted: readonly FoundDirectory[],
  ): Promise<void> {
    const newer = await readNewerList(this.#store);
    const moves = new Moves(list, newer instanceof NewerList ? newer : new NewerList(list), this.#takes);
    if (!(newer instanceof NewerList)) this.#tally.problem(newer);
    for (const entry of elsewhere) this.#followOne(entry, moves);
    const unknown: MailboxRef[] = [];
    for (const found of unlisted) unknown.push(...(await this.#describe(found, moves)));
    await this.#addUnknown(unknown, moves);
    await this.#read(moves.items());
    await this.#second.settleContradicted();
  }

  /** Reads mailboxes once more of which no list says where they are now. One that has gone was deleted or renamed. */
  async #lookAgain(elsewhere: readonly Elsewhere[]): Promise<void> {
    await this.#read(elsewhere.map(({ item }) => item));
    await this.#second.settleContradicted();
    for (const entry of this.#second.takeElsewhere()) {
      if (entry.outcome.status === "directory-missing") this.#deletedMeanwhile++;
      else this.#concede(entry);
    }
  }

  /**
   * A directory is there shortly before its mailbox is in the list, and one is gone shortly before the list says so:
   * both pass within moments.
   */
  async #letListSettle(anythingMissing: boolean): Promise<void> {
    const from = anythingMissing ? Date.now() : this.#unlisted.length > 0 ? this.#discoveredAtMs : 0;
    const left = from + LIST_SETTLES_MS - Date.now();
    if (left > 0) await setTimeout(left, null, { signal: this.#signal });
  }

  #followOne({ item }: Elsewhere, moves: Moves): void {
    const lost = this.#roots.lostFor(item.ref);
    if (lost !== null) {
      this.#second.notChecked(item, lost);
      return;
    }
    const there = moves.follow(item);
    if (there === "deleted") {
      this.#deletedMeanwhile++;
      for (const tombstone of moves.newer.tombstonesOf(item.ref.name)) this.#tally.tombstone(tombstone);
    } else if (there === "unmoved") {
      moves.add(item);
    }
  }

  #concede({ item, outcome }: Elsewhere): void {
    // A directory that the list does not know, and that has gone, is nobody's loss.
    if (!item.listed && outcome.status === "directory-missing") return;
    this.#tally.mailbox(readingWithout(item, outcome.status, outcome.found));
  }

  /** The mailbox in a directory, if the newer list does not know it either. */
  async #describe({ directory, root }: FoundDirectory, moves: Moves): Promise<MailboxRef[]> {
    const listed = moves.newer.at(directory);
    if (listed !== null) {
      // It came after the first list was read.
      moves.addNew(listed);
      return [];
    }
    const ref = await this.#store.describeUnlisted(directory, root.partition);
    if (ref !== null) return this.#takes(ref) && !moves.newer.hasUnplaced(ref.name) ? [ref] : [];
    // Else it was on its way into or out of the list when it was found, and by now is neither.
    if (holdsMailbox(this.#store.kind, directory)) {
      const found = "it seems to hold a mailbox, but no list knows of it and it does not say which";
      this.#tally.problem({ what: "directory", path: directory, uid: null, errno: null, found });
    }
    return [];
  }

  /**
   * Adds mailboxes that no list knew. A mailbox that is deleted and made again may have been missing from the list and
   * back on disk in the very moments that it was looked at: what a further list knows is listed.
   */
  async #addUnknown(refs: readonly MailboxRef[], moves: Moves): Promise<void> {
    if (refs.length === 0) return;
    await setTimeout(LIST_SETTLES_MS, null, { signal: this.#signal });
    const latest = await readNewerList(this.#store);
    for (const ref of refs) {
      const known = latest instanceof NewerList ? latest.sameId(ref) : null;
      // Where it was in another place all the time, this is a directory that was left behind.
      if (known === null || known.indexFile === moves.newer.sameId(ref)?.indexFile) {
        moves.add({ ref, listed: false, contradiction: null });
      } else moves.addNew(known);
    }
  }
}
