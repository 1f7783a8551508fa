/** A pair of hosts under a virtual clock: mail arrives, replication brings it or not, comparisons are made. */
import type { CountedPair, Measures, SeenFinding } from "../../src/history/records.ts";
import type { Point, Series } from "../../src/trend/series.ts";
import { createRandom } from "../support/random.ts";

const START_MS = Date.UTC(2026, 0, 1, 2);
export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** Something that one comparison finds and the next finds again, until it is gone. */
interface Fault {
  readonly user: string;
  readonly state: "damaged" | "diverged" | "in-flight" | "unproven";
  /** When it came about, in seconds. */
  readonly since: number;
  /** Tells it from all others, as a UID does. */
  readonly uid: number;
  openedIn: number | null;
}

interface User {
  primaryModseq: number;
  replicaModseq: number;
  blocked: boolean;
}

/** How a comparison is not like the others. */
export interface RunSpec {
  readonly complete?: boolean;
  readonly swapped?: boolean;
  readonly scope?: string;
}

export class SimulatedPair {
  now = 0;
  replicating = true;
  readonly #random;
  readonly #users = new Map<string, User>();
  #faults: Fault[] = [];
  #uids = 0;
  #swapped = false;
  #cleared: Fault[] = [];
  readonly #points: Point[] = [];
  readonly #ofUsers = new Map<string, Point[]>();

  constructor(seed: number, users: readonly string[] = ["alice", "bob", "carol"]) {
    this.#random = createRandom(seed);
    for (const user of users) this.#users.set(user, { primaryModseq: 10, replicaModseq: 10, blocked: false });
  }

  get nowMs(): number {
    return START_MS + this.now * 1000;
  }

  block(user: string, blocked = true): void {
    this.#user(user).blocked = blocked;
  }

