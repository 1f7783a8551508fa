import { errnoOf } from "../errors.ts";
import type { MailboxReading, ReadProblem } from "../mail/mailbox.ts";
import type { Level } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import { uidOf } from "../mail/packed-messages.ts";
import type { IndexSnapshot, MailboxReader, MailboxRef } from "../store/mail-store.ts";
import { directoriesOf } from "./ahead/directories.ts";
import type { BaseTools } from "./base/known-pass.ts";
import type { Brake } from "./brake.ts";
import { MailboxFiles } from "./files/mailbox-files.ts";
import type { MessageFiles } from "./files/message-files.ts";
import type { DirectoryOpening } from "./mailbox-directory.ts";
import { lookAtRoot } from "./partition-root.ts";
import type { ReadCounts } from "./read-counts.ts";
import { type IndexLook, lookAtIndex } from "./read-index.ts";
import { readingOf, readingWithout } from "./reading.ts";
import type { Contradiction, MailboxOutcome, OrphanCandidate, ScanItem } from "./scan-task.ts";
import type { Steps } from "./steps.ts";
import { metadataBytes, type Trace, traceOf } from "./trace.ts";

/** What one thread reads mailboxes with. */
export interface ScanTools {
  readonly reader: MailboxReader;
  readonly level: Level;
  readonly files: MessageFiles;
  readonly brake: Brake;
  /** Of a scan with a base. */
  readonly base?: BaseTools;
}

/** Newer snapshots of the index that are taken while files that it names are missing. */
const MOST_SNAPSHOTS = 5;
/** Starts over, where the directory was replaced while it was read. */
const MOST_STARTS = 3;

/** An index that was accepted, with the contradiction in spite of which it was. */
type Accepted = Extract<IndexLook, { status: "read" }>;

/**
 * Reads one mailbox: its index, then its message files as deep as the level asks. Stops where it needs what `files`
 * owes it: its `flush` is to be called then. Never throws for what is on disk.
 */
export function* scanMailbox(tools: ScanTools, item: ScanItem): Steps<MailboxOutcome> {
  const counts: ReadCounts = { bytesRead: 0, filesRead: 0 };
  for (let starts = 0; starts < MOST_STARTS; starts++) {
    const trace = traceOf(item.ref);
    const index = lookAt(tools, item.ref, item.contradiction);
    if (index.status !== "read") return withoutIndex(item, index);
    if (isAnother(index.snapshot, item.ref)) return anotherMailbox();
    if (tools.level === "index") {
      return traced(complete(item, index, null, { ...totalOf(counts), problems: [] }, []), trace);
    }
    const base = baseOf(tools, item);
    const files = new MailboxFiles(item.ref, tools.reader, tools.files, counts, item.onlyUids ?? null, base);
    try {
      const outcome = yield* readFiles(tools, item, index, files);
      if (files.isUnchanged()) return traced(outcome, trace);
    } finally {
      files.close();
    }
  }
  const found = "its directory was replaced by another each time it was read";
  return settled(readingWithout(item, "unstable", found));
}

/** What is known of the mailbox's files; null where that is nothing, or of files in other directories. */
function baseOf({ base }: ScanTools, { ref, known, knownIn }: ScanItem) {
  if (known === undefined || base === undefined) return null;
  return knownIn === undefined || knownIn === directoriesOf(ref) ? { known, tools: base } : null;
}

/** Reads the metadata once its bytes have had their turn. They are read at once: a slow read would never be consistent. */
function lookAt({ reader, brake }: ScanTools, ref: MailboxRef, before: Contradiction | null): IndexLook {
  if (!brake.holdsBack) return lookAtIndex(reader, ref, before);
  return lookAtIndex(reader, ref, before, () => {
    brake.file();
    brake.bytes(metadataBytes(ref));
  });
}

/** Adds to a reading what tells later whether anything has changed since before it. */
function traced(outcome: MailboxOutcome, trace: Trace | null): MailboxOutcome {
  if (outcome.kind !== "reading" || trace === null || !trace.settled) return outcome;
  return { ...outcome, reading: { ...outcome.reading, trace: trace.digest } };
}

function totalOf({ bytesRead, filesRead }: ReadCounts): Pick<MailboxReading, "bytesRead" | "filesRead"> {
  return { bytesRead: BigInt(bytesRead), filesRead };
}

/** What the outcome is where the index gave no snapshot. */
function withoutIndex(item: ScanItem, index: Exclude<IndexLook, Accepted>): MailboxOutcome {
  switch (index.status) {
    case "contradicted":
      return { kind: "contradicted", contradiction: index.contradiction, found: index.found };
    case "index-corrupt":
    case "header-corrupt":
      // A mailbox that has moved on may have left this behind.
      return { kind: "elsewhere", status: index.status, found: index.found };
    case "missing":
      return missing(item.ref, index.path);
    case "unsupported":
      return settled(readingWithout(item, "unsupported", index.found));
    case "unreadable": {
      const found = `the system refuses it (${index.errno})`;
      const what = index.path === item.ref.headerFile ? "header" : "index";
      const problem: ReadProblem = { what, path: index.path, uid: null, errno: index.errno, found };
      return settled(readingWithout(item, "unreadable", `${index.path}: ${found}`, [problem]));
    }
  }
}

function missing(ref: MailboxRef, path: ByteString): MailboxOutcome {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path === ref.indexFile) return { kind: "elsewhere", status: "index-corrupt", found: `${name} is missing` };
  if (path === ref.headerFile) return { kind: "elsewhere", status: "header-corrupt", found: `${name} is missing` };
  return { kind: "elsewhere", status: "directory-missing", found: `the directory "${path}" is missing` };
}

