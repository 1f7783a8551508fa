/**
 * Reading of `cyrus.expunge`: where Cyrus before 2.4 keeps the records of expunged messages until they are cleaned up,
 * in the form of a `cyrus.index`. Their files stay in the directory of the mailbox.
 *
 * @see cyrus-imapd 2.3 `imap/mailbox.c`, mailbox_expunge
 */
import { CorruptStoreError } from "../../errors.ts";
import type { ReadProblem } from "../../mail/mailbox.ts";
import type { ExpungedMessage } from "../../mail/message.ts";
import type { ByteString } from "../../mail/name.ts";
import { decodeIndex, expungedMessage, recordOffset, unsupportedIndex } from "./index-file.ts";
import { type MetaFileReading, readMetaFile, sameFile } from "./meta-file.ts";

/** What one read call can return. */
const MAX_BYTES = 2 ** 31 - 1;

/** The expunged records of a mailbox; where there is no such file, there are none. */
export interface ExpungeReading {
  readonly file: MetaFileReading;
  readonly expunged: readonly ExpungedMessage[];
  /** Why it is not known what is expunged. */
  readonly problem: ReadProblem | null;
}

/** Reads the file. Nothing is thrown for what lies on disk. */
export function readExpungeFile(path: ByteString, lastUid: number): ExpungeReading {
  const file = readMetaFile(path, MAX_BYTES);
  const unread = (found: string, errno: string | null = null): ExpungeReading => {
    const problem = { what: "expunge", path, uid: null, errno, found: `cyrus.expunge: ${found}` };
    return { file, expunged: [], problem };
  };
  switch (file.status) {
    case "absent":
      return { file, expunged: [], problem: null };
    case "unreadable":
      return unread(`the system refuses it (${file.errno})`, file.errno);
    case "not-regular":
      return unread(`it is ${file.found}`);
    case "too-large":
      return unread(file.found);
    case "read":
      try {
        const unsupported = unsupportedIndex(file.bytes);
        if (unsupported !== null) return unread(unsupported);
        return { file, expunged: decodeExpunged(file.bytes, path, lastUid), problem: null };
      } catch (error) {
        if (!(error instanceof CorruptStoreError)) throw error;
        return unread(error.offset === null ? error.found : `${error.found} (at byte ${error.offset})`);
      }
  }
}

/** True if nothing has happened to the file since it was read. */
export function isExpungeFileUnchanged(path: ByteString, before: MetaFileReading): boolean {
  const now = readMetaFile(path, MAX_BYTES);
  if (before.status !== "read" || now.status !== "read") return before.status === now.status;
  return (
    sameFile(now.after, before.after) && now.after.mtimeNs === before.after.mtimeNs && now.bytes.equals(before.bytes)
  );
}

/**
 * Decodes the records.
 *
 * @param lastUid of the index that the file belongs to
 * @throws {CorruptStoreError} when the file is no index, or a record cannot be right
 */
export function decodeExpunged(bytes: Buffer, path: ByteString, lastUid: number): ExpungedMessage[] {
  const index = decodeIndex(bytes, path);
  const expunged: ExpungedMessage[] = [];
  let previous = 0;
  for (let i = 0; i < index.recordCount; i++) {
    const at = recordOffset(index.layout, i);
    const message = expungedMessage(index, at);
    if (message.uid <= previous) throw new CorruptStoreError(path, "UIDs do not come in ascending order", at);
    if (message.uid > lastUid) throw new CorruptStoreError(path, "a UID is above the last one of cyrus.index", at);
    if ((message.modseq ?? 0n) >= 1n << 63n) throw new CorruptStoreError(path, "a modseq is 2^63 or more", at);
    previous = message.uid;
    expunged.push(message);
  }
  return expunged;
}

/** Two lists in ascending UID order as one; of two with one UID the first counts. */
export function mergeExpunged(
  first: readonly ExpungedMessage[],
  second: readonly ExpungedMessage[],
): readonly ExpungedMessage[] {
  if (first.length === 0 || second.length === 0) return first.length === 0 ? second : first;
  const byUid = new Map([...second, ...first].map((message) => [message.uid, message]));
  return [...byUid.values()].sort((a, b) => a.uid - b.uid);
}
