/** A pair of hosts under a virtual clock: mail arrives, replication brings it or not, comparisons are made. */
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
      this.#faults.push({ user: name, state: "in-flight", since: this.now, openedIn: null });
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
    this.#faults.push({ user, state, since: this.now, openedIn: null });
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
      oldestSeconds: oldest(open),
      appeared: open.length - earlier.length,
      cleared: this.#cleared.filter((fault) => mine(fault) && fault.openedIn !== null).length,
      ...{ lagMessages: flying.length, lagBytes: flying.length * 1000, lagSeconds: oldest(flying) },
      ...{ lagMedian: oldest(flying), lagP95: oldest(flying) },
    };
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
