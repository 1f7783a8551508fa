import type { Side } from "../compare/classes.ts";
import type { Variance } from "../compare/variance.ts";
import { namesFile } from "../mail/guid.ts";
import type { MailboxFacts, MessageFacts } from "../mail/scan-facts.ts";
import { type FileLists, filePlace } from "./file-lists.ts";
import type { WorkHosts } from "./host.ts";

/** Lists the file of a finding to be copied from the side that has it right. Returns why it cannot be, or null. */
export function listCopy(variance: Variance, hosts: WorkHosts, lists: FileLists): string | null {
  const { side, subject } = variance;
  if (side !== "primary" && side !== "replica") return "it is not said which side is wrong";
  const from: Side = side === "primary" ? "replica" : "primary";
  const found = (which: Side) => {
    const mailbox = hosts[which].mailbox(subject.uniqueId, subject.mailbox);
    const message = mailbox === null ? null : hosts[which].message(mailbox.id, subject.uid ?? 0);
    return mailbox === null || message === null ? null : { mailbox, message };
  };
  const [good, bad] = [found(from), found(side)];
  if (good === null || bad === null) return `${hosts[good === null ? from : side].name} has no such message`;
  const doubt = doubtOf(good, bad);
  if (doubt !== null) return doubt;
  const source = filePlace(hosts[from], good.mailbox, good.message);
  if ("refused" in source) return source.refused;
  const target = filePlace(hosts[side], bad.mailbox, bad.message);
  if ("refused" in target) return target.refused;
  if (source.path !== target.path) return "it lies at different places below the partitions of the two hosts";
  return lists.add(from, source, target.root, hexOf(good.message.file.sha1));
}

interface Found {
  readonly mailbox: MailboxFacts;
  readonly message: MessageFacts;
}

/** Why the copy is not proved to be the right one; null when it is, by each host's own manifest. */
function doubtOf(good: Found, bad: Found): string | null {
  if (good.mailbox.header?.uidValidity !== bad.mailbox.header?.uidValidity) return "the UIDVALIDITYs differ";
  const { guid } = good.message;
  if (guid === null || bad.message.guid === null) return "there is no GUID to check the copy against";
  if (Buffer.compare(guid, bad.message.guid) !== 0) return "the two indexes do not mean the same message";
  if (good.message.file.sha1 === null || namesFile(guid, good.message.file) !== true) {
    return "no host's file is proved to match the GUID; scan both at --level full";
  }
  const { file, sizeBytes } = bad.message;
  const isWrongSize =
    file.sizeBytes !== null && file.sizeBytes !== sizeBytes && good.message.file.sizeBytes === sizeBytes;
  if (file.problem === "missing" || isWrongSize || namesFile(guid, file) === false) return null;
  return "the other host's own manifest does not say that its file is wrong";
}

/** A SHA-1 in hex. */
export function hexOf(digest: Uint8Array | null): string | null {
  return digest === null ? null : Buffer.from(digest).toString("hex");
}