  /** Mail for this user, or for anybody. */
  deliver(messages = 1, user?: string): void {
    const names = [...this.#users.keys()];
    for (let i = 0; i < messages; i++) {
      const name = user ?? names[this.#random.integer(0, names.length - 1)] ?? "";
      this.#user(name).primaryModseq++;
      this.#arise("in-flight", name);
    }
  }

  /** Replication brings what it has not: all of it, or so many changes, the oldest first. */
  replicate(changes = Number.POSITIVE_INFINITY): void {
    if (!this.replicating) return;
    let left = changes;
    for (const fault of this.#faults.filter(({ state, user }) => state === "in-flight" && !this.#user(user).blocked)) {
      if (left-- <= 0) return;
      this.#user(fault.user).replicaModseq++;
      this.#gone(fault);
    }
  }

  /** Something that replication does not mend. */
  fault(state: "damaged" | "diverged" | "unproven", user = "alice"): void {
    this.#arise(state, user);
  }

  /** Somebody mends everything that replication does not. */
  repair(): void {
    for (const fault of this.#faults.filter(({ state }) => state !== "in-flight")) this.#gone(fault);
  }

  pass(seconds: number): void {
    this.now += seconds;
  }

  compare({ complete = true, swapped = false, scope = "[]" }: RunSpec = {}): void {
    const comparison = this.#points.length + 1;
    if (swapped) this.#swapped = !this.#swapped;
    for (const fault of this.#faults) fault.openedIn ??= comparison;
    const common = { comparison, readMs: this.nowMs, complete, swapped, scope };
    const sum = (of: (user: User) => number) => [...this.#users.values()].reduce((all, user) => all + of(user), 0);
    const whole = { primary: sum((user) => user.primaryModseq), replica: sum((user) => user.replicaModseq) };
    this.#points.push({ ...common, ...this.#counts(comparison, () => true), ...modseqs(whole) });
    for (const [name, user] of this.#users) {
      const own = this.#ofUsers.get(name) ?? [];
      this.#ofUsers.set(name, own);
      const sides = { primary: user.primaryModseq, replica: user.replicaModseq };
      own.push({ ...common, ...this.#counts(comparison, (fault) => fault.user === name), ...modseqs(sides) });
    }
    this.#cleared = [];
  }

  /** The series so far. */
  series(): Series {
    const users = [...this.#ofUsers].map(([user, points]) => ({ user, points: [...points] }));
    return { points: [...this.#points], users };
  }

  /** The scans of the last comparison, as a history is told of them. */
  scans(): CountedPair {
    const number = this.#points.length;
    const scan = (host: "mx1" | "mx2") => ({
      ...{ id: `${host}-${number}`, host, instance: (host === "mx1" ? "a" : "b").repeat(64) },
      ...{ startedAtMs: this.nowMs, finishedAtMs: this.nowMs },
    });
    const [primary, replica] = this.#swapped ? [scan("mx2"), scan("mx1")] : [scan("mx1"), scan("mx2")];
    return { primary, replica, secondLook: false };
  }

  /** What the last comparison found. */
  findings(): SeenFinding[] {
    return this.#faults.map(({ user, state, uid }) => ({
      thing: { kind: "message", mailbox: `mailbox of ${user}`, uid, owner: "", key: "" },
      ...{ name: `user.${user}`, class: "message-missing", state, side: "replica" },
      ...{ cause: state === "in-flight" ? "lag" : null, rule: "uid-above-last", indexVersion: 17 },
      values: Buffer.alloc(16),
    }));
  }

  /** What the last comparison measured. */
  measures(): Measures {
    const last = (points: readonly Point[]) => points.at(-1) ?? null;
    const whole = last(this.#points);
    return {
      users: [...this.#users].map(([owner, { primaryModseq, replicaModseq }]) => ({
        ...{ owner, mailboxes: 1, primaryModseq: BigInt(primaryModseq), replicaModseq: BigInt(replicaModseq) },
        lagMessages: last(this.#ofUsers.get(owner) ?? [])?.lagMessages ?? 0,
        lagBytes: last(this.#ofUsers.get(owner) ?? [])?.lagBytes ?? 0,
        lagSeconds: last(this.#ofUsers.get(owner) ?? [])?.lagSeconds ?? null,
      })),
      lagMedian: whole?.lagMedian ?? null,
      lagP95: whole?.lagP95 ?? null,
    };
  }

  #counts(comparison: number, mine: (fault: Fault) => boolean) {
    const open = this.#faults.filter(mine);
    const number = (state: string) => open.filter((fault) => fault.state === state).length;
    const earlier = open.filter(({ openedIn }) => openedIn !== null && openedIn < comparison);
    const flying = open.filter(({ state }) => state === "in-flight");
    const oldest = (faults: readonly Fault[]) =>
      faults.length === 0 ? null : Math.max(...faults.map(({ since }) => this.now - since));
    return {
      ...{ damaged: number("damaged"), diverged: number("diverged"), inFlight: flying.length },
      unproven: number("unproven"),
      lasting: earlier.filter(({ state }) => state === "damaged" || state === "diverged").length,
      waiting: earlier.filter(({ state }) => state === "in-flight").length,
      oldestSeconds: this.#oldestOf(open),
      appeared: open.length - earlier.length,
      cleared: this.#cleared.filter((fault) => mine(fault) && fault.openedIn !== null).length,
      ...{ lagMessages: flying.length, lagBytes: flying.length * 1000, lagSeconds: oldest(flying) },
      ...{ lagMedian: oldest(flying), lagP95: oldest(flying) },
    };
  }

  /** What is in flight is as old as the change, everything else has an age only since a comparison has seen it. */
  #oldestOf(faults: readonly Fault[]): number | null {
    const seenAt = ({ openedIn }: Fault) => (this.#points[(openedIn ?? 0) - 1]?.readMs ?? this.nowMs) - START_MS;
    const ages = faults.map((fault) => this.now - (fault.state === "in-flight" ? fault.since : seenAt(fault) / 1000));
    return ages.length === 0 ? null : Math.max(...ages);
  }

  #arise(state: Fault["state"], user: string): void {
    this.#faults.push({ user, state, since: this.now, uid: ++this.#uids, openedIn: null });
  }

  #user(name: string): User {
    const user = this.#users.get(name);
    if (user === undefined) throw new RangeError(`The pair has no user ${name}`);
    return user;
  }

  #gone(fault: Fault): void {
    this.#faults = this.#faults.filter((other) => other !== fault);
    this.#cleared.push(fault);
  }
}

function modseqs({ primary, replica }: { primary: number; replica: number }) {
  return { primaryModseq: String(primary), replicaModseq: String(replica) };
}
