/** Reads the items of a store: what belongs to users first, then quota roots, then annotations. */
import type { Item, ItemKind } from "../../../mail/item.ts";
import type { ReadProblem } from "../../../mail/mailbox.ts";
import { type ByteString, compareNames, inboxOf, isDeletedName, ownerOf } from "../../../mail/name.ts";
import type { ItemReading, MailboxList, MailboxRef } from "../../mail-store.ts";
import type { CyrusConfig } from "../config.ts";
import { type DatabaseSnapshot, readDatabase } from "../cyrusdb/read-database.ts";
import { decodeAnnotation } from "./annotation.ts";
import { annotationItem, shortened } from "./annotation-item.ts";
import { checkLength } from "./check-length.ts";
import { indexSeenOf } from "./index-seen.ts";
import { decodeQuota, type Quota } from "./quota.ts";
import { findQuotaFiles, readQuotaFile } from "./quota-files.ts";
import { failureOf, type Optional, readOptional } from "./read-optional.ts";
import { isReplicated } from "./replicated-entries.ts";
import { decodeSeenStates } from "./seen-state.ts";
import { readSieveScripts } from "./sieve-scripts.ts";
import { decodeSubscriptions } from "./subscriptions.ts";
import { type StoreUser, sieveDirectories, storeUser, userDatabases } from "./user-files.ts";

type UnreadKind = Exclude<ItemKind, "acl">;

/** The mailboxes of a list by what items call them. */
interface Mailboxes {
  readonly byId: ReadonlyMap<string, MailboxRef>;
  readonly byName: ReadonlyMap<ByteString, MailboxRef>;
}

/** Reads all items; each failure is one of the readings, and the others go on. */
export async function* readCyrusItems(config: CyrusConfig, list: MailboxList): AsyncGenerator<ItemReading> {
  const mailboxes: Mailboxes = {
    byId: new Map(list.mailboxes.flatMap((ref) => (ref.uniqueId === null ? [] : [[ref.uniqueId, ref]]))),
    byName: new Map(list.mailboxes.map((ref) => [ref.name, ref])),
  };
  if (config.sieveDirectory === null) yield unread("sieve", null, null, null);
  for (const name of usersOf(list)) {
    const user = storeUser(name, mailboxes.byName);
    yield* readSubscriptions(config, user);
    yield* readSeenStates(config, user, mailboxes);
    yield* readScripts(config, user, mailboxes);
  }
  yield* config.quotaListPath === null ? readQuotaFiles(config) : readQuotaList(config.quotaListPath);
  yield* readAnnotations(config.annotationListPath, mailboxes);
}

/** Some ten thousand ranges. */
const LONGEST_SEQUENCE = 128 * 1024;

function usersOf(list: MailboxList): ByteString[] {
  const users = new Set<ByteString>();
  for (const { name } of list.mailboxes) {
    const owner = isDeletedName(name) ? null : ownerOf(name);
    if (owner !== null) users.add(owner);
  }
  return [...users].sort(compareNames);
}

async function* readSubscriptions(config: CyrusConfig, user: StoreUser): AsyncGenerator<ItemReading> {
  const owner = user.name;
  const read = await readFirst(userDatabases(config, user, "sub"), ({ entries, mtimeMs }, path) =>
    decodeSubscriptions(entries, owner, path).map(
      (key): Item => ({
        ...{ kind: "subscription", owner, key, value: "" },
        ...{ mtime: Math.floor(mtimeMs / 1000), modseq: null },
      }),
    ),
  );
  if (read.status === "unread") yield unread("subscription", owner, null, read.problem);
  if (read.status === "read") for (const item of read.value) yield found(item, null);
}

async function* readSeenStates(config: CyrusConfig, user: StoreUser, { byId }: Mailboxes): AsyncGenerator<ItemReading> {
  const owner = user.name;
  const read = await readFirst(userDatabases(config, user, "seen"), ({ entries }, path) =>
    decodeSeenStates(entries, path),
  );
  if (read.status === "unread") yield unread("seen", owner, null, read.problem);
  for (const { uniqueId, uids, lastRead } of read.status === "read" ? read.value : []) {
    const ref = byId.get(uniqueId);
    if (ref === undefined || uids === "" || !counts(ref, owner)) continue;
    const value = shortened(uids, LONGEST_SEQUENCE);
    yield found({ kind: "seen", owner, key: "", value, mtime: lastRead, modseq: null }, ref);
  }
}

