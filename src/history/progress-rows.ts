/** The rows of `progress`: what one comparison leaves open and how far replication has come, by user and in all. */
import { type ByteString, ownerOf } from "../mail/name.ts";
import type { Database } from "../sqlite/database.ts";
import type { Measures, OpenFinding, UserMeasure } from "./records.ts";
import * as sql from "./statements.ts";

/** Comparisons that the rows of users are kept for: a month of nights. */
const USER_COMPARISONS = 30;

/** A year-10000 limit of the schema, and that of exact numbers. */
const MOST_SECONDS = 253_402_300_799;
const MOST = Number.MAX_SAFE_INTEGER;

/** Findings of one user, or of the pair. */
interface Counts {
  damaged: number;
  diverged: number;
  in_flight: number;
  unproven: number;
  lasting: number;
  waiting: number;
  appeared: number;
  cleared: number;
  /** When the oldest of them was opened, or, in flight, became what it is. */
  openedMs: number | null;
}

interface OpenRow {
  readonly name: Buffer | null;
  readonly owner: Buffer;
  readonly key: Buffer;
  readonly state: string;
  readonly opened_in: number;
  readonly stands_since: number;
  readonly opened_ms: number;
}

const COLUMN_OF_STATE: Readonly<Record<string, "damaged" | "diverged" | "in_flight" | "unproven">> = {
  damaged: "damaged",
  diverged: "diverged",
  "in-flight": "in_flight",
  unproven: "unproven",
};

/** Adds up what is open by user, finding by finding: memory grows with users only. */
export class ProgressRows {
  readonly #db: Database;
  readonly #comparison: number;
  readonly #readMs: number;
  readonly #users = new Map<ByteString, Counts>();
  readonly #whole = noCounts();

  /** @param readMs when both hosts had been read: ages are as of then */
  constructor(db: Database, comparison: number, readMs: number) {
    this.#db = db;
    this.#comparison = comparison;
    this.#readMs = readMs;
  }

  /** Notes that the comparison has cleared a finding. */
  cleared({ name, thing }: OpenFinding): void {
    this.#both(userOf(name, thing.owner, thing.key), (counts) => {
      counts.cleared++;
    });
  }

  /** Writes the rows of the comparison, when all of its findings are. Those of users that have grown old go. */
  write({ users, lagMedian, lagP95 }: Measures): void {
    for (const row of this.#db.prepare(sql.SELECT_OPEN).iterate() as IterableIterator<OpenRow>) this.#open(row);
    const insert = this.#db.prepare(sql.INSERT_PROGRESS);
    const measured = new Map(users.map((user) => [user.owner, user]));
    for (const owner of new Set([...measured.keys(), ...this.#users.keys()])) {
      const values = this.#values(this.#users.get(owner) ?? noCounts(), measured.get(owner) ?? unmeasured(owner));
      insert.run({ ...values, whole: 0, lag_median: null, lag_p95: null });
    }
    const sums = this.#values(this.#whole, inAll(users));
    insert.run({ ...sums, whole: 1, lag_median: seconds(lagMedian), lag_p95: seconds(lagP95) });
    this.#db.prepare(sql.DELETE_OLD_PROGRESS).run(this.#comparison - USER_COMPARISONS);
  }

  #open({ name, owner, key, state, opened_in, stands_since, opened_ms }: OpenRow): void {
    const column = COLUMN_OF_STATE[state];
    if (column === undefined) return;
    const user = userOf(name?.toString("latin1") ?? null, owner.toString("latin1"), key.toString("latin1"));
    this.#both(user, (counts) => {
      counts[column]++;
      if (opened_in === this.#comparison) counts.appeared++;
      if (stands_since < this.#comparison && column === "in_flight") counts.waiting++;
      if (stands_since < this.#comparison && (column === "damaged" || column === "diverged")) counts.lasting++;
      counts.openedMs = Math.min(counts.openedMs ?? opened_ms, opened_ms);
    });
  }

  #both(user: ByteString, change: (counts: Counts) => void): void {
    const counts = this.#users.get(user) ?? noCounts();
    this.#users.set(user, counts);
    change(counts);
    change(this.#whole);
  }

  #values({ openedMs, ...counts }: Counts, measure: UserMeasure): Record<string, unknown> {
    const sinceOpened = openedMs === null ? null : Math.max(0, Math.floor((this.#readMs - openedMs) / 1000));
    const ages = [sinceOpened, measure.lagSeconds].filter((age) => age !== null);
    return {
      ...counts,
      comparison: this.#comparison,
      owner: Buffer.from(measure.owner, "latin1"),
      mailboxes: measure.mailboxes,
      primary_modseq: measure.primaryModseq?.toString() ?? null,
      replica_modseq: measure.replicaModseq?.toString() ?? null,
      oldest_seconds: ages.length === 0 ? null : seconds(Math.max(...ages)),
      lag_messages: Math.min(measure.lagMessages, MOST),
      lag_bytes: Math.min(measure.lagBytes, MOST),
      lag_seconds: seconds(measure.lagSeconds),
    };
  }
}

/** The user whom a finding is about; empty: nobody's. */
function userOf(name: ByteString | null, owner: ByteString, key: ByteString): ByteString {
  if (name !== null) return ownerOf(name) ?? "";
  return owner === "" ? (ownerOf(key) ?? "") : owner;
}

function noCounts(): Counts {
  return {
    ...{ damaged: 0, diverged: 0, in_flight: 0, unproven: 0, lasting: 0, waiting: 0, appeared: 0, cleared: 0 },
    openedMs: null,
  };
}

/** A user of whom the comparison saw no mailbox. */
function unmeasured(owner: ByteString): UserMeasure {
  const lag = { lagMessages: 0, lagBytes: 0, lagSeconds: null };
  return { owner, mailboxes: 0, primaryModseq: null, replicaModseq: null, ...lag };
}

function inAll(users: readonly UserMeasure[]): UserMeasure {
  const sum = { ...unmeasured("") };
  const plus = (a: bigint | null, b: bigint | null) => (a === null ? b : b === null ? a : a + b);
  return users.reduce(
    (all, user) => ({
      owner: "",
      mailboxes: all.mailboxes + user.mailboxes,
      primaryModseq: plus(all.primaryModseq, user.primaryModseq),
      replicaModseq: plus(all.replicaModseq, user.replicaModseq),
      lagMessages: all.lagMessages + user.lagMessages,
      lagBytes: all.lagBytes + user.lagBytes,
      lagSeconds: user.lagSeconds === null ? all.lagSeconds : Math.max(all.lagSeconds ?? 0, user.lagSeconds),
    }),
    sum,
  );
}

function seconds(value: number | null): number | null {
  return value === null ? null : Math.min(MOST_SECONDS, Math.max(0, Math.round(value)));
}
