/**
 * The file system as fast-glob sees it: names byte for byte, and only those that matter.
 *
 * fast-glob decodes names as UTF-8 and passes silently over those that are not; its patterns know no newline, and it
 * takes a backslash for a separator. So each byte of a name becomes one character: those that patterns understand as in
 * latin1, control characters and the backslash {@link SHIFT} above.
 */
import { type Dirent, lstat, readdir } from "node:fs";
import { errnoOf } from "../errors.ts";
import type { ByteString } from "../mail/name.ts";

const SHIFT = 0x100;

/** What fast-glob may be told of one name. */
export interface GlobEntry {
  readonly name: string;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

type Callback = (error: NodeJS.ErrnoException | null, entries: GlobEntry[]) => void;

/** A byte string in the characters that patterns understand. */
export function toGlobText(name: ByteString): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be shifted
  return name.replace(/[\x00-\x1f\\\x7f]/g, (c) => String.fromCharCode(c.charCodeAt(0) + SHIFT));
}

/** The byte string of a text made by {@link toGlobText}. */
export function fromGlobText(text: string): ByteString {
  return text.replace(/[\u0100-\u01ff]/g, (c) => String.fromCharCode(c.charCodeAt(0) - SHIFT));
}

/**
 * `readdir` for fast-glob.
 *
 * @param files names of files that are looked for; others are left out, so that a directory of a million messages is
 *   not a million objects
 * @param refused told of each directory that could not be read; the walk goes on past it. One that has vanished is none.
 * @param passedOver calls back with true for a directory that is to be taken for an empty one
 */
export function globReaddir(
  files: ReadonlySet<string>,
  refused: (path: ByteString, errno: string) => void,
  passedOver: (path: ByteString, callback: (isPassedOver: boolean) => void) => void,
) {
  return (directory: string, _options: unknown, callback: Callback): void => {
    const path = fromGlobText(directory);
    passedOver(path, (isPassedOver) => {
      if (isPassedOver) return callback(null, []);
      readEntries(path, files, (error, entries) => {
        const errno = error === null ? null : errnoOf(error);
        if (error !== null && errno === null) return callback(error, []);
        if (errno !== null && errno !== "ENOENT") refused(path, errno);
        callback(null, entries);
      });
    });
  };
}

function readEntries(path: ByteString, files: ReadonlySet<string>, callback: Callback): void {
  const bytes = Buffer.from(path, "latin1");
  readdir(bytes, { encoding: "latin1", withFileTypes: true }, (error, entries: Dirent<string>[]) => {
    if (error === null) {
      const wanted = entries.filter((entry) => entry.isDirectory() || files.has(entry.name));
      for (const entry of wanted) entry.name = toGlobText(entry.name);
      callback(null, wanted);
    } else if (error.code === "ERR_INVALID_ARG_TYPE") {
      // The file system gives no types with its names, and Node's own way of asking for them wants a text for a path.
      readNames(path, files, callback);
    } else {
      callback(error, []);
    }
  });
}

function readNames(path: ByteString, files: ReadonlySet<string>, callback: Callback): void {
  readdir(Buffer.from(path, "latin1"), { encoding: "latin1" }, (error, names) => {
    if (error !== null) return callback(error, []);
    const entries: GlobEntry[] = [];
    // What ends in a dot is a message, and the spool is made of those.
    const asked = names.filter((name) => files.has(name) || !/^[0-9]+\.$/.test(name));
    let left = asked.length;
    if (left === 0) return callback(null, entries);
    for (const name of asked) {
      lstat(Buffer.from(`${path}/${name}`, "latin1"), (_, stat) => {
        if (stat?.isDirectory() || (stat?.isFile() && files.has(name))) {
          const directory = stat.isDirectory();
          entries.push({
            name: toGlobText(name),
            isDirectory: () => directory,
            isFile: () => !directory,
            isSymbolicLink: () => false,
          });
        }
        if (--left === 0) callback(null, entries);
      });
    }
  });
}
