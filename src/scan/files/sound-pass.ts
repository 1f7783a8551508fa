import type { ByteString } from "../../mail/name.ts";
import { CORE_BYTES } from "../../mail/packed-messages.ts";
import type { LiveRecords, MailboxReader } from "../../store/mail-store.ts";
import type { ReadCounts } from "../read-counts.ts";
import { agreesWithIndex } from "./agreement.ts";
import type { FileResults } from "./file-results.ts";
import type { SoundFiles } from "./sound-files.ts";

/** Where a packed record has its size. */
const SIZE_AT = 9;

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
    const { content } = this.#tools.results.rows;
    return rows.filter((row) => !agreesWithIndex(this.#live, this.#core, content, row));
  }
}

/** True where a path says the same bytes as text. */
export function isAscii(path: ByteString): boolean {
  return !/[^ -~]/.test(path);
}
