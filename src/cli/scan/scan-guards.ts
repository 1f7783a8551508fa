/** Refusals of `scan`, each with its sentence, before anything is written. */
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { errnoOf, SpooldiffError, UsageError } from "../../errors.ts";
import { type ByteString, displayName } from "../../mail/name.ts";
import type { MailStore } from "../../store/mail-store.ts";

/** Refuses to run as a user who may not read the store, and names the user to be. */
export function checkAccess(store: MailStore): void {
  for (const directory of [store.configDirectory, ...store.roots.map((root) => root.directory)]) {
    const path = Buffer.from(directory, "latin1");
    try {
      // What is no directory is a finding of the scan, and of no user's rights.
      if (statSync(path).isDirectory()) accessSync(path, constants.R_OK | constants.X_OK);
    } catch (error) {
      if (errnoOf(error) !== "EACCES") continue; // missing or broken: the scan reports that as a finding
      throw accessFailure("scan", directory);
    }
  }
}

/** Says of a store that could not be opened for want of rights which user to be; other failures come back as they are. */
export function explainAccess(error: unknown): unknown {
  const cause = error instanceof SpooldiffError ? error.cause : undefined;
  const errno = errnoOf(cause);
  if (errno !== "EACCES" && errno !== "EPERM") return error;
  const { path } = cause as NodeJS.ErrnoException;
  return path === undefined ? error : accessFailure("read", Buffer.from(path).toString("latin1"), error);
}

function accessFailure(act: string, path: ByteString, cause?: unknown): SpooldiffError {
  const owner = ownerOf(path);
  const be = owner === null || owner === "root" ? "root" : `${owner} or root`;
  const found = `user ${userInfo().username} may not read it; run it as ${be}`;
  return new SpooldiffError("access", `Cannot ${act} "${displayName(path).text}": ${found}`, { cause });
}

/** Nothing is ever written below a spool or a configuration directory. */
export function checkOutputPlace(store: MailStore, output: string): void {
  const place = realPlace(resolve(output));
  for (const directory of [store.configDirectory, ...store.roots.map((root) => root.directory)]) {
    const root = realOrSame(Buffer.from(directory, "latin1"));
    if (place !== root && !place.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) continue;
    throw new UsageError(
      `Cannot write "${output}": it lies below "${displayName(directory).text}", and nothing is written there`,
      "Give an --output outside of the spool and of configdirectory",
    );
  }
}

/** A scan must not replace the manifest of the other host, which it names with --after. */
export function checkAfter(after: string, output: string): void {
  if (realPlace(resolve(after)) !== realPlace(resolve(output))) return;
  throw new UsageError(
    `Cannot write "${output}": it is the manifest that --after names`,
    "Give another --output: a comparison needs both",
  );
}

/** The real path of a file that need not exist yet; its directory decides. */
function realPlace(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

function realOrSame(path: Buffer): string {
  try {
    return realpathSync(path);
  } catch {
    return path.toString("utf8");
  }
}

/** Name of the user that owns `path`, or of the nearest directory above it that can be looked at. */
function ownerOf(path: ByteString): string | null {
  let at = path;
  for (;;) {
    const stat = lookAt(at);
    if (stat !== null) return userName(stat.uid);
    const parent = dirname(at);
    if (parent === at) return null;
    at = parent;
  }
}

function lookAt(path: string): { uid: number } | null {
  try {
    return statSync(Buffer.from(path, "latin1"));
  } catch {
    return null;
  }
}

function userName(uid: number): string {
  try {
    for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
      const [name, , id] = line.split(":");
      if (name !== undefined && Number(id) === uid) return name;
    }
  } catch {
    // No such file: the number will do.
  }
  return `with the id ${uid}`;
}
