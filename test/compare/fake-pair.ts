/** Two manifests in memory, as `compare/manifest-view.ts` wants them: of mailboxes, items and messages only. */
import { compareManifests } from "../../src/compare/compare.ts";
import type { CompareSettings } from "../../src/compare/comparison.ts";
import type { ManifestPairView, ManifestView } from "../../src/compare/manifest-view.ts";
import type { MailboxResult, Summary, Variance } from "../../src/compare/variance.ts";
import type { Item, ItemKind } from "../../src/mail/item.ts";
import type { ReadProblem } from "../../src/mail/mailbox.ts";
import type { Message } from "../../src/mail/message.ts";
import type { ItemFacts, ItemPair, MailboxFacts, ScanFacts, UnreadItems } from "../../src/mail/scan-facts.ts";
import { DEFAULT_SETTINGS } from "../support/pipeline.ts";
import { NOON } from "./records.ts";

/** What one host has. Mailboxes are listed; `equal` ones are said to agree by their rollups. */
export interface FakeHost {
  readonly mailboxes: readonly MailboxFacts[];
  readonly items: readonly ItemFacts[];
  /** By name of the mailbox. */
  readonly messages?: Readonly<Record<string, readonly Message[]>>;
  readonly unread?: readonly UnreadItems[];
  readonly problems?: readonly ReadProblem[];
  /** Null: the scan read no items. */
  readonly itemsReadAtMs?: number | null;
}

/** An item of a mailbox, or of none. */
export function fakeItem(kind: ItemKind, over: Partial<Item> = {}, mailbox: MailboxFacts | null = null): ItemFacts {
  return {
    ...{ kind, owner: "", key: "", value: "v", mtime: null, modseq: null },
    ...{ mailboxId: mailbox?.id ?? null, uniqueId: mailbox?.uniqueId ?? null, mailbox: mailbox?.name ?? null },
    ...over,
  };
}

/** Compares two such hosts. Of pairs of one uniqueid those in `agreeing`, by name, have equal rollups. */
export function compareFakes(
  hosts: { readonly primary: FakeHost; readonly replica: FakeHost },
  agreeing: readonly string[] = [],
  settings: Partial<CompareSettings> = {},
): { summary: Summary; variances: Variance[]; mailboxes: MailboxResult[] } {
  const variances: Variance[] = [];
  const mailboxes: MailboxResult[] = [];
  const sink = {
    variance: (variance: Variance) => void variances.push(variance),
    note: () => {},
    mailbox: (result: MailboxResult) => void mailboxes.push(result),
  };
  const summary = compareManifests(
    fakePair(hosts.primary, hosts.replica, agreeing),
    { ...DEFAULT_SETTINGS, ...settings },
    sink,
  );
  return { summary, variances, mailboxes };
}

function fakePair(p: FakeHost, r: FakeHost, agreeing: readonly string[]): ManifestPairView {
  const pairs = p.mailboxes.flatMap((primary) => {
    const replica = r.mailboxes.find(({ uniqueId }) => uniqueId === primary.uniqueId);
    return replica === undefined ? [] : [{ primary, replica }];
  });
  const ids = (chosen: typeof pairs) =>
    chosen.map(({ primary, replica }) => ({ primary: primary.id, replica: replica.id }));
  const equal = pairs.filter(({ primary }) => agreeing.includes(primary.name));
  const messages = (host: FakeHost, id: number) => messagesOf(host, id);
  return {
    primary: fakeView(p, "mx1", (NOON + 10) * 1000),
    replica: fakeView(r, "mx2", NOON * 1000),
    differingPairs: () => ids(pairs.filter((pair) => !equal.includes(pair))),
    equalPairs: () => ids(equal),
    pairCounts: () => ({ pairs: pairs.length, equal: equal.length, equalMessages: 0 }),
    unpaired: (side) => {
      const [own, other] = side === "primary" ? [p, r] : [r, p];
      return own.mailboxes
        .filter(({ uniqueId }) => !other.mailboxes.some((mailbox) => mailbox.uniqueId === uniqueId))
        .map(({ id }) => id);
    },
    *differingMessages(primary, replica) {
      const [ofP, ofR] = [messages(p, primary), messages(r, replica)];
      for (const uid of new Set([...ofP, ...ofR].map((message) => message.uid))) {
        const find = (all: readonly Message[]) => all.find((message) => message.uid === uid) ?? null;
        const pair = { uid, primary: find(ofP), replica: find(ofR), primaryExpunged: null, replicaExpunged: null };
        if (JSON.stringify(pair.primary, plain) !== JSON.stringify(pair.replica, plain)) yield pair;
      }
    },
    newestEqualUpdate: () => NOON - 100,
    unmatchedGuids: () => ({ primary: 0, replica: 0 }),
    differingItems: () => differing(p.items, r.items, ({ uniqueId }) => uniqueId),
    differingItemsOf: (primary, replica) =>
      differing(
        p.items.filter(({ mailboxId }) => mailboxId === primary),
        r.items.filter(({ mailboxId }) => mailboxId === replica),
        () => null,
      ),
  };
}

