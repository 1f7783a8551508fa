import type { Side } from "../compare/classes.ts";
import type { Subject, Variance } from "../compare/variance.ts";
import { namesFile } from "../mail/guid.ts";
import type { MailboxFacts, MessageFacts } from "../mail/scan-facts.ts";
import { hexOf } from "./copies.ts";
import { type FileLists, filePlace } from "./file-lists.ts";
import type { WorkHosts } from "./host.ts";
import { jsonLine, nameFields } from "./json-line.ts";
import { ListFile, type ListOutput } from "./output.ts";
import type { Refusals } from "./refusals.ts";
import { onlyOn } from "./remedy.ts";

/** Messages of which one host alone has a copy: `rescue.list`, one object a line, and their files for rsync. */
export class Rescue {
  readonly file: ListFile;
  readonly #hosts: WorkHosts;
  readonly #lists: FileLists;
  readonly #refusals: Refusals;
  /** Messages that only that side has. */
  readonly counts: Record<Side, number> = { primary: 0, replica: 0 };

  constructor(output: ListOutput, hosts: WorkHosts, lists: FileLists, refusals: Refusals) {
    this.file = new ListFile(output, "rescue.list");
    this.#hosts = hosts;
    this.#lists = lists;
    this.#refusals = refusals;
  }

  /** Lists what only one side has by a finding. Returns how many messages only the replica has. */
  add(variance: Variance): number {
    const only = onlyOn(variance);
    if (only === null) return 0;
    const before = this.counts.replica;
    for (const side of only.side === "both" ? (["primary", "replica"] as const) : [only.side]) {
      const mailbox = this.#mailbox(side, variance);
      if (mailbox === null) continue;
      if (only.what === "message") this.#addMessage(side, mailbox, variance.subject);
      else this.#addMailbox(side, mailbox, only.side === "both" ? this.#guidsOf(otherOf(side), variance) : null);
    }
    return this.counts.replica - before;
  }

  /** The mailbox of one side: of two of one name that are not the same one, each side's own. */
  #mailbox(side: Side, { subject, replica }: Variance): MailboxFacts | null {
    const other = side === "replica" && typeof replica?.uniqueid === "string" ? replica.uniqueid : null;
    return this.#hosts[side].mailbox(other ?? subject.uniqueId, subject.mailbox);
  }

  #guidsOf(side: Side, variance: Variance): ReadonlySet<string> {
    const mailbox = this.#mailbox(side, variance);
    const guids = new Set<string>();
    if (mailbox === null) return guids;
    for (const { guid } of this.#hosts[side].messages(mailbox.id)) if (guid !== null) guids.add(hexOf(guid) ?? "");
    return guids;
  }

  #addMailbox(side: Side, mailbox: MailboxFacts, elsewhere: ReadonlySet<string> | null): void {
    for (const message of this.#hosts[side].messages(mailbox.id)) {
      if (elsewhere?.has(hexOf(message.guid) ?? "") === true) continue;
      this.#add(side, mailbox, message);
    }
  }

  #addMessage(side: Side, mailbox: MailboxFacts, subject: Subject): void {
    const message = this.#hosts[side].message(mailbox.id, subject.uid ?? 0);
    if (message !== null) this.#add(side, mailbox, message);
  }

  #add(side: Side, mailbox: MailboxFacts, message: MessageFacts): void {
    const { uid, guid, sizeBytes, file } = message;
    const subject = { mailbox: mailbox.name, uniqueId: mailbox.uniqueId, uid };
    this.counts[side]++;
    const place =
      file.problem === null
        ? filePlace(this.#hosts[side], mailbox, message)
        : { refused: "its file cannot be read there" };
    const refused = "refused" in place ? place.refused : this.#lists.add(side, place, null, hexOf(file.sha1));
    if (refused !== null) this.#refusals.message("rescue", subject, refused);
    this.file.addText(
      jsonLine({
        only: side,
        host: this.#hosts[side].name,
        ...nameFields("mailbox", mailbox.name),
        uniqueid: mailbox.uniqueId,
        uid,
        size: Number(sizeBytes),
        guid: hexOf(guid),
        matchesGuid: namesFile(guid, file),
        ...("refused" in place
          ? {}
          : { partition: place.root.partition, root: place.root.kind, ...nameFields("path", place.path) }),
      }),
    );
  }
}

function otherOf(side: Side): Side {
  return side === "primary" ? "replica" : "primary";
}
