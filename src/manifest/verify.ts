import { ManifestError } from "../errors.ts";
import type { ExpungedMessage, Message } from "../mail/message.ts";
import { MessagePacker, noMessages, type PackedMessages } from "../mail/packed-messages.ts";
import { type MessageRollups, rollUp } from "../mail/rollups.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { guard } from "../sqlite/database.ts";
import { isFaulty } from "./facts.ts";
import type { ManifestRows } from "./manifest-rows.ts";
import type { ManifestReader } from "./reader.ts";
import { FileStatSeal, fileStatDigest, type SealRow, sealMessages, sealTables } from "./seal.ts";
import { countRows, SEALED_TABLES, selectMailboxSeals } from "./statements.ts";

/** What a whole manifest was found to hold. */
export interface VerifiedTotals {
  readonly mailboxes: number;
  readonly messages: number;
  readonly expunged: number;
  /** True where the stats of files were taken out, as may be done with a copy for another host. */
  readonly withoutStats: boolean;
}

/**
 * Reads every row of a manifest and computes every digest again: page structure, values, rollups of each mailbox, seal.
 *
 * @throws {ManifestError} naming the first thing that does not fit
 */
export function verifyManifest(manifest: ManifestReader): VerifiedTotals {
  checkPages(manifest);
  const fileStat = new FileStatSeal();
  const totals = { mailboxes: 0, messages: 0, expunged: 0 };
  for (const id of mailboxIds(manifest)) {
    const mailbox = verifyMailbox(manifest, id);
    fileStat.add(mailbox.statDigest, mailbox.stats);
    totals.mailboxes++;
    totals.messages += mailbox.messages;
    totals.expunged += mailbox.expunged;
  }
  const { db, schema, path } = manifest;
  const counts = { message: totals.messages, expunged: totals.expunged };
  const found = guard(path, () => [...sealTables(db, schema), ...sealMessages(db, schema, counts)]);
  const withoutStats = hasNoStats(manifest);
  checkSeal(manifest, withoutStats ? found : [...found, fileStat.finish()]);
  if (manifest.facts.mailboxes !== totals.mailboxes || manifest.facts.messages !== totals.messages) {
    fail(manifest, "the totals of its own first row are not those of its rows");
  }
  return { ...totals, withoutStats };
}

/** True where the table `file_stat` is empty and was not. Nothing of it is compared, nor anything by means of it. */
function hasNoStats({ db, schema, seal, path }: ManifestReader): boolean {
  const sealed = seal.find(({ name }) => name === "file_stat")?.rows ?? 0n;
  return sealed > 0n && guard(path, () => db.prepare(countRows(schema, "file_stat")).pluck().get()) === 0;
}

/** What one mailbox was found to hold. */
export interface VerifiedMailbox {
  readonly messages: number;
  readonly expunged: number;
  /** Sizes of the messages, as the index has them. */
  readonly bytes: bigint;
  /** Rows of `file_stat`, and their part of its seal. */
  readonly stats: number;
  readonly statDigest: Buffer;
}

/**
 * Reads all rows of one mailbox and its messages, and computes their digests and rollups again.
 *
 * @throws {ManifestError} naming the first thing that does not fit
 */
export function verifyMailbox(manifest: ManifestRows, id: number): VerifiedMailbox {
  const { facts, rows } = manifest.mailbox(id);
  const messages = readMessages(manifest, facts, id);
  const expunged = manifest.expunged(id);
  checkMailbox(manifest, facts, rows, messages, expunged);
  const { packed, bytes, stats } = messages;
  const statDigest = fileStatDigest(id, packed);
  return { messages: packed.count, expunged: expunged.length, bytes, stats, statDigest };
}

/**
 * Checks the rows of one mailbox against its own digest; for a comparison, which reads only some mailboxes.
 *
 * @throws {ManifestError} when a row was changed, lost or added
 */
export function verifyMailboxRows(manifest: ManifestReader, mailboxId: number): void {
  const { facts, rows } = manifest.mailbox(mailboxId);
  const packer = new MessagePacker(facts.counted?.exists ?? 0);
  for (const message of inOrder(manifest, facts, manifest.messages(mailboxId))) packer.add(message, null);
  checkRows(manifest, facts, rows, rollUp(packer.finish(), manifest.expunged(mailboxId)));
}

/**
 * Checks the digests over the small tables and the rows of `mailbox`: all that a comparison takes without asking. Their
 * indexes are checked too: a digest over the rows says nothing of them, and a row that an index has lost is found
 * neither in a pair nor without a partner.
 *
 * @param tables which of them; all if not said
 */
