import type { Level } from "../mail/message.ts";
import type { Database } from "../sqlite/database.ts";
import { partialSchemaText } from "./format.ts";
import { removeUnpublished, replacePartial, takePartial, writeFailure } from "./partial-file.ts";
import * as partialSql from "./partial-statements.ts";
import { changedTerms, lookAtUnfinished, type ScanTerms } from "./unfinished.ts";
import { ManifestWriter } from "./writer.ts";

/** A run of a scan that is about to write. */
export interface ScanRun {
  readonly terms: ScanTerms;
  readonly startedAtMs: number;
  /** Does not go on with what an earlier run left. */
  readonly restart: boolean;
}

/** How a run begins. */
export interface ScanBeginning {
  readonly writer: ManifestWriter;
  /** When the first run of this scan began, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Runs of this scan, this one included. */
  readonly runs: number;
  /** Why what an earlier run left is not gone on with; null where nothing was left, or it is. */
  readonly replaced: string | null;
}

/**
 * Takes `path` for a scan: locks `path.partial`, that of an earlier run with the same terms, or a new one with mode 0600.
 *
 * @throws {ManifestError} when another scan holds it, or nothing can be written there
 */
export function beginManifest(path: string, level: Level, run: ScanRun): ScanBeginning {
  const taken = takePartial(path, partialSchemaText());
  if (taken === null) return anew(path, level, run, null, "it is no unfinished manifest of this user");
  removeUnpublished(path);
  const { earlier, found } = reasonAgainst(taken, path, run);
  if (found !== null) return anew(path, level, run, taken, found);
  if (earlier === null) return { ...write(path, taken, level, run), replaced: null };
  return guarded(path, taken, () => {
    taken.exec(partialSql.FORGET_UNATTACHED);
    taken.prepare(partialSql.COUNT_RUN).run();
    const writer = new ManifestWriter(path, taken, level);
    writer.commit();
    return { writer, startedAtMs: earlier.startedAtMs, runs: earlier.runs + 1, replaced: null };
  });
}

function reasonAgainst(db: Database, path: string, { terms, restart }: ScanRun) {
  const unfinished = lookAtUnfinished(db, path);
  if (unfinished.status === "new") return { earlier: null, found: null };
  if (restart) return { earlier: null, found: "--restart was given" };
  if (unfinished.status === "useless") return { earlier: null, found: unfinished.found };
  const changed = changedTerms(unfinished.begun.terms, terms);
  if (changed.length === 0) return { earlier: unfinished.begun, found: null };
  return { earlier: null, found: `it was begun with another ${changed.join(", ")}` };
}

function anew(path: string, level: Level, run: ScanRun, useless: Database | null, found: string): ScanBeginning {
  return { ...write(path, replacePartial(path, partialSchemaText(), useless), level, run), replaced: found };
}

function write(path: string, db: Database, level: Level, { terms, startedAtMs }: ScanRun) {
  return guarded(path, db, () => {
    db.prepare(partialSql.INSERT_BEGUN).run(JSON.stringify(terms), startedAtMs, 1);
    const writer = new ManifestWriter(path, db, level);
    writer.commit();
    return { writer, startedAtMs, runs: 1 };
  });
}

function guarded<T>(path: string, db: Database, take: () => T): T {
  try {
    return take();
  } catch (error) {
    db.close();
    throw writeFailure(path, error);
  }
}
