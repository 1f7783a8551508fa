/** Writes a model to disk as Cyrus would, in any of its layouts. */
import { linkSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ARCHIVED, type RecordSpec, writeIndex, writeMailboxHeader } from "../index-writer.ts";
import { LAYOUTS, type Layout, type ModelLayout, pathOf, serverName } from "./layout.ts";
import {
  flagWord,
  guidOf,
  inboxNameOf,
  liveOf,
  type ModelMailbox,
  type ModelMessage,
  type SpoolModel,
} from "./model.ts";
import { Roots } from "./roots.ts";
import { messageAnnotations, scriptMailboxes, writeDatabase, writeItems } from "./write-items.ts";
import { listChanges } from "./write-list.ts";

export { type Layout, pathOf } from "./layout.ts";

/**
 * Writes a store below `root`, which must not exist.
 *
 * @returns the path of its `imapd.conf`
 */
export function writeSpool(root: string, model: SpoolModel, layout: Layout | ModelLayout): string {
  const all = withDefaultDomain(model, typeof layout === "string" ? LAYOUTS[layout] : layout);
  const spool = { ...model, mailboxes: [...model.mailboxes, ...scriptMailboxes(model, all)] };
  const roots = new Roots(root, all);
  const partitions = [...new Set(["default", ...spool.mailboxes.map(({ partition }) => partition)])];
  mkdirSync(`${root}/conf`, { recursive: true });
  for (const name of [...partitions, ...(all.sparePartition ? ["spare"] : [])]) {
    mkdirSync(`${roots.spool(name)}/stage.`, { recursive: true });
    // A root with nothing else in it is taken for one that is not mounted.
    if (typeof layout !== "string") for (const tree of roots.of(name)) mkdirSync(`${tree}/user`, { recursive: true });
  }
  writeFileSync(`${root}/imapd.conf`, `${settingsOf(root, roots, partitions, all).join("\n")}\n`);
  const entries = new Map(listChanges(spool, all).flatMap((c) => ("put" in c ? [[c.put, c.value] as const] : [])));
  writeDatabase(`${root}/conf/mailboxes.db`, all.list, entries);
  const store: Store = { root, layout: all, roots, inodes: new Map() };
  for (const mailbox of spool.mailboxes) if (!mailbox.directoryMissing) writeMailbox(mailbox, store);
  writeItems(root, spool, all);
  return `${root}/imapd.conf`;
}

function settingsOf(root: string, roots: Roots, partitions: readonly string[], layout: ModelLayout): string[] {
  const { hashImapSpool, fullDirHash, unixHierarchySep, virtDomains, quotas } = layout;
  return [
    ...[`configdirectory: ${root}/conf`, "defaultpartition: default", `sievedir: ${root}/sieve`],
    ...[`hashimapspool: ${hashImapSpool ? "yes" : "no"}`, `fulldirhash: ${fullDirHash ? "on" : "off"}`],
    ...(layout.defaultDomain === null ? [] : [`defaultdomain: ${layout.defaultDomain}`]),
    ...(layout.deletedPrefix === "DELETED" ? [] : [`deletedprefix: ${layout.deletedPrefix}`]),
    ...[`unixhierarchysep: ${unixHierarchySep ? 1 : 0}`, `virtdomains: ${virtDomains}`],
    ...(quotas === "files" ? [] : [`quota_db: ${quotas}`]),
    ...roots.settings(partitions),
  ];
}

/** A default domain only where none of its users would be taken for another, or for one of no domain. */
function withDefaultDomain(model: SpoolModel, layout: ModelLayout): ModelLayout {
  const { defaultDomain } = layout;
  if (defaultDomain === null) return layout;
  const names = new Set(model.mailboxes.map(({ name }) => name));
  const has = (user: string) => names.has(inboxNameOf(user));
  const twin = [...names].some((name) => names.has(`${defaultDomain}!${name}`));
  const users = Object.keys(model.items?.subscriptions ?? {});
  const readers = users.some(
    (user) => !has(user) && (has(`${user}@${defaultDomain}`) || user.endsWith(`@${defaultDomain}`)),
  );
  return twin || readers ? { ...layout, defaultDomain: null } : layout;
}

