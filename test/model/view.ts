/** Two scans of the model as the comparison wants them, by plain walks over all there is. */
import type { ManifestPairView, ManifestView } from "../../src/compare/manifest-view.ts";
import type { Message } from "../../src/mail/message.ts";
import type { MailboxFacts, MessageFacts, MessagePair, ScanFacts } from "../../src/mail/scan-facts.ts";
import type { ModelRecord } from "./host.ts";
import { isAlike } from "./replication.ts";
import { type ModelScan, messageOf, type ScannedMailbox } from "./scan.ts";

/** Two scans side by side. `isProved`: the primary's is known to have begun when the replica's had ended. */
export function modelPair(primary: ModelScan, replica: ModelScan, isProved: boolean): ManifestPairView {
  const byId = new Map(replica.mailboxes.map((mailbox) => [mailbox.facts.uniqueId, mailbox]));
  const pairs = primary.mailboxes.flatMap((p) => {
    const r = byId.get(p.facts.uniqueId);
    return r === undefined ? [] : [{ p, r, isEqual: areEqual(p, r) }];
  });
  const idsOf = (chosen: typeof pairs) => chosen.map(({ p, r }) => ({ primary: p.facts.id, replica: r.facts.id }));
  return {
    primary: new ModelView(primary, "primary", isProved ? "replica" : null),
    replica: new ModelView(replica, "replica", null),
    differingPairs: () => idsOf(pairs.filter(({ isEqual }) => !isEqual)),
    equalPairs: () => idsOf(pairs.filter(({ isEqual }) => isEqual)),
    pairCounts: () => ({ pairs: pairs.length, equal: pairs.filter(({ isEqual }) => isEqual).length, equalMessages: 0 }),
    unpaired: (side) => {
      const [own, other] = side === "primary" ? [primary, replica] : [replica, primary];
      const ids = new Set(other.mailboxes.map(({ facts }) => facts.uniqueId));
      return own.mailboxes.filter(({ facts }) => !ids.has(facts.uniqueId)).map(({ facts }) => facts.id);
    },
    differingMessages: (p, r) => differingMessages(at(primary, p), at(replica, r)),
    newestEqualUpdate: (owner, beforeMs) => newestEqual(pairs, owner, beforeMs),
    unmatchedGuids: () => ({ primary: 0, replica: 0 }),
    ...{ differingItems: () => [], differingItemsOf: () => [] },
  };
}

function newestEqual(
  pairs: readonly { p: ScannedMailbox; r: ScannedMailbox }[],
  owner: string | null,
  beforeMs: number | null,
): number | null {
  let newest: number | null = null;
  for (const { p, r } of pairs) {
    if (p.state.user !== owner || p.state.name.startsWith("DELETED.") || p.state.uidValidity !== r.state.uidValidity)
      continue;
    if (beforeMs !== null && r.state.filesMtime * 1000 >= beforeMs) continue;
    const others = new Map(r.state.records.map((record) => [record.uid, record]));
    for (const record of p.state.records) {
      const other = others.get(record.uid);
      if (record.expunged || other === undefined || !isAlike(record, other)) continue;
      newest = Math.max(newest ?? 0, record.lastUpdated);
    }
  }
  return newest;
}

function at(scan: ModelScan, id: number): ScannedMailbox {
  const mailbox = scan.mailboxes[id - 1];
  if (mailbox === undefined) throw new RangeError(`There is no mailbox ${id}`);
  return mailbox;
}

/** In everything that a manifest has of a mailbox and both sides should have alike, and with no fault of its own. */
function areEqual({ state: p, facts }: ScannedMailbox, { state: r, facts: other }: ScannedMailbox): boolean {
  return (
    facts.fileFaults === 0 &&
    other.fileFaults === 0 &&
    p.name === r.name &&
    p.rights === r.rights &&
    p.foldermodseq === r.foldermodseq &&
    p.uidValidity === r.uidValidity &&
    p.lastUid === r.lastUid &&
    p.highestModseq === r.highestModseq &&
    differingUids(p.records, r.records).length === 0
  );
}

