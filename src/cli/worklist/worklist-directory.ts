/** The directory of `compare --worklist`: written whole or not at all, and never over something that is not ours. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join, resolve, sep } from "node:path";
import { errnoOf, foundBy, SpooldiffError, UsageError } from "../../errors.ts";
import type { ByteString } from "../../mail/name.ts";
import type { ListOutput } from "../../worklist/output.ts";
import { README_TITLE } from "../../worklist/readme.ts";
import { nextStep } from "../output.ts";
import { belowServer, checkOutsideServer, realPlace } from "./server-place.ts";

/** Names that a work-list's own files have. */
const OUR_NAMES =
  /^(README\.txt|(in-flight|diverged)\.(users|mailboxes|sync-log)|reset\.txt|left-out\.json|cannot-be-listed\.json|(rescue|recheck)\.list|(copy|rescue)-[A-Za-z0-9_-]+\.(list0|sha1))$/;

/**
 * Refuses a place where no work-list may be.
 *
 * @param roots directories of the mail stores, as far as they are known
 */
export function checkWorklistPlace(path: string, roots: readonly ByteString[]): void {
  const place = realPlace(resolve(path));
  for (const root of roots) {
    const real = realOrSame(Buffer.from(root, "latin1"));
    if (place !== real && !place.startsWith(real.endsWith(sep) ? real : `${real}${sep}`)) continue;
    throw belowServer(path);
  }
  checkOutsideServer(path);
  checkOurs(path);
}

/** What is there already must be nothing, an empty directory, or a work-list. */
function checkOurs(path: string): void {
  const there = attempt(path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (there === undefined) return;
  const refuse = (found: string) =>
    new UsageError(`Cannot write "${path}": ${found}`, "Name a directory that does not exist yet");
  if (!there.isDirectory()) throw refuse("it is not a directory");
  const entries = attempt(path, () => readdirSync(path, { withFileTypes: true }));
  if (entries.length === 0) return;
  const foreign = entries.find((entry) => !entry.isFile() || !OUR_NAMES.test(entry.name));
  if (foreign !== undefined) throw refuse("it holds files that are not of a work-list");
  const readme = join(path, "README.txt");
  const title = existsSync(readme) ? attempt(path, () => readFileSync(readme, "utf8")).split("\n", 1)[0] : "";
  if (title !== README_TITLE) throw refuse("it is no work-list of spooldiff");
}

/** A work-list while it is written, under another name beside its own. */
export class WorklistDirectory implements ListOutput {
  readonly #path: string;
  readonly #temporary: string;
  readonly #files = new Map<string, number>();

  constructor(path: string) {
    this.#path = resolve(path);
    this.#temporary = `${this.#path}.${process.pid}.tmp`;
    attempt(path, () => mkdirSync(this.#temporary, { mode: 0o700 }));
  }

  append(name: string, bytes: Buffer): void {
    if (!OUR_NAMES.test(name)) throw new RangeError(`There is no list "${name}"`);
    attempt(this.#path, () => {
      let fd = this.#files.get(name);
      if (fd === undefined) {
        fd = openSync(join(this.#temporary, name), "wx", 0o600);
        this.#files.set(name, fd);
      }
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    });
  }

  /** Gives the directory its name; an older work-list of that name is gone then. */
  finish(): void {
    attempt(this.#path, () => {
      for (const fd of this.#files.values()) {
        fsyncSync(fd);
        closeSync(fd);
      }
      this.#files.clear();
      const older = `${this.#path}.${process.pid}.old`;
      const replaces = existsSync(this.#path);
      if (replaces) renameSync(this.#path, older);
      renameSync(this.#temporary, this.#path);
      if (replaces) rmSync(older, { recursive: true });
    });
  }

  /** Gives up: nothing is left, and what was there before is as it was. */
  abandon(): void {
    for (const fd of this.#files.values()) closeSync(fd);
    this.#files.clear();
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}

function realOrSame(path: Buffer): string {
  try {
    return realpathSync(path);
  } catch {
    return path.toString("utf8");
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    const found = errno === "ENOSPC" ? "the disk is full" : foundBy(error);
    const hint = nextStep(errno);
    throw new SpooldiffError("output", `Cannot write the work-list "${path}": ${found}`, { hint, cause: error });
  }
}