export function verifyTables(manifest: ManifestReader, tables = SEALED_TABLES.map(([table]) => table)): void {
  for (const table of tables) checkPages(manifest, table);
  checkSeal(
    manifest,
    guard(manifest.path, () => sealTables(manifest.db, manifest.schema, tables)),
  );
}

interface Packed {
  readonly packed: PackedMessages;
  readonly faults: number;
  readonly bytes: bigint;
  readonly stats: number;
}

function readMessages(manifest: ManifestRows, facts: MailboxFacts, id: number): Packed {
  let packer: MessagePacker | null = null;
  let faults = 0;
  let bytes = 0n;
  let stats = 0;
  for (const message of inOrder(manifest, facts, manifest.messagesWithStat(id))) {
    packer ??= new MessagePacker(64);
    packer.add(message, message.stat);
    if (message.stat !== null) stats++;
    if (isFaulty(message, message.file)) faults++;
    bytes += message.sizeBytes;
  }
  const packed = packer?.finish() ?? noMessages();
  return { packed, faults, bytes, stats };
}

/** SQLite takes the order of a damaged page for what it should be: rows come twice, or those of another mailbox. */
function* inOrder<M extends Message>(manifest: ManifestRows, facts: MailboxFacts, messages: Iterable<M>): Generator<M> {
  let last = 0;
  for (const message of messages) {
    if (message.uid <= last) fail(manifest, `the rows of mailbox ${name(facts)} are out of order`);
    last = message.uid;
    yield message;
  }
}

function checkMailbox(
  manifest: ManifestRows,
  facts: MailboxFacts,
  rows: Uint8Array | null,
  messages: Packed,
  expunged: readonly ExpungedMessage[],
): void {
  const found = rollUp(messages.packed, expunged);
  checkRows(manifest, facts, rows, found);
  const { core, ext, content } = facts.rollups;
  const wrong =
    (core !== null && Buffer.compare(core, found.core) !== 0) ||
    (ext !== null && Buffer.compare(ext, found.ext) !== 0) ||
    (content !== null && (messages.faults > 0 || Buffer.compare(content, found.content) !== 0));
  if (wrong) fail(manifest, `a rollup of mailbox ${name(facts)} is not that of its rows`);
  if (facts.fileFaults !== null && facts.fileFaults !== messages.faults) {
    fail(manifest, `mailbox ${name(facts)} counts ${facts.fileFaults} faulty files, its rows ${messages.faults}`);
  }
}

function checkRows(manifest: ManifestRows, facts: MailboxFacts, rows: Uint8Array | null, found: MessageRollups): void {
  if (rows === null || Buffer.compare(rows, found.rows) !== 0) {
    fail(manifest, `the rows of mailbox ${name(facts)} are not those that were sealed`);
  }
}

function checkSeal(manifest: ManifestReader, found: readonly SealRow[]): void {
  for (const row of found) {
    const sealed = manifest.seal.find((s) => s.name === row.name);
    if (sealed === undefined || sealed.rows !== row.rows || Buffer.compare(sealed.digest, row.digest) !== 0) {
      fail(manifest, `the rows of table ${row.name} are not those that were sealed`);
    }
  }
  for (const table of ["message", "expunged", "file_stat"]) {
    const sealed = found.find((s) => s.name === table);
    if (sealed === undefined) continue;
    const count = guard(manifest.path, () => manifest.db.prepare(countRows(manifest.schema, table)).pluck().get());
    if (BigInt(count as number) !== sealed.rows) fail(manifest, `table ${table} has rows of no mailbox`);
  }
}

/** Checks the pages of one table and its indexes, or of the whole file. */
export function checkPages(manifest: ManifestRows, table: string | null = null): void {
  const found = guard(manifest.path, () =>
    manifest.db.pragma(`${manifest.schema}.integrity_check(${table ?? 1})`, { simple: true }),
  );
  if (found !== "ok") fail(manifest, `SQLite finds: ${String(found).slice(0, 200)}`);
}

function mailboxIds(manifest: ManifestReader): number[] {
  return guard(manifest.path, () => manifest.db.prepare(selectMailboxSeals(manifest.schema)).pluck().all()) as number[];
}

function name(facts: MailboxFacts): string {
  return JSON.stringify(facts.name);
}

function fail(manifest: ManifestRows, found: string): never {
  throw new ManifestError(`Cannot use "${manifest.path}": ${found}`, {
    hint: "The file was damaged or altered: copy it again from the host that wrote it, or scan there anew",
  });
}
