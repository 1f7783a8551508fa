/** Scans of a host of the model: the list at one time, each mailbox at its own. */
import type { Message } from "../../src/mail/message.ts";
import type { MailboxFacts } from "../../src/mail/scan-facts.ts";
import { mailbox as anyMailbox, message as anyMessage } from "../compare/records.ts";
import { isDeleted, type ModelHost, type ModelMailbox, type ModelRecord, type ModelTombstone } from "./host.ts";

/** A mailbox as it was when it was read. */
export interface ScannedMailbox {
  readonly facts: MailboxFacts;
  /** A copy of its state; its entry in the list is as old as `facts.listing`. */
  readonly state: Readonly<ModelMailbox>;
}

/** A scan under way, and what has come of it. */
export class ModelScan {
  readonly host: ModelHost;
  readonly startedAtMs: number;
  readonly mailboxes: ScannedMailbox[] = [];
  readonly tombstones: ModelTombstone[];
  finishedAtMs: number;
  readonly #left: ModelMailbox[];
  /** Directories are named for mailboxes, so that one that has another name now is not found. */
  readonly #byName: boolean;

  /** Reads the list. */
  constructor(host: ModelHost, layout: "legacy" | "uuid") {
    this.host = host;
    this.#byName = layout === "legacy";
    this.startedAtMs = host.nowMs;
    this.finishedAtMs = host.nowMs;
    this.#left = [...host.mailboxes.values()].map((mailbox) => ({ ...mailbox }));
    this.tombstones = [...host.tombstones.values()];
  }

  get isDone(): boolean {
    return this.#left.length === 0;
  }

  /** Reads the next mailbox. One that is not where the list had it is looked up again, and may be gone. */
  step(): void {
    const listed = this.#left.shift();
    this.finishedAtMs = this.host.nowMs;
    if (listed === undefined) return;
    const now = this.host.mailboxes.get(listed.uniqueId);
    if (now === undefined) {
      for (const tombstone of this.host.tombstones.values()) {
        if (tombstone.uniqueId === listed.uniqueId) this.tombstones.push(tombstone);
      }
      return;
    }
    const isMoved = this.#byName && now.name !== listed.name;
    const { name, foldermodseq, listMtime, rights } = isMoved ? now : listed;
    const state = {
      ...now,
      name,
      foldermodseq,
      listMtime,
      rights,
      records: now.records.map((record) => ({ ...record })),
    };
    this.mailboxes.push({ facts: factsOf(state, this.mailboxes.length + 1, this.host.nowMs), state });
  }

  /** Lists and reads in one moment. */
  static atOnce(host: ModelHost, layout: "legacy" | "uuid"): ModelScan {
    const scan = new ModelScan(host, layout);
    while (!scan.isDone) scan.step();
    return scan;
  }
}

function factsOf(state: ModelMailbox, id: number, readAtMs: number): MailboxFacts {
  const base = anyMailbox();
  if (base.header === null || base.listing === null) throw new TypeError("A mailbox of a test has no header");
  const live = state.records.filter(({ expunged }) => !expunged);
  const counters = {
    ...{ exists: live.length, unseen: live.filter(({ flags }) => !flags.includes("\\seen")).length },
    ...{
      answered: 0,
      flagged: 0,
      deleted: 0,
      quotaUsed: BigInt(live.length * SIZE),
      syncCrcBasic: null,
      syncCrcAnnot: null,
    },
  };
  return {
    ...base,
    ...{ id, name: state.name, uniqueId: state.uniqueId, readAtMs, filesMtimeMs: state.filesMtime * 1000 },
    listing: {
      ...base.listing,
      ...{ uidValidity: state.uidValidity, foldermodseq: BigInt(state.foldermodseq), mtime: state.listMtime },
    },
    header: {
      ...base.header,
      ...{ uidValidity: state.uidValidity, lastUid: state.lastUid, highestModseq: BigInt(state.highestModseq) },
      ...{ deletedModseq: BigInt(state.deletedModseq), lastRepackTime: state.lastRepackTime, createdModseq: 1n },
    },
    ...{ stored: counters, counted: counters },
    fileFaults: live.filter(({ fault }) => fault !== null).length,
  };
}

const SIZE = 100;

/** A record and its file, as a scan at the deepest level has them. */
export function messageOf({ uid, guid, modseq, lastUpdated, flags, fault }: ModelRecord): Message {
  const digest = digestOf(guid);
  const file = {
    ...{
      problem: null,
      sizeBytes: BigInt(SIZE),
      sha1: digest,
      md5: digest.subarray(0, 16),
      xxh64: digest.subarray(0, 8),
    },
  };
  const bad = digestOf(guid + 0x1000_0000);
  const spoilt = { sha1: bad, md5: bad.subarray(0, 16), xxh64: bad.subarray(0, 8) };
  const nothing = { problem: "missing", sizeBytes: null, sha1: null, md5: null, xxh64: null } as const;
  return anyMessage({
    ...{ uid, sizeBytes: BigInt(SIZE), guid: digest, modseq: BigInt(modseq), lastUpdated, flags },
    file:
      fault === "file-missing"
        ? nothing
        : fault === null
          ? file
          : { ...file, ...spoilt, ...(fault === "file-size-differs" ? { sizeBytes: BigInt(SIZE - 1) } : {}) },
  });
}

/** The digest of the message that a number stands for. */
function digestOf(guid: number): Uint8Array {
  const digest = new Uint8Array(20).fill(7);
  new DataView(digest.buffer).setUint32(0, guid);
  return digest;
}

/** Mailboxes of a scan that are not deleted. */
export function liveOf(scan: ModelScan): ScannedMailbox[] {
  return scan.mailboxes.filter(({ state }) => !isDeleted(state.name));
}
