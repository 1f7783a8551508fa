/** Cyrus' own `mbexamine` is the judge of what was read from index and header files. */
import assert from "node:assert/strict";
import { hexOf, type ManifestTables, type Row } from "./manifest-tables.ts";
import { administratorName, type Namespace } from "./namespace.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";

const NO_CID = "0".repeat(16);
/** Bits of the options that `mbexamine` names. @see cyrus-imapd `imap/mailbox.h`, OPT_POP3_NEW_UIDL … */
const OPTIONS: readonly (readonly [name: string, bit: number])[] = [
  ["POP3_NEW_UIDL", 1],
  ["IMAP_SHAREDSEEN", 4],
  ["IMAP_DUPDELIVER", 8],
];
const SYSTEM_FLAGS = ["\\answered", "\\flagged", "\\deleted", "\\draft", "\\seen"];

/** Asserts that mailboxes of a manifest, if not all of them, and their live messages are what `mbexamine` prints. */
export async function judgeIndexes(
  pair: CyrusPair,
  side: CyrusSide,
  namespace: Namespace,
  tables: ManifestTables,
  names: readonly string[] = tables.names,
): Promise<void> {
  const blocks = new Map(
    (await pair.output(side, "mbexamine"))
      .split(/^ ?Examining (?=.*\.\.\. Mailbox Header Info:$)/m)
      .slice(1)
      .map((block) => [block.slice(0, block.indexOf("... Mailbox Header Info:")), block]),
  );
  for (const name of names) {
    const block = blocks.get(administratorName(namespace, name));
    assert(block !== undefined, `mbexamine says nothing of ${name}`);
    const keywords = words(/^ {2}User Flags: (.*)$/m.exec(block)?.[1] ?? "").filter((word) => word !== "[none]");
    assert.deepEqual(indexOf(tables.mailbox(name)), printedIndex(block), `${side} ${name}`);
    assert.deepEqual(tables.messages(name).map(recordOf), printedRecords(block, keywords), `${side} ${name}`);
  }
}

function indexOf(row: Row): unknown {
  const options = OPTIONS.filter(([, bit]) => (Number(row.options) & bit) !== 0).map(([name]) => name);
  return {
    uniqueid: row.uniqueid,
    version: row.index_version,
    exists: row.exists_count,
    quotaUsed: row.quota_used,
    lastAppend: row.last_appenddate,
    uidValidity: row.uidvalidity,
    lastUid: row.last_uid,
    counts: [row.deleted, row.answered, row.flagged],
    options,
    pop3LastLogin: row.pop3_last_login,
    highestModseq: row.highestmodseq,
  };
}

function printedIndex(block: string): unknown {
  const number = (pattern: RegExp) => Number(pattern.exec(block)?.[1]);
  const [, deleted, answered, flagged] = /Deleted: (\d+) {2}Answered: (\d+) {2}Flagged: (\d+)/.exec(block) ?? [];
  const options = words(/Mailbox Options:(.*)$/m.exec(block)?.[1] ?? "");
  return {
    uniqueid: /^ {2}Unique ID: (.*)$/m.exec(block)?.[1],
    version: number(/Minor Version: (\d+)/),
    exists: number(/Number of Messages: (\d+)/),
    quotaUsed: number(/Mailbox Size: (\d+)/),
    lastAppend: number(/Last Append Date: \((\d+)\)/),
    uidValidity: number(/UIDValidity: (\d+)/),
    lastUid: number(/Last UID: (\d+)/),
    counts: [Number(deleted), Number(answered), Number(flagged)],
    options: OPTIONS.filter(([name]) => options.includes(name)).map(([name]) => name),
    pop3LastLogin: number(/Last POP3 Login: \((\d+)\)/),
    highestModseq: number(/Highest Mod Sequence: (\d+)/),
  };
}

function recordOf(row: Row): unknown {
  return {
    uid: row.uid,
    guid: hexOf(row.guid),
    internalDate: row.internaldate,
    // mbexamine prints nothing or 0 where the version has no such field.
    saveDate: row.savedate ?? 0,
    size: row.size,
    lastUpdated: row.last_updated,
    modseq: row.modseq,
    cid: hexOf(row.cid) ?? NO_CID,
    flags: row.flags,
  };
}

const RECORD = new RegExp(
  [
    String.raw`^\d{6}> UID:(\d+) +INT_DATE:(\d+) SENTDATE:\d+ SAVEDATE:(\d+) SIZE:(\d+) *$`,
    String.raw`^ +> HDRSIZE:\d+ +LASTUPD :(\d+) SYSFLAGS:([0-9A-F]{8}).* GUID:([0-9a-f]{40}) MODSEQ:(\d+) *(?:THRID: ([0-9a-f]+))?$`,
    "^ +> INTERNALFLAGS:.*$",
    "^ +> USERFLAGS: ([0-9A-F ]+)$",
  ].join("\\n"),
  "gm",
);

function printedRecords(block: string, keywords: readonly string[]): unknown[] {
  return [...block.matchAll(RECORD)].map((match) => {
    const [, uid, internalDate, saveDate, size, lastUpdated, system = "", guid, modseq, cid = NO_CID, user = ""] =
      match;
    return {
      uid: Number(uid),
      guid,
      internalDate: Number(internalDate),
      saveDate: Number(saveDate),
      size: Number(size),
      lastUpdated: Number(lastUpdated),
      modseq: Number(modseq),
      cid: cid.padStart(16, "0"),
      flags: flagText(Number.parseInt(system, 16), user, keywords),
    };
  });
}

/** @param user the words of user flags, the highest first */
function flagText(system: number, user: string, keywords: readonly string[]): string {
  const bits = words(user)
    .toReversed()
    .map((word) => Number.parseInt(word, 16));
  const set = keywords.filter((_, at) => (((bits[at >> 5] ?? 0) >>> (at & 31)) & 1) === 1);
  const flags = [...SYSTEM_FLAGS.filter((_, at) => ((system >>> at) & 1) === 1), ...set];
  return flags
    .map((flag) => flag.toLowerCase())
    .toSorted()
    .join(" ");
}

function words(text: string): string[] {
  return text.trim().split(/ +/).filter(Boolean);
}
