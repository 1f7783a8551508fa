/** Edits of a model pair: each is one fault, with the one finding that a comparison must make of it (design §3). */
import type { VarianceClass } from "../../../src/compare/classes.ts";
import {
  idOf,
  type ModelMailbox,
  type ModelMessage,
  type ModelSide,
  mailboxOf,
  messageOf,
  modelMailbox,
  modelMessage,
  ownerOfName,
  type PairModel,
  READ_AT,
} from "./model.ts";

/** What is to be found; the replica read first, the primary after it. */
export interface ExpectedFinding {
  readonly class: VarianceClass;
  readonly state: "damaged" | "diverged" | "in-flight" | "unproven";
  readonly side: ModelSide | "both" | "unknown";
  /** Null: of no mailbox. */
  readonly mailbox: string | null;
  readonly uid?: number;
  readonly owner?: string;
  readonly key?: string;
}

/** Where an edit is made: a side (of those that leave a choice), a mailbox, one of its messages. */
export interface EditTarget {
  readonly side: ModelSide;
  readonly mailbox: string;
  readonly uid: number;
}

export interface Edit {
  /**
   * What other edits may be made beside it: `message`: others of other messages of the mailbox; `sums`: the same, but
   * one such edit a mailbox; `mailbox`: none in this mailbox.
   */
  readonly needs: "message" | "sums" | "mailbox";
  apply(pair: PairModel, target: EditTarget): ExpectedFinding;
}

type Found = Pick<ExpectedFinding, "class" | "state" | "side" | "owner" | "key">;

/** An edit of the records or files of one message, on the side of the target. */
function ofMessage(needs: Edit["needs"], edit: (message: ModelMessage, target: EditTarget, pair: PairModel) => Found) {
  return {
    needs,
    apply(pair: PairModel, target: EditTarget): ExpectedFinding {
      const message = messageOf(mailboxOf(pair[target.side], target.mailbox), target.uid);
      return { ...edit(message, target, pair), mailbox: target.mailbox, uid: target.uid };
    },
  } satisfies Edit;
}

/** An edit of a whole mailbox, on the side of the target. */
function ofMailbox(edit: (mailbox: ModelMailbox, target: EditTarget, pair: PairModel) => Found & { uid?: number }) {
  return {
    needs: "mailbox",
    apply(pair: PairModel, target: EditTarget): ExpectedFinding {
      const found = edit(mailboxOf(pair[target.side], target.mailbox), target, pair);
      return { ...found, mailbox: target.mailbox };
    },
  } satisfies Edit;
}

const damaged = (name: VarianceClass, side: ModelSide | "both"): Found => ({ class: name, state: "damaged", side });
const diverged = (name: VarianceClass, side: ModelSide): Found => ({ class: name, state: "diverged", side });
const lag = (name: VarianceClass): Found => ({ class: name, state: "in-flight", side: "replica" });

const AN_HOUR_AGO = READ_AT - 3600;

/** The next change of a mailbox: a new modseq, an hour before the scans. */
function touch(mailbox: ModelMailbox, message: ModelMessage): void {
  mailbox.highestModseq += 1;
  mailbox.changedAt = AN_HOUR_AGO;
  message.modseq = mailbox.highestModseq;
  message.lastUpdated = AN_HOUR_AGO;
}

function remove(mailbox: ModelMailbox, uid: number): void {
  mailbox.messages = mailbox.messages.filter((message) => message.uid !== uid);
}

function flipped(body: string): string {
  const at = body.length >> 1;
  return body.slice(0, at) + String.fromCharCode(body.charCodeAt(at) ^ 1) + body.slice(at + 1);
}

