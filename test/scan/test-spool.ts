/** A spool in a temporary folder that tests build file by file, with its mailbox list kept in memory. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PendingName, ReadProblem, Tombstone } from "../../src/mail/mailbox.ts";
import type { ByteString } from "../../src/mail/name.ts";
import type { ItemReading, MailboxRef, MailStore, PartitionRoot } from "../../src/store/mail-store.ts";
import { type IndexSpec, type RecordSpec, writeIndex, writeMailboxHeader } from "../support/index-writer.ts";

/** A message, its record and, unless `file` is null, its file. */
export interface TestMessage {
  readonly uid: number;
  readonly body: string;
  /** What the file holds instead of `body`; null for no file. */
  readonly file?: string | Buffer | null;
  /** Flag word of the record, see `index-writer.ts`. */
  readonly flags?: number;
  readonly inArchive?: boolean;
}

export class TestSpool {
  readonly base: ByteString = mkdtempSync(join(tmpdir(), "spooldiff-scan-"));
  readonly spool: ByteString = `${this.base}/spool`;
  readonly archive: ByteString = `${this.base}/archive`;
  /** The mailbox list as it is now. */
  readonly list = new Map<ByteString, MailboxRef>();
  tombstones: Tombstone[] = [];
  pending: PendingName[] = [];
  problems: ReadProblem[] = [];
  /** Why the list cannot be read, where it cannot: what `list` holds then is not looked at. */
  unread: ReadProblem | null = null;
  items: ItemReading[] = [];
  /** What directories say of themselves, by the name of their mailbox, if not `unlisted-id`. */
  readonly idsOnDisk = new Map<ByteString, string>();
  /** Called after each reading of the list, with how many there were. */
  afterListRead: (reads: number) => void = () => {};
  #reads = 0;

  constructor() {
    mkdirSync(bytes(this.spool));
    mkdirSync(bytes(this.archive));
  }

  /** Adds a mailbox to the list and to the disk. */
  add(name: ByteString, messages: readonly TestMessage[], index: IndexSpec = {}): MailboxRef {
    const ref = this.place(name);
    this.list.set(name, ref);
    this.write(ref, messages, index);
    return ref;
  }

  /** Where a mailbox lies, without adding it anywhere. */
  place(name: ByteString, uniqueId = `id-of-${Buffer.from(name, "latin1").toString("hex")}`): MailboxRef {
    const path = name.replaceAll(".", "/");
    return {
      name,
      uniqueId,
      listing: {
        partition: "default",
        type: "e",
        uidValidity: null,
        foldermodseq: null,
        createdModseq: null,
        mtime: null,
        acl: null,
      },
      indexFile: `${this.spool}/${path}/cyrus.index`,
      headerFile: `${this.spool}/${path}/cyrus.header`,
      annotationsFile: `${this.spool}/${path}/cyrus.annotations`,
      expungeFile: `${this.spool}/${path}/cyrus.expunge`,
      messageDirectories: [`${this.spool}/${path}`, `${this.archive}/${path}`],
      messageRoots: [this.spool, this.archive],
    };
  }

  /** Writes a mailbox's header, index and message files. */
  write(ref: MailboxRef, messages: readonly TestMessage[], index: IndexSpec = {}): void {
    const [spool, archive] = ref.messageDirectories as [ByteString, ByteString];
    mkdirSync(bytes(spool), { recursive: true });
    for (const message of messages) {
      if (message.file === null) continue;
      const directory = message.inArchive ? archive : spool;
      mkdirSync(bytes(directory), { recursive: true });
      writeFileSync(bytes(`${directory}/${message.uid}.`), message.file ?? message.body);
    }
    writeFileSync(bytes(ref.headerFile), writeMailboxHeader({ uniqueId: ref.uniqueId ?? "", name: "user.x" }));
    this.writeIndex(ref, messages, index);
  }

  /** Writes a mailbox's index only, in place. */
  writeIndex(ref: MailboxRef, messages: readonly TestMessage[], index: IndexSpec = {}): void {
    writeFileSync(bytes(ref.indexFile), writeIndex({ ...index, records: messages.map(recordOf) }));
  }

  store(roots: readonly PartitionRoot[] = this.roots()): MailStore {
    return {
      kind: "cyrus",
      configFiles: [],
      identityPath: this.base,
      configDirectory: this.base,
      roots,
      description: [],
      readMailboxList: async () => {
        const mailboxes = [...this.list.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
        const rest = { tombstones: [...this.tombstones], problems: this.problems };
        const list = { readAtMs: Date.now(), mailboxes, ...rest, ...(this.unread && { unread: this.unread }) };
        this.afterListRead(++this.#reads);
        return list;
      },
      readPending: async () => ({ names: this.pending, problems: [] }),
      readItems: async function* (this: TestSpool) {
        yield* this.items;
      }.bind(this),
      describeUnlisted: async (directory) => {
        const name = directory.slice(this.spool.length + 1).replaceAll("/", ".");
        return this.place(name, this.idsOnDisk.get(name) ?? "unlisted-id");
      },
    };
  }

  roots(): PartitionRoot[] {
    return [
      { partition: "default", kind: "spool", directory: this.spool },
      { partition: "default", kind: "archive", directory: this.archive },
    ];
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

export function bytes(path: ByteString): Buffer {
  return Buffer.from(path, "latin1");
}

export function sha1Of(body: string | Buffer): string {
  return createHash("sha1").update(body).digest("hex");
}

/** Messages with the given UIDs, each of its own text. */
export function messages(...uids: number[]): TestMessage[] {
  return uids.map((uid) => ({ uid, body: `Subject: ${uid}\r\n\r\n${"text ".repeat(uid % 7)}` }));
}

function recordOf({ uid, body, flags = 0 }: TestMessage): RecordSpec {
  return { uid, size: body.length, guid: sha1Of(body), modseq: uid, flags };
}
