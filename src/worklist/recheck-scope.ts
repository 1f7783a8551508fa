import { createHash } from "node:crypto";
import type { VarianceClass } from "../compare/classes.ts";
import type { Subject } from "../compare/variance.ts";
import { UsageError } from "../errors.ts";
import type { OnlyFilter, OnlyMailbox, OnlyScope } from "../mail/only-scope.ts";
import {
  checkHead,
  endOf,
  LARGEST_LIST,
  LONGEST_LINE,
  MOST_FINDINGS,
  parseRecheckLine,
  type RecheckEntry,
  RecheckLineError,
} from "./recheck-list.ts";
import { thingText } from "./thing.ts";

/** Findings that say that a mailbox could not be read: only a reading of all of it shows what it holds. */
const UNREAD_CLASSES: ReadonlySet<VarianceClass> = new Set([
  "mailbox-unreadable",
  "mailbox-directory-missing",
  "mailbox-not-in-list",
  "index-corrupt",
]);

/** Findings about what belongs to a user. */
const USERS_CLASSES: ReadonlySet<VarianceClass> = new Set(["subscription-differs", "seen-differs", "sieve-differs"]);

/** Findings about what lies neither in the mailbox list nor beside an index. */
const ITEM_CLASSES: ReadonlySet<VarianceClass> = new Set([
  ...USERS_CLASSES,
  "quota-differs",
  "mailbox-annotation-differs",
]);

/** A list that was read: its findings, and what a scan is to look at for them. */
export interface RecheckList {
  readonly entries: readonly RecheckEntry[];
  readonly scope: OnlyScope;
}

/**
 * Reads a `recheck.list`.
 *
 * @param path named in errors only
 * @throws {UsageError} naming the line that is wrong
 */
export function parseRecheckList(bytes: Buffer, path: string): RecheckList {
  if (bytes.length > LARGEST_LIST)
    throw new UsageError(`Cannot use "${path}": it is too long for a list of findings`, RIGHT_LIST);
  const lines = bytes.toString("utf8").split("\n");
  if (lines.at(-1) !== "") throw new UsageError(`Cannot use "${path}": its last line is cut off`, CUT_OFF);
  lines.pop();
  const at = <T>(number: number, read: (line: string) => T): T => {
    const line = lines[number - 1] ?? "";
    try {
      if (Buffer.byteLength(line) > LONGEST_LINE) throw new RecheckLineError("it is too long");
      return read(line);
    } catch (error) {
      if (!(error instanceof RecheckLineError)) throw error;
      throw new UsageError(`Cannot use "${path}", line ${number}: ${error.message}`, RIGHT_LIST);
    }
  };
  at(1, checkHead);
  if (lines.length < 2) throw new UsageError(`Cannot use "${path}": it has no end`, CUT_OFF);
  if (lines.length - 2 > MOST_FINDINGS)
    throw new UsageError(`Cannot use "${path}": it holds too many findings`, RIGHT_LIST);
  const findings = at(lines.length, endOf);
  if (findings !== lines.length - 2) throw new UsageError(`Cannot use "${path}": it has no end`, CUT_OFF);
  const body = lines.slice(1, -1);
  return recheckListOf(
    body,
    body.map((_, i) => at(i + 2, parseRecheckLine)),
  );
}

const RIGHT_LIST = "Give the recheck.list of compare --worklist";
const CUT_OFF = "Copy the list again, or have compare --worklist write it anew";

/**
 * The list that a manifest of `scan --only` keeps.
 *
 * @throws {UsageError} when some line is none of a list
 */
export function keptRecheckList(lines: readonly string[], path: string): RecheckList {
  const text = lines.map((line) => `${line}\n`).join("");
  const head = '{"type":"recheck","version":1}\n';
  return parseRecheckList(Buffer.from(`${head}${text}{"type":"end","findings":${lines.length}}\n`), path);
}

function recheckListOf(lines: readonly string[], entries: readonly RecheckEntry[]): RecheckList {
  const mailboxes: OnlyMailbox[] = [];
  const owners = new Set<string>();
  const quotaRoots = new Set<string>();
  for (const entry of entries) {
    const { mailbox, otherMailbox = null, uniqueId, uid, owner, key } = entry.subject;
    const uids = UNREAD_CLASSES.has(entry.class) && uid === undefined ? null : uidsOf(entry);
    if (mailbox !== null || uniqueId !== null) mailboxes.push({ name: mailbox, uniqueId, uids });
    if (otherMailbox !== null || entry.otherUniqueId !== null) {
      mailboxes.push({ name: otherMailbox, uniqueId: entry.otherUniqueId, uids });
    }
    if (USERS_CLASSES.has(entry.class) && owner !== undefined) owners.add(owner);
    if (entry.class === "quota-differs" && key !== undefined) quotaRoots.add(key);
  }
  return {
    entries,
    scope: {
      digest: createHash("sha256").update(lines.join("\n")).digest("hex"),
      lines,
      mailboxes,
      owners: [...owners],
      quotaRoots: [...quotaRoots],
      items: entries.some((entry) => ITEM_CLASSES.has(entry.class)),
      unlisted: entries.some((entry) => entry.class === "mailbox-not-in-list"),
    },
  };
}

function uidsOf({ subject: { uid }, otherUid }: RecheckEntry): number[] {
  return [uid ?? null, otherUid].filter((number) => number !== null);
}

/**
 * Whether a finding of a second look is about what the list asked for: of messages and items just those, of their
 * mailboxes whatever there is.
 */
export function isAskedFor(
  name: VarianceClass,
  subject: Subject,
  filter: OnlyFilter,
  things: { has(thing: string): boolean },
): boolean {
  const { mailbox, uniqueId, uid } = subject;
  if (things.has(thingText(name, subject))) return true;
  if (ITEM_CLASSES.has(name) || name === "message-annotation-differs") return false;
  if (uid === undefined) return true;
  return filter.hasUid(mailbox ?? "", uniqueId, uid);
}