/** The store that is being written. */
interface Store {
  readonly root: string;
  readonly layout: ModelLayout;
  readonly roots: Roots;
  /** Paths of the inodes that several messages share. */
  readonly inodes: Map<string, string>;
}

function writeMailbox(mailbox: ModelMailbox, store: Store): void {
  const { roots, layout } = store;
  const path = pathOf(mailbox, layout);
  const spool = `${roots.spool(mailbox.partition)}/${path}`;
  mkdirSync(bytesOf(spool), { recursive: true });
  for (const message of mailbox.messages) {
    writeMessage(`${roots.message(mailbox, message).root}/${path}/${message.uid}.`, message, store.inodes);
  }
  for (const [uid, body] of mailbox.orphans ?? []) writeFileSync(bytesOf(`${spool}/${uid}.`), body, "latin1");
  const records = [...mailbox.messages, ...(mailbox.summed ?? [])];
  const flagNames = [...new Set(records.flatMap(({ keywords }) => keywords))];
  const { uniqueId, acl } = mailbox;
  const name = serverName(mailbox.name, layout);
  const mailboxHeader = writeMailboxHeader({ name, uniqueId, acl, flagNames, textForm: layout.generation !== "3.6" });
  const annotations = messageAnnotations(mailbox, layout).entries;
  if (annotations.size > 0) {
    writeDatabase(`${roots.meta(mailbox, "annotations")}/${path}/cyrus.annotations`, layout.annotations, annotations);
  }
  const files = {
    [`${roots.meta(mailbox, "header")}/${path}/cyrus.header`]: mailboxHeader,
    [`${roots.meta(mailbox, "index")}/${path}/cyrus.index`]: indexOf(mailbox, flagNames, mailboxHeader, store),
  };
  for (const [file, bytes] of Object.entries(files)) {
    mkdirSync(bytesOf(dirname(file)), { recursive: true });
    writeFileSync(bytesOf(file), bytes);
    utimesSync(bytesOf(file), mailbox.changedAt, mailbox.changedAt);
  }
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path, "latin1");
}

function writeMessage(path: string, message: ModelMessage, inodes: Map<string, string>): void {
  const content = message.file === undefined ? message.body : message.file;
  if (content === null) return;
  mkdirSync(bytesOf(dirname(path)), { recursive: true });
  const first = message.inode === undefined ? undefined : inodes.get(message.inode);
  if (first !== undefined) {
    linkSync(bytesOf(first), bytesOf(path));
    return;
  }

  writeFileSync(bytesOf(path), content, "latin1");
  utimesSync(bytesOf(path), message.internalDate, message.internalDate);
  if (message.inode !== undefined) inodes.set(message.inode, path);
}

function indexOf(
  mailbox: ModelMailbox,
  flagNames: readonly string[],
  mailboxHeader: Buffer,
  { layout, roots }: Store,
): Buffer {
  const { lastUid, highestModseq, deletedModseq, options, summed, answeredTooMany, staleRecord } = mailbox;
  const uidValidity = mailbox.indexUidValidity ?? mailbox.uidValidity;
  const marks = { lastUid, highestModseq, deletedModseq, options, uidValidity, createdModseq: 2 };
  const answered = liveOf(mailbox.messages).filter(({ flags }) => flags & 1).length;
  const index = writeIndex({
    ...{ flagNames, mailboxHeader, version: layout.indexVersion },
    annotations: messageAnnotations(mailbox, layout).indexed,
    records: mailbox.messages.map((m) => ({
      ...recordOf(m, flagNames),
      flags: (flagWord(m) | (roots.message(mailbox, m).archived ? ARCHIVED : 0)) >>> 0,
    })),
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
