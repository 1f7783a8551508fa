/** What all parts of one comparison share: the two views, the settings, and where findings go. */
import { type ByteString, ownerOf } from "../mail/name.ts";
import type { ItemPair, MailboxFacts, UnreadItems } from "../mail/scan-facts.ts";
import type { Acceptances } from "./acceptances.ts";
import { type Check, SIDES, type Side, type VarianceClass } from "./classes.ts";
import { type Draft, explained, type Hosts } from "./explain.ts";
import { isAbsent } from "./explain-words.ts";
import { ExposureTally } from "./exposure.ts";
import type { EarlierFinding, HistoryView } from "./history-view.ts";
import { isUnread } from "./item-drafts.ts";
import { reconsider } from "./judge/earlier.ts";
import type { JudgeSettings, ReadTimes } from "./judge/order.ts";
import { LagTally } from "./lag.ts";
import type { ManifestPairView, ManifestView } from "./manifest-view.ts";
import { PendingWork } from "./pending.ts";
import { Scripts } from "./scripts.ts";
import { Tally } from "./tally.ts";
import { thingOf, valuesOf } from "./thing.ts";
import type { MailboxResult, Note, Subject, Variance } from "./variance.ts";

/** Takes findings as they are made; memory does not grow with them here. */
export interface FindingSink {
  variance(variance: Variance): void;
  note(note: Note): void;
  mailbox(result: MailboxResult, differs: boolean): void;
  /**
   * Takes, at the end, what says of a finding of an earlier comparison whether this one would have made it again. Good
   * while the manifests are open.
   */
  examined?(reexamined: (finding: EarlierFinding) => boolean): void;
  /** Takes, at the end, how far the replica is behind. */
  lag?(lag: LagTally): void;
}

/** How a comparison is to judge. */
export interface CompareSettings extends Omit<JudgeSettings, "primaryReadAfterReplica"> {
  /** Lag older than this makes the verdict `stalled`. */
  readonly maxLagSeconds: number;
  /** Scans further apart than this are incomplete. */
  readonly maxGapSeconds: number;
  /** A manifest older than this is incomplete; null: any age will do. */
  readonly maxAgeSeconds: number | null;
  /** The time of the comparison, for `maxAgeSeconds`. */
  readonly nowMs: number;
  /** Report every mailbox, also those that plainly agree. */
  readonly everyMailbox: boolean;
  /** Globs that the caller narrowed the comparison by, as text; they excuse what is not checked. */
  readonly narrowedBy: readonly string[];
  /** Whether a mailbox name is in the scope of the caller's globs and of both scans'. */
  readonly inScope: (name: ByteString) => boolean;
  /** Of a second look: whether it is about this thing. Absent: every finding is reported. */
  readonly isAskedFor?: (name: VarianceClass, subject: Subject) => boolean;
  /** What earlier comparisons of the two hosts saw. Absent: there are none. */
  readonly history?: HistoryView;
  /** Where the work-lists of this comparison are written; null: nowhere. */
  readonly worklist?: string | null;
  /** Differences that were accepted. Absent: none. */
  readonly acceptances?: Acceptances;
}

/** A file may say that it was written somewhat before it was: some file systems keep whole seconds. */
const MTIME_GRAIN_MS = 1000;

/** One comparison under way. */
export class Comparison {
  readonly pair: ManifestPairView;
  readonly settings: CompareSettings;
  readonly judge: JudgeSettings;
  readonly hosts: Hosts;
  readonly tally: Tally;
  readonly exposure: ExposureTally;
  readonly lag = new LagTally();
  readonly #sink: FindingSink;
  readonly #newest = new Map<string, number | null>();
  /** What of the items each side could not read. */
  readonly unread: Readonly<Record<Side, readonly UnreadItems[]>>;
  /** Both scans read items. */
  readonly haveItems: boolean;
  /** Mailboxes of the primary, by id, whose items have been compared with them. */
  readonly itemsCompared = new Set<number>();
  readonly scripts: Scripts;
  /** Sides whose mailbox list was not read: its mailboxes are what was found on disk. */
  readonly unreadLists: ReadonlySet<Side>;
  /** uniqueids that several mailboxes of a side have, and that items can therefore not be told apart by. */
  readonly duplicates: Readonly<Record<Side, ReadonlySet<string>>>;
  /** Of pairs that were compared, by the primary's id: checks that were not made, and whether numbers are known to differ. */
  readonly openChecks = new Map<number, { readonly unknown: ReadonlySet<Check>; readonly numbersDiffer: boolean }>();
  readonly #pending: PendingWork;
  /** Quota roots of mailboxes that do not plainly agree: their usage may well differ. */
  readonly unsettledRoots = new Set<ByteString>();

  constructor(pair: ManifestPairView, settings: CompareSettings, sink: FindingSink) {
    this.pair = pair;
    this.settings = settings;
    this.tally = new Tally(settings.maxLagSeconds);
    this.exposure = new ExposureTally(pair.primary, pair.replica.facts.listReadAtMs, this.lag);
    this.#sink = sink;
    this.haveItems = SIDES.every((side) => this.view(side).facts.itemsReadAtMs !== null);
    this.scripts = new Scripts(pair);
    this.unreadLists = new Set(SIDES.filter((side) => hasUnreadList(this.view(side))));
    this.#pending = new PendingWork(pair.primary.pending());
    this.duplicates = {
      primary: new Set(pair.primary.duplicateUniqueIds()),
      replica: new Set(pair.replica.duplicateUniqueIds()),
    };
    this.unread = { primary: pair.primary.unreadItems(), replica: pair.replica.unreadItems() };
    this.hosts = { primary: pair.primary.facts.host, replica: pair.replica.facts.host };
    this.judge = {
      settleSeconds: settings.settleSeconds,
      skewSeconds: settings.skewSeconds,
      primaryReadAfterReplica: pair.primary.facts.afterId === pair.replica.facts.id,
    };
  }

