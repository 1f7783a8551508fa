import { createHash } from "node:crypto";
import type { Item } from "../../../mail/item.ts";
import type { ByteString } from "../../../mail/name.ts";
import { unpackRecord } from "../../../mail/packed-messages.ts";
import type { IndexReading, IndexSnapshot, MailboxRef } from "../../mail-store.ts";
import { readMetaFile } from "../meta-file.ts";
import { cyrusMailboxReader } from "../reader.ts";
import { decodeSieveMessage } from "./sieve-message.ts";

const MAX_SCRIPT_BYTES = 16 * 1024 * 1024;
/** A mailbox that is written to is consistent again within moments. */
const ATTEMPTS = 3;

/**
 * The sources of the scripts in a user's `#sieve`, so that they can be held against a host that keeps them in a
 * directory; null where they could not be read, which is part of what is found of that mailbox.
 */
export function readSieveMailbox(ref: MailboxRef, owner: ByteString): Item[] | null {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const reading = cyrusMailboxReader.readIndex(ref);
    const snapshot = reading.status === "read" ? reading.snapshot : attempt === ATTEMPTS ? acceptable(reading) : null;
    const items = snapshot === null ? null : scriptsOf(ref, owner, snapshot);
    if (items !== null) return items;
  }
  return null;
}

/** Counters that stay wrong say nothing against the records. */
function acceptable(reading: IndexReading): IndexSnapshot | null {
  return reading.status === "inconsistent" && reading.accept.status === "read" ? reading.accept.snapshot : null;
}

function scriptsOf(ref: MailboxRef, owner: ByteString, snapshot: IndexSnapshot): Item[] | null {
  const items = new Map<ByteString, Item>();
  for (let row = 0; row < snapshot.live.count; row++) {
    const record = unpackRecord(snapshot.live, row);
    const bytes = contentOf(ref, record.uid);
    if (bytes === null) return null;
    const script = decodeSieveMessage(bytes);
    if (script === null) continue;
    const key = `${script.name}.script`;
    const value = createHash("sha1").update(script.source).digest("hex");
    // Of two with one name the later counts, as for the server.
    items.set(key, { kind: "sieve", owner, key, value, mtime: record.internalDate, modseq: null });
  }
  return [...items.values()];
}

function contentOf({ messageDirectories }: MailboxRef, uid: number): Buffer | null {
  for (const directory of messageDirectories) {
    const file = readMetaFile(`${directory}/${cyrusMailboxReader.messageFileName(uid)}`, MAX_SCRIPT_BYTES);
    if (file.status !== "absent") return file.status === "read" ? file.bytes : null;
  }
  return null;
}
