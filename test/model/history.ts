/** One random history of a pair: what happened, how it was scanned, what was said of it, and what of that is wrong. */
import { compareManifests } from "../../src/compare/compare.ts";
import type { CompareSettings } from "../../src/compare/comparison.ts";
import type { MailboxResult, Summary, Variance } from "../../src/compare/variance.ts";
import { createRandom, type Random } from "../support/random.ts";
import { type Expected, FAULTS, type PlantedFault } from "./faults.ts";
import { wouldHeal } from "./replication.ts";
import { liveOf, ModelScan, type ScannedMailbox } from "./scan.ts";
import { differingUids, modelPair } from "./view.ts";
import { ModelWorld } from "./world.ts";

type Order = "replica first" | "primary first" | "at once";
type Layout = "legacy" | "uuid";

const SETTLE_S = 900;

const SETTINGS: CompareSettings = {
  ...{ settleSeconds: SETTLE_S, skewSeconds: 5, maxLagSeconds: 1e9, maxGapSeconds: 1e9, maxAgeSeconds: null },
  ...{ nowMs: 0, everyMailbox: false, narrowedBy: [], inScope: () => true },
};

/** What a history came to. */
export interface HistoryOutcome {
  readonly seed: number;
  readonly order: Order;
  readonly fault: string | null;
  /** What should not have been said, and what should have been. Empty when all is right. */
  readonly problems: readonly string[];
  readonly findings: number;
}

interface Compared {
  readonly summary: Summary;
  readonly variances: readonly Variance[];
  readonly mailboxes: readonly MailboxResult[];
}

/** Lives through one history; the same seed gives the same one. */
export function liveThrough(seed: number): HistoryOutcome {
  const random = createRandom(seed);
  const skewSeconds = random.pick([0, 2, 5]);
  const order: Order = random.pick(["replica first", "primary first", "at once"]);
  const layout: Layout = random.pick(["legacy", "uuid"]);
  const world = new ModelWorld(random, {
    replicaOffMs: random.integer(-skewSeconds * 1000, skewSeconds * 1000),
    modseqsByUser: random.chance(0.5),
    // Where the replica is read last this is a misconfiguration that looks like divergence.
    purgesEarly: order === "replica first" && random.chance(0.5),
  });
  for (let n = random.integer(3, 40); n > 0; n--) {
    world.happen();
    world.pass();
  }
  const planted = random.chance(0.5) ? plant(world, random) : null;
  // What was done is older than every reading, by any clock.
  if (planted !== null) world.clock.nowMs += 2 * skewSeconds * 1000 + 2000;
  const { primary, replica } = scanBoth(world, random, order, layout);
  const isProved = order === "replica first" && random.chance(0.5);
  const settings = { ...SETTINGS, skewSeconds };
  const compared = compare(primary, replica, isProved, settings);
  const problems = [...judgeFindings(compared, planted, primary, replica)];
  if (planted === null) problems.push(...whenCaughtUp(world, layout, settings));
  const fault = planted?.kind ?? null;
  return { seed, order, fault, problems, findings: compared.variances.length };
}

function plant(world: ModelWorld, random: Random): (PlantedFault & { readonly kind: string }) | null {
  const kind = random.pick(Object.keys(FAULTS));
  const planted = FAULTS[kind]?.(world, random) ?? null;
  for (const id of planted?.frozen ?? []) world.frozen.add(id);
  return planted === null ? null : { ...planted, kind };
}

function scanBoth(world: ModelWorld, random: Random, order: Order, layout: Layout) {
  const scans: Partial<Record<"primary" | "replica", ModelScan>> = {};
  const step = (side: "primary" | "replica") => {
    for (let n = random.integer(-2, 2); n > 0; n--) world.happen();
    world.pass();
    const scan = scans[side];
    if (scan === undefined) scans[side] = new ModelScan(world[side], layout);
    else scan.step();
    return scans[side]?.isDone === true;
  };
  const sides = order === "primary first" ? (["primary", "replica"] as const) : (["replica", "primary"] as const);
  const left = new Set<"primary" | "replica">(sides);
  while (left.size > 0) {
    const side = order === "at once" ? random.pick([...left]) : ([...left][0] ?? "primary");
    if (step(side)) left.delete(side);
  }
  const { primary, replica } = scans;
  if (primary === undefined || replica === undefined) throw new TypeError("A side was not scanned");
  return { primary, replica };
}

