import type { Item } from "../mail/item.ts";
import type { MailboxReading, MailboxStatus, ReadProblem } from "../mail/mailbox.ts";
import type { ExpungedMessage } from "../mail/message.ts";
import { type Message, NOT_LOOKED_AT } from "../mail/message.ts";
import { MessagePacker, noMessages } from "../mail/packed-messages.ts";
import type { AnnotationsReading, IndexRecord, IndexSnapshot, MessageAnnotation } from "../store/mail-store.ts";
import type { FileResult } from "./file-results.ts";
import type { MailboxFiles } from "./mailbox-files.ts";
import type { ScanItem } from "./scan-task.ts";

/** Problems of single files that are kept of one mailbox; each message's own row says what is wrong with it anyway. */
const MOST_PROBLEMS = 1000;

/** The reading of a mailbox that could not be read, with the reason for people. */
export function readingWithout(
  item: Pick<ScanItem, "ref" | "listed">,
  status: Exclude<MailboxStatus, "read">,
  found: string,
  problems: readonly ReadProblem[] = [],
): MailboxReading {
  return {
    ...identityOf(item),
    status,
    found,
    readAtMs: Date.now(),
    filesMtimeMs: null,
    header: null,
    stored: null,
    counted: null,
    quotaRoot: null,
    keywords: [],
    messages: noMessages(),
    expunged: [],
    orphans: [],
    annotations: null,
    problems,
    bytesRead: 0n,
    filesRead: 0,
  };
}

/**
 * The reading of a mailbox by an accepted snapshot of its index.
 *
 * @param files what is known of its message files; null at level `index`
 */
export function readingOf(
  item: ScanItem,
  snapshot: IndexSnapshot,
  files: MailboxFiles | null,
  annotations: AnnotationsReading,
  rest: Pick<MailboxReading, "problems" | "bytesRead" | "filesRead">,
): MailboxReading {
  const packer = new MessagePacker(Math.min(snapshot.counted.exists, snapshot.recordCount));
  const expunged: ExpungedMessage[] = [];
  const problems = [...rest.problems];
  if (annotations.status === "unread") problems.push(annotations.problem);
  const annotated = annotations.status === "read" && annotations.annotations.length > 0;
  const live = new Set<number>();
  for (let i = 0; i < snapshot.recordCount; i++) {
    const record = snapshot.record(i);
    if (record.expunged) {
      expunged.push(expungedOf(record));
      continue;
    }
    if (annotated) live.add(record.uid);
    const result = files?.resultOf(record.uid) ?? null;
    packer.add(messageOf(record, result), result?.stat ?? null);
    const problem = result === null ? null : problemOf(record.uid, result);
    if (problem !== null && problems.length < MOST_PROBLEMS) problems.push(problem);
  }
  return {
    ...identityOf(item),
    uniqueId: item.ref.uniqueId ?? snapshot.uniqueId,
    status: "read",
    found: null,
    readAtMs: snapshot.readAtMs,
    filesMtimeMs: snapshot.filesMtimeMs,
    header: snapshot.header,
    stored: snapshot.stored,
    counted: snapshot.counted,
    quotaRoot: snapshot.quotaRoot,
    keywords: snapshot.flagNames.filter((name) => name !== null),
    messages: packer.finish(),
    expunged,
    orphans: [],
    annotations: annotations.status === "read" ? annotationsOf(annotations.annotations, live) : null,
    ...rest,
    problems,
  };
}

function identityOf({ ref, listed }: Pick<ScanItem, "ref" | "listed">) {
  return {
    name: ref.name,
    uniqueId: ref.uniqueId,
    listed,
    listing: listed ? ref.listing : null,
    directories: ref.messageDirectories,
  };
}

function messageOf(record: IndexRecord, result: FileResult | null): Message {
  const { expunged: _, archived: __, unlinked: ___, ...facts } = record;
  const file = result?.file ?? NOT_LOOKED_AT;
  return { ...facts, file };
}

function annotationsOf(annotations: readonly MessageAnnotation[], live: ReadonlySet<number>): Item[] {
  return annotations.filter(({ uid }) => live.has(uid)).map(({ item }) => item);
}

function expungedOf({ uid, modseq, lastUpdated, guid }: IndexRecord): ExpungedMessage {
  // A copy: `guid` may be a view into the whole index.
  return { uid, modseq, lastUpdated, guid: guid === null ? null : Uint8Array.from(guid) };
}

/** A missing file is said by its row; of everything else there is more to say. */
function problemOf(uid: number, { remark }: FileResult): ReadProblem | null {
  return remark === null ? null : { what: "message", uid, ...remark };
}
