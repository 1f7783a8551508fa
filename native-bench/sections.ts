/** What is measured without one spool that all rows are about: a large pair of manifests, and how a scan grows. */
import fs from "node:fs";
import { ensureTree } from "./generate.ts";
import { ensureLargePair } from "./large-pair.ts";
import type { MissingRow, Row, RowId } from "./row.ts";
import { scanCommand, type Tools } from "./rows.ts";

export interface Section {
  /** For people. */
  readonly about: string;
  readonly rows: readonly Row[];
  readonly missing: readonly MissingRow[];
}

type Say = (line: string) => void;

const NOT_BUILT = "spooldiff is not compiled; npm run build";

/** Two manifests that agree, each of five million messages, or of a tenth of them: compared, and one verified whole. */
export function largePairRows(full: boolean, work: string, { spooldiff }: Tools, say: Say): Section {
  const messages = full ? 5_000_000 : 500_000;
  const about = `two manifests of ${messages} messages each, in sync`;
  if (spooldiff === null) return { about, rows: [], missing: [{ id: "compare-large", reason: NOT_BUILT }] };
  const { primary, replica } = ensureLargePair(messages, `${work}/manifests`, say);
  const run = [process.execPath, spooldiff];
  return {
    about,
    rows: [
      { id: "compare-large", label: "spooldiff compare", command: [...run, "compare", primary, replica] },
      { id: "verify-large", label: "spooldiff verify, one of them", command: [...run, "verify", primary] },
    ],
    missing: [],
  };
}

/** Short messages, a hundred to a mailbox: what grows with their number shows best where they are quickly read. */
const SHORT = { medianBytes: 600, sigma: 0.5, maxBytes: 100_000, seed: 3 };

const SIZES: readonly (readonly [RowId, number])[] = [
  ["scan-200k", 200_000],
  ["scan-400k", 400_000],
  ["scan-1m", 1_000_000],
];

/** Scans of spools of several sizes. */
export function scalingRows(work: string, { spooldiff }: Tools, say: Say): Section {
  const about = "scans of short messages at level full, a hundred to a mailbox, warm";
  if (spooldiff === null) return { about, rows: [], missing: [{ id: "scan-1m", reason: NOT_BUILT }] };
  const rows = SIZES.map(([id, messages]): Row => {
    const tree = ensureTree({ name: "short", messages, mailboxes: messages / 100, ...SHORT }, `${work}/trees`, say);
    const output = `${work}/manifests/${id}.db`;
    return {
      id,
      label: `spooldiff scan, ${messages} messages`,
      command: scanCommand(spooldiff, tree.primaryConf, output, "full"),
      prepare: () => {
        fs.rmSync(output, { force: true });
        fs.rmSync(`${output}.partial`, { force: true });
      },
    };
  });
  return { about, rows, missing: [] };
}
