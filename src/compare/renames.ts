/** Renames: one event for a whole sub-tree; names exchanged among mailboxes are no rename that can be replicated. */
import type { ByteString } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import type { Comparison } from "./comparison.ts";
import { listEvidence } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import { renamed } from "./judge/mailbox.ts";
import { subjectOf } from "./mailbox-pair.ts";

/** One mailbox under two names. */
export interface RenamedPair {
  readonly primary: MailboxFacts;
  readonly replica: MailboxFacts;
}

/** One event, with the pairs that it stands for; the first is the one it is reported for. */
export interface RenameEvent {
  readonly draft: Draft;
  readonly pairs: readonly RenamedPair[];
}

/** Groups renamed mailboxes into events and judges each. */
export function renameEvents(comparison: Comparison, pairs: readonly RenamedPair[]): RenameEvent[] {
  const cycles = findCycles(pairs);
  const cyclic = new Set(cycles.flat());
  const events = cycles.map((cycle) => cycleEvent(cycle));
  const single = pairs.filter((pair) => !cyclic.has(pair));
  return [...events, ...foldSubtrees(single).map((group) => renameEvent(comparison, group))];
}

function renameEvent(comparison: Comparison, group: readonly [RenamedPair, ...RenamedPair[]]): RenameEvent {
  const [root, ...children] = group;
  const judgement = renamed(root.primary, root.replica, comparison.listTimes, comparison.judge);
  const draft: Draft = {
    class: "mailbox-renamed",
    ...judgement,
    subject: { ...subjectOf(root.primary), otherMailbox: root.replica.name },
    primary: listEvidence(root.primary),
    replica: listEvidence(root.replica),
    ...(children.length > 0 ? { absorbed: { "mailbox-renamed": children.length } } : {}),
  };
  return { draft, pairs: group };
}

function cycleEvent(cycle: readonly [RenamedPair, ...RenamedPair[]]): RenameEvent {
  const [first, ...others] = cycle;
  const draft: Draft = {
    class: "mailbox-renamed",
    state: "diverged",
    side: "replica",
    rule: "rename-cycle",
    subject: { ...subjectOf(first.primary), otherMailbox: first.replica.name },
    primary: listEvidence(first.primary),
    replica: listEvidence(first.replica),
    absorbed: { "mailbox-renamed": others.length },
  };
  return { draft, pairs: cycle };
}

/** A pair whose names both lie below those of another renamed pair, in the same way, went with it. */
function foldSubtrees(pairs: readonly RenamedPair[]): [RenamedPair, ...RenamedPair[]][] {
  const roots = new Map<ByteString, [RenamedPair, ...RenamedPair[]]>();
  const byDepth = [...pairs].sort((a, b) => depth(a.primary.name) - depth(b.primary.name));
  for (const pair of byDepth) {
    const root = rootOf(pair, roots);
    if (root === null) roots.set(pair.primary.name, [pair]);
    else root.push(pair);
  }
  return [...roots.values()];
}

function rootOf(pair: RenamedPair, roots: ReadonlyMap<ByteString, [RenamedPair, ...RenamedPair[]]>) {
  const parts = pair.primary.name.split(".");
  for (let n = 1; n < parts.length; n++) {
    const group = roots.get(parts.slice(0, n).join("."));
    const suffix = `.${parts.slice(n).join(".")}`;
    if (group !== undefined && pair.replica.name === group[0].replica.name + suffix) return group;
  }
  return null;
}

/** Sets of mailboxes that have exchanged names among themselves. */
function findCycles(pairs: readonly RenamedPair[]): [RenamedPair, ...RenamedPair[]][] {
  const byReplicaName = new Map(pairs.map((pair) => [pair.replica.name, pair]));
  const seen = new Set<RenamedPair>();
  const cycles: [RenamedPair, ...RenamedPair[]][] = [];
  for (const start of pairs) {
    const path: RenamedPair[] = [];
    let at: RenamedPair | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      at = byReplicaName.get(at.primary.name);
    }
    const from = at === undefined ? -1 : path.indexOf(at);
    const [first, ...rest] = from < 0 ? [] : path.slice(from);
    if (first !== undefined) cycles.push([first, ...rest]);
  }
  return cycles;
}

function depth(name: ByteString): number {
  return name.split(".").length;
}
