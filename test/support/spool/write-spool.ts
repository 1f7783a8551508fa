/** Writes a model to disk as Cyrus 3.6 would, with directories named after mailboxes or after their uniqueids. */
import { linkSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Change } from "../cyrusdb-writer.ts";
import { writeTwoskip } from "../cyrusdb-writer.ts";
import { type RecordSpec, writeIndex, writeMailboxHeader } from "../index-writer.ts";
import { flagWord, guidOf, liveOf, type ModelMailbox, type ModelMessage, type SpoolModel } from "./model.ts";

export type Layout = "legacy" | "uuid";

/**
 * Writes a store below `root`, which must not exist.
 *
 * @returns the path of its `imapd.conf`
 */
export function writeSpool(root: string, spool: SpoolModel, layout: Layout): string {
  mkdirSync(`${root}/conf`, { recursive: true });
  mkdirSync(`${root}/spool/stage.`, { recursive: true });
  const conf = [`configdirectory: ${root}/conf`, "defaultpartition: default", `partition-default: ${root}/spool`];
  writeFileSync(`${root}/imapd.conf`, `${conf.join("\n")}\n`);
  const changes = [...spool.mailboxes.filter(({ unlisted }) => !unlisted).flatMap((m) => listEntries(m, layout))];
  for (const { name, uniqueId, foldermodseq, mtime } of spool.tombstones) {
    // The name may be in use again; then Cyrus has no tombstone any more, only the history.
    if (spool.mailboxes.some((m) => m.name === name && !m.unlisted)) continue;
    const value = `%(T d I ${uniqueId} V 0 F ${foldermodseq} M ${mtime})`;
    changes.push({ put: `N${databaseName(name)}`, value });
  }
  writeFileSync(`${root}/conf/mailboxes.db`, writeTwoskip({ transactions: [changes], tail: [] }));
  const inodes = new Map<string, string>();
  for (const mailbox of spool.mailboxes) {
    if (!mailbox.directoryMissing) writeMailbox(`${root}/spool/${pathOf(mailbox, layout)}`, mailbox, inodes);
  }
  return `${root}/imapd.conf`;
}

/** The directory of a mailbox, relative to its partition. */
export function pathOf({ name, uniqueId }: ModelMailbox, layout: Layout): string {
  return layout === "legacy" ? name.replaceAll(".", "/") : `uuid/${uniqueId[0]}/${uniqueId[1]}/${uniqueId}`;
}

function listEntries(mailbox: ModelMailbox, layout: Layout): Change[] {
  const { name, uniqueId, uidValidity, foldermodseq, listMtime, acl } = mailbox;
  const type = layout === "legacy" ? "el" : "e";
  const rights = acl.map((entry) => entry.join(" ")).join(" ");
  const fields = `P default V ${uidValidity} C 2 F ${foldermodseq} M ${listMtime} A %(${rights})`;
  return [
    { put: `N${databaseName(name)}`, value: `%(T ${type} I ${uniqueId} ${fields})` },
    { put: `I${uniqueId}`, value: `%(T ${type} N ${databaseName(name)} ${fields})` },
  ];
}

function databaseName(name: string): string {
  return name.replaceAll(".", "\x1f");
}

function writeMailbox(directory: string, mailbox: ModelMailbox, inodes: Map<string, string>): void {
  mkdirSync(directory, { recursive: true });
  for (const message of mailbox.messages) writeMessage(`${directory}/${message.uid}.`, message, inodes);
  for (const [uid, body] of mailbox.orphans ?? []) writeFileSync(`${directory}/${uid}.`, body, "latin1");
  const records = [...mailbox.messages, ...(mailbox.summed ?? [])];
  const flagNames = [...new Set(records.flatMap(({ keywords }) => keywords))];
  const { name, uniqueId, acl } = mailbox;
  const mailboxHeader = writeMailboxHeader({ name, uniqueId, acl, flagNames });
  const files = { "cyrus.header": mailboxHeader, "cyrus.index": indexOf(mailbox, flagNames, mailboxHeader) };
  for (const [file, bytes] of Object.entries(files)) {
    writeFileSync(`${directory}/${file}`, bytes);
    utimesSync(`${directory}/${file}`, mailbox.changedAt, mailbox.changedAt);
  }
}

function writeMessage(path: string, message: ModelMessage, inodes: Map<string, string>): void {
  const content = message.file === undefined ? message.body : message.file;
  if (content === null) return;
  const first = message.inode === undefined ? undefined : inodes.get(message.inode);
  if (first !== undefined) {
    linkSync(first, path);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, "latin1");
  utimesSync(path, message.internalDate, message.internalDate);
  if (message.inode !== undefined) inodes.set(message.inode, path);
}

function indexOf(mailbox: ModelMailbox, flagNames: readonly string[], mailboxHeader: Buffer): Buffer {
  const { lastUid, highestModseq, deletedModseq, options, summed, answeredTooMany, staleRecord } = mailbox;
  const uidValidity = mailbox.indexUidValidity ?? mailbox.uidValidity;
  const marks = { lastUid, highestModseq, deletedModseq, options, uidValidity, createdModseq: 2 };
  const answered = liveOf(mailbox.messages).filter(({ flags }) => flags & 1).length;
  const index = writeIndex({
    ...{ flagNames, mailboxHeader },
    records: mailbox.messages.map((m) => recordOf(m, flagNames)),
    ...(summed === undefined ? {} : { summed: summed.map((m) => recordOf(m, flagNames)) }),
    header: answeredTooMany === undefined ? marks : { ...marks, answered: answered + answeredTooMany },
  });
  if (staleRecord !== undefined) {
    const record = mailbox.messages.findIndex(({ uid }) => uid === staleRecord);
    const sizeAt = index.readUInt32BE(12) + record * index.readUInt32BE(16) + 12;
    index.writeUInt32BE(index.readUInt32BE(sizeAt) ^ 64, sizeAt);
  }
  return index;
}

function recordOf(message: ModelMessage, flagNames: readonly string[]): RecordSpec {
  const { uid, body, modseq, lastUpdated, internalDate, saveDate, keywords } = message;
  return {
    ...{
      uid,
      size: body.length,
      guid: message.guid ?? guidOf(body),
      modseq,
      lastUpdated,
      internalDate,
      saveDate,
      createdModseq: 2,
    },
    ...{ flags: flagWord(message), userFlags: keywords.map((name) => flagNames.indexOf(name)) },
  };
}
