/** Reads the items of a store: what belongs to users first, then quota roots, then annotations. */
import type { Item } from "../../../mail/item.ts";
import type { ReadProblem } from "../../../mail/mailbox.ts";
import { type ByteString, ownerOf } from "../../../mail/name.ts";
import type { ItemReading, MailboxList, MailboxRef } from "../../mail-store.ts";
import type { CyrusConfig } from "../config.ts";
import { type DatabaseSnapshot, readDatabase } from "../cyrusdb/read-database.ts";
import { lstatOrNull } from "../meta-file.ts";
import { shortened } from "./annotation-item.ts";
import { checkLength } from "./check-length.ts";
import { indexSeenOf } from "./index-seen.ts";
import { found, unread } from "./item-reading.ts";
import { listDirectory } from "./list-directory.ts";
import { readMailboxAnnotations } from "./mailbox-annotations.ts";
import { Mailboxes } from "./mailboxes.ts";
import { readModseqCounter } from "./modseq-counter.ts";
import { decodeQuota, type Quota } from "./quota.ts";
import { findQuotaFiles, readQuotaFile } from "./quota-files.ts";
import { decoded, itemsProblem, type Optional, readOptional } from "./read-optional.ts";
import { decodeSeenStates } from "./seen-state.ts";
import { readSieveMailbox } from "./sieve-mailbox.ts";
import { readSieveScripts } from "./sieve-scripts.ts";
import { decodeSubscriptions } from "./subscriptions.ts";
import { type StoreUser, sieveDirectories, userDatabases } from "./user-files.ts";
import { findUsers } from "./users.ts";

/** Some ten thousand ranges. */
const LONGEST_SEQUENCE = 128 * 1024;

/** Reads all items; each failure is one of the readings, and the others go on. */
export async function* readCyrusItems(config: CyrusConfig, list: MailboxList): AsyncGenerator<ItemReading> {
  if (list.unread !== undefined) {
    // Who has which mailbox is not known, and with it where the files lie. That the list is unread is the finding.
    for (const kind of ["subscription", "seen", "sieve", "annotation"] as const)
      yield unread(kind, null, null, null, null);
    yield* readQuotas(config);
    return;
  }
  const mailboxes = new Mailboxes(list.mailboxes);
  const listEntries = async () => (await readDatabase(config.mailboxListPath)).entries;
  const { users, problems } = await findUsers(config, list, listEntries);
  // Whose files lie in there is not known, so those of nobody are.
  for (const problem of problems) {
    yield unread("subscription", null, null, null, problem);
    yield unread("seen", null, null, null, problem);
  }
  // A server that keeps scripts in mailboxes has all there is to know of them there.
  if (config.sieveDirectory === null && !list.mailboxes.some(({ listing }) => listing.type?.startsWith("f"))) {
    yield unread("sieve", null, null, null, sievePlaceProblem(config));
  }
  const refused: ReadProblem[] = [];
  if (config.sieveDirectory !== null) listDirectory(config.sieveDirectory, refused);
  for (const problem of refused) yield unread("sieve", null, null, null, problem);
  const { inSql } = config;
  yield* unreadInSql(config);
  for (const user of users) {
    if (!inSql.has("subscription_db")) yield* readSubscriptions(config, user);
    if (!inSql.has("seenstate_db")) yield* readSeenStates(config, user, mailboxes);
    yield* readScripts(config, user, mailboxes);
    yield* readCounter(userDatabases(config, user, "counters"), user.name);
  }
  yield* readCounter([`${config.configDirectory}/shared.counters`], "");
  yield* readQuotas(config);
  if (!inSql.has("annotation_db")) yield* readMailboxAnnotations(config.annotationListPath, mailboxes);
}

/** What is lost with a back end that is no file here; of quotas see {@link readQuotas}, of the mailbox list its store. */
const KINDS_OF_SETTING = {
  subscription_db: ["subscription"],
  seenstate_db: ["seen"],
  annotation_db: ["annotation", "message-annotation"],
} as const;

function* unreadInSql(config: CyrusConfig): Generator<ItemReading> {
  for (const [setting, kinds] of Object.entries(KINDS_OF_SETTING)) {
    if (!config.inSql.has(setting)) continue;
    for (const kind of kinds) yield unread(kind, null, null, null, sqlProblem(config, setting));
  }
}

