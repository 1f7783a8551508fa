import { createHash } from "node:crypto";
import { flagNames } from "../../../mail/flags.ts";
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

/** What a `#sieve` says of its user's scripts. */
export interface SieveMailbox {
  readonly scripts: readonly Item[];
  /** Which one is flagged as active, as the link in the user's directory also says. */
  readonly active: Item | null;
}

/**
 * The scripts in a user's `#sieve`, so that they can be held against a host that keeps them in a directory; null where
 * they could not be read, which is part of what is found of that mailbox.
 */
export function readSieveMailbox(ref: MailboxRef, owner: ByteString): SieveMailbox | null {
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

function scriptsOf(ref: MailboxRef, owner: ByteString, snapshot: IndexSnapshot): SieveMailbox | null {
  const items = new Map<ByteString, Item>();
  let active: Item | null = null;
  for (let row = 0; row < snapshot.live.count; row++) {
    const record = unpackRecord(snapshot.live, row);
    const bytes = contentOf(ref, record.uid);
    if (bytes === null) return null;
    const script = decodeSieveMessage(bytes);
    if (script === null) continue;
    const key = `${script.name}.script`;
    const value = createHash("sha1").update(script.source).digest("hex");
    // Of two with one name the later counts, as for the server.
    const item = { kind: "sieve", owner, mtime: record.internalDate, modseq: null } as const;
    items.set(key, { ...item, key, value });
    if (flagNames(record.flags).includes("\\flagged")) active = { ...item, key: "active", value: script.name };
  }
  return { scripts: [...items.values()], active };
}

function contentOf({ messageDirectories }: MailboxRef, uid: number): Buffer | null {
  for (const directory of messageDirectories) {
    const file = readMetaFile(`${directory}/${cyrusMailboxReader.messageFileName(uid)}`, MAX_SCRIPT_BYTES);
    if (file.status !== "absent") return file.status === "read" ? file.bytes : null;
  }
  return null;
}
