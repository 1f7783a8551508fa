/**
 * What a scan looks at again at its end, when it has had time to come to rest: indexes that contradict themselves,
 * files that no record accounted for, and mailboxes that were not where the list had them.
 */
import { setTimeout } from "node:timers/promises";
import type { MailboxReading } from "../../mail/mailbox.ts";
import { type ByteString, compareNames } from "../../mail/name.ts";
import type { LostRoots } from "../lost-roots.ts";
import type { ItemOutcome, MailboxRunner } from "../mailbox-runner.ts";
import { describeRoot } from "../partition-root.ts";
import { STABLE_MS } from "../read-index.ts";
import { readingWithout } from "../reading.ts";
import type { ScanTally } from "../scan-tally.ts";
import type { MailboxOutcome, OrphanItem, ScanItem } from "../scan-task.ts";

/** An unaccounted file is an orphan if it is one still after this time. */
const ORPHAN_AGE_MS = 2000;
/** A mailbox whose index shows a new contradiction at each look is given up after these. */
const MOST_LOOKS = 20;
const LONGEST_UNREST_MS = 30_000;
/** Bytes of readings that may be held back for their unaccounted files. */
const MOST_HELD_BYTES = 64 << 20;

/** A reading that lacks only the verdict on some files. */
interface HeldReading {
  readonly item: OrphanItem;
  readonly reading: MailboxReading;
  readonly seenAtMs: number;
}

interface Contradicted {
  readonly item: ScanItem;
  readonly found: string;
  readonly firstMs: number;
  readonly looks: number;
}

/** A mailbox that was not where the list had it, and what to say of it if a newer list has it there too. */
export interface Elsewhere {
  readonly item: ScanItem;
  readonly outcome: Extract<MailboxOutcome, { kind: "elsewhere" }>;
}

/** Takes what comes of reading mailboxes: hands over what is complete, and keeps the rest for a second look. */
export class SecondLooks {
  readonly #runner: MailboxRunner;
  readonly #tally: ScanTally;
  readonly #roots: LostRoots;
  readonly #signal: AbortSignal;
  #held: HeldReading[] = [];
  #heldBytes = 0;
  #contradicted: Contradicted[] = [];
  #elsewhere: Elsewhere[] = [];

  constructor(runner: MailboxRunner, tally: ScanTally, roots: LostRoots, signal: AbortSignal) {
    this.#runner = runner;
    this.#tally = tally;
    this.#roots = roots;
    this.#signal = signal;
  }

  /** Takes one outcome. */
  receive({ item, outcome }: ItemOutcome): void {
    switch (outcome.kind) {
      case "reading":
        this.#receiveReading(item, outcome);
        break;
      case "contradicted":
        this.#receiveContradicted(item, outcome);
        break;
      case "elsewhere":
        this.#elsewhere.push({ item, outcome });
        break;
      case "root-lost":
        if (this.#roots.stateOf(outcome.root).status === "used") this.#roots.addArchive(outcome.root, outcome.state);
        this.notChecked(item, outcome.root);
        break;
    }
  }

  /** Hands over a mailbox of a lost partition, and the partition's one problem. */
  notChecked(item: ScanItem, root: ByteString): void {
    const problem = this.#roots.problemFor(root);
    if (problem !== null) this.#tally.problem(problem);
    const found = `partition root "${root}": ${describeRoot(this.#roots.stateOf(root))}`;
    this.#tally.mailbox(readingWithout(item, "not-checked", found));
  }

  /** Hands over the oldest readings held back if there are too many. */
  async relieve(): Promise<void> {
    if (this.#heldBytes > MOST_HELD_BYTES) await this.confirmHeld();
  }

  /** Reads contradicting indexes until each holds still or has had its chances. */
  async settleContradicted(): Promise<void> {
    for (let round = 0; this.#contradicted.length > 0; round++) {
      await this.#wait(Math.max(this.#untilStable(), Math.min(100 * round, 2000)));
      const before = new Map(this.#contradicted.map((entry) => [entry.item, entry]));
      this.#contradicted = [];
      await this.#runner.run(sortedByName(before.keys()), (result) => {
        const known = before.get(result.item);
        if (result.outcome.kind !== "contradicted" || known === undefined) this.receive(result);
        else this.#lookedAgain(known, result.outcome);
      });
    }
  }

  /** Looks again at the unaccounted files of all readings held back, and hands those over. */
  async confirmHeld(): Promise<void> {
    const held = this.#held.sort((a, b) => compareNames(a.reading.name, b.reading.name));
    this.#held = [];
    this.#heldBytes = 0;
    const newest = Math.max(0, ...held.map(({ seenAtMs }) => seenAtMs));
    await this.#wait(newest + ORPHAN_AGE_MS - Date.now());
    const readings = new Map(held.map(({ item, reading }) => [item, reading]));
    await this.#runner.confirm([...readings.keys()], (item, { orphans, problems, bytesRead, filesRead }) => {
      const reading = readings.get(item);
      if (reading === undefined) return;
      readings.delete(item);
      this.#tally.mailbox({
        ...reading,
        orphans,
        problems: [...reading.problems, ...problems],
        bytesRead: reading.bytesRead + bytesRead,
        filesRead: reading.filesRead + filesRead,
      });
    });
  }

  /** The mailboxes that were not where the list had them, once. */
  takeElsewhere(): Elsewhere[] {
    const taken = this.#elsewhere;
    this.#elsewhere = [];
    return taken;
  }

  #receiveReading(item: ScanItem, outcome: Extract<MailboxOutcome, { kind: "reading" }>): void {
    const { reading, candidates, contradiction } = outcome;
    if (candidates.length === 0) {
      this.#tally.mailbox(reading);
      return;
    }
    this.#held.push({ item: { ...item, candidates, contradiction }, reading, seenAtMs: Date.now() });
    this.#heldBytes += 200 * (reading.messages.count + reading.expunged.length + candidates.length);
  }

  #receiveContradicted(item: ScanItem, outcome: Extract<MailboxOutcome, { kind: "contradicted" }>): void {
    const { contradiction, found } = outcome;
    this.#contradicted.push({ item: { ...item, contradiction }, found, firstMs: contradiction.sinceMs, looks: 1 });
  }

  #lookedAgain(known: Contradicted, outcome: Extract<MailboxOutcome, { kind: "contradicted" }>): void {
    const looks = known.looks + 1;
    const { contradiction, found } = outcome;
    // One that is about to prove stable gets the time for it.
    const isNew = contradiction.signature !== known.item.contradiction?.signature;
    if (isNew && (looks >= MOST_LOOKS || Date.now() - known.firstMs >= LONGEST_UNREST_MS)) {
      const text = `no two looks agreed on it; at last: ${found}`;
      this.#tally.mailbox(readingWithout(known.item, "unstable", text));
    } else {
      this.#contradicted.push({ ...known, item: { ...known.item, contradiction }, found, looks });
    }
  }

  /** Milliseconds until every contradiction has stood long enough, if it stands. */
  #untilStable(): number {
    const since = this.#contradicted.map(({ item }) => item.contradiction?.sinceMs ?? 0);
    return Math.max(0, ...since) + STABLE_MS - Date.now();
  }

  async #wait(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await setTimeout(milliseconds, undefined, { signal: this.#signal });
    this.#signal.throwIfAborted();
  }
}

function sortedByName(items: Iterable<ScanItem>): ScanItem[] {
  return [...items].sort((a, b) => compareNames(a.ref.name, b.ref.name));
}
