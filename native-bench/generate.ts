import { hash } from "node:crypto";
import fs from "node:fs";
import { crc32 } from "node:zlib";
import { IndexBuilder, SystemFlag } from "./cyrus-index-writer.ts";
import { MessageMaker } from "./message-maker.ts";
import { createRandom, type Random } from "./random.ts";
import { dealMessages, drawSize, type PlannedMailbox, planMailboxes, type TreePlan } from "./tree-plan.ts";
import { encodeTwoskip } from "./twoskip-writer.ts";

/** A generated spool on disk. All paths are absolute. */
export interface Tree {
  readonly plan: TreePlan;
  readonly directory: string;
  /** The one partition. */
  readonly spool: string;
  /** Two configurations over the same spool, with a `configdirectory` each: to the scanner two stores in sync. */
  readonly primaryConf: string;
  readonly replicaConf: string;
  readonly bytes: number;
  /** Sum, modulo 2^64, of the first eight bytes of each message's SHA-1, in hex: `roof` must find the same. */
  readonly sha1Sum: string;
}

/** What is left in `tree.json` when a tree is whole; `format` changes when equal plans would give other files. */
interface Stamp {
  readonly format: number;
  readonly plan: TreePlan;
  /** Where it was made: the configuration files hold absolute paths, so that a moved tree is made anew. */
  readonly directory: string;
  readonly bytes: number;
  readonly sha1Sum: string;
}

const FORMAT = 1;
const STAMP_FILE = "tree.json";
const FLAG_NAMES = ["$Forwarded", "NonJunk"];
const RIGHTS = "lrswipkxtecdan";
const HEADER_MAGIC =
  "\xa1\x02\x8b\x0dCyrus mailbox header\n" +
  '"The best thing about this system was that it had lots of goals."\n' +
  "\t--Jim Morris on Andrew\n";
/** 2023-11-14; the messages arrive a minute apart from here on. */
const FIRST_DELIVERY = 1_700_000_000;

/**
 * The spool of a plan below `parent`, an absolute path: the one made earlier if its parameters match, else a new one.
 *
 * It is what a Cyrus 3.6 server leaves (hashed legacy layout, mailboxes.db in twoskip form, `cyrus.header` and
 * `cyrus.index` version 17 with true counters, CRCs and GUIDs) but for an empty `cyrus.cache`, which no scanner reads.
 */
