import { spawnSync } from "node:child_process";
import fs from "node:fs";
import type { Tree } from "./generate.ts";
import { type Manifests, scanCommand, type Tools } from "./rows.ts";

/**
 * Scans both stores of a tree, replica first, for `compare` to read, and lets `inspect` confirm that the spool is
 * healthy: else all figures of spooldiff would be those of re-reads and findings, and none is measured.
 *
 * @param directory for the manifests; it is outside of the tree, as scan demands
 */
export function makePair(tree: Tree, tools: Tools, directory: string): Manifests {
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  if (tools.spooldiff === null) return { directory, pair: { reason: "there are no manifests" } };
  const pair = { primary: `${directory}/primary.db`, replica: `${directory}/replica.db` };
  const steps = [
    [...scanCommand(tools.spooldiff, tree.replicaConf, pair.replica, "full"), "--role", "replica"],
    [
      ...scanCommand(tools.spooldiff, tree.primaryConf, pair.primary, "full"),
      "--role",
      "primary",
      "--after",
      pair.replica,
    ],
    [process.execPath, tools.spooldiff, "inspect", pair.primary],
  ];
  for (const [program = "", ...args] of steps) {
    const child = spawnSync(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      maxBuffer: 64 << 20,
    });
    if (child.status === 0) continue;
    const words = (child.stderr.trim() || child.stdout.trim()).split("\n", 1)[0] ?? "";
    return { directory, pair: { reason: `spooldiff ${args[1]} ended with exit code ${child.status}: ${words}` } };
  }
  return { directory, pair };
}