function* differing(
  p: readonly ItemFacts[],
  r: readonly ItemFacts[],
  placeOf: (item: ItemFacts) => string | null,
): Generator<ItemPair> {
  const keyOf = (item: ItemFacts) => JSON.stringify([item.kind, item.owner, item.key, placeOf(item)]);
  const [ofP, ofR] = [p, r].map((items) => new Map(items.map((item) => [keyOf(item), item])));
  for (const key of new Set([...(ofP?.keys() ?? []), ...(ofR?.keys() ?? [])])) {
    const pair = { primary: ofP?.get(key) ?? null, replica: ofR?.get(key) ?? null };
    if (pair.primary?.value !== pair.replica?.value) yield pair;
  }
}

function fakeView(host: FakeHost, name: string, readAtMs: number): ManifestView {
  const facts: ScanFacts = {
    ...{ id: name, host: name, instance: name, role: null, store: "cyrus", tool: "test", canon: 1, level: "full" },
    ...{ include: [], exclude: [], afterId: null, startedAtMs: readAtMs, listReadAtMs: readAtMs },
    ...{ itemsReadAtMs: host.itemsReadAtMs === undefined ? readAtMs : host.itemsReadAtMs, finishedAtMs: readAtMs },
    ...{ mailboxes: host.mailboxes.length, messages: 0, messageBytes: 0n, bytesRead: 0n, bytesCarried: 0n },
    oldestCarriedAtMs: null,
  };
  const find = (is: (mailbox: MailboxFacts) => boolean) => host.mailboxes.find(is)?.id ?? null;
  return {
    path: `${name}.db`,
    facts,
    mailbox: (id) => {
      const found = host.mailboxes.find((mailbox) => mailbox.id === id);
      if (found === undefined) throw new RangeError(`There is no mailbox ${id}`);
      return found;
    },
    mailboxes: () => host.mailboxes,
    listedByName: (wanted) => find((mailbox) => mailbox.name === wanted),
    listedByUniqueId: (wanted) => find((mailbox) => mailbox.uniqueId === wanted),
    message: (id, uid) => messagesOf(host, id).find((message) => message.uid === uid) ?? null,
    items: (kind) => host.items.filter((item) => kind === undefined || item.kind === kind),
    unreadItems: () => host.unread ?? [],
    ...{ suspectMailboxes: () => [], duplicateUniqueIds: () => [], faultyMessages: () => [], orphans: () => [] },
    ...{
      acl: () => [],
      tombstones: () => [],
      pending: () => [],
      problems: () => (host.problems ?? []).map((problem) => ({ ...problem, mailbox: null })),
      problemsOf: () => [],
    },
    ...{ sameInode: () => [], verifyRows: () => {} },
  };
}

function messagesOf({ mailboxes, messages = {} }: FakeHost, id: number): readonly Message[] {
  const mailbox = mailboxes.find((candidate) => candidate.id === id);
  return mailbox === undefined ? [] : (messages[mailbox.name] ?? []);
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
