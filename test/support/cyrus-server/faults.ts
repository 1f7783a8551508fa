/**
 * Real faults on a running pair, each in a mailbox of its own of one user whom nothing else touches, and what is to be
 * said of each.
 */
import { closeSync, copyFileSync, openSync, readSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../random.ts";
import { ADMIN } from "./configuration.ts";
import { quoted } from "./imap-syntax.ts";
import { mailboxPaths } from "./judge.ts";
import type { CyrusPair, CyrusSide } from "./pair.ts";
import { findingText } from "./scans.ts";
import { appendSample } from "./seed.ts";

/** Whose mailboxes the faults are put into. */
export const VICTIM = "carol";

/** Puts a fault into a mailbox, given as its owner names it, in which the messages 1 to 3 live. Returns the finding. */
type Fault = (pair: CyrusPair, mailbox: string, random: Random) => Promise<string>;

const FAULTS: Readonly<Record<string, Fault>> = {
  flipReplica: onFile("replica", "file-corrupt", flipByte),
  flipPrimary: onFile("primary", "file-corrupt", flipByte),
  truncateReplica: onFile("replica", "file-size-differs", (path) => truncateSync(path, statSync(path).size - 1)),
  removeReplica: onFile("replica", "file-missing", (path) => rmSync(path)),
  removePrimary: onFile("primary", "file-missing", (path) => rmSync(path)),
  orphanReplica: async (pair, mailbox) => {
    const path = await fileOf(pair, "replica", mailbox, 2);
    copyFileSync(path, path.replace(/2\.$/, "99."));
    return findingText("file-orphan", "damaged", "replica", internal(mailbox), 99);
  },
  corruptIndexReplica: async (pair, mailbox) => {
    const { meta } = await mailboxPaths(pair, "replica", internal(mailbox));
    const index = join(meta, "cyrus.index");
    // Within the last record, which ends the file.
    flipByteAt(index, statSync(index).size - 60);
    return findingText("index-corrupt", "damaged", "replica", internal(mailbox), undefined);
  },
  flagReplica: async (pair, mailbox) => {
    await (await pair.imap("replica", VICTIM)).store(mailbox, "2", "+FLAGS", "Only-here");
    return findingText("flags-differ", "diverged", "replica", internal(mailbox), 2);
  },
  expungeReplica: async (pair, mailbox) => {
    await (await pair.imap("replica", VICTIM)).expunge(mailbox, "2");
    return findingText("message-missing", "diverged", "replica", internal(mailbox), 2);
  },
  appendReplica: async (pair, mailbox, random) => {
    await appendSample(await pair.imap("replica", VICTIM), mailbox, random);
    return findingText("message-missing", "diverged", "primary", internal(mailbox), 4);
  },
  rightsReplica: async (pair, mailbox) => {
    await (await pair.imap("replica", VICTIM)).command(`SETACL ${quoted(mailbox)} bob lr`);
    return findingText("acl-differs", "diverged", "replica", internal(mailbox), undefined);
  },
  createReplica: async (pair, mailbox) => {
    await (await pair.imap("replica", VICTIM)).command(`CREATE ${quoted(`${mailbox} too`)}`);
    return findingText("mailbox-missing", "diverged", "primary", internal(`${mailbox} too`), undefined);
  },
  deleteReplica: async (pair, mailbox) => {
    await (await pair.imap("replica", VICTIM)).command(`DELETE ${quoted(mailbox)}`);
    return findingText("mailbox-missing", "diverged", "replica", internal(mailbox), undefined);
  },
  renameReplica: async (pair, mailbox) => {
    await (await pair.imap("replica", VICTIM)).command(`RENAME ${quoted(mailbox)} ${quoted(`${mailbox} moved`)}`);
    return findingText("mailbox-renamed", "diverged", "replica", internal(mailbox), undefined);
  },
};

/** Makes a mailbox for every fault, with three messages each. They have to be replicated before the faults go in. */
export async function prepareVictims(pair: CyrusPair, random: Random): Promise<void> {
  const session = await pair.imap("primary", VICTIM);
  for (const kind of Object.keys(FAULTS)) {
    const mailbox = mailboxFor(kind);
    await session.command(`CREATE ${quoted(mailbox)}`);
    for (let uid = 1; uid <= 3; uid++) await appendSample(session, mailbox, random);
    // Else a copy of the rights is all that the administrator has.
    await session.command(`SETACL ${quoted(mailbox)} ${ADMIN} lrswipkxtecdan`);
  }
}

/** Puts all faults in, and returns what a comparison has to find. */
export async function plantFaults(pair: CyrusPair, random: Random): Promise<string[]> {
  const expected: string[] = [];
  for (const [kind, plant] of Object.entries(FAULTS)) expected.push(await plant(pair, mailboxFor(kind), random));
  return expected;
}

function mailboxFor(kind: string): string {
  return `INBOX/Victim of ${kind}`;
}

/** Internal name of a mailbox that its owner names so. */
function internal(mailbox: string): string {
  return mailbox.replace(/^INBOX/, `user.${VICTIM}`).replaceAll("/", ".");
}

function onFile(side: CyrusSide, kind: string, damage: (path: string, random: Random) => void): Fault {
  return async (pair, mailbox, random) => {
    damage(await fileOf(pair, side, mailbox, 2), random);
    return findingText(kind, "damaged", side, internal(mailbox), 2);
  };
}

async function fileOf(pair: CyrusPair, side: CyrusSide, mailbox: string, uid: number): Promise<string> {
  const { data, archive } = await mailboxPaths(pair, side, internal(mailbox));
  const paths = [data, archive].map((folder) => join(folder, `${uid}.`));
  const path = paths.find((candidate) => statSync(candidate, { throwIfNoEntry: false }) !== undefined);
  if (path === undefined) throw new Error(`Cannot find the file of ${mailbox} ${uid} on the ${side}`);
  return path;
}

function flipByte(path: string, random: Random): void {
  flipByteAt(path, random.integer(0, statSync(path).size - 1));
}

/** Inverts one bit in place. */
function flipByteAt(path: string, offset: number): void {
  const file = openSync(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, offset);
    writeSync(file, Buffer.from([byte.readUInt8(0) ^ 0x01]), 0, 1, offset);
  } finally {
    closeSync(file);
  }
}
