import { namesFile } from "../../mail/guid.ts";
import type { Message } from "../../mail/message.ts";
import type { ComparableFields } from "../../mail/scan-facts.ts";
import type { Side, VarianceClass } from "../classes.ts";
import type { RuleId } from "./order.ts";

/** What the bytes of two copies of one message say that neither side's own records do. */
export interface ContentJudgement {
  readonly class: VarianceClass;
  readonly state: "damaged" | "diverged";
  readonly side: Side | "unknown";
  readonly rule: RuleId;
}

/**
 * Judges two files of one message that are each as their own index says, as far as the level looked. Called for
 * messages with equal GUIDs, or without any; design §3.5.
 */
export function judgeContent(primary: Message, replica: Message, fields: ComparableFields): ContentJudgement | null {
  if (!filesDiffer(primary, replica, fields)) return null;
  const sameGuid = primary.guid !== null && replica.guid !== null && Buffer.compare(primary.guid, replica.guid) === 0;
  if (sameGuid && isProved(primary) !== isProved(replica)) {
    // One file is what both indexes want, and the other is not that file.
    const side = isProved(primary) ? "replica" : "primary";
    return { class: "file-corrupt", state: "damaged", side, rule: "partner-proves" };
  }
  return { class: "file-content-differs", state: "diverged", side: "unknown", rule: "contents-differ" };
}

function filesDiffer(p: Message, r: Message, fields: ComparableFields): boolean {
  return (
    (fields.fileSize && known(p.file.sizeBytes, r.file.sizeBytes) && p.file.sizeBytes !== r.file.sizeBytes) ||
    (fields.md5 && differ(p.file.md5, r.file.md5)) ||
    (fields.xxh64 && differ(p.file.xxh64, r.file.xxh64))
  );
}

/** The file was digested and is the one that the GUID names. */
function isProved(message: Message): boolean {
  return namesFile(message.guid, message.file) === true;
}

function differ(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a !== null && b !== null && Buffer.compare(a, b) !== 0;
}

function known(a: bigint | null, b: bigint | null): boolean {
  return a !== null && b !== null;
}
