import { createHash } from "node:crypto";
import fs from "node:fs";
import type { MailboxReading } from "../src/mail/mailbox.ts";
import { MessagePacker } from "../src/mail/packed-messages.ts";
import { beginManifest } from "../src/manifest/begin.ts";
import type { ManifestIdentity } from "../src/manifest/manifest-row.ts";
import { createRandom, type Random } from "./random.ts";

/** Two manifests of one state, without any spool behind them. */
export interface LargePair {
  readonly messages: number;
  readonly primary: string;
  readonly replica: string;
}

const MESSAGES_PER_MAILBOX = 250;
const SCANNED_AT_MS = 1_700_000_000_000;
const DELIVERED = 1_690_000_000;
const NO_COUNTERS = { answered: 0, flagged: 0, deleted: 0, syncCrcBasic: 0, syncCrcAnnot: 0 };

/** Writes, or takes from an earlier run, two manifests of `messages` messages that agree, the replica's scan first. */
export function ensureLargePair(messages: number, directory: string, say: (line: string) => void): LargePair {
  fs.mkdirSync(directory, { recursive: true });
  const pair = {
    messages,
    primary: `${directory}/primary-${messages}.db`,
    replica: `${directory}/replica-${messages}.db`,
  };
  if (fs.existsSync(pair.primary) && fs.existsSync(pair.replica)) return pair;
  say(`Writing two manifests of ${messages} messages to ${directory}`);
  const replicaId = "b".repeat(32);
  writeSide(
    pair.replica,
    messages,
    { id: replicaId, host: "mx2", instance: "2".repeat(64), role: "replica", afterId: null },
    0,
  );
  const primary = {
    id: "a".repeat(32),
    host: "mx1",
    instance: "1".repeat(64),
    role: "primary",
    afterId: replicaId,
  } as const;
  writeSide(pair.primary, messages, primary, 60_000);
  return pair;
}

type Side = Pick<ManifestIdentity, "id" | "host" | "instance" | "role" | "afterId">;

function writeSide(path: string, messages: number, side: Side, laterMs: number): void {
  const startedAtMs = SCANNED_AT_MS + laterMs;
  const { writer } = beginManifest(path, "full", { terms: {}, startedAtMs, restart: true });
  const random = createRandom(11);
  for (let number = 0; number * MESSAGES_PER_MAILBOX < messages; number++)
    writer.mailbox(mailboxOf(number, startedAtMs, random));
  const times = {
    startedAtMs,
    listReadAtMs: startedAtMs,
    itemsReadAtMs: startedAtMs,
    finishedAtMs: startedAtMs + 30_000,
  };
  const options = { include: [], exclude: [], workers: 2 };
  writer.finish({ ...side, store: "cyrus", tool: "spooldiff bench", level: "full", narrowed: false, options }, times);
}

function mailboxOf(number: number, readAtMs: number, random: Random): MailboxReading {
  const packer = new MessagePacker(MESSAGES_PER_MAILBOX);
  let bytes = 0n;
  for (let uid = 1; uid <= MESSAGES_PER_MAILBOX; uid++) {
    const sizeBytes = BigInt(random.integer(400, 60_000));
    const sha1 = createHash("sha1").update(`${number} ${uid}`).digest();
    bytes += sizeBytes;
    const date = DELIVERED + number + uid;
    const file = { problem: null, sizeBytes, md5: sha1.subarray(0, 16), sha1, xxh64: sha1.subarray(0, 8) };
    const record = {
      uid,
      sizeBytes,
      internalDate: date,
      lastUpdated: date,
      modseq: BigInt(uid + 1),
      guid: sha1,
      flags: "",
    };
    const rest = { saveDate: date, createdModseq: BigInt(uid + 1), cid: sha1.subarray(8, 16), baseCid: null, file };
    const times = { mtimeNs: BigInt(date) * 1_000_000_000n, ctimeNs: BigInt(date) * 1_000_000_000n, readAtMs };
    packer.add({ ...record, ...rest }, { root: 0, inode: BigInt(number * 1000 + uid), sizeBytes, ...times });
  }
  const counted = { ...NO_COUNTERS, exists: MESSAGES_PER_MAILBOX, unseen: MESSAGES_PER_MAILBOX, quotaUsed: bytes };
  return { ...factsOf(number, readAtMs), stored: counted, counted, messages: packer.finish(), bytesRead: bytes };
}

function factsOf(number: number, readAtMs: number) {
  const uniqueId = `u${String(number).padStart(23, "0")}`;
  const uidValidity = 1_600_000_000;
  const listing = {
    ...{
      partition: "default",
      type: "",
      uidValidity,
      createdModseq: 1n,
      foldermodseq: BigInt(number + 1),
      mtime: DELIVERED,
    },
    acl: [],
  };
  const header = {
    ...{
      minorVersion: 17,
      uidValidity,
      lastUid: MESSAGES_PER_MAILBOX,
      highestModseq: BigInt(MESSAGES_PER_MAILBOX + 1),
    },
    ...{
      deletedModseq: 0n,
      createdModseq: 1n,
      options: 0,
      recentUid: 0,
      recentTime: 0,
      pop3LastLogin: 0,
      pop3ShowAfter: 0,
    },
    ...{ lastAppendDate: DELIVERED, lastRepackTime: 0 },
  };
  return {
    ...{
      name: `user.u${Math.floor(number / 6)}.f${number % 6}`,
      uniqueId,
      listed: true,
      listing,
      status: "read" as const,
    },
    ...{ found: null, readAtMs, filesMtimeMs: DELIVERED * 1000, header, quotaRoot: null, keywords: [] },
    ...{ directories: [`/spool/u${number}`], expunged: [], orphans: [], annotations: [], problems: [] },
    filesRead: MESSAGES_PER_MAILBOX,
  };
}
