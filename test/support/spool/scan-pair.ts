/** Model pairs on disk, scanned and compared. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ComparisonResult, compareFiles, type ScanSpec, scanConf } from "../pipeline.ts";
import type { Layout, ModelLayout } from "./layout.ts";
import { type PairModel, READ_AT, type SpoolModel } from "./model.ts";
import { writeSpool } from "./write-spool.ts";

/** Runs `use` with a new temporary folder, which is gone afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "spooldiff-model-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes one model below `folder/name` and scans it into `folder/name.db`, as if at {@link READ_AT}. */
export async function scanModel(
  folder: string,
  name: string,
  spool: SpoolModel,
  spec: ScanSpec & { readonly layout?: Layout | ModelLayout } = {},
): Promise<string> {
  const conf = writeSpool(join(folder, name), spool, spec.layout ?? "legacy");
  return scanConf(conf, join(folder, `${name}.db`), { readAtMs: READ_AT * 1000, ...spec });
}

/** Scans both sides, the replica ten seconds before the primary. */
export async function scanPair(
  folder: string,
  pair: PairModel,
  spec: ScanSpec & { readonly layout?: Layout | ModelLayout } = {},
): Promise<{ readonly primary: string; readonly replica: string }> {
  const [replica, primary] = await Promise.all([
    scanModel(folder, "replica", pair.replica, { ...spec, host: "mx2" }),
    scanModel(folder, "primary", pair.primary, { ...spec, host: "mx1", readAtMs: (READ_AT + 10) * 1000 }),
  ]);
  return { primary, replica };
}

/** What a comparison of a model pair finds. */
export async function comparePair(
  pair: PairModel,
  spec: ScanSpec & { readonly layout?: Layout | ModelLayout } = {},
): Promise<ComparisonResult> {
  return inFolder(async (folder) => {
    const { primary, replica } = await scanPair(folder, pair, spec);
    return compareFiles(primary, replica);
  });
}
