/** The whole way from spools to findings, without the command line: scan a store into a manifest, compare two. */
import { createHash, randomBytes } from "node:crypto";
import { compareManifests } from "../../src/compare/compare.ts";
import type { CompareSettings } from "../../src/compare/comparison.ts";
import { inspectManifest } from "../../src/compare/inspect.ts";
import type { MailboxResult, Note, Summary, Variance } from "../../src/compare/variance.ts";
import { FindingStore } from "../../src/findings/store.ts";
import type { Reread } from "../../src/mail/known-files.ts";
import type { MailboxReading } from "../../src/mail/mailbox.ts";
import type { Level } from "../../src/mail/message.ts";
import { BaseManifest } from "../../src/manifest/base-manifest.ts";
import { beginManifest } from "../../src/manifest/begin.ts";
import { StoredManifestPair } from "../../src/manifest/pair.ts";
import { ManifestReader } from "../../src/manifest/reader.ts";
import { StoredManifestView } from "../../src/manifest/view.ts";
import type { AheadLimits } from "../../src/scan/ahead/ahead-task.ts";
import { runScan } from "../../src/scan/scan.ts";
import type { ScanSink } from "../../src/scan/scan-options.ts";
import type { MailStore } from "../../src/store/mail-store.ts";
import { openStore } from "../../src/store/registry.ts";

/** How one side is scanned. */
export interface ScanSpec {
  readonly level?: Level;
  readonly host?: string;
  readonly role?: "primary" | "replica" | null;
  /** Manifest whose scan is proved to have ended before this one. */
  readonly after?: string;
  readonly workers?: number;
  /** When the scan is said to have been made, in milliseconds since 1970: orders two scans without waiting. */
  readonly readAtMs?: number;
  /** Manifest whose digests are carried over, what of it is read again, and how old a change must be. */
  readonly base?: string;
  readonly reread?: Reread;
  readonly settledMs?: number;
  /** Told how many mailboxes of the base were not what had been sealed. */
  readonly onUnsound?: (mailboxes: number) => void;
  /** When several threads read one mailbox. */
  readonly ahead?: AheadLimits;
  /** What is written of a mailbox instead of what was read. */
  readonly alter?: (reading: MailboxReading) => MailboxReading;
}

/** Scans the Cyrus store of an `imapd.conf` into the manifest `output`, and returns that path. */
export async function scanConf(configFile: string, output: string, spec: ScanSpec = {}): Promise<string> {
  return scanStore(await openStore("cyrus", { configFile, partitions: [], configDirectory: null }), output, spec);
}

/** Scans an opened store into the manifest `output`, and returns that path. */
export async function scanStore(store: MailStore, output: string, spec: ScanSpec = {}): Promise<string> {
  const level = spec.level ?? "full";
  const afterId = spec.after === undefined ? null : idOf(spec.after);
  const { writer } = beginManifest(output, level, { terms: {}, startedAtMs: 0, restart: true });
  const instance = createHash("sha256").update(store.identityPath, "latin1").digest("hex");
  const based = { instance, store: store.kind, layout: "partitions", level, startedAtMs: Date.now() };
  const reread = spec.reread ?? { kind: "none" };
  const base = spec.base === undefined ? undefined : BaseManifest.open(spec.base, { ...based, reread }, spec.settledMs);
  const options = {
    ...(base === undefined ? {} : { base }),
    ...(spec.ahead === undefined ? {} : { ahead: spec.ahead }),
    level,
    workers: spec.workers ?? 0,
    niceIncrement: 0,
    includes: () => true,
    findUnlisted: true,
  };
  const { readAtMs } = spec;
  const sink: ScanSink = {
    mailbox: (found) => {
      const reading = spec.alter?.(found) ?? found;
      writer.mailbox(readAtMs === undefined ? reading : { ...reading, readAtMs });
    },
    tombstone: (tombstone) => writer.tombstone(tombstone),
    pending: (name) => writer.pending(name),
    problem: (problem) => writer.problem(problem),
    item: (item) => writer.item(item),
    unreadItems: (unread) => writer.unreadItems(unread),
  };
  const outcome = await runScan(store, options, sink, { progress: () => {} }, new AbortController().signal);
  const identity = {
    id: randomBytes(16).toString("hex"),
    host: spec.host ?? "mx.example.org",
    instance,
    role: spec.role ?? null,
    store: store.kind,
    tool: "spooldiff test",
    level,
    narrowed: false,
    options: { include: [], exclude: [], workers: options.workers, layout: based.layout },
    afterId,
    ...(base === undefined ? {} : { base: base.id }),
  };
  writer.finish(identity, {
    startedAtMs: readAtMs ?? Math.floor(outcome.startedAtMs),
    listReadAtMs: readAtMs ?? Math.floor(outcome.listReadAtMs ?? outcome.startedAtMs),
    itemsReadAtMs: readAtMs ?? outcome.itemsReadAtMs,
    finishedAtMs: readAtMs ?? Math.ceil(outcome.finishedAtMs),
  });
  if (base !== undefined) spec.onUnsound?.(base.unsound);
  base?.close();
  return output;
}

/** All that a comparison found, in report order. */
export interface ComparisonResult {
  readonly summary: Summary;
  readonly variances: readonly Variance[];
  readonly notes: readonly Note[];
  /** Those that differ. */
  readonly mailboxes: readonly MailboxResult[];
}

/** The settings that `spooldiff compare` has when no option is given. */
export const DEFAULT_SETTINGS: CompareSettings = {
  settleSeconds: 900,
  skewSeconds: 5,
  maxLagSeconds: 86_400,
  maxGapSeconds: 43_200,
  maxAgeSeconds: null,
  nowMs: Date.now(),
  everyMailbox: false,
  narrowedBy: [],
  inScope: () => true,
};

/** Compares two manifests. */
export function compareFiles(
  primary: string,
  replica: string,
  settings: Partial<CompareSettings> = {},
): ComparisonResult {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const pair = StoredManifestPair.open(primary, replica);
  pair.narrow(all.inScope);
  const store = new FindingStore();
  try {
    const summary = compareManifests(pair, all, store);
    return {
      summary,
      variances: [...store.variances()],
      notes: [...store.notes()],
      mailboxes: [...store.mailboxes(false)],
    };
  } finally {
    store.close();
    pair.close();
  }
}

/** Inspects one manifest, and returns its verdict and what it found. */
export function inspectFile(manifest: string): { readonly verdict: string; readonly variances: readonly Variance[] } {
  const reader = ManifestReader.open(manifest);
  const store = new FindingStore();
  try {
    const { verdict } = inspectManifest(new StoredManifestView(reader), store, () => true);
    return { verdict, variances: [...store.variances()] };
  } finally {
    store.close();
    reader.close();
  }
}

function idOf(manifest: string): string {
  const reader = ManifestReader.open(manifest);
  try {
    return reader.facts.id;
  } finally {
    reader.close();
  }
}