/** Damage and silent changes: no server would make or heal them. */
const DAMAGE = {
  bitFlip: ofMessage("message", (message, { side }) => {
    message.file = flipped(message.body);
    return damaged("file-corrupt", side);
  }),
  truncation: ofMessage("message", (message, { side }) => {
    message.file = message.body.slice(0, message.body.length >> 1);
    return damaged("file-size-differs", side);
  }),
  emptied: ofMessage("message", (message, { side }) => {
    message.file = "";
    return damaged("file-size-differs", side);
  }),
  missingFile: ofMessage("message", (message, { side }) => {
    message.file = null;
    return damaged("file-missing", side);
  }),
  sameFlipOnBoth: ofMessage("message", (_, { mailbox, uid }, pair) => {
    for (const spool of [pair.primary, pair.replica]) {
      const message = messageOf(mailboxOf(spool, mailbox), uid);
      message.file = flipped(message.body);
    }
    return damaged("file-corrupt", "both");
  }),
  missingOnBoth: ofMessage("message", (_, { mailbox, uid }, pair) => {
    for (const spool of [pair.primary, pair.replica]) messageOf(mailboxOf(spool, mailbox), uid).file = null;
    return damaged("file-missing", "both");
  }),
  flagWithoutTrace: ofMessage("message", (message) => {
    message.flags ^= 2;
    return diverged("flags-differ", "replica");
  }),
  keywordWithoutTrace: ofMessage("message", (message) => {
    message.keywords = [...message.keywords, "Stray"];
    return diverged("flags-differ", "replica");
  }),
  internalDate: ofMessage("message", (message) => {
    message.internalDate -= 60;
    return diverged("internaldate-differs", "replica");
  }),
  saveDate: ofMessage("message", (message) => {
    message.saveDate -= 60;
    return diverged("message-metadata-differs", "replica");
  }),
  commentWithoutTrace: ofMessage("message", (message, { side, mailbox }) => {
    const was = message.comment;
    message.comment = { ofOwner: was?.ofOwner ?? false, value: `${was?.value ?? ""}!` };
    const lacking = side === "primary" ? "replica" : "primary";
    const owner = was?.ofOwner === true ? ownerOfName(mailbox) : null;
    const of = owner === null ? {} : { owner };
    return {
      ...diverged("message-annotation-differs", was === undefined ? lacking : "replica"),
      ...of,
      key: "/comment",
    };
  }),
  modseq: ofMessage("message", (message) => {
    message.modseq -= 1;
    return diverged("modseq-differs", "replica");
  }),
  otherMessage: ofMessage("message", (message) => {
    message.body = `Subject: another one\r\n\r\n${message.uid}\r\n`;
    return diverged("message-conflict", "replica");
  }),
  guidOfRecord: ofMessage("message", (message, { side }) => {
    message.guid = "ab".repeat(20);
    return damaged("file-corrupt", side);
  }),
  guidBehindHeader: ofMessage("sums", (message, { side, mailbox }, pair) => {
    const own = mailboxOf(pair[side], mailbox);
    own.summed = structuredClone(own.messages);
    message.guid = "ab".repeat(20);
    return damaged("file-corrupt", side);
  }),
  lostMessage: ofMessage("message", (_, { side, mailbox, uid }, pair) => {
    remove(mailboxOf(pair[side], mailbox), uid);
    return diverged("message-missing", side);
  }),
  flagBehindHeader: ofMessage("sums", (message, { side, mailbox }, pair) => {
    const own = mailboxOf(pair[side], mailbox);
    own.summed = structuredClone(own.messages);
    message.flags ^= 2;
    return damaged("flags-differ", side);
  }),
  lostBehindHeader: ofMessage("sums", (_, { side, mailbox, uid }, pair) => {
    const own = mailboxOf(pair[side], mailbox);
    own.summed = structuredClone(own.messages);
    remove(own, uid);
    return damaged("message-missing", side);
  }),
  wrongCounter: ofMailbox((mailbox, { side }) => {
    mailbox.answeredTooMany = 1;
    return damaged("index-counters-wrong", side);
  }),
  wrongCounterOnBoth: ofMailbox((_, { mailbox }, pair) => {
    for (const spool of [pair.primary, pair.replica]) mailboxOf(spool, mailbox).answeredTooMany = 1;
    return damaged("index-counters-wrong", "both");
  }),
  missingDirectoryOnBoth: ofMailbox((_, { mailbox }, pair) => {
    for (const spool of [pair.primary, pair.replica]) mailboxOf(spool, mailbox).directoryMissing = true;
    return damaged("mailbox-directory-missing", "both");
  }),
  orphanOnBoth: ofMailbox(({ lastUid }, { mailbox }, pair) => {
    for (const spool of [pair.primary, pair.replica]) {
      mailboxOf(spool, mailbox).orphans = new Map([[lastUid + 7, "Subject: nobody's\r\n\r\n"]]);
    }
    return { ...damaged("file-orphan", "both"), uid: lastUid + 7 };
  }),
  staleRecordCrc: ofMailbox((mailbox, { side, uid }) => {
    mailbox.staleRecord = uid;
    return damaged("index-corrupt", side);
  }),
  uidValidityOfIndex: ofMailbox((mailbox, { side }) => {
    mailbox.indexUidValidity = mailbox.uidValidity + 1;
    return damaged("uidvalidity-contradicts-mailbox-list", side);
  }),
  missingDirectory: ofMailbox((mailbox, { side }) => {
    mailbox.directoryMissing = true;
    return damaged("mailbox-directory-missing", side);
  }),
  unlisted: ofMailbox((mailbox, { side }) => {
    mailbox.unlisted = true;
    return damaged("mailbox-not-in-list", side);
  }),
  unlistedOnBoth: ofMailbox((_, { mailbox }, pair) => {
    for (const spool of [pair.primary, pair.replica]) mailboxOf(spool, mailbox).unlisted = true;
    return damaged("mailbox-not-in-list", "both");
  }),
  orphan: ofMailbox((mailbox, { side }) => {
    mailbox.orphans = new Map([[mailbox.lastUid + 7, "Subject: nobody's\r\n\r\n"]]);
    return { ...damaged("file-orphan", side), uid: mailbox.lastUid + 7 };
  }),
  recordLostButNotFile: ofMailbox((mailbox, { side, uid }) => {
    mailbox.orphans = new Map([[uid, messageOf(mailbox, uid).body]]);
    remove(mailbox, uid);
    return { ...diverged("message-missing", side), uid };
  }),
  lostMailbox: ofMailbox((mailbox, { side }, pair) => {
    pair[side].mailboxes = pair[side].mailboxes.filter((other) => other !== mailbox);
    return diverged("mailbox-missing", side);
  }),
  optionsWithoutTrace: ofMailbox((mailbox) => {
    mailbox.options ^= 4;
    return diverged("mailbox-metadata-differs", "replica");
  }),
  partitionWithoutTrace: ofMailbox((mailbox) => {
    mailbox.partition = mailbox.partition === "default" ? "second" : "default";
    return diverged("mailbox-metadata-differs", "replica");
  }),
  aclWithoutTrace: ofMailbox((mailbox) => {
    mailbox.acl = [...mailbox.acl, ["bob", "lrs"]];
    return diverged("acl-differs", "replica");
  }),
} as const satisfies Record<string, Edit>;

