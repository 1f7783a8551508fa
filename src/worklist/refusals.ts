import type { Subject } from "../compare/variance.ts";
import type { ByteString } from "../mail/name.ts";
import { jsonLine, nameFields } from "./json-line.ts";
import { ListFile, type ListOutput } from "./output.ts";

/** What belongs into a list and cannot be in it, each with the reason: `cannot-be-listed.json`, one object a line. */
export class Refusals {
  readonly file: ListFile;

  constructor(output: ListOutput) {
    this.file = new ListFile(output, "cannot-be-listed.json");
  }

  /** @param list what it would have been listed for */
  name(list: string, name: ByteString, reason: string): void {
    const bytes = Buffer.from(name, "latin1").toString("base64");
    this.file.addText(jsonLine({ list, reason, ...nameFields("name", name), nameBytes: bytes }));
  }

  message(list: string, { mailbox, uniqueId, uid }: Subject, reason: string): void {
    const bytes = mailbox === null ? {} : { mailboxBytes: Buffer.from(mailbox, "latin1").toString("base64") };
    const place = { ...nameFields("mailbox", mailbox), ...bytes, uniqueid: uniqueId };
    this.file.addText(jsonLine({ list, reason, ...place, ...(uid === undefined ? {} : { uid }) }));
  }
}
