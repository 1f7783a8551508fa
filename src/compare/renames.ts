/** Renames: one event for a whole sub-tree; names exchanged among mailboxes are no rename that can be replicated. */
import type { ByteString } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { SIDES, STATES } from "./classes.ts";
import type { Comparison } from "./comparison.ts";
import { listEvidence } from "./evidence.ts";
import type { Draft } from "./explain.ts";
import { renamed } from "./judge/mailbox.ts";
import type { Judgement } from "./judge/order.ts";
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

type Group = [RenamedPair, ...RenamedPair[]];

/** Groups renamed mailboxes into events and judges each. */
export function renameEvents(comparison: Comparison, pairs: readonly RenamedPair[]): RenameEvent[] {
  const cycles = findCycles(pairs);
  const cyclic = new Set(cycles.flat());
  const events = cycles.map((cycle) => cycleEvent(cycle));
  const single = pairs.filter((pair) => !cyclic.has(pair));
  const folded = foldWithoutRoot(comparison, foldSubtrees(single));
  return [...events, ...folded.map((group) => renameEvent(comparison, group))];
}

function renameEvent(comparison: Comparison, group: Readonly<Group>): RenameEvent {
  const [root, ...children] = group;
  // What is worst of them is what the event is: a child may have been renamed again, elsewhere.
  const judgements = group.map((pair) => renamed(pair.primary, pair.replica, comparison.listTimes, comparison.judge));
  const judgement = judgements.reduce((worst, next) => (isWorse(next, worst) ? next : worst));
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

function isWorse(a: Judgement, b: Judgement): boolean {
  return STATES.indexOf(a.state) < STATES.indexOf(b.state);
}

function cycleEvent(cycle: Readonly<Group>): RenameEvent {
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
function foldSubtrees(pairs: readonly RenamedPair[]): Group[] {
  const roots = new Map<ByteString, Group>();
  const byDepth = [...pairs].sort((a, b) => depth(a.primary.name) - depth(b.primary.name));
  for (const pair of byDepth) {
    const root = rootOf(pair, roots);
    if (root === null) roots.set(pair.primary.name, [pair]);
    else root.push(pair);
  }
  return [...roots.values()];
}

function rootOf(pair: RenamedPair, roots: ReadonlyMap<ByteString, Group>) {
  const parts = pair.primary.name.split(".");
  for (let n = 1; n < parts.length; n++) {
    const group = roots.get(parts.slice(0, n).join("."));
    const suffix = `.${parts.slice(n).join(".")}`;
    if (group !== undefined && pair.replica.name === group[0].replica.name + suffix) return group;
  }
  return null;
}

/** Sub-trees whose root is no mailbox, so that no renamed pair stands for them, but in the names of all. */
function foldWithoutRoot(comparison: Comparison, groups: readonly Group[]): Group[] {
  const byRoot = new Map<string, Group>();
  for (const group of groups) {
    const key = rootNames(comparison, group[0]);
    const known = byRoot.get(key);
    if (known === undefined) byRoot.set(key, [...group]);
    else known.push(...group);
  }
  return [...byRoot.values()];
}

/** The names that were changed into each other, down to where both go on alike; or the mailbox's own, if they are some. */
function rootNames(comparison: Comparison, { primary, replica }: RenamedPair): string {
  const [p, r] = [primary.name.split("."), replica.name.split(".")];
  let same = 0;
  while (same < p.length - 1 && same < r.length - 1 && p.at(-1 - same) === r.at(-1 - same)) same++;
  const names = [p.slice(0, p.length - same).join("."), r.slice(0, r.length - same).join(".")] as const;
  const isMailbox = names.some((name) => SIDES.some((side) => comparison.view(side).listedByName(name) !== null));
  return isMailbox ? JSON.stringify([primary.name, replica.name]) : JSON.stringify(names);
}

/** Sets of mailboxes that have exchanged names among themselves. */
function findCycles(pairs: readonly RenamedPair[]): Group[] {
  const byReplicaName = new Map(pairs.map((pair) => [pair.replica.name, pair]));
  const seen = new Set<RenamedPair>();
  const cycles: Group[] = [];
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