/** What the primary did after the last replication; the side of the target does not matter. */
const LAG = {
  flag: primarily("message", (mailbox, message) => {
    message.flags ^= 2;
    touch(mailbox, message);
    return { ...lag("flags-differ"), uid: message.uid };
  }),
  expunge: primarily("message", (mailbox, message) => {
    message.expunged = true;
    touch(mailbox, message);
    return { ...lag("message-missing"), uid: message.uid };
  }),
  expungedAndPurged: primarily("mailbox", (mailbox, message) => {
    touch(mailbox, message);
    mailbox.deletedModseq = mailbox.highestModseq;
    remove(mailbox, message.uid);
    return { ...lag("message-missing"), uid: message.uid };
  }),
  delivery: primarily("message", (mailbox) => {
    const uid = mailbox.lastUid + 1;
    const message = modelMessage(uid, { body: `Subject: new ${mailbox.name} ${uid}\r\n\r\n` });
    touch(mailbox, message);
    mailbox.messages.push(message);
    mailbox.lastUid = uid;
    return { ...lag("message-missing"), uid };
  }),
  annotation: primarily("mailbox", (mailbox) => {
    mailbox.highestModseq += 1;
    mailbox.changedAt = AN_HOUR_AGO;
    return lag("status-differs");
  }),
  acl: primarily("mailbox", (mailbox) => {
    mailbox.acl = [...mailbox.acl, ["bob", "lrs"]];
    mailbox.foldermodseq += 1;
    mailbox.listMtime = AN_HOUR_AGO;
    return lag("acl-differs");
  }),
  partition: primarily("mailbox", (mailbox) => {
    mailbox.partition = mailbox.partition === "default" ? "second" : "default";
    mailbox.foldermodseq += 1;
    mailbox.listMtime = AN_HOUR_AGO;
    return lag("mailbox-metadata-differs");
  }),
  deletedMailbox: primarily("mailbox", (mailbox, _, pair) => {
    deleteMailbox(pair.primary, mailbox);
    return lag("mailbox-missing");
  }),
  recreatedMailbox: primarily("mailbox", (mailbox, _, pair) => {
    recreateMailbox(pair.primary, mailbox);
    return lag("mailbox-recreated");
  }),
} as const satisfies Record<string, Edit>;

