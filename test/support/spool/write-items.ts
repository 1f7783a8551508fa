/** What a model holds beside messages: subscriptions, seen state, quota roots, sieve scripts, annotations. */
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeAnnotationValue } from "../../store/cyrus/items/annotation-writer.ts";
import { writeFlat, writeSkiplist, writeTwoskip } from "../cyrusdb-writer.ts";
import { idPath, isById, type ModelDatabase, type ModelLayout, quotaPath, userPath } from "./layout.ts";
import {
  idOf,
  inboxNameOf,
  type ModelItems,
  type ModelMailbox,
  modelMailbox,
  modelMessage,
  ownerOfName,
  READ_AT,
  type SpoolModel,
} from "./model.ts";
import { databaseName } from "./write-list.ts";

/** When all files of items were last written. */
export const ITEMS_CHANGED_AT = READ_AT - 100_000;

/** Writes a database with these entries. */
export function writeDatabase(path: string, kind: ModelDatabase, entries: ReadonlyMap<string, string>): void {
  const put = [...entries].map(([key, value]) => ({ put: key, value }));
  const write = { flat: writeFlat, skiplist: writeSkiplist, twoskip: writeTwoskip }[kind];
  writeOld(path, write({ transactions: [put], tail: [] }));
}

/** Mailboxes in which a server of this generation keeps scripts. */
export function scriptMailboxes({ items }: SpoolModel, layout: ModelLayout): ModelMailbox[] {
  const scripts = items?.scripts ?? [];
  if (layout.generation !== "3.6") return [];
  return [...new Set(scripts.map(({ user }) => user))].map((user) => {
    const own = scripts.filter((script) => script.user === user);
    const messages = own.map(({ name, source }, i) =>
      modelMessage(i + 1, { body: messageOf(name, source), internalDate: ITEMS_CHANGED_AT }),
    );
    const name = `${inboxNameOf(user)}.#sieve`;
    return modelMailbox(name, messages, { type: "f", uniqueId: idOf(name) });
  });
}

function messageOf(name: string, source: string): string {
  const guid = createHash("sha1").update(source, "latin1").digest("hex");
  const word = `=?UTF-8?B?${Buffer.from(name, "latin1").toString("base64")}?=`;
  return `From: <x@y>\r\nSubject: ${word}\r\nMessage-ID: <${guid}@y>\r\nMIME-Version: 1.0\r\n\r\n${source}`;
}

/** Writes all items of a model below `root`, whose config directory is `root/conf`. */
export function writeItems(root: string, spool: SpoolModel, layout: ModelLayout): void {
  const items = spool.items;
  if (items === undefined) return;
  writeSubscriptions(root, spool, items, layout);
  writeSeen(root, spool, items, layout);
  writeQuotas(root, items, layout);
  writeScripts(root, spool, items, layout);
  writeAnnotations(root, spool, items, layout);
}

function userFile(root: string, spool: SpoolModel, user: string, kind: "sub" | "seen", layout: ModelLayout): string {
  const inbox = spool.mailboxes.find(({ name }) => name === inboxNameOf(user));
  if (inbox !== undefined && isById(inbox, layout)) return `${root}/conf/user/${idPath(inbox.uniqueId)}/${kind}.db`;
  return `${root}/conf/${userPath(user, layout)}.${kind}`;
}

function writeSubscriptions(root: string, spool: SpoolModel, items: ModelItems, layout: ModelLayout): void {
  for (const [user, names] of Object.entries(items.subscriptions)) {
    const path = userFile(root, spool, user, "sub", layout);
    if (items.damagedSubscriptions?.includes(user)) {
      writeOld(path, "cut off");
      continue;
    }
    const entries = new Map<string, string>();
    const inbox = databaseName(inboxNameOf(user));
    for (const name of names) {
      if (layout.generation !== "3.6") entries.set(name, "");
      else entries.set(`N${ownInbox(databaseName(name), inbox, layout.subscriptionVersion)}`, "");
    }
    if (layout.generation === "3.6") entries.set("\x1fVER\x1f", layout.subscriptionVersion);
    writeDatabase(path, layout.userFiles, entries);
  }
}

/** Version 2 takes whatever begins like the user's INBOX for a part of it. */
function ownInbox(name: string, inbox: string, version: "2" | "3"): string {
  if (!name.startsWith(inbox)) return name;
  const rest = name.slice(inbox.length);
  return version === "2" || rest === "" || rest.startsWith("\x1f") ? `INBOX${rest}` : name;
}