  /** True for every finding but those of a second look that are not what it is about. */
  isAskedFor({ class: name, subject }: Draft): boolean {
    return this.settings.isAskedFor?.(name, subject) ?? true;
  }

  /** Reports one finding, and returns it as it was judged in the end. */
  emit(judged: Draft): Pick<Variance, "state" | "accepted"> {
    if (!this.isAskedFor(judged)) return judged;
    const draft = this.#withPending(this.#withHistory(judged));
    const variance = this.#withAcceptance(explained(draft, this.hosts));
    this.exposure.add(draft);
    if (variance.accepted === undefined && variance.cause === "lag" && variance.ageSeconds !== undefined) {
      this.lag.aged(ownerOfSubject(variance.subject), variance.ageSeconds);
    }
    this.tally.add(variance);
    this.#sink.variance(variance);
    return variance;
  }

  /** Last of all, since what is accepted goes by what a finding was judged to be. */
  #withAcceptance(variance: Variance): Variance {
    const accepted = this.settings.acceptances?.of(variance) ?? null;
    return accepted === null ? variance : { ...variance, accepted };
  }

  /** What was seen before has a time by that, which the two manifests alone may not give it. */
  #withHistory(draft: Draft): Draft {
    const { history } = this.settings;
    if (history === undefined || draft.state !== "in-flight") return draft;
    const earlier = history.sightingOf(thingOf(draft), valuesOf(draft));
    if (earlier === null) return draft;
    const { primary, replica } = this.pair;
    const begun = { primaryMs: primary.facts.startedAtMs, replicaMs: replica.facts.startedAtMs };
    const newest = this.newestEqualUpdate(ownerOfSubject(draft.subject), null);
    const again = reconsider(draft, earlier, begun, newest, this.judge);
    if (again === null) return draft;
    if (again.state === "in-flight") return { ...draft, ...again };
    const { cause: _cause, ageSeconds: _age, ...lasting } = draft;
    const side = again.rule !== "primary-still-lacks" ? draft.side : isAbsent(draft.primary) ? "primary" : "replica";
    return { ...lasting, ...again, side };
  }

  /** Names in the primary's replication logs: shown, and never more than that. */
  #withPending(draft: Draft): Draft {
    if (draft.state !== "in-flight" && draft.state !== "diverged") return draft;
    const pending = this.#pending.of(draft.subject);
    return pending === null ? draft : { ...draft, pending };
  }

  note(note: Note): void {
    this.tally.addNote();
    this.#sink.note(note);
  }

  mailbox(result: MailboxResult, differs: boolean): void {
    this.#sink.mailbox(result, differs);
  }

  /** When the two sides of a mailbox were read. */
  timesOf(primary: MailboxFacts, replica: MailboxFacts): ReadTimes {
    return { primaryMs: primary.readAtMs, replicaMs: replica.readAtMs };
  }

  /** When the two mailbox lists were read. */
  get listTimes(): ReadTimes {
    return { primaryMs: this.pair.primary.facts.listReadAtMs, replicaMs: this.pair.replica.facts.listReadAtMs };
  }

  /**
   * H(user): how far replication has demonstrably come for an owner, in seconds on the primary's clock.
   *
   * @param lacking when the two sides were read in what the replica lacks: what it has been brought since then says
   *   nothing, nor what it was brought after the primary's reading, when the thing may have been gone there; null: by the
   *   end of the scan
   */
  newestEqualUpdate(owner: ByteString | null, lacking: ReadTimes | null): number | null {
    const beforeMs = lacking === null ? null : this.#earlier(lacking) - MTIME_GRAIN_MS;
    const key = `${beforeMs} ${owner ?? ""}`;
    const known = this.#newest.get(key);
    if (known !== undefined) return known;
    const newest = this.pair.newestEqualUpdate(owner, beforeMs);
    this.#newest.set(key, newest);
    return newest;
  }

  #earlier({ primaryMs, replicaMs }: ReadTimes): number {
    if (this.judge.primaryReadAfterReplica) return replicaMs;
    return Math.min(replicaMs, primaryMs - this.judge.skewSeconds * 1000);
  }

  /** True where the side that lacks an item could not read it. */
  isUnread({ primary, replica }: ItemPair): boolean {
    if (primary === null) return replica !== null && isUnread(this.unread.primary, replica);
    return replica === null && isUnread(this.unread.replica, primary);
  }

  /** Not everything that the two hosts have is compared. */
  get isNarrowed(): boolean {
    const { primary, replica } = this.pair;
    const globs = [primary, replica].flatMap(({ facts }) => [...facts.include, ...facts.exclude]);
    const only = [primary, replica].some(({ facts }) => facts.only !== undefined);
    return this.settings.narrowedBy.length > 0 || globs.length > 0 || only;
  }

  /** Remembers that these mailboxes do not plainly agree, or have no partner. */
  unsettle(...mailboxes: readonly MailboxFacts[]): void {
    for (const { quotaRoot } of mailboxes) if (quotaRoot !== null) this.unsettledRoots.add(quotaRoot);
  }

  view(side: Side): ManifestView {
    return side === "primary" ? this.pair.primary : this.pair.replica;
  }
}

/** Whose replication brings what a finding is about; null: it is in no user's tree. */
function ownerOfSubject({ mailbox, owner, key }: Subject): ByteString | null {
  if (mailbox !== null) return ownerOf(mailbox);
  return owner ?? (key === undefined ? null : ownerOf(key));
}

function hasUnreadList(view: ManifestView): boolean {
  return view.problems().some(({ mailbox, what }) => mailbox === null && what === "unread-list");
}
