import { flagNames, lowerAscii, SYSTEM_FLAGS } from "../mail/flags.ts";
import type { Message } from "../mail/message.ts";
import { displayName } from "../mail/name.ts";
import type { MailboxFacts } from "../mail/scan-facts.ts";
import { terminalName } from "./escape.ts";
import type { Sink } from "./format.ts";
import { jsonLine } from "./json.ts";

/** Writes one mailbox and each of its messages; the fields of the JSON lines are the same for every store. */
export function writeMessageLines(
  mailbox: MailboxFacts,
  messages: Iterable<Message>,
  format: "json" | "text",
  sink: Sink,
): void {
  const spelled = spellings(mailbox.keywords);
  const name = displayName(mailbox.name);
  if (format === "json") {
    const named = { mailbox: name.text, ...base64("mailboxBytes", name.base64) };
    sink(jsonLine({ type: "mailbox", ...named, ...numbers(mailbox) }));
    for (const message of messages) sink(jsonLine({ type: "message", ...named, ...fields(message, spelled) }));
    return;
  }
  sink(`${terminalName(mailbox.name)}\n`);
  for (const message of messages) sink(textLine(message, spelled));
  sink("\n");
}

function numbers(mailbox: MailboxFacts) {
  const { header, counted } = mailbox;
  return {
    uniqueid: mailbox.uniqueId,
    status: mailbox.status,
    messages: counted?.exists ?? null,
    unseen: counted?.unseen ?? null,
    uidvalidity: header?.uidValidity ?? null,
    uidnext: header === null ? null : header.lastUid + 1,
    highestmodseq: header?.highestModseq?.toString() ?? null,
  };
}

function fields(message: Message, spelled: ReadonlyMap<string, string>) {
  const { file } = message;
  return {
    uid: message.uid,
    guid: hex(message.guid),
    flags: flagNames(message.flags).map((flag) => displayName(spelled.get(flag) ?? flag).text),
    internaldate: message.internalDate,
    size: Number(message.sizeBytes),
    md5: hex(file.md5),
    rawSize: file.sizeBytes === null ? null : Number(file.sizeBytes),
    rawMd5: hex(file.md5),
    modseq: message.modseq?.toString() ?? null,
    sha1: hex(file.sha1),
    xxh64: hex(file.xxh64),
    problem: file.problem,
  };
}

function textLine(message: Message, spelled: ReadonlyMap<string, string>): string {
  const date = new Date(message.internalDate * 1000).toISOString().replace(".000Z", "Z");
  const flags = flagNames(message.flags).map((flag) => shownFlag(spelled.get(flag) ?? flag));
  const digest = hex(message.file.md5) ?? hex(message.guid) ?? "";
  const problem = message.file.problem === null ? "" : ` ${message.file.problem}`;
  const uid = String(message.uid).padStart(8);
  const size = message.sizeBytes.toString().padStart(10);
  return `${uid} ${size} ${date} ${digest}${problem}${flags.length > 0 ? `\n${" ".repeat(20)}${flags.join(" ")}` : ""}\n`;
}

/** The backslash that begins a system flag is a part of its name that nobody wants to see twice. */
function shownFlag(flag: string): string {
  return flag.startsWith("\\") && flag.length > 1 ? `\\${terminalName(flag.slice(1))}` : terminalName(flag);
}

/** Flags are stored in lower case; people read them as the mailbox spells them. */
function spellings(keywords: readonly string[]): Map<string, string> {
  const names = [...SYSTEM_FLAGS.map(([, name]) => name), ...keywords];
  return new Map(names.map((name) => [lowerAscii(name), name]));
}

function base64(key: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [key]: value };
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}