export function ensureTree(plan: TreePlan, parent: string, say: (line: string) => void): Tree {
  const directory = `${parent}/${plan.name}-${plan.messages}`;
  const stamp = readStamp(directory);
  if (stamp !== null && isOf(stamp, plan, directory)) {
    say(`Using the tree in ${directory}`);
    return describeTree(directory, stamp);
  }
  say(`Writing ${plan.messages} messages in ${plan.mailboxes} mailboxes to ${directory}`);
  // Without its stamp a tree is unfinished: the stamp goes first and comes back last.
  fs.rmSync(`${directory}/${STAMP_FILE}`, { force: true });
  for (const part of ["spool", "conf", "conf-replica"])
    fs.rmSync(`${directory}/${part}`, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const made = writeTree(plan, directory);
  fs.writeFileSync(`${directory}/${STAMP_FILE}`, `${JSON.stringify(made, null, 2)}\n`);
  return describeTree(directory, made);
}

function isOf(stamp: Stamp, plan: TreePlan, directory: string): boolean {
  const wanted = { format: FORMAT, plan, directory };
  return (
    JSON.stringify({ format: stamp.format, plan: stamp.plan, directory: stamp.directory }) === JSON.stringify(wanted)
  );
}

function readStamp(directory: string): Stamp | null {
  try {
    return JSON.parse(fs.readFileSync(`${directory}/${STAMP_FILE}`, "utf8")) as Stamp; // ours, and compared whole
  } catch {
    return null;
  }
}

function describeTree(directory: string, stamp: Stamp): Tree {
  return {
    plan: stamp.plan,
    directory,
    spool: `${directory}/spool`,
    primaryConf: `${directory}/imapd.conf`,
    replicaConf: `${directory}/imapd-replica.conf`,
    bytes: stamp.bytes,
    sha1Sum: stamp.sha1Sum,
  };
}

function writeTree(plan: TreePlan, directory: string): Stamp {
  const random = createRandom(plan.seed);
  const mailboxes = planMailboxes(plan, random).map((planned) => new MailboxOnDisk(planned, `${directory}/spool`));
  const maker = new MessageMaker(random);
  let bytes = 0;
  let sha1Sum = 0n;
  dealMessages(plan, random).forEach((mailboxNumber, serial) => {
    const mailbox = mailboxes[mailboxNumber];
    if (mailbox === undefined) throw new RangeError(`No mailbox ${mailboxNumber}`);
    const date = FIRST_DELIVERY + 60 * serial;
    const message = maker.make(serial, mailbox.planned.userId, date, drawSize(plan, random));
    const guid = mailbox.deliver(message.bytes, message.headerBytes, date, random);
    bytes += message.bytes.length;
    sha1Sum += BigInt(`0x${guid.slice(0, 16)}`);
  });
  for (const mailbox of mailboxes) mailbox.close();
  writeConfiguration(directory, mailboxes, random);
  return {
    format: FORMAT,
    plan,
    directory,
    bytes,
    sha1Sum: BigInt.asUintN(64, sha1Sum).toString(16).padStart(16, "0"),
  };
}

/** A mailbox while it is being filled. */
class MailboxOnDisk {
  readonly planned: PlannedMailbox;
  readonly #directory: string;
  readonly #index = new IndexBuilder(FLAG_NAMES);

  constructor(planned: PlannedMailbox, spool: string) {
    this.planned = planned;
    this.#directory = `${spool}/${planned.directory}`;
    fs.mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
  }

  /** Writes the next message file and its record; returns its GUID in hex. */
  deliver(bytes: Buffer, headerBytes: number, date: number, random: Random): string {
    const uid = this.#index.lastUid + 1;
    const file = fs.openSync(`${this.#directory}/${uid}.`, "wx", 0o600);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at);
    fs.futimesSync(file, date, date); // as Cyrus does: mtime is the internal date
    fs.closeSync(file);
    const guid = hash("sha1", bytes, "hex");
    const modseq = this.#index.highestModseq + 1;
    this.#index.add({
      uid,
      sizeBytes: bytes.length,
      headerBytes,
      internalDate: date,
      guid,
      modseq,
      createdModseq: modseq,
      cid: ((BigInt(random.integer(0x10000000, 0xffffffff)) << 32n) | BigInt(random.integer(0, 0xffffffff))).toString(
        16,
      ),
      systemFlags: drawSystemFlags(random),
      keywords: FLAG_NAMES.flatMap((_, keyword) => (random.uniform() < 0.1 ? [keyword] : [])),
    });
    return guid;
  }

  close(): void {
    const { name, uniqueId, userId, uidValidity } = this.planned;
    const flags = FLAG_NAMES.join(" ");
    const header = `${HEADER_MAGIC}%(T el N ${name} I ${uniqueId} A %(${userId} ${RIGHTS}) U (${flags}))\n`;
    const headerFile = Buffer.from(header, "latin1");
    fs.writeFileSync(`${this.#directory}/cyrus.header`, headerFile, { mode: 0o600 });
    fs.writeFileSync(`${this.#directory}/cyrus.index`, this.#index.finish(uidValidity, crc32(headerFile)), {
      mode: 0o600,
    });
    fs.writeFileSync(`${this.#directory}/cyrus.cache`, Buffer.alloc(4), { mode: 0o600 }); // generation 0, as in the index
  }

  /** Its two records of the mailbox list: by name and by uniqueid. The list has its own form of the name. */
  listEntries(): [string, string][] {
    const { name, uniqueId, userId, uidValidity } = this.planned;
    const listName = name.replaceAll(".", "\x1f");
    const times = `V ${uidValidity} C 1 F 1 M ${uidValidity}`;
    const acl = `A %(${userId} ${RIGHTS})`;
    return [
      [`N${listName}`, `%(T el I ${uniqueId} P default ${times} ${acl})`],
      [`I${uniqueId}`, `%(T el N ${listName} P default ${times} ${acl} H ())`],
    ];
  }
}

function drawSystemFlags(random: Random): number {
  let flags = 0;
  if (random.uniform() < 0.7) flags |= SystemFlag.seen;
  if (random.uniform() < 0.1) flags |= SystemFlag.answered;
  if (random.uniform() < 0.05) flags |= SystemFlag.flagged;
  if (random.uniform() < 0.01) flags |= SystemFlag.deleted;
  return flags;
}

function writeConfiguration(directory: string, mailboxes: readonly MailboxOnDisk[], random: Random): void {
  const list = encodeTwoskip(new Map(mailboxes.flatMap((mailbox) => mailbox.listEntries())), random);
  for (const [confFile, confDirectory] of [
    ["imapd.conf", "conf"],
    ["imapd-replica.conf", "conf-replica"],
  ]) {
    fs.mkdirSync(`${directory}/${confDirectory}`, { recursive: true, mode: 0o700 });
    fs.writeFileSync(`${directory}/${confDirectory}/mailboxes.db`, list, { mode: 0o600 });
    const settings = [
      `configdirectory: ${directory}/${confDirectory}`,
      "defaultpartition: default",
      `partition-default: ${directory}/spool`,
      "hashimapspool: yes",
      "fulldirhash: no",
      "unixhierarchysep: yes",
      "altnamespace: no",
      "mailbox_legacy_dirs: yes",
      "mboxlist_db: twoskip",
      "conversations: no",
    ];
    fs.writeFileSync(`${directory}/${confFile}`, `${settings.join("\n")}\n`);
  }
}
