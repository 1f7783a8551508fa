/** What a finding is about, so that later comparisons recognise it, and what stands for the values that each side had. */
import { createHash } from "node:crypto";
import type { Thing } from "../mail/thing.ts";
import { CHECK_OF_CLASS, type Check, type VarianceClass } from "./classes.ts";
import type { Evidence, Variance } from "./variance.ts";

/** Kinds of things. Classes of one kind are the same thing in another condition. */
export const THING_KINDS = [
  "partition",
  "mailbox",
  "index",
  "status",
  "mailbox-metadata",
  "acl",
  "message",
  "flags",
  "internaldate",
  "record",
  "file",
  "seen",
  "annotation",
  "message-annotation",
  "subscription",
  "quota",
  "quota-usage",
  "sieve",
] as const;
export type ThingKind = (typeof THING_KINDS)[number];

const KIND_OF_CLASS: Readonly<Record<VarianceClass, ThingKind>> = {
  "partition-unreadable": "partition",
  "mailbox-list-unreadable": "partition",
  "mailbox-missing": "mailbox",
  "mailbox-renamed": "mailbox",
  "mailbox-recreated": "mailbox",
  "mailbox-not-in-list": "mailbox",
  "uniqueid-missing": "mailbox",
  "uniqueid-duplicate": "mailbox",
  "uidvalidity-differs": "index",
  "status-differs": "status",
  "mailbox-unreadable": "index",
  "mailbox-directory-missing": "index",
  "index-corrupt": "index",
  "index-counters-wrong": "index",
  "uidvalidity-contradicts-mailbox-list": "index",
  "mailbox-metadata-differs": "mailbox-metadata",
  "message-missing": "message",
  "message-conflict": "message",
  "message-renumbered": "message",
  "guid-missing": "index",
  "flags-differ": "flags",
  "modseq-differs": "record",
  "internaldate-differs": "internaldate",
  "message-metadata-differs": "record",
  "message-annotation-differs": "message-annotation",
  "file-missing": "file",
  "file-orphan": "file",
  "file-size-differs": "file",
  "file-corrupt": "file",
  "file-content-differs": "file",
  "file-unreadable": "file",
  "acl-differs": "acl",
  "quota-differs": "quota",
  "mailbox-annotation-differs": "annotation",
  "subscription-differs": "subscription",
  "seen-differs": "seen",
  "sieve-differs": "sieve",
};

/** Checks that must have been made in a mailbox before a thing of a kind can be said to be no fault any more. */
export const CHECKS_OF_KIND: Readonly<Partial<Record<ThingKind, readonly Check[]>>> = {
  index: ["store"],
  status: ["store", "status"],
  "mailbox-metadata": ["store", "metadata"],
  acl: ["acl"],
  message: ["store", "uids"],
  flags: ["store", "uids", "flags"],
  internaldate: ["store", "uids", "metadata"],
  record: ["store", "uids", "metadata"],
  file: ["store", "content"],
  seen: ["store", "uids", "flags"],
  annotation: ["store", "metadata"],
  "message-annotation": ["store", "uids", "metadata"],
};

/** The thing that a finding is about. */
export function thingOf({ class: is, subject }: Pick<Variance, "class" | "subject">): Thing {
  const { mailbox, uniqueId, uid, owner, key, item, path } = subject;
  const usage = is === "quota-differs" && (item === "usage" || item === "quota-usage");
  const place = mailbox === null && path !== undefined && CHECK_OF_CLASS[is] === "store";
  const kind = place ? "partition" : usage ? "quota-usage" : KIND_OF_CLASS[is];
  return {
    kind,
    mailbox: uniqueId ?? mailbox ?? "",
    uid: uid ?? 0,
    owner: owner ?? "",
    key: kind === "partition" ? (path ?? "") : (key ?? (hasFields(kind) ? (item ?? "") : "")),
  };
}

/** Kinds in which `item` is part of what the thing is; elsewhere it tells what is wrong with it. */
function hasFields(kind: ThingKind): boolean {
  return kind === "status" || kind === "mailbox-metadata";
}

/** True where a class is told by reading files, so that a level that reads less cannot tell it. */
export function needsLevel(is: VarianceClass): boolean {
  return CHECK_OF_CLASS[is] === "content";
}

/** Evidence that changes by itself while the thing stays as it is. */
const VOLATILE: ReadonlySet<string> = new Set(["mtime", "listMtime"]);

/** 16 bytes that are equal for equal values on both sides. */
export function valuesOf({ primary, replica }: Pick<Variance, "primary" | "replica">): Uint8Array {
  const text = JSON.stringify([lasting(primary), lasting(replica)]);
  return createHash("sha256").update(text).digest().subarray(0, 16);
}

function lasting(evidence: Evidence | null): unknown {
  if (evidence === null) return null;
  return Object.entries(evidence)
    .filter(([field]) => !VOLATILE.has(field))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
