import type { Item } from "../mail/item.ts";
import type { MailboxReading, MailboxStatus, ReadProblem } from "../mail/mailbox.ts";
import { NOT_LOOKED_AT } from "../mail/message.ts";
import { sumsOf } from "../mail/message-sums.ts";
import { noMessages, uidOf, withFiles } from "../mail/packed-messages.ts";
import type { IndexSnapshot, LiveRecords, MessageAnnotation } from "../store/mail-store.ts";
import type { MailboxFiles } from "./files/mailbox-files.ts";
import type { ScanItem } from "./scan-task.ts";

/** Problems of single files that are kept of one mailbox; each message's own row says what is wrong with it anyway. */
const MOST_PROBLEMS = 1000;

const NOTHING_KNOWN = { file: NOT_LOOKED_AT, stat: null, remark: null };

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
  rest: Pick<MailboxReading, "problems" | "bytesRead" | "filesRead">,
): MailboxReading {
  const { live, annotations } = snapshot;
  const problems = [...rest.problems, ...snapshot.problems];
  if (annotations.status === "unread") problems.push(annotations.problem);
  const fileOf = (row: number) => {
    const uid = uidOf(live, row);
    const result = files?.resultOf(uid) ?? NOTHING_KNOWN;
    if (result.remark !== null && problems.length < MOST_PROBLEMS) {
      problems.push({ what: "message", uid, ...result.remark });
    }
    return result;
  };
  const rows = files?.takeRows(live) ?? null;
  const { count, core, ext, flagTexts } = live;
  const messages =
    rows === null ? withFiles(live, files === null ? undefined : fileOf) : { count, core, ext, flagTexts, ...rows };
  return {
    ...identityOf(item),
    // Here, in a worker: of all that a scan does only writing rows is left to the one main thread.
    sums: sumsOf(messages, snapshot.expunged),
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
    messages,
    expunged: snapshot.expunged,
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

function annotationsOf(annotations: readonly MessageAnnotation[], live: LiveRecords): Item[] {
  const uids = new Set<number>();
  for (let row = 0; annotations.length > 0 && row < live.count; row++) uids.add(uidOf(live, row));
  return annotations.filter(({ uid }) => uids.has(uid)).map(({ item }) => item);
}
