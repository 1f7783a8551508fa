import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The user that owns nothing: 65534 wherever Linux runs. */
const NOBODY = "65534";

/** Words before a command that run it as a user without rights; none if this process is one already; null if not to be had. */
export function underNobody(): readonly string[] | null {
  if (process.getuid?.() !== 0) return [];
  const words = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return spawnSync(words[0] as string, [...words.slice(1), "true"]).status === 0 ? words : null;
}

/** Lets everybody read a tree, and enter its directories. Links are left alone. */
export function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.mode | (stat.isDirectory() ? 0o555 : 0o444));
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}
