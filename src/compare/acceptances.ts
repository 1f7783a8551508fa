/** Differences that an administrator has accepted: which findings they cover, and what is to be said of them. */
import type { ByteString } from "../mail/name.ts";
import { byteString } from "../mail/name.ts";
import { nameFilter } from "../mail/name-pattern.ts";
import type { VarianceClass } from "./classes.ts";
import type { Acceptance, Note, Subject, Variance } from "./variance.ts";

/** One accepted difference. Patterns are those of `--include`; null: any, or none at all. */
export interface AcceptedDifference {
  readonly class: VarianceClass;
  readonly mailbox: string | null;
  readonly owner: string | null;
  readonly key: string | null;
  readonly uid: number | null;
  readonly reason: string;
  /** The last day on which it is accepted, UTC: `2027-03-31`. */
  readonly expires: string;
  /** Where it is written, for people. */
  readonly place: string;
}

/** The names by which a finding says what it is about. */
const NAMES = ["mailbox", "owner", "key"] as const;

const DAY_MS = 86_400_000;

/** One accepted difference in use. */
class Entry {
  readonly difference: AcceptedDifference;
  readonly expired: boolean;
  accepted = 0;
  /** Findings that it describes and that it does not accept, by why not. */
  readonly refused = { expired: 0, unproven: 0, urgent: 0 };
  readonly #filters: readonly (readonly [(typeof NAMES)[number], (name: ByteString) => boolean])[];

  constructor(difference: AcceptedDifference, nowMs: number) {
    this.difference = difference;
    this.expired = nowMs >= Date.parse(difference.expires) + DAY_MS;
    this.#filters = NAMES.flatMap((name) => {
      const glob = difference[name];
      return glob === null ? [] : [[name, nameFilter([glob], [])] as const];
    });
  }

  describes(subject: Subject): boolean {
    if (this.difference.uid !== null && this.difference.uid !== subject.uid) return false;
    return this.#filters.every(([name, matches]) => {
      const value = subject[name];
      return value !== null && value !== undefined && matches(value);
    });
  }

  /** True where it names this one thing and can describe no other. */
  namesExactly(subject: Subject): boolean {
    if (subject.uid !== undefined && this.difference.uid !== subject.uid) return false;
    return NAMES.every((name) => {
      const value = subject[name];
      const glob = this.difference[name];
      return value === null || value === undefined || (glob !== null && byteString(glob) === value);
    });
  }
}

/**
 * What is accepted, in one comparison or inspection. Never accepted is what could not be told; and what alarms at once
 * (damage, split brain) only where an entry names that one thing in full, so that none hides a fault of tomorrow.
 */
export class Acceptances {
  readonly #byClass: ReadonlyMap<string, readonly Entry[]>;
  readonly #entries: readonly Entry[];
  readonly #isUrgent: (variance: Variance) => boolean;

  /** @param isUrgent whether a finding alarms at once, without a second comparison */
  constructor(differences: readonly AcceptedDifference[], nowMs: number, isUrgent: (variance: Variance) => boolean) {
    this.#entries = differences.map((difference) => new Entry(difference, nowMs));
    this.#byClass = Map.groupBy(this.#entries, ({ difference }) => difference.class);
    this.#isUrgent = isUrgent;
  }

  /** By whom a finding is accepted; null where it is not. */
  of(variance: Variance): Acceptance | null {
    const entries = (this.#byClass.get(variance.class) ?? []).filter((entry) => entry.describes(variance.subject));
    let acceptance: Acceptance | null = null;
    for (const entry of entries) {
      const refusal = this.#refusal(entry, variance);
      if (refusal !== null) {
        entry.refused[refusal]++;
        continue;
      }
      entry.accepted++;
      acceptance ??= { reason: entry.difference.reason, expires: entry.difference.expires };
    }
    return acceptance;
  }

  #refusal(entry: Entry, variance: Variance): keyof Entry["refused"] | null {
    if (entry.expired) return "expired";
    if (variance.state === "unproven") return "unproven";
    return this.#isUrgent(variance) && !entry.namesExactly(variance.subject) ? "urgent" : null;
  }

  /** What is to be said of the entries when all findings have been seen: a note for each that did not do its work. */
  *notes(): Generator<Note> {
    for (const { difference, expired, accepted, refused } of this.#entries) {
      const said = `${difference.class}, accepted at ${difference.place} until ${difference.expires} (${difference.reason})`;
      if (expired) {
        const left = refused.expired === 0 ? "covers no finding of this run" : `${counted(refused.expired)} again`;
        yield note("acceptance-expired", `${said}, has expired: ${left}`, refused.expired);
        continue;
      }
      if (refused.unproven > 0) {
        const why = "what could not be told cannot be accepted";
        yield note("acceptance-refused", `${said}: ${why}, and ${counted(refused.unproven)}`, refused.unproven);
      }
      if (refused.urgent > 0) {
        const why = "what alarms at once is accepted only where its mailbox, uid, owner and key are named in full";
        yield note("acceptance-refused", `${said}: ${why}, and ${counted(refused.urgent)}`, refused.urgent);
      }
      if (accepted + refused.unproven + refused.urgent > 0) continue;
      yield note("acceptance-unused", `${said}, covers no finding of this run`, 0);
    }
  }
}

function counted(findings: number): string {
  return findings === 1 ? "1 finding counts" : `${findings} findings count`;
}

function note(name: string, explain: string, count: number): Note {
  return { type: "note", class: name, mailbox: null, side: null, explain, ...(count === 0 ? {} : { count }) };
}
