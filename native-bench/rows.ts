import fs from "node:fs";
import type { Tree } from "./generate.ts";
import { peerRows } from "./peers.ts";
import { parseRoofOutput, type Roof } from "./roof.ts";
import type { MissingRow, Row, RowId } from "./row.ts";

/** What there is to measure with. */
export interface Tools {
  readonly roof: Roof;
  /** The compiled command line program, or null if it was not built. */
  readonly spooldiff: string | null;
  /** Peers that are installed, see `peers.ts`. */
  readonly peers: ReadonlySet<string>;
}

/** Where one tree's manifests go, and which of them `compare` reads. */
export interface Manifests {
  readonly directory: string;
  /** Manifests of the two stores, or why spooldiff cannot be measured on this tree. */
  readonly pair: { readonly primary: string; readonly replica: string } | { readonly reason: string };
}

/** Every program gets as many threads or processes. */
const WORKERS = 2;

/** The arguments of a scan, without the configuration. */
export function scanCommand(spooldiff: string, conf: string, output: string, level: string): string[] {
  const options = ["--level", level, "--workers", String(WORKERS), "--quiet"];
  return [process.execPath, spooldiff, "scan", "-C", conf, "-o", output, ...options];
}

/** The rows of one tree in the order in which each round runs them, and those that cannot be run. */
export function planRows(tree: Tree, tools: Tools, manifests: Manifests): { rows: Row[]; missing: MissingRow[] } {
  const proof: { md5Sum: string | null } = { md5Sum: null };
  const wanted = [
    scanRow("full", "spooldiff scan --level full", tree, tools, manifests),
    withoutStatsRow(tree, tools, manifests),
    roofRow("roof-full", "C: MD5, SHA-1, xxHash64", "full", tree, tools, proof),
    roofRow("roof-lanes", "C: MD5, SHA-1 in AVX-512 lanes", "lanes", tree, tools, proof),
    ...peerRows(tree, tools.peers),
    md5sumRow(tree),
    scanRow("quick", "spooldiff scan --level quick", tree, tools, manifests),
    scanRow("stat", "spooldiff scan --level stat", tree, tools, manifests),
    scanRow("index", "spooldiff scan --level index", tree, tools, manifests),
    rescanRow(tree, tools, manifests),
    roofRow("roof-read", "C: read only", "read", tree, tools, proof),
    roofRow("roof-stat", "C: stat only", "stat", tree, tools, proof),
    compareRow(tools, manifests),
  ];
  return {
    rows: wanted.filter((row) => "command" in row),
    missing: wanted.filter((row) => "reason" in row),
  };
}

function scanRow(
  level: "full" | "quick" | "stat" | "index",
  label: string,
  tree: Tree,
  tools: Tools,
  manifests: Manifests,
): Row | MissingRow {
  if (tools.spooldiff === null) return { id: level, reason: NOT_BUILT };
  if ("reason" in manifests.pair) return { id: level, reason: manifests.pair.reason };
  const output = `${manifests.directory}/${level}.db`;
  return {
    id: level,
    label,
    command: scanCommand(tools.spooldiff, tree.primaryConf, output, level),
    // A first scan, not one that goes on from what the last round left.
    prepare: () => {
      fs.rmSync(output, { force: true });
      fs.rmSync(`${output}.partial`, { force: true });
    },
  };
}

/** The same scan with its table `file_stat` left empty, see `without-stats.ts`. */
function withoutStatsRow(tree: Tree, tools: Tools, manifests: Manifests): Row | MissingRow {
  const row = scanRow("full", "the same, no file_stat", tree, tools, manifests);
  if ("reason" in row) return { ...row, id: "full-no-stats" };
  const [node = "", ...words] = row.command;
  return { ...row, id: "full-no-stats", command: [node, "--import", WITHOUT_STATS, ...words] };
}

/** What is loaded ahead of the program to that end. */
export const WITHOUT_STATS = new URL("./without-stats.ts", import.meta.url).href;

/** Level full on the base of a scan after which nothing has changed: one lstat a message, no byte of any. */
function rescanRow(tree: Tree, tools: Tools, manifests: Manifests): Row | MissingRow {
  const row = scanRow("full", "scan --base, nothing changed", tree, tools, manifests);
  if ("reason" in row || "reason" in manifests.pair) return { ...row, id: "rescan" };
  return { ...row, id: "rescan", command: [...row.command, "--base", manifests.pair.primary, "--reread", "none"] };
}

const NOT_BUILT = "spooldiff is not compiled; npm run build";

function compareRow(tools: Tools, { pair }: Manifests): Row | MissingRow {
  if (tools.spooldiff === null) return { id: "compare", reason: NOT_BUILT };
  if ("reason" in pair) return { id: "compare", reason: pair.reason };
  const command = [process.execPath, tools.spooldiff, "compare", pair.primary, pair.replica];
  return { id: "compare", label: "spooldiff compare, in sync", command };
}

/** @param proof takes the MD5s that OpenSSL comes to, by which those of the lanes are checked */
function roofRow(
  id: RowId,
  label: string,
  mode: "full" | "lanes" | "read" | "stat",
  tree: Tree,
  { roof }: Tools,
  proof: { md5Sum: string | null },
): Row | MissingRow {
  if (roof.status === "missing") return { id, reason: roof.reason };
  return {
    id,
    label,
    command: [roof.program, mode, String(WORKERS), tree.spool],
    objection: (output) => {
      const count = parseRoofOutput(output);
      const expected = { files: tree.plan.messages, bytes: tree.bytes, sha1Sum: tree.sha1Sum };
      if (count === null) return `it printed "${output.trim()}"`;
      if (count.files !== expected.files) return `it counted ${count.files} files, the tree has ${expected.files}`;
      if (count.bytes !== expected.bytes) return `it counted ${count.bytes} bytes, the tree has ${expected.bytes}`;
      if (mode === "read" || mode === "stat") return null;
      if (count.sha1Sum !== expected.sha1Sum) return "its SHA-1s are not those of the tree";
      if (mode === "full") proof.md5Sum = count.md5Sum;
      else if (count.md5Sum !== proof.md5Sum) return "its MD5s are not those of OpenSSL";
      return null;
    },
  };
}

/** The strongest common way to get the MD5 of every message: find and xargs feeding md5sum. */
function md5sumRow(tree: Tree): Row {
  const pipeline = `find "$1" -type f -name '[1-9]*.' -print0 | xargs -0 -P${WORKERS} -n256 md5sum`;
  return { id: "md5sum", label: "find | xargs -P2 -n256 md5sum", command: ["sh", "-c", pipeline, "sh", tree.spool] };
}
