import { namesFile } from "../mail/guid.ts";
import type { ByteString } from "../mail/name.ts";
import { CONTENT_BYTES, CORE_BYTES, fileFacts, unpackContent } from "../mail/packed-messages.ts";
import type { LiveRecords, MailboxReader } from "../store/mail-store.ts";
import type { FileResults } from "./file-results.ts";
import type { ReadCounts } from "./message-files.ts";
import type { SoundFiles } from "./sound-files.ts";

/** Where a packed record has its presence byte, its size and its GUID; and where a packed reading has its SHA-1. */
const [PRESENCE_AT, SIZE_AT, GUID_AT, SHA1_AT] = [4, 9, 41, 26] as const;
const [HAS_GUID, GUID_IS_UUID, HAS_SHA1] = [2, 4, 4] as const;
const SHA1_BYTES = 20;

/** What a pass over the files of one directory works with. */
interface SoundTools {
  readonly files: SoundFiles;
  readonly reader: MailboxReader;
  readonly results: FileResults;
  readonly counts: ReadCounts;
}

/** The first look at the files of a mailbox, of those that the quick way can look at. */
export class SoundPass {
  readonly #tools: SoundTools;
  readonly #live: LiveRecords;
  readonly #prefix: string;
  readonly #core: DataView;
  /** Rows whose digests are owed, or were when they were read. */
  #rows: number[] = [];

  /**
   * @param directory absolute path, ASCII only, of the spool
   * @param live the records for which `results` has made its rows
   */
  constructor(tools: SoundTools, directory: string, live: LiveRecords) {
    this.#tools = tools;
    this.#live = live;
    this.#prefix = `${directory}/`;
    this.#core = new DataView(live.core.buffer, live.core.byteOffset, live.core.byteLength);
  }

  /** Looks at the file of a live record; false if that has to be done in the other way. */
  look(row: number): boolean {
    const at = row * CORE_BYTES;
    const core = this.#core;
    // The archive is another directory, and four gigabytes are no message.
    if (this.#live.archived[row] === 1 || core.getUint32(at + SIZE_AT + 4, true) !== 0) return false;
    const { files, reader, results, counts } = this.#tools;
    const path = this.#prefix + reader.messageFileName(core.getUint32(at, true));
    if (!files.look(path, core.getUint32(at + SIZE_AT, true), counts, results.rows, row)) return false;
    results.filled(row);
    this.#rows.push(row);
    return true;
  }

  /** Rows since the last call whose digests are not what the index says; when nothing is owed any more. */
  takeContradicted(): number[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows.filter((row) => !this.#agrees(row));
  }

  #agrees(row: number): boolean {
    const { core } = this.#live;
    const content = this.#tools.results.rows.content;
    const record = row * CORE_BYTES;
    const reading = row * CONTENT_BYTES;
    const presence = core[record + PRESENCE_AT] ?? 0;
    if ((presence & HAS_GUID) === 0 || (content.getUint8(reading + 1) & HAS_SHA1) === 0) return true;
    if ((presence & GUID_IS_UUID) !== 0) {
      const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
      return namesFile(fileFacts(this.#live, row).guid, unpackContent(bytes, row)) !== false;
    }
    for (let i = 0; i < SHA1_BYTES; i += 4) {
      if (this.#core.getUint32(record + GUID_AT + i) !== content.getUint32(reading + SHA1_AT + i)) return false;
    }
    return true;
  }
}

/** True where a path says the same bytes as text. */
export function isAscii(path: ByteString): boolean {
  return !/[^ -~]/.test(path);
}
