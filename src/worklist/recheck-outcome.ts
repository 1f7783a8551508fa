import type { VarianceClass } from "../compare/classes.ts";
import { NEED_LISTS } from "../compare/examination.ts";
import type { RecheckedFinding, RecheckResult, Subject, Variance } from "../compare/variance.ts";
import { type Level, levelReaches } from "../mail/message.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import type { RecheckEntry } from "./recheck-list.ts";
import { thingText } from "./thing.ts";

/** How deep a scan must look to find what these classes say; all others are of indexes and lists. */
const NEEDED_LEVEL: Readonly<Partial<Record<VarianceClass, Level>>> = {
  "file-missing": "stat",
  "file-orphan": "stat",
  "file-size-differs": "stat",
  "file-unreadable": "quick",
  "file-content-differs": "quick",
  "file-corrupt": "full",
};

/** What of the second look itself decides whether a finding was examined: how a side read a mailbox, if it did. */
export type MailboxLookup = (subject: Pick<Subject, "uniqueId" | "mailbox">) => readonly MailboxFacts[];

/** Finds out, while the findings of a second look come in, which of the earlier ones still stand. */
export class Recheck {
  readonly #entries: ReadonlyMap<string, readonly RecheckEntry[]>;
  readonly #standing = new Map<string, Variance>();
  /** Mailboxes of which something could not be read now, by uniqueid or name. */
  readonly #unread = new Set<string>();
  /** A mailbox list could not be read now. */
  #listUnread = false;

  constructor(entries: readonly RecheckEntry[]) {
    this.#entries = Map.groupBy(entries, (entry) => thingText(entry.class, entry.subject));
  }

  /** The things that the earlier findings were about. */
  get things(): { has(thing: string): boolean } {
    return this.#entries;
  }

  /** Takes a finding of the second look, and gives it back marked if an earlier one was of the same thing. */
  add(variance: Variance): Variance {
    const thing = thingText(variance.class, variance.subject);
    const { uniqueId, mailbox } = variance.subject;
    if (variance.state === "unproven") this.#unread.add(uniqueId ?? mailbox ?? "");
    if (variance.class === "mailbox-list-unreadable") this.#listUnread = true;
    if (!this.#entries.has(thing)) return variance;
    if (!this.#standing.has(thing)) this.#standing.set(thing, variance);
    return { ...variance, confirmed: true };
  }

  /**
   * What became of every finding of the list, in its order.
   *
   * @param level the shallower of both scans
   */
  result(level: Level, lookup: MailboxLookup): RecheckResult {
    const findings: RecheckedFinding[] = [];
    for (const [thing, entries] of this.#entries) {
      const now = this.#standing.get(thing) ?? null;
      for (const { class: name, state, side, subject } of entries) {
        const earlier = { class: name, state, side, subject };
        if (now !== null && now.state !== "unproven") {
          findings.push({
            ...earlier,
            outcome: "confirmed",
            now: { class: now.class, state: now.state, side: now.side },
          });
        } else
          findings.push({
            ...earlier,
            outcome: this.#examined(name, subject, level, lookup) ? "cleared" : "not-re-examined",
            now: null,
          });
      }
    }
    const count = (outcome: RecheckedFinding["outcome"]) =>
      findings.filter((finding) => finding.outcome === outcome).length;
    return {
      findings,
      counts: { confirmed: count("confirmed"), cleared: count("cleared"), notReExamined: count("not-re-examined") },
    };
  }

  /** Whether the second look saw the thing: that it found nothing says something only then. */
  #examined(name: VarianceClass, subject: Subject, level: Level, lookup: MailboxLookup): boolean {
    if (!levelReaches(level, NEEDED_LEVEL[name] ?? "index")) return false;
    if (this.#listUnread && NEED_LISTS.has(name)) return false;
    const { mailbox, uniqueId, owner, key } = subject;
    if (this.#unread.has(uniqueId ?? mailbox ?? "")) return false;
    // A partition, or the usage of a quota root, is not what a look at single mailboxes reads.
    if (mailbox === null && uniqueId === null) return owner !== undefined || key !== undefined;
    const readings = lookup(subject);
    return readings.every(({ status }) => status === "read");
  }
}