function isAnother(snapshot: IndexSnapshot, ref: MailboxRef): boolean {
  return ref.uniqueId !== null && snapshot.uniqueId !== null && ref.uniqueId !== snapshot.uniqueId;
}

function anotherMailbox(): MailboxOutcome {
  return { kind: "elsewhere", status: "header-corrupt", found: "its directory holds another mailbox" };
}

function* readFiles(tools: ScanTools, item: ScanItem, first: Accepted, files: MailboxFiles): Steps<MailboxOutcome> {
  const spoolGone = files.spool.status === "missing" && hasIndexElsewhere(item.ref);
  const refused = spoolGone ? null : refusedDirectory(item, files.spool, 0);
  if (refused !== null) return refused;
  try {
    // After the index: a file that it does not know is then newer than it, or an orphan.
    files.list();
  } catch (error) {
    return unreadableDirectory(item, item.ref.messageDirectories[0] ?? "", errnoOf(error), String(error));
  }
  const index = yield* readUntilSettled(tools, item, first, files);
  if ("kind" in index) return index;
  if (spoolGone && lacksFiles(index.snapshot, files)) return missing(item.ref, item.ref.messageDirectories[0] ?? "");
  const problems = files.rot();
  if (files.archive?.status === "refused") {
    problems.push(directoryProblem(item.ref.messageDirectories[1] ?? "", files.archive.errno, files.archive.found));
  }
  const rest = { ...totalOf(files.counts), problems };
  return complete(item, index, files, rest, files.unaccounted());
}

/**
 * True where metadata have a partition of their own: Cyrus makes the spool directory when the first message comes, so
 * that an empty mailbox, or one whose messages are all archived, has none.
 */
function hasIndexElsewhere(ref: MailboxRef): boolean {
  return ref.indexFile.slice(0, ref.indexFile.lastIndexOf("/")) !== ref.messageDirectories[0];
}

/** True when some live message has no file. */
function lacksFiles(snapshot: IndexSnapshot, files: MailboxFiles): boolean {
  const { live } = snapshot;
  for (let row = 0; row < live.count; row++) {
    if (files.resultOf(uidOf(live, row)).file.problem === "missing") return true;
  }
  return false;
}

/**
 * Looks at the files until none is missing, or the same are missing by an index that was read after they were first
 * missed.
 */
function* readUntilSettled(
  tools: ScanTools,
  item: ScanItem,
  first: Accepted,
  files: MailboxFiles,
): Steps<Accepted | MailboxOutcome> {
  let index = first;
  let before = new Set<number>();
  for (let snapshots = 1; ; snapshots++) {
    const missed = yield* files.lookAtNew(index.snapshot);
    if (missed.every((uid) => before.has(uid))) return lostArchive(item, index.snapshot, files, missed) ?? index;
    if (snapshots === MOST_SNAPSHOTS) {
      for (const uid of missed) if (!before.has(uid)) files.markUnstable(uid);
      return index;
    }
    before = new Set(missed);
    const next = lookAt(tools, item.ref, index.contradiction ?? item.contradiction);
    if (next.status !== "read") return withoutIndex(item, next);
    if (isAnother(next.snapshot, item.ref)) return anotherMailbox();
    // Another UIDVALIDITY is another mailbox as far as messages go.
    if (next.snapshot.header.uidValidity !== index.snapshot.header.uidValidity) files.forget();
    index = next;
  }
}

/** Archived messages are missing together with their whole archive: one fault of the partition, not of each message. */
function lostArchive(
  item: ScanItem,
  snapshot: IndexSnapshot,
  files: MailboxFiles,
  missed: readonly number[],
): MailboxOutcome | null {
  const root = item.ref.messageRoots[1];
  if (files.archive === null || files.archive.status === "open") return null;
  if (root === undefined || missed.length === 0) return null;
  const state = lookAtRoot(root);
  if (state.status === "used") return null;
  const gone = new Set(missed);
  const { live } = snapshot;
  for (let row = 0; row < live.count; row++) {
    if (live.archived[row] === 1 && gone.has(uidOf(live, row))) return { kind: "root-lost", root, state };
  }
  return null;
}

function refusedDirectory(item: ScanItem, opening: DirectoryOpening, which: 0 | 1): MailboxOutcome | null {
  const path = item.ref.messageDirectories[which] ?? "";
  if (opening.status === "open") return null;
  if (opening.status === "missing") return missing(item.ref, path);
  return unreadableDirectory(item, path, opening.errno, opening.found);
}

function unreadableDirectory(item: ScanItem, path: ByteString, errno: string | null, found: string): MailboxOutcome {
  return settled(readingWithout(item, "unreadable", `${path}: ${found}`, [directoryProblem(path, errno, found)]));
}

function directoryProblem(path: ByteString, errno: string | null, found: string): ReadProblem {
  return { what: "directory", path, uid: null, errno, found };
}

function complete(
  item: ScanItem,
  index: Accepted,
  files: MailboxFiles | null,
  rest: Pick<MailboxReading, "problems" | "bytesRead" | "filesRead">,
  candidates: readonly OrphanCandidate[],
): MailboxOutcome {
  const reading = readingOf(item, index.snapshot, files, rest);
  return { kind: "reading", reading, candidates, contradiction: index.contradiction };
}

function settled(reading: MailboxReading): MailboxOutcome {
  return { kind: "reading", reading, candidates: [], contradiction: null };
}
