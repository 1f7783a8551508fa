/**
 * What one comparison has looked at, for the findings of earlier ones that it has not made again: only what it would
 * have found is cleared by that it did not find it.
 */

import { LEVELS, type Level } from "../mail/message.ts";
import { type ByteString, inboxOf, isDeletedName } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { SIDES, type Side, type VarianceClass } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import type { EarlierFinding } from "./history-view.ts";
import { CHECKS_OF_KIND, needsLevel, type ThingKind } from "./thing.ts";
import type { Summary } from "./variance.ts";

/** Kinds of items, of users and of mailboxes. */
const ITEMS_OF_USERS: ReadonlySet<string> = new Set(["subscription", "sieve", "quota", "quota-usage"]);
const ITEMS_OF_MAILBOXES: ReadonlySet<string> = new Set(["annotation", "message-annotation", "seen"]);

/** Classes that the mailbox lists alone tell, whatever could be read of the mailbox. */
const TOLD_BY_LISTS: ReadonlySet<string> = new Set<VarianceClass>([
  "mailbox-missing",
  "mailbox-renamed",
  "mailbox-recreated",
  "uniqueid-duplicate",
]);

/** Classes of findings that cannot be made while a mailbox list is not read. */
export const NEED_LISTS: ReadonlySet<string> = new Set<VarianceClass>([
  "mailbox-missing",
  "mailbox-renamed",
  "mailbox-recreated",
  "mailbox-not-in-list",
  "mailbox-directory-missing",
  "mailbox-metadata-differs",
  "uniqueid-missing",
  "uniqueid-duplicate",
  "uidvalidity-contradicts-mailbox-list",
  "acl-differs",
]);

/** Answers, of findings that a finished comparison has not made, whether it would have. */
export class Examination {
  readonly #comparison: Comparison;
  /** Everything that is compared was read in time to be compared. */
  readonly #sound: boolean;
  /** Something could not be read that is no mailbox's: a partition, a list. */
  readonly #storeOpen: boolean;
  #differing: Set<string> | null = null;