function sqlProblem({ configDirectory }: CyrusConfig, setting: string): ReadProblem {
  return itemsProblem(configDirectory, null, `by "${setting}: sql" they are kept in an SQL database`);
}

async function* readSubscriptions(config: CyrusConfig, user: StoreUser): AsyncGenerator<ItemReading> {
  const owner = user.name;
  const read = await readFirst(userDatabases(config, user, "sub"), ({ entries, mtimeMs }, path) =>
    decodeSubscriptions(entries, user.inbox, path).map(
      (key): Item => ({
        ...{ kind: "subscription", owner, key, value: "" },
        ...{ mtime: Math.floor(mtimeMs / 1000), modseq: null },
      }),
    ),
  );
  if (read.status === "unread") yield unread("subscription", null, owner, null, read.problem);
  if (read.status === "read") for (const item of read.value) yield found(item, null);
}

async function* readSeenStates(
  config: CyrusConfig,
  user: StoreUser,
  mailboxes: Mailboxes,
): AsyncGenerator<ItemReading> {
  const owner = user.name;
  const read = await readFirst(userDatabases(config, user, "seen"), ({ entries }, path) =>
    decodeSeenStates(entries, path),
  );
  if (read.status === "unread") yield unread("seen", null, owner, null, read.problem);
  for (const { uniqueId, uids, lastRead } of read.status === "read" ? read.value : []) {
    const ref = uids === "" ? undefined : mailboxes.byId.get(uniqueId);
    if (ref === undefined || !counts(ref, owner)) continue;
    const value = shortened(uids, LONGEST_SEQUENCE);
    yield found({ kind: "seen", owner, key: "", value, mtime: lastRead, modseq: null }, ref);
  }
}

/** Whether what a user's database says of a mailbox is what he sees. */
function counts(ref: MailboxRef, user: ByteString): boolean {
  const inIndex = indexSeenOf(ref);
  return inIndex === "nobody" || (inIndex === "owner" && ownerOf(ref.name) !== user);
}

/** Since 3.6 the sources are messages of `#sieve`, and only which script is active shows in the directory. */
async function* readScripts(config: CyrusConfig, user: StoreUser, mailboxes: Mailboxes): AsyncGenerator<ItemReading> {
  const sieve = mailboxes.sieveOf(user.inbox);
  if (sieve !== undefined && sieve.nowhere === undefined) {
    const read = readSieveMailbox(sieve, user.name);
    if (read === null) yield unread("sieve", sieve, user.name, null, null);
    for (const item of read?.scripts ?? []) yield found(item, sieve);
    if (config.sieveDirectory === null && read?.active) yield found(read.active, null);
  }
  if (config.sieveDirectory === null) return;
  for (const directory of sieveDirectories(config, config.sieveDirectory, user)) {
    const read = readSieveScripts(directory, user.name, sieve === undefined);
    if (read.status === "absent") continue;
    if (read.status === "unread") yield unread("sieve", null, user.name, null, read.problem);
    else for (const item of read.value) yield found(item, null);
    return;
  }
}

function sievePlaceProblem({ files, configDirectory }: CyrusConfig): ReadProblem {
  const [conf] = files;
  return conf === undefined
    ? itemsProblem(configDirectory, null, "no configuration file says where sieve scripts lie")
    : itemsProblem(conf, null, "sieveusehomedir: scripts lie in the users' home directories, which are not read");
}

async function* readQuotas(config: CyrusConfig): AsyncGenerator<ItemReading> {
  if (config.inSql.has("quota_db")) {
    yield* unreadQuota(null, sqlProblem(config, "quota_db"));
    return;
  }
  const list = `${config.configDirectory}/quotas.db`;
  // Without a configuration nothing says which of the two it is.
  const isList = config.files.length === 0 && lstatOrNull(list) !== null;
  const path = config.quotaListPath ?? (isList ? list : null);
  yield* path === null ? readQuotaFiles(config) : readQuotaList(path);
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
  yield unread("quota", null, "", root, problem);
  yield unread("quota-usage", null, "", root, null);
}

function* readCounter(paths: readonly ByteString[], owner: ByteString): Generator<ItemReading> {
  const counter = readModseqCounter(paths, owner);
  if (counter !== null) yield found(counter, null);
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