function writeSeen(root: string, spool: SpoolModel, items: ModelItems, layout: ModelLayout): void {
  for (const user of new Set(items.seen.map((entry) => entry.user))) {
    const entries = new Map<string, string>();
    for (const { uniqueId, uids } of items.seen.filter((entry) => entry.user === user)) {
      const lastUid = spool.mailboxes.find((mailbox) => mailbox.uniqueId === uniqueId)?.lastUid ?? 1;
      entries.set(uniqueId, `1 ${ITEMS_CHANGED_AT} ${lastUid} ${ITEMS_CHANGED_AT} ${uids.join(",")}`);
    }
    writeDatabase(userFile(root, spool, user, "seen", layout), layout.userFiles, entries);
  }
}

function writeQuotas(root: string, items: ModelItems, layout: ModelLayout): void {
  const values = items.quotas.map(({ root: name, storage }) => {
    if (layout.generation === "2.4")
      return [name, layout.quotas === "files" ? `0\n${storage}\n` : `0 ${storage}`] as const;
    return [name, `%(S (0 ${storage}) M (0) AS (0) NF (0) MODSEQ 7)${layout.quotas === "files" ? "\n" : ""}`] as const;
  });
  if (layout.quotas === "files") {
    for (const [name, value] of values) writeOld(`${root}/conf/${quotaPath(name, layout)}`, value);
  } else {
    writeDatabase(`${root}/conf/quotas.db`, layout.quotas, new Map(values));
  }
}

function writeScripts(root: string, spool: SpoolModel, items: ModelItems, layout: ModelLayout): void {
  for (const { user, name, source, active } of items.scripts) {
    const inbox = spool.mailboxes.find((mailbox) => mailbox.name === inboxNameOf(user));
    const byId = inbox !== undefined && isById(inbox, layout);
    const directory = `${root}/sieve/${byId ? idPath(inbox.uniqueId) : userPath(user, layout, "")}`;
    if (layout.generation !== "3.6") writeOld(`${directory}/${name}.script`, source);
    writeOld(`${directory}/${name}.bc`, `compiled ${root}`);
    if (active) symlinkSync(Buffer.from(`${name}.bc`, "latin1"), Buffer.from(`${directory}/defaultbc`, "latin1"));
  }
}

function writeAnnotations(root: string, spool: SpoolModel, items: ModelItems, layout: ModelLayout): void {
  const entries = new Map<string, string>();
  for (const { mailbox, entry, user, value } of items.annotations) {
    const uniqueId = spool.mailboxes.find(({ name }) => name === mailbox)?.uniqueId ?? "gone";
    const isOwner = user !== "" && ownerOfName(mailbox) === user;
    const key = [
      layout.generation === "3.6" ? uniqueId : mailbox,
      entry,
      isOwner && layout.generation === "3.6" ? "[.OwNeR.]" : user,
      "",
    ].join("\0");
    const long = layout.generation === "2.4" ? "64-bit big-endian" : "64-bit little-endian";
    const rest = layout.generation === "2.4" ? {} : { modseq: 0n };
    entries.set(key, value === null ? "damaged" : writeAnnotationValue(value, long, rest));
  }
  writeDatabase(`${root}/conf/annotations.db`, layout.annotations, entries);
}

/** Annotations of a mailbox's messages, and what the index must know of them. */
export function messageAnnotations({ name, messages }: ModelMailbox, { generation }: ModelLayout) {
  const owner = ownerOfName(name) ?? "";
  const entries = new Map<string, string>();
  const indexed: { uid: number; entry: string; user: string; value: string }[] = [];
  for (const { uid, comment, modseq } of messages) {
    if (comment === undefined) continue;
    const user = comment.ofOwner ? owner : "";
    const token = user !== "" && generation === "3.6" ? "[.OwNeR.]" : user;
    const rest = generation === "2.4" ? {} : { modseq: BigInt(modseq) };
    entries.set(
      [uid, "/comment", token, ""].join("\0"),
      writeAnnotationValue(comment.value, "64-bit little-endian", rest),
    );
    indexed.push({ uid, entry: "/comment", user, value: comment.value });
  }
  return { entries, indexed };
}

function writeOld(path: string, content: string | Buffer): void {
  const bytes = Buffer.from(path, "latin1");
  mkdirSync(Buffer.from(dirname(path), "latin1"), { recursive: true });
  writeFileSync(bytes, typeof content === "string" ? Buffer.from(content, "latin1") : content);
  utimesSync(bytes, ITEMS_CHANGED_AT, ITEMS_CHANGED_AT);
}