/** What somebody did on the replica, which no replication will bring to the primary. */
const SPLIT_BRAIN = {
  flag: onReplica((mailbox, message) => {
    message.flags ^= 2;
    touch(mailbox, message);
    return { ...diverged("flags-differ", "replica"), uid: message.uid };
  }),
  expunge: onReplica((mailbox, message) => {
    message.expunged = true;
    touch(mailbox, message);
    return { ...diverged("message-missing", "replica"), uid: message.uid };
  }),
  delivery: onReplica((mailbox) => {
    const uid = mailbox.lastUid + 1;
    const message = modelMessage(uid, { body: `Subject: stray ${mailbox.name}\r\n\r\n` });
    touch(mailbox, message);
    mailbox.messages.push(message);
    mailbox.lastUid = uid;
    return { ...diverged("message-missing", "primary"), uid };
  }),
  acl: onReplica((mailbox) => {
    mailbox.acl = [...mailbox.acl, ["bob", "lrs"]];
    mailbox.foldermodseq += 1;
    mailbox.listMtime = AN_HOUR_AGO;
    return diverged("acl-differs", "replica");
  }),
  deletedMailbox: onReplica((mailbox, _, pair) => {
    deleteMailbox(pair.replica, mailbox);
    return diverged("mailbox-missing", "replica");
  }),
  recreatedMailbox: onReplica((mailbox, _, pair) => {
    recreateMailbox(pair.replica, mailbox);
    return diverged("mailbox-recreated", "replica");
  }),
  uidValidity: onReplica((mailbox) => {
    mailbox.uidValidity += 1;
    return diverged("uidvalidity-differs", "replica");
  }),
} as const satisfies Record<string, Edit>;

/** Every kind of edit, by name. */
export const EDITS: Readonly<Record<string, Edit>> = {
  ...named("damage", DAMAGE),
  ...named("lag", LAG),
  ...named("split", SPLIT_BRAIN),
};

function named(group: string, edits: Readonly<Record<string, Edit>>): Record<string, Edit> {
  return Object.fromEntries(Object.entries(edits).map(([name, edit]) => [`${group}.${name}`, edit]));
}

type SideEdit = (mailbox: ModelMailbox, message: ModelMessage, pair: PairModel) => Found & { uid?: number };

function primarily(needs: Edit["needs"], edit: SideEdit): Edit {
  return onSide("primary", needs, edit);
}

/** Alone in its mailbox: there both sides would be ahead of each other. */
function onReplica(edit: SideEdit): Edit {
  return onSide("replica", "mailbox", edit);
}

function onSide(side: ModelSide, needs: Edit["needs"], edit: SideEdit): Edit {
  return {
    needs,
    apply(pair, target) {
      const mailbox = mailboxOf(pair[side], target.mailbox);
      return { ...edit(mailbox, messageOf(mailbox, target.uid), pair), mailbox: target.mailbox };
    },
  };
}

function deleteMailbox(spool: PairModel[ModelSide], mailbox: ModelMailbox): void {
  spool.mailboxes = spool.mailboxes.filter((other) => other !== mailbox);
  const { name, uniqueId, foldermodseq } = mailbox;
  spool.tombstones.push({ name, uniqueId, foldermodseq: foldermodseq + 1, mtime: AN_HOUR_AGO });
}

/** Deletes a mailbox, which stays as a DELETED one, and makes a new one of its name. */
function recreateMailbox(spool: PairModel[ModelSide], mailbox: ModelMailbox): void {
  const { name } = mailbox;
  mailbox.name = `${name.replace(/^([^!]*!)?/, "$1DELETED.")}.65000000`;
  mailbox.foldermodseq += 1;
  mailbox.listMtime = AN_HOUR_AGO;
  const fresh = { uniqueId: idOf(`${name} again`), uidValidity: AN_HOUR_AGO, foldermodseq: mailbox.foldermodseq + 1 };
  spool.mailboxes.push(modelMailbox(name, [], { ...fresh, listMtime: AN_HOUR_AGO, lastUid: 0 }));
}
