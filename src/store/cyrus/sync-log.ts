/**
 * The replication logs: what changed and was not replicated when they were read.
 *
 *   CONFIGDIRECTORY/sync/log              and sync/CHANNEL/log: appended to by everything that changes a mailbox
 *   …/log-run, up to 2.4 …/log-PID        the log that a sync_client is working through
 *
 *   line = TYPE SP astring [SP astring] LF
 *
 * where an astring that holds a space, tab or parenthesis is quoted, and `\` escapes. Names of mailboxes are internal.
 *
 * @see cyrus-imapd `imap/sync_log.c`, sync_log_base, sync_log_reader_getitem
 */
import { readdirSync, type Stats } from "node:fs";
import { errnoOf } from "../../errors.ts";
import type { PendingName, ReadProblem } from "../../mail/mailbox.ts";
import type { ByteString } from "../../mail/name.ts";
import { NotRegularFileError, readFully, withRegularFile } from "./regular-file.ts";

/** What of the logs was read. */
export interface PendingReading {
  /** Each once for every log. */
  readonly names: readonly PendingName[];
  readonly problems: readonly ReadProblem[];
}

/** Without a client that works through it, a log grows for ever; what lies behind this much of it is left out. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Longer than any two names. */
const MAX_LINE_BYTES = 16 * 1024;

const LOG_NAME = /^log(-.*)?$/;

/** Reads the logs below `syncDirectory`, in order of their names. What cannot be read is among the problems. */
export function readSyncLogs(syncDirectory: ByteString): PendingReading {
  const names: PendingName[] = [];
  const problems: ReadProblem[] = [];
  for (const log of listLogs(syncDirectory, problems)) readLog(syncDirectory, log, names, problems);
  return { names, problems };
}

/** Paths of the logs, relative to `syncDirectory`. */
function listLogs(syncDirectory: ByteString, problems: ReadProblem[]): ByteString[] {
  const logs: ByteString[] = [];
  for (const name of listDirectory(syncDirectory, problems)) {
    if (LOG_NAME.test(name)) logs.push(name);
    else {
      const inside = listDirectory(`${syncDirectory}/${name}`, problems);
      logs.push(...inside.filter((file) => LOG_NAME.test(file)).map((file) => `${name}/${file}`));
    }
  }
  return logs.sort();
}

function listDirectory(path: ByteString, problems: ReadProblem[]): ByteString[] {
  try {
    return readdirSync(Buffer.from(path, "latin1"), "latin1");
  } catch (error) {
    // Not replicating, or a file that is no log: nothing is pending there.
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ENOTDIR")
      problems.push(problem(path, errno, "the directory cannot be listed"));
    return [];
  }
}

function readLog(directory: ByteString, log: ByteString, names: PendingName[], problems: ReadProblem[]): void {
  const path = `${directory}/${log}`;
  const seen = new Set<string>();
  let bad = 0;
  const takeLine = (line: ByteString) => {
    const found = line.length > MAX_LINE_BYTES ? null : parseSyncLogLine(line);
    if (found === null) bad++;
    for (const { type, name } of found ?? []) {
      const identity = `${type} ${name}`;
      if (!seen.has(identity)) names.push({ type, name, log });
      seen.add(identity);
    }
  };
  try {
    const whole = withRegularFile(path, false, (fd, stat) => readLines(fd, stat, takeLine));
    if (!whole) problems.push(problem(path, null, "only the first 64 MiB of the log were read"));
  } catch (error) {
    const errno = errnoOf(error);
    if (error instanceof NotRegularFileError) problems.push(problem(path, null, error.message));
    else if (errno === null) throw error;
    // sync_client renames and removes its logs at any time.
    else if (errno !== "ENOENT") problems.push(problem(path, errno, "the log cannot be read"));
  }
  if (bad > 0) problems.push(problem(path, null, `${bad} lines are no lines of a replication log`));
}

/** Hands over every line; a last one without an end is still being written. True if nothing was left out. */
function readLines(fd: number, stat: Stats, take: (line: ByteString) => void): boolean {
  const limit = Math.min(stat.size, MAX_LOG_BYTES);
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, limit));
  let rest = "";
  for (let position = 0; position < limit; ) {
    const count = readFully(fd, chunk.subarray(0, Math.min(chunk.length, limit - position)), position);
    if (count === 0) break;
    position += count;
    const lines = (rest + chunk.toString("latin1", 0, count)).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE_BYTES + 1);
    for (const line of lines) take(line);
  }
  return stat.size <= MAX_LOG_BYTES;
}

/**
 * The names on one line of a log, or null if it is none. Of a line with a user and a mailbox (`SEEN`, `SUB`, `UNSUB`)
 * it is the mailbox; `DOUBLEMAILBOX` and `RENAME` give both.
 */
export function parseSyncLogLine(line: ByteString): { type: string; name: ByteString }[] | null {
  const match = /^([A-Z]+) (.*)$/s.exec(line);
  const type = match?.[1];
  const args = splitAstrings(match?.[2] ?? "");
  const [first, second, third] = args ?? [];
  if (type === undefined || first === undefined || third !== undefined) return null;
  if (second === undefined) return [{ type, name: first }];
  if (type === "SEEN" || type === "SUB" || type === "UNSUB") return [{ type, name: second }];
  return [
    { type, name: first },
    { type, name: second },
  ];
}

function splitAstrings(text: ByteString): ByteString[] | null {
  const args: ByteString[] = [];
  const astring = /(?:"((?:[^"\\]|\\.)*)"|((?:[^"\\ ]|\\.)+))(?: |$)/sy;
  while (astring.lastIndex < text.length) {
    const match = astring.exec(text);
    if (match === null) return null;
    args.push((match[1] ?? match[2] ?? "").replace(/\\(.)/gs, "$1"));
  }
  return args.length === 0 ? null : args;
}

function problem(path: ByteString, errno: string | null, found: string): ReadProblem {
  return { what: "sync-log", path, uid: null, errno, found };
}