  constructor(comparison: Comparison, summary: Summary) {
    const { settings, pair } = comparison;
    this.#comparison = comparison;
    const tooOld = SIDES.some((side) => {
      const { finishedAtMs } = comparison.view(side).facts;
      return settings.maxAgeSeconds !== null && settings.nowMs - finishedAtMs > settings.maxAgeSeconds * 1000;
    });
    const secondLook = [pair.primary, pair.replica].some(({ facts }) => facts.only !== undefined);
    const apart = summary.order.gapSeconds > settings.maxGapSeconds;
    this.#sound = !tooOld && !secondLook && !apart && summary.counts.mailboxes.compared > 0;
    this.#storeOpen = SIDES.some((side) => {
      const view = comparison.view(side);
      // A stopped scan has not read the mailboxes that the list does not know.
      if (view.facts.stopped === true) return true;
      return view.problems().some(({ mailbox, what }) => mailbox === null && what !== "sync-log");
    });
  }

  /** True where this comparison would have made the finding again if it still stood. */
  reexamined(finding: EarlierFinding): boolean {
    const kind = finding.thing.kind as ThingKind;
    if (!this.#sound) return false;
    if (kind === "partition") return !this.#comparison.isNarrowed;
    if (ITEMS_OF_USERS.has(kind)) return this.#userItem(finding);
    return this.#ofMailbox(finding, kind);
  }

  /** An item of a user or of a quota root: in scope, read on both sides, and not passed over although it differs. */
  #userItem({ thing }: EarlierFinding): boolean {
    const { haveItems, settings, unread } = this.#comparison;
    // Of whom items are to be read, a list says.
    if (!haveItems || this.#comparison.unreadLists.size > 0) return false;
    const quota = thing.kind === "quota" || thing.kind === "quota-usage";
    if (!settings.inScope(quota ? thing.key : inboxOf(thing.owner))) return false;
    const isUnread = SIDES.some((side) =>
      unread[side].some(
        ({ kind, owner, key }) =>
          kind === thing.kind && (owner === null || owner === thing.owner) && (key === null || key === thing.key),
      ),
    );
    return !isUnread && !this.#stillDiffers(thing.kind, "", thing.owner, thing.key);
  }

  #ofMailbox(finding: EarlierFinding, kind: ThingKind): boolean {
    const { thing, name } = finding;
    const sides = { primary: this.#live("primary", thing.mailbox), replica: this.#live("replica", thing.mailbox) };
    const { primary, replica } = sides;
    const { inScope } = this.#comparison.settings;
    const known = primary?.name ?? replica?.name ?? name;
    if (known === null || !inScope(known)) return false;
    // Gone from both hosts: so is what was wrong with it, unless part of a host could not be looked at.
    if (primary === null && replica === null) return !this.#storeOpen && !this.#comparison.isNarrowed;
    if (primary === null || replica === null) return false;
    if (NEED_LISTS.has(finding.class) && this.#comparison.unreadLists.size > 0) return false;
    if (TOLD_BY_LISTS.has(finding.class)) return true;
    return this.#wasCompared(finding, kind, primary, replica);
  }

  /** Of a mailbox that both sides have: the checks that the finding belongs to were made, and as well as then. */
  #wasCompared(finding: EarlierFinding, kind: ThingKind, primary: MailboxFacts, replica: MailboxFacts): boolean {
    const open = this.#comparison.openChecks.get(primary.id);
    const checks = CHECKS_OF_KIND[kind] ?? ["store"];
    if (checks.some((check) => open?.unknown.has(check))) return false;
    if (kind === "acl") return true;
    if (primary.status !== "read" || replica.status !== "read") return false;
    if (kind === "status" && open?.numbersDiffer === true) return false;
    if (needsLevel(finding.class as VarianceClass) && this.#level < LEVELS.indexOf(finding.level as Level))
      return false;
    const versions = [primary.header?.minorVersion ?? 0, replica.header?.minorVersion ?? 0] as const;
    if (finding.indexVersion !== null && Math.min(...versions) < finding.indexVersion) return false;
    if (!ITEMS_OF_MAILBOXES.has(kind)) return true;
    if (this.#comparison.unreadLists.size > 0) return false;
    return this.#comparison.haveItems && primary.name === replica.name && this.#itemWasCompared(finding, versions);
  }

  #itemWasCompared({ thing }: EarlierFinding, versions: readonly [number, number]): boolean {
    const key = thing.kind === "message-annotation" ? `${thing.uid} ${thing.key}` : thing.key;
    // Seen state differs by right in messages that are no more.
    if (thing.kind === "seen") return versions[0] >= 12 === versions[1] >= 12;
    return !this.#stillDiffers(thing.kind, thing.mailbox, thing.owner, key);
  }

  /** The level that both scans reach, as an index into {@link LEVELS}. */
  get #level(): number {
    return Math.min(...SIDES.map((side) => LEVELS.indexOf(this.#comparison.view(side).facts.level)));
  }

  /** A listed mailbox that is not deleted, by uniqueid or else by name. */
  #live(side: Side, identity: ByteString): MailboxFacts | null {
    const view = this.#comparison.view(side);
    const id = view.listedByUniqueId(identity) ?? view.listedByName(identity);
    const mailbox = id === null ? null : view.mailbox(id);
    return mailbox === null || isDeletedName(mailbox.name) ? null : mailbox;
  }

  /** True for an item that is not alike and that no finding was made of: what is said of it then is nothing. */
  #stillDiffers(kind: string, mailbox: ByteString, owner: ByteString, key: ByteString): boolean {
    if (this.#differing === null) {
      this.#differing = new Set();
      for (const pair of this.#comparison.pair.differingItems()) {
        const item = pair.primary ?? pair.replica;
        if (item === null) continue;
        this.#differing.add(identityOf(item.kind, item.uniqueId ?? item.mailbox ?? "", item.owner, item.key));
      }
    }
    return this.#differing.has(identityOf(kind, mailbox, owner, key));
  }
}

function identityOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