function compare(primary: ModelScan, replica: ModelScan, isProved: boolean, settings: CompareSettings): Compared {
  const variances: Variance[] = [];
  const mailboxes: MailboxResult[] = [];
  const sink = {
    variance: (variance: Variance) => void variances.push(variance),
    note: () => {},
    mailbox: (result: MailboxResult, differs: boolean) => void (differs && mailboxes.push(result)),
  };
  const summary = compareManifests(modelPair(primary, replica, isProved), settings, sink);
  return { summary, variances, mailboxes };
}

/** Holds what was found against what is so. */
function* judgeFindings(
  compared: Compared,
  planted: PlantedFault | null,
  primary: ModelScan,
  replica: ModelScan,
): Generator<string> {
  const expected = [...(planted?.expected ?? []), ...expectedOfRecords(planted, primary, replica)];
  const frozen = new Set(planted?.frozen ?? []);
  const met = new Set<Variance>();
  for (const one of expected) {
    const found = compared.variances.filter((variance) => isMet(one, variance));
    if (found.length === 0) yield `missed: ${JSON.stringify(one)}`;
    for (const variance of found) met.add(variance);
  }
  for (const variance of compared.variances) {
    // Where both hosts have expunged what was changed, its traces in the numbers of the mailbox are all there is.
    const isTrace = variance.class === "status-differs" && frozen.has(variance.subject.uniqueId ?? "");
    if (variance.state !== "in-flight" && !met.has(variance) && !isTrace) yield `false: ${lineOf(variance)}`;
    if (
      !met.has(variance) &&
      frozen.has(variance.subject.uniqueId ?? "") &&
      expected.length === 1 &&
      isOfRecord(variance)
    ) {
      continue; // lag of a mailbox with a fault is as true as that of any other
    }
    if (variance.state === "in-flight" && !isTrue(variance, primary, replica))
      yield `nothing differs: ${lineOf(variance)}`;
  }
  yield* unnamed(compared, primary, replica);
  yield* wrongVerdict(compared, expected, frozen);
}

function isOfRecord({ subject }: Variance): boolean {
  return subject.uid !== undefined;
}

function* wrongVerdict(
  { summary, variances }: Compared,
  expected: readonly Expected[],
  frozen: ReadonlySet<string>,
): Generator<string> {
  const traces = variances.filter(({ subject }) => subject.item !== undefined && frozen.has(subject.uniqueId ?? ""));
  const states = new Set([...expected, ...traces].map(({ state }) => state));
  const code = states.has("damaged") || states.has("diverged") ? 1 : variances.length > 0 ? 4 : 0;
  const isOpen = summary.counts.mailboxes.compared === 0;
  if (summary.exitCode !== code && !isOpen) yield `exit ${summary.exitCode} (${summary.verdict}) instead of ${code}`;
}

/**
 * What the records of a mailbox with a fault come to: each UID at which the two hosts differ is healed by replication, or
 * is not. The mailbox has been left alone, so both scans saw it as it is.
 */
function* expectedOfRecords(planted: PlantedFault | null, primary: ModelScan, replica: ModelScan): Generator<Expected> {
  for (const id of planted?.frozen ?? []) {
    const p = liveOf(primary).find(({ state }) => state.uniqueId === id)?.state;
    const r = liveOf(replica).find(({ state }) => state.uniqueId === id)?.state;
    if (p === undefined || r === undefined || p.uidValidity !== r.uidValidity) continue;
    for (const uid of differingUids(p.records, r.records)) {
      const [a, b] = [p, r].map(({ records }) => records.find((record) => record.uid === uid && !record.expunged));
      const state = wouldHeal(p, r, uid) ? "in-flight" : "diverged";
      const guids = new Set(
        [p, r].flatMap(({ records }) => records.filter((record) => record.uid === uid)).map(({ guid }) => guid),
      );
      const isConflict = guids.size > 1;
      const side = a === undefined && state === "diverged" && !isConflict ? "primary" : "replica";
      const both = a !== undefined && b !== undefined;
      const classes = isConflict ? ["message-conflict"] : both ? RECORD_CLASSES : ["message-missing"];
      yield { uniqueId: id, classes, state, side, uid };
    }
  }
}

