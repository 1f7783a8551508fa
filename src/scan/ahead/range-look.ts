import { lstatSync } from "node:fs";
import { errnoOf } from "../../errors.ts";
import { WHOLE_FILE_BYTES } from "../../hash/digester.ts";
import type { ByteString } from "../../mail/name.ts";
import { recordSize } from "../../mail/packed-columns.ts";
import { CONTENT_BYTES, CORE_BYTES, putContent, putStat, STAT_BYTES } from "../../mail/packed-messages.ts";
import type { LiveRecords, MailboxReader } from "../../store/mail-store.ts";
import { agreesWithIndex } from "../files/agreement.ts";
import type { FileLook } from "../files/file-look.ts";
import type { FileRows } from "../files/file-results.ts";
import type { MessageFiles } from "../files/message-files.ts";
import type { SoundFiles } from "../files/sound-files.ts";
import type { ReadCounts } from "../read-counts.ts";
import type { RangeFiles, RecordRange } from "./ahead-task.ts";

/** Where rows of the packed groups hold what is needed here. */
const STAT = { presence: 0, root: 1, ctimeNs: 26, readAtMs: 34 } as const;
const WAS_READ = 2;

/** What the files of a range are looked at with. */
export interface RangeTools {
  readonly files: MessageFiles;
  /** The quick way of `files`. */
  readonly sound: SoundFiles;
  readonly reader: MailboxReader;
  readonly settledMs: number;
}

/**
 * One look at the files of a range. Of those that are not sound (regular, of one name and of the size and the digest that
 * their records say), or were changed just before, nothing is kept.
 */
export class RangeLook {
  readonly #tools: RangeTools;
  /** Of the spool and of the archive; null: it is not to be looked into. */
  readonly #prefixes: readonly (ByteString | null)[];
  readonly #live: LiveRecords;
  readonly #core: DataView;
  readonly #content: Uint8Array<ArrayBuffer>;
  readonly #stat: Uint8Array<ArrayBuffer>;
  readonly #rows: FileRows;
  readonly #counts: ReadCounts = { bytesRead: 0, filesRead: 0 };

  /** @param directories absolute paths of the spool and the archive, ASCII only; null: it is not to be looked into */
  constructor(tools: RangeTools, directories: readonly (ByteString | null)[], { count, core, archived }: RecordRange) {
    this.#tools = tools;
    this.#prefixes = directories.map((path) => (path === null ? null : `${path}/`));
    this.#live = { count, core, archived, ext: new Uint8Array(), flagTexts: [] };
    this.#core = new DataView(core.buffer, core.byteOffset, core.byteLength);
    this.#content = new Uint8Array(count * CONTENT_BYTES);
    this.#stat = new Uint8Array(count * STAT_BYTES);
    this.#rows = { content: new DataView(this.#content.buffer), stat: new DataView(this.#stat.buffer) };
  }

  /** Looks at all files. */
  run(): void {
    for (let row = 0; row < this.#live.count; row++) this.#lookAt(row);
    this.#tools.files.flush();
    for (let row = 0; row < this.#live.count; row++) if (!this.#isKept(row)) this.#clear(row);
  }

  /** What was found. */
  get found(): RangeFiles {
    return { content: this.#content, stat: this.#stat, ...this.#counts };
  }

  /** What was read, where nothing of it may be kept. */
  get nothing(): RangeFiles {
    for (let row = 0; row < this.#live.count; row++) this.#clear(row);
    return this.found;
  }

  #lookAt(row: number): void {
    const root = this.#live.archived[row] === 1 ? 1 : 0;
    const prefix = this.#prefixes[root] ?? null;
    if (prefix === null) return;
    const size = recordSize(this.#core, row);
    const path = prefix + this.#tools.reader.messageFileName(this.#core.getUint32(row * CORE_BYTES, true));
    if (size > WHOLE_FILE_BYTES) this.#lookAtLong(path, BigInt(size), root, row);
    else if (this.#tools.sound.look(path, size, this.#counts, this.#rows, row))
      this.#stat[row * STAT_BYTES + STAT.root] = root;
  }

  /** Reads a file in pieces, and fills its row when that is done. */
  #lookAtLong(path: string, size: bigint, root: 0 | 1, row: number): void {
    // Who has several names is read once for all of them, by the thread that reads the mailbox.
    if (!isAlone(path)) return;
    const done = ({ file, stat }: FileLook) => {
      if (file.problem !== null || file.sizeBytes !== size || file.xxh64 === null || stat === null) return;
      putContent(this.#content, this.#rows.content, row, file);
      putStat(this.#rows.stat, row, { ...stat, root });
    };
    this.#tools.files.look(path, { maxBytes: size, fresh: true, counts: this.#counts }, done);
  }

  #isKept(row: number): boolean {
    const { stat, content } = this.#rows;
    const at = row * STAT_BYTES;
    if ((stat.getUint8(at + STAT.presence) & WAS_READ) === 0) return false;
    const ctimeMs = Number(stat.getBigInt64(at + STAT.ctimeNs, true)) / 1e6;
    // A number is exact to a microsecond here, which the age of two seconds need not be.
    if (ctimeMs + this.#tools.settledMs > Number(stat.getBigInt64(at + STAT.readAtMs, true))) return false;
    return agreesWithIndex(this.#live, this.#core, content, row);
  }

  #clear(row: number): void {
    this.#content.fill(0, row * CONTENT_BYTES, (row + 1) * CONTENT_BYTES);
    this.#stat.fill(0, row * STAT_BYTES, (row + 1) * STAT_BYTES);
  }
}

function isAlone(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.nlink === 1;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return false;
  }
}