/** UIDs at which two sets of records differ in what is live. */
export function differingUids(primary: readonly ModelRecord[], replica: readonly ModelRecord[]): number[] {
  const [p, r] = [primary, replica].map((all) => new Map(all.map((record) => [record.uid, record]))) as [
    Map<number, ModelRecord>,
    Map<number, ModelRecord>,
  ];
  const isLive = (record: ModelRecord | undefined) => record !== undefined && !record.expunged;
  return [...new Set([...p.keys(), ...r.keys()])]
    .filter((uid) => {
      const [a, b] = [p.get(uid), r.get(uid)];
      if (!isLive(a) && !isLive(b)) return false;
      return a === undefined || b === undefined || !isAlike(a, b);
    })
    .sort((a, b) => a - b);
}

function* differingMessages({ state: p }: ScannedMailbox, { state: r }: ScannedMailbox): Generator<MessagePair> {
  for (const uid of differingUids(p.records, r.records)) {
    const [a, b] = [p, r].map(({ records }) => records.find((record) => record.uid === uid));
    yield {
      uid,
      ...{ primary: liveMessage(a), replica: liveMessage(b) },
      ...{ primaryExpunged: expungedMessage(a), replicaExpunged: expungedMessage(b) },
    };
  }
}

function liveMessage(record: ModelRecord | undefined): Message | null {
  return record === undefined || record.expunged ? null : messageOf(record);
}

function expungedMessage(record: ModelRecord | undefined) {
  if (record === undefined || !record.expunged) return null;
  const { uid, modseq, lastUpdated, guid } = messageOf(record);
  return { uid, modseq, lastUpdated, guid };
}

/** One scan; what the model does not have is not there. */
class ModelView implements ManifestView {
  readonly path: string;
  readonly facts: ScanFacts;
  readonly #scan: ModelScan;

  constructor(scan: ModelScan, name: string, afterId: string | null) {
    this.#scan = scan;
    this.path = `${name}.db`;
    const { startedAtMs, finishedAtMs, mailboxes } = scan;
    this.facts = {
      ...{ id: name, host: name, instance: name, role: null, store: "cyrus", tool: "model", canon: 1, level: "full" },
      ...{
        include: [],
        exclude: [],
        afterId,
        startedAtMs,
        listReadAtMs: startedAtMs,
        itemsReadAtMs: null,
        finishedAtMs,
      },
      ...{ mailboxes: mailboxes.length, messages: 0, messageBytes: 0n, bytesRead: 0n, bytesCarried: 0n },
      oldestCarriedAtMs: null,
    } as ScanFacts;
  }

  mailbox(id: number): MailboxFacts {
    return at(this.#scan, id).facts;
  }

  mailboxes(): MailboxFacts[] {
    return this.#scan.mailboxes.map(({ facts }) => facts);
  }

  listedByName(name: string): number | null {
    return this.mailboxes().find((facts) => facts.name === name)?.id ?? null;
  }

  listedByUniqueId(uniqueId: string): number | null {
    return this.mailboxes().find((facts) => facts.uniqueId === uniqueId)?.id ?? null;
  }

  message(id: number, uid: number): Message | null {
    return liveMessage(at(this.#scan, id).state.records.find((record) => record.uid === uid));
  }

  *faultyMessages(id: number): Generator<MessageFacts> {
    for (const record of at(this.#scan, id).state.records) {
      if (!record.expunged && record.fault !== null) yield { ...messageOf(record), stat: null };
    }
  }

  acl(id: number): [string, string][] {
    return [["user", at(this.#scan, id).state.rights]];
  }

  tombstones() {
    return this.#scan.tombstones.map(({ name, uniqueId, foldermodseq, mtime }) => ({
      ...{ name, uniqueId, mtime, foldermodseq: BigInt(foldermodseq), uidValidity: null },
      reason: "deleted" as const,
    }));
  }

  suspectMailboxes = () => [];
  duplicateUniqueIds = () => [];
  orphans = () => [];
  items = () => [];
  unreadItems = () => [];
  pending = () => [];
  problems = () => [];
  problemsOf = () => [];
  sameInode = () => [];
  verifyRows = () => {};
}