/** Whether what a user's database says of a mailbox is what he sees. */
function counts(ref: MailboxRef, user: ByteString): boolean {
  const inIndex = indexSeenOf(ref);
  return inIndex === "nobody" || (inIndex === "owner" && ownerOf(ref.name) !== user);
}

async function* readScripts(config: CyrusConfig, user: StoreUser, { byName }: Mailboxes): AsyncGenerator<ItemReading> {
  if (config.sieveDirectory === null) return;
  const inMailbox = byName.has(`${inboxOf(user.name)}.#sieve`);
  for (const directory of sieveDirectories(config, config.sieveDirectory, user)) {
    const read = readSieveScripts(directory, user.name, !inMailbox);
    if (read.status === "absent") continue;
    if (read.status === "unread") yield unread("sieve", user.name, null, read.problem);
    else for (const item of read.value) yield found(item, null);
    return;
  }
}

async function* readQuotaFiles(config: CyrusConfig): AsyncGenerator<ItemReading> {
  const { files, problems } = findQuotaFiles(config);
  for (const problem of problems) yield* unreadQuota(null, problem);
  for (const { root, path } of files) {
    const read = readQuotaFile(path);
    if (read.status === "unread") yield* unreadQuota(root, read.problem);
    if (read.status === "read") yield* quotaItems(root, read.value, read.value.mtime);
  }
}

async function* readQuotaList(path: ByteString): AsyncGenerator<ItemReading> {
  const read = await readOptional(path, readDatabase, ({ entries }) => {
    for (const [root] of entries) checkLength(root, path);
    return entries;
  });
  if (read.status === "unread") yield* unreadQuota(null, read.problem);
  for (const [root, value] of read.status === "read" ? read.value : []) {
    const quota = decoded(() => decodeQuota(value, path), path);
    if (quota.status === "unread") yield* unreadQuota(root, quota.problem);
    if (quota.status === "read") yield* quotaItems(root, quota.value, null);
  }
}

function* quotaItems(root: ByteString, quota: Quota, mtime: number | null): Generator<ItemReading> {
  const item = { owner: "", key: root, mtime, modseq: quota.modseq };
  yield found({ ...item, kind: "quota", value: quota.limits }, null);
  yield found({ ...item, kind: "quota-usage", value: quota.usage }, null);
}

function* unreadQuota(root: ByteString | null, problem: ReadProblem): Generator<ItemReading> {
  yield unread("quota", "", root, problem);
  yield unread("quota-usage", "", root, null);
}

async function* readAnnotations(path: ByteString, { byId, byName }: Mailboxes): AsyncGenerator<ItemReading> {
  const read = await readOptional(path, readDatabase, ({ entries }) => entries);
  if (read.status === "unread") yield unread("annotation", null, null, read.problem);
  for (const entry of read.status === "read" ? read.value : []) {
    const annotation = decoded(() => decodeAnnotation(entry, path), path);
    // Whose it is cannot be told for certain, so those of nobody are.
    if (annotation.status === "unread") yield unread("annotation", null, null, annotation.problem);
    if (annotation.status !== "read" || annotation.value === null || !isReplicated(annotation.value.entry)) continue;
    const { where } = annotation.value;
    const ref = where === "" ? null : (byId.get(where) ?? byName.get(where));
    if (ref !== undefined) yield found(annotationItem(annotation.value, ref?.name ?? null, null), ref);
  }
}

/** Reads the first of some places where there is a database. */
async function readFirst<T>(
  paths: readonly ByteString[],
  decode: (snapshot: DatabaseSnapshot, path: ByteString) => T,
): Promise<Optional<T>> {
  for (const path of paths) {
    const read = await readOptional(path, readDatabase, (snapshot) => decode(snapshot, path));
    if (read.status !== "absent") return read;
  }
  return { status: "absent" };
}

function decoded<T>(decode: () => T, path: ByteString): Optional<T> {
  try {
    return { status: "read", value: decode() };
  } catch (error) {
    return failureOf(error, path);
  }
}

function found(item: Item, ref: MailboxRef | null): ItemReading {
  const mailbox = ref === null ? null : { uniqueId: ref.uniqueId, name: ref.name };
  return { status: "read", item: { ...item, mailbox } };
}

function unread(
  kind: UnreadKind,
  owner: ByteString | null,
  key: ByteString | null,
  problem: ReadProblem | null,
): ItemReading {
  return { status: "unread", unread: { kind, mailbox: null, owner, key }, problem };
}
