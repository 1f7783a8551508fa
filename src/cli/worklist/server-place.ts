/** Nothing is ever written below a directory of a mail server, also where its configuration is not known. */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../../errors.ts";

/** Files that make the directory they are in, and all below it, a mail server's own. */
const SERVER_FILES = ["cyrus.index", "cyrus.header", "mailboxes.db"];

/** Refuses to write `path`, a file or a directory, where it lies in or below a directory that a mail server made. */
export function checkOutsideServer(path: string): void {
  for (let at = realPlace(resolve(path)); ; at = dirname(at)) {
    if (SERVER_FILES.some((name) => existsSync(join(at, name)))) throw belowServer(path);
    if (dirname(at) === at) return;
  }
}

/** The refusal of a place below a directory of the mail server. */
export function belowServer(path: string): UsageError {
  return new UsageError(
    `Cannot write "${path}": it lies below a directory of the mail server, and nothing is written there`,
    "Name a place outside of the spool and of configdirectory",
  );
}

/** The real path of what need not exist yet; the directory that does decides. */
export function realPlace(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPlace(parent), basename(path));
}