const RECORD_CLASSES = ["flags-differ", "modseq-differs", "message-metadata-differs"];

function isMet({ uniqueId, classes, state, side, uid }: Expected, variance: Variance): boolean {
  return (
    uniqueId.split("|").includes(variance.subject.uniqueId ?? "") &&
    classes.includes(variance.class) &&
    (state === undefined || variance.state === state) &&
    variance.side === side &&
    variance.subject.uid === uid
  );
}

function lineOf({ class: name, state, cause, side, rule, subject }: Variance): string {
  const { mailbox, otherMailbox, uniqueId, uid, item } = subject;
  return [name, state, cause, side, rule, mailbox, otherMailbox, uniqueId, uid, item]
    .filter((word) => word !== undefined)
    .join(" ");
}

/** Whether the two scans differ in what a finding is about. */
function isTrue({ subject }: Variance, primary: ModelScan, replica: ModelScan): boolean {
  const [p, r] = [primary, replica].map((scan) =>
    scan.mailboxes.find(({ state }) => state.uniqueId === subject.uniqueId),
  );
  if (p === undefined || r === undefined) return true;
  if (subject.uid === undefined) return differ(p, r);
  return differingUids(p.state.records, r.state.records).includes(subject.uid);
}

/** Mailboxes that the two scans do not have alike and that the report does not name. */
function* unnamed({ variances, mailboxes }: Compared, primary: ModelScan, replica: ModelScan): Generator<string> {
  const names = new Set<string | null | undefined>();
  for (const { subject } of variances) names.add(subject.uniqueId).add(subject.mailbox).add(subject.otherMailbox);
  for (const { uniqueId, mailbox, otherMailbox } of mailboxes) names.add(uniqueId).add(mailbox).add(otherMailbox);
  const [ofP, ofR] = [primary, replica].map(
    (scan) => new Map(liveOf(scan).map((mailbox) => [mailbox.state.uniqueId, mailbox])),
  );
  for (const id of new Set([...(ofP?.keys() ?? []), ...(ofR?.keys() ?? [])])) {
    const [p, r] = [ofP?.get(id), ofR?.get(id)];
    const isAlike = p !== undefined && r !== undefined && !differ(p, r);
    if (!isAlike && !names.has(id) && !names.has(p?.state.name ?? r?.state.name))
      yield `not named: ${id} ${p?.state.name} ${r?.state.name}`;
  }
}

function differ({ state: p }: ScannedMailbox, { state: r }: ScannedMailbox): boolean {
  return (
    p.name !== r.name ||
    p.rights !== r.rights ||
    p.foldermodseq !== r.foldermodseq ||
    p.uidValidity !== r.uidValidity ||
    p.lastUid !== r.lastUid ||
    p.highestModseq !== r.highestModseq ||
    differingUids(p.records, r.records).length > 0
  );
}

/** When replication has brought everything there is nothing to say. */
function* whenCaughtUp(world: ModelWorld, layout: Layout, settings: CompareSettings): Generator<string> {
  world.replication.all();
  world.replication.all();
  world.clock.nowMs += 60_000;
  const replica = ModelScan.atOnce(world.replica, layout);
  const { variances, summary } = compare(ModelScan.atOnce(world.primary, layout), replica, true, settings);
  for (const variance of variances) yield `after catching up: ${lineOf(variance)}`;
  if (variances.length === 0 && summary.exitCode !== 0) yield `after catching up: exit ${summary.exitCode}`;
}
