/**
 * The syntax of `imapd.conf`: lines of `key: value`, with
 *
 * - keys of letters, digits, `-` and `_`, in any case;
 * - white space around key and value that does not count;
 * - empty lines, and comments whose first character is `#`;
 * - a backslash at the end of a line, also of a comment, that joins the next line to it;
 * - `@include: FILE`, which reads FILE at this place.
 *
 * As for Cyrus, a key that is set twice, a file that is included twice, an empty value and a line that is none of these
 * are errors. Values are never printed, since passwords are among them: errors name file, line and key.
 *
 * @see cyrus-imapd `lib/libconfig.c`, config_read_file
 */
import { realpathSync } from "node:fs";
import { ConfigurationError, errnoOf, isDenied, MAY_NOT_READ } from "../../errors.ts";
import { type ByteString, displayName } from "../../mail/name.ts";
import { NotRegularFileError, readRegularFile } from "./regular-file.ts";

/** Cyrus ends with a fatal error where it meets such a thing. */
const NOT_A_CONF = "Cyrus itself would not start with it: is this the imapd.conf that it reads?";

/** A value, and where it was found. */
export interface Setting {
  readonly value: ByteString;
  readonly file: ByteString;
  /** From 1; of the line that the value ends on. */
  readonly line: number;
}

/** A configuration file with all that it includes. */
export interface ImapdConf {
  /** By key in lower case. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** Absolute paths of the files that were read, the first one first. */
  readonly files: readonly ByteString[];
}

const MAX_INCLUDE_DEPTH = 8;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads `imapd.conf` and what it includes.
 *
 * @param path absolute
 * @throws {ConfigurationError} when a file cannot be read, or Cyrus would not start with it
 */
export function readImapdConf(path: ByteString): ImapdConf {
  const reading = { settings: new Map<string, Setting>(), files: [], realPaths: new Set<ByteString>() };
  readFile(path, 0, null, reading);
  return reading;
}

interface Reading {
  readonly settings: Map<string, Setting>;
  readonly files: ByteString[];
  readonly realPaths: Set<ByteString>;
}

function readFile(
  path: ByteString,
  depth: number,
  from: { file: ByteString; line: number } | null,
  into: Reading,
): void {
  // What is included is a value: only the first file, which came from the command line, is named.
  const what = from === null ? `"${displayName(path).text}"` : `what is included by ${place(from)}`;
  if (depth > MAX_INCLUDE_DEPTH) {
    throw new ConfigurationError(`Cannot read ${what}: includes are nested more than ${MAX_INCLUDE_DEPTH} deep`, {
      hint: "Does a file include itself? Cyrus would not end reading it either",
    });
  }
  let text: ByteString;
  let realPath: ByteString;
  try {
    realPath = realpathSync.native(Buffer.from(path, "latin1"), "latin1");
    text = readRegularFile(path, MAX_FILE_BYTES + 1, true).toString("latin1");
  } catch (error) {
    throw new ConfigurationError(`Cannot read ${what}: ${reasonOf(error)}`, {
      hint: isDenied(errnoOf(error)) ? MAY_NOT_READ : "Check the path; the server's own is usually /etc/imapd.conf",
      cause: error,
    });
  }
  if (text.length > MAX_FILE_BYTES) {
    throw new ConfigurationError(`Cannot read ${what}: it is larger than 4 MiB`, { hint: NOT_A_CONF });
  }
  if (into.realPaths.has(realPath)) {
    throw new ConfigurationError(`Cannot read ${what}: the file was read before`, {
      hint: "Cyrus would set every key of it twice, and refuses that; take one @include out",
    });
  }
  into.realPaths.add(realPath);
  into.files.push(path);
  for (const { content, line } of logicalLines(text)) {
    const at = { file: path, line };
    const { key, value } = parseLine(content, at);
    if (key === "@include") {
      readFile(value.startsWith("/") ? value : `${directoryOf(path)}/${value}`, depth + 1, at, into);
    } else {
      addSetting(key, { value, ...at }, into.settings);
    }
  }
}

/** Lines with those joined that a backslash joins; without comments and empty lines. */
function logicalLines(text: ByteString): { content: ByteString; line: number }[] {
  const lines: { content: ByteString; line: number }[] = [];
  let parts: ByteString[] = [];
  for (const [index, physical] of text.split("\n").entries()) {
    // As for Cyrus, what has been joined counts: of two backslashes the first goes if an empty line follows.
    const end = physical === "" ? (parts.pop() ?? "") : physical;
    if (end.endsWith("\\")) {
      if (end !== "\\") parts.push(end.slice(0, -1));
      continue;
    }
    const content = trim(parts.join("") + end);
    parts = [];
    if (content !== "" && !content.startsWith("#")) lines.push({ content, line: index + 1 });
  }
  return lines;
}

function parseLine(content: ByteString, at: { file: ByteString; line: number }): { key: string; value: ByteString } {
  const match = /^(@?[A-Za-z0-9_-]*):(.*)$/s.exec(content);
  if (match === null)
    throw new ConfigurationError(`Cannot read ${place(at)}: this is no "key: value"`, { hint: NOT_A_CONF });
  const key = (match[1] ?? "").toLowerCase();
  const value = trim(match[2] ?? "");
  if (key.startsWith("@") && key !== "@include") {
    throw new ConfigurationError(`Cannot read ${place(at)}: the directive "${key}" is not known`, { hint: NOT_A_CONF });
  }
  if (value === "") {
    throw new ConfigurationError(`Cannot read ${place(at)}: "${key}" has no value`, { hint: NOT_A_CONF });
  }
  return { key, value };
}

function addSetting(key: string, setting: Setting, settings: Map<string, Setting>): void {
  const before = settings.get(key);
  if (before !== undefined) {
    throw new ConfigurationError(`Cannot use "${key}" of ${place(setting)}: it was set by ${place(before)} already`, {
      hint: "Cyrus itself refuses to start with a key that is set twice; is this the file it reads?",
    });
  }
  settings.set(key, setting);
}

/** Names a line for people: `line 3 of "/etc/imapd.conf"`. */
export function place(at: { readonly file: ByteString; readonly line: number }): string {
  return `line ${at.line} of "${displayName(at.file).text}"`;
}

/** White space as C's isspace has it; JavaScript's trim() would take U+00A0, which here is half of a UTF-8 character. */
function trim(text: ByteString): ByteString {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(c: number): boolean {
  return c === 0x20 || (c >= 0x09 && c <= 0x0d);
}

function directoryOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

function reasonOf(error: unknown): string {
  if (error instanceof NotRegularFileError) return "this is no regular file";
  const errno = errnoOf(error);
  return errno === "ENOENT" ? "there is no such file" : (errno ?? String(error));
}
