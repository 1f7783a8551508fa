import { hash } from "node:crypto";
import { statSync } from "node:fs";
import type { ByteString } from "../mail/name.ts";
import type { MailboxRef } from "../store/mail-store.ts";

/**
 * Age that a change must have when a file is looked at: another one within the same tick of the file system's clock
 * would leave every time as it is.
 */
const SETTLED_MS = 2000;

/** What the files of a mailbox were like at one moment. */
export interface Trace {
  readonly digest: Buffer;
  /** False where the next change might not show. */
  readonly settled: boolean;
}

/**
 * Looks at the files and directories of a mailbox, without reading them, and at its entry in the list: while the digest
 * is the same, nothing of the mailbox has changed but, in place, the bytes of a message.
 *
 * @returns null where something could not be looked at
 */
export function traceOf(ref: MailboxRef): Trace | null {
  // All of it is digested at once: a call for each part costs more than the digest.
  let text = entryText(ref);
  let newestNs = 0n;
  try {
    for (const path of pathsOf(ref)) {
      const stat = statSync(Buffer.from(path, "latin1"), { bigint: true, throwIfNoEntry: false });
      if (stat === undefined) {
        text += "\nnone";
        continue;
      }
      const { dev, ino, size, mtimeNs, ctimeNs } = stat;
      text += `\n${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
      if (ctimeNs > newestNs) newestNs = ctimeNs;
    }
  } catch {
    // Whatever it is: who reads the mailbox will find and say it.
    return null;
  }
  const settled = newestNs < BigInt(Date.now() - SETTLED_MS) * 1_000_000n;
  return { digest: hash("sha256", text, "buffer"), settled };
}

function pathsOf(ref: MailboxRef): ByteString[] {
  return [...metadataFilesOf(ref), ...ref.messageDirectories];
}

/** Files that hold what is known of a mailbox beside its messages. Some need not be there. */
function metadataFilesOf(ref: MailboxRef): ByteString[] {
  return [ref.indexFile, ref.headerFile, ref.annotationsFile, ref.expungeFile];
}

/** How long the files are that hold what is known of a mailbox beside its messages. */
export function metadataBytes(ref: MailboxRef): number {
  let bytes = 0;
  for (const path of metadataFilesOf(ref)) {
    try {
      bytes += statSync(Buffer.from(path, "latin1"), { throwIfNoEntry: false })?.size ?? 0;
    } catch {
      // Who reads it will find and say what is wrong with it.
    }
  }
  return bytes;
}

/** All that the list says of a mailbox, and where it lies. */
function entryText(ref: MailboxRef): string {
  const { name, uniqueId, listing } = ref;
  const { foldermodseq, createdModseq, ...rest } = listing;
  const modseqs = [String(foldermodseq), String(createdModseq)];
  return JSON.stringify([name, uniqueId, rest, modseqs, pathsOf(ref), ref.messageRoots]);
}
