/** The rows of `finding`, as one comparison reads and writes them. */
import type { ByteString } from "../mail/name.ts";
import type { Thing } from "../mail/thing.ts";
import type { Database } from "../sqlite/database.ts";
import { StatementCache } from "../sqlite/statement-cache.ts";
import type { EarlierSighting, FindingAge, OpenFinding, RunTotals, SeenFinding } from "./records.ts";
import * as sql from "./statements.ts";

/** Open findings that are looked through at a time. */
const BATCH = 1000;

/**
 * How long cleared findings are kept, to be known when they come back: a year and a month. What had only been in flight
 * is mail that came over, night for night: a month.
 */
const KEPT_MS = 400 * 86_400_000;
const IN_FLIGHT_KEPT_MS = 30 * 86_400_000;

/** A row of `finding`, as far as the next sighting of its thing must know it. */
interface KnownRow {
  readonly id: number;
  readonly slot: number;
  readonly class: string;
  readonly side: string;
  readonly state: string;
  readonly cause: string | null;
  readonly values_digest: Buffer;
  readonly status: string;
  readonly last_seen: number;
}

/** Findings over comparisons. Every call is within the caller's transaction. */
export class FindingRows {
  readonly totals: { -readonly [Name in keyof RunTotals]: RunTotals[Name] } = {
    ...{ appeared: 0, persisting: 0, reopened: 0, cleared: 0, unexamined: 0 },
  };
  readonly #now: number;
  readonly #statements: StatementCache;

  /** @param comparison the present one, by its number */
  constructor(db: Database, comparison: number) {
    this.#statements = new StatementCache(db);
    this.#now = comparison;
  }

  sightingOf(thing: Thing, values: Uint8Array, primary: string): EarlierSighting | null {
    const row = this.#statements
      .get(sql.SELECT_SIGHTING)
      .get({ ...bound(thing), values: Buffer.from(values), primary }) as
      | { cause: string | null; side: string; rule: string; primary_to_ms: number; replica_to_ms: number }
      | undefined;
    if (row === undefined) return null;
    const { cause, side, rule } = row;
    return { primaryReadMs: row.primary_to_ms, replicaReadMs: row.replica_to_ms, cause, side, rule };
  }

  /** Notes that the present comparison has made this finding. */
  seen(finding: SeenFinding, level: string): void {
    const known = this.#statements.get(sql.SELECT_FINDINGS_OF).all(bound(finding.thing)) as KnownRow[];
    const values = {
      ...{ name: finding.name === null ? null : bytes(finding.name), class: finding.class, state: finding.state },
      ...{ side: finding.side, cause: finding.cause, rule: finding.rule, level, index_version: finding.indexVersion },
      ...{ values: Buffer.from(finding.values), now: this.#now },
    };
    const row = this.#rowFor(finding, known);
    if (row === null) {
      this.#statements.get(sql.INSERT_FINDING).run({ ...bound(finding.thing), ...values, slot: known.length });
      this.totals.appeared++;
      return;
    }
    const cleared = row.status === "cleared";
    const unchanged = !cleared && isUnchanged(row, finding) ? 1 : 0;
    this.#statements.get(sql.UPDATE_FINDING).run({ ...values, id: row.id, unchanged });
    if (!cleared) this.totals.persisting++;
    else {
      this.totals.appeared++;
      this.totals.reopened++;
    }
  }

  /** Clears the open findings that this comparison has not made and would have, naming each; the others stay open. */
  settleUnseen(reexamined: (finding: OpenFinding) => boolean, cleared: (finding: OpenFinding) => void): void {
    for (let after = 0; ; ) {
      const rows = this.#statements.get(sql.SELECT_NOT_SEEN).all({ now: this.#now, after, limit: BATCH }) as OpenRow[];
      for (const row of rows) {
        const finding = openFinding(row);
        const clears = reexamined(finding);
        if (clears) this.totals.cleared++;
        else this.totals.unexamined++;
        if (clears) {
          cleared(finding);
          this.#statements.get(sql.CLEAR_FINDING).run({ id: row.id, now: this.#now });
        } else this.#statements.get(sql.LEAVE_FINDING).run({ id: row.id });
        after = row.id;
      }
      if (rows.length < BATCH) return;
    }
  }

  /** Deletes what was cleared so long ago that nobody asks for it any more. */
  forget(nowMs: number): void {
    for (const [state, keptMs] of [
      [null, KEPT_MS],
      ["in-flight", IN_FLIGHT_KEPT_MS],
    ] as const) {
      const { id } = this.#statements.get(sql.SELECT_LAST_BEFORE).get(nowMs - keptMs) as { id: number | null };
      if (id !== null) this.#statements.get(sql.DELETE_CLEARED).run({ comparison: id, state });
    }
  }

  ageOf(finding: Pick<SeenFinding, "thing" | "class" | "side">): FindingAge | null {
    const rows = this.#statements.get(sql.SELECT_AGES_OF).all(bound(finding.thing)) as {
      readonly class: string;
      readonly side: string;
      readonly runs: number;
      readonly opened: number;
      readonly standing: number;
      readonly first_ms: number;
    }[];
    const row = rows.find(({ class: is, side }) => is === finding.class && side === finding.side) ?? rows[0];
    if (row === undefined) return null;
    const course = row.opened === 0 ? "persisting" : row.runs === 1 ? "new" : "reopened";
    return { firstSeenMs: row.first_ms, runs: row.runs, standing: row.standing, course };
  }

  /** The row that goes on with this finding: of two findings of one thing, that of the same class and side. */
  #rowFor(finding: SeenFinding, known: readonly KnownRow[]): KnownRow | null {
    const free = known.filter(({ last_seen }) => last_seen < this.#now);
    const alike = free.find(({ class: is, side }) => is === finding.class && side === finding.side);
    return alike ?? free.find(({ status }) => status !== "cleared") ?? free[0] ?? null;
  }
}

interface OpenRow {
  readonly id: number;
  readonly kind: string;
  readonly mailbox: Buffer;
  readonly uid: number;
  readonly owner: Buffer;
  readonly key: Buffer;
  readonly name: Buffer | null;
  readonly class: string;
  readonly level: string;
  readonly index_version: number | null;
}

function openFinding(row: OpenRow): OpenFinding {
  return {
    thing: { kind: row.kind, mailbox: text(row.mailbox), uid: row.uid, owner: text(row.owner), key: text(row.key) },
    name: row.name === null ? null : text(row.name),
    class: row.class,
    level: row.level,
    indexVersion: row.index_version,
  };
}

/** The same values, and, as long as they were taken for being in flight, on the same grounds. */
function isUnchanged(row: KnownRow, finding: SeenFinding): boolean {
  if (Buffer.compare(row.values_digest, finding.values) !== 0) return false;
  if (row.state !== "in-flight" || finding.state !== "in-flight") return true;
  return row.cause === finding.cause && row.side === finding.side;
}

function bound({ kind, mailbox, uid, owner, key }: Thing) {
  return { kind, mailbox: bytes(mailbox), uid, owner: bytes(owner), key: bytes(key) };
}

function bytes(name: ByteString): Buffer {
  return Buffer.from(name, "latin1");
}

function text(blob: Buffer): ByteString {
  return blob.toString("latin1");
}
