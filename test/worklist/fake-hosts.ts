/** Two hosts in memory, as work-lists want them. */
import type { ByteString } from "../../src/mail/name.ts";
import type { MailboxFacts, MessageFacts } from "../../src/mail/scan-facts.ts";
import type { WorkHost, WorkHosts } from "../../src/worklist/host.ts";
import type { ListOutput } from "../../src/worklist/output.ts";
import { guid, mailbox, message } from "../compare/records.ts";

/** A mailbox with its messages. */
export interface FakeMailbox {
  readonly facts: MailboxFacts;
  readonly messages: readonly MessageFacts[];
}

/** A mailbox by name; its uniqueid is made of the name. */
export function fakeMailbox(name: ByteString, messages: readonly MessageFacts[], over: Partial<MailboxFacts> = {}) {
  const uniqueId = `x${Buffer.from(name, "latin1").toString("hex").slice(0, 24)}`;
  const directories = [`/spool/x/${name.replaceAll(".", "/")}`];
  return { facts: mailbox({ name, uniqueId, directories, ...over }), messages };
}

/** A message whose file is what `byte` says: its GUID is made of 1. */
export function fakeFile(uid: number, byte: number | "missing", over: Partial<MessageFacts> = {}): MessageFacts {
  const digests = { sizeBytes: 100n, md5: guid(byte === "missing" ? 0 : byte).subarray(0, 16), xxh64: null };
  const file =
    byte === "missing"
      ? { problem: "missing" as const, sizeBytes: null, md5: null, sha1: null, xxh64: null }
      : { problem: null, ...digests, sha1: guid(byte) };
  const stat = byte === "missing" ? null : STAT;
  return { ...message({ uid }), guid: guid(1), file, stat, ...over };
}

/** What stat said of an ordinary message file. */
export const STAT = { root: 0, inode: 1n, sizeBytes: 100n, mtimeNs: 0n, ctimeNs: 0n, readAtMs: 0 } as const;

/** One host. Its mailboxes lie below `x/` of the partition that they say. */
export function fakeHost(name: string, mailboxes: readonly FakeMailbox[], over: Partial<WorkHost> = {}): WorkHost {
  const numbered = mailboxes.map(({ facts, messages }, i) => ({ facts: { ...facts, id: i + 1 }, messages }));
  const of = (id: number) => numbered.find(({ facts }) => facts.id === id)?.messages ?? [];
  return {
    name,
    mailbox: (uniqueId, wanted) =>
      (
        numbered.find(({ facts }) => uniqueId !== null && facts.uniqueId === uniqueId) ??
        numbered.find(({ facts }) => facts.name === wanted)
      )?.facts ?? null,
    wasDeleted: () => false,
    message: (id, uid) => of(id).find((each) => each.uid === uid) ?? null,
    messages: of,
    placeOf: ({ name: internal, listing }) => ({
      partition: listing?.partition ?? "",
      directory: `x/${internal.replaceAll(".", "/")}`,
      indexFile: `/spool/x/${internal.replaceAll(".", "/")}/cyrus.index`,
    }),
    rootOf: (_, kind) => (kind === "spool" ? "/spool" : "/archive"),
    configFile: "/etc/imapd.conf",
    mailboxDatabase: { path: "/conf/mailboxes.db", kind: "twoskip" },
    indexVersion: 17,
    ...over,
  };
}

export function fakeHosts(primary: readonly FakeMailbox[], replica: readonly FakeMailbox[]): WorkHosts {
  return {
    primary: fakeHost("mx1.example.org", primary),
    replica: fakeHost("mx2.example.org", replica),
    naming: { unixHierarchySep: true, virtDomains: true },
    syncCache: null,
  };
}

/** Keeps the files of a work-list in memory. */
export class MemoryOutput implements ListOutput {
  readonly files = new Map<string, Buffer>();

  append(name: string, bytes: Buffer): void {
    this.files.set(name, Buffer.concat([this.files.get(name) ?? Buffer.alloc(0), bytes]));
  }

  /** Bytes of one file, a character each; empty where there is none. */
  text(name: string): string {
    return this.files.get(name)?.toString("latin1") ?? "";
  }

  /** All of them in order of their names, for a golden file: what is not printable ASCII as `\xNN`. */
  all(): string {
    const names = [...this.files.keys()].sort();
    const shown = (text: string) =>
      text.replace(/[^\n -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
    return names.map((name) => `=== ${name}\n${shown(this.text(name))}\n`).join("");
  }
}
