/**
 * Inserts the message rows of a mailbox, many to a statement. Digests are not bound one by one: each statement takes the
 * packed bytes of its rows as one BLOB and cuts the columns out of it (measured: half the time of a row at a time).
 */
import { holds, PackedColumns, type RowShape, usesContent, usesCore, usesExt } from "../mail/packed-columns.ts";
import { CONTENT_BYTES, CORE_BYTES, EXT_BYTES, type PackedMessages, STAT_BYTES } from "../mail/packed-messages.ts";
import type { Database, Statement } from "../sqlite/database.ts";
import { blob } from "./mailbox-row.ts";
import { insertFileStats, insertMessages } from "./statements.ts";

/** Rows that go into one statement, most first: few statements whatever the length of a run. */
const BATCHES = [64, 32, 16, 8, 4, 2, 1] as const;

/** Writes the tables `message` and `file_stat`. */
export class MessageRowWriter {
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  /** What is bound to a statement; one array for all, which does not have to grow each time. */
  readonly #values: (number | bigint | Buffer)[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Inserts all messages of one mailbox. */
  insert(mailbox: number, packed: PackedMessages): void {
    const columns = new PackedColumns(packed);
    const flags = packed.flagTexts.map((text) => blob(text));
    const shape = (row: number) => columns.shape(row);
    forEachRun(packed.count, shape, (row, n, rows) => {
      const values = this.#values;
      values.length = 0;
      for (let i = row; i < row + n; i++) pushMessage(values, columns, i, rows, flags[columns.flags(i)]);
      // A name that a shape does not use must not be bound.
      const cut = (group: Uint8Array, rowBytes: number) => group.subarray(row * rowBytes, (row + n) * rowBytes);
      this.#statement(`m ${rows} ${n}`, () => insertMessages(rows, n)).run(values, {
        mailbox,
        ...(usesCore(rows) ? { core: cut(packed.core, CORE_BYTES) } : {}),
        ...(usesExt(rows) ? { ext: cut(packed.ext, EXT_BYTES) } : {}),
        ...(usesContent(rows) ? { content: cut(packed.content, CONTENT_BYTES) } : {}),
      });
    });
    const stat = (row: number) => columns.statPresence(row);
    forEachRun(packed.count, stat, (row, n, presence) => {
      if (presence === 0) return;
      const values = this.#values;
      values.length = 0;
      for (let i = row; i < row + n; i++) pushStat(values, columns, i, presence);
      this.#statement(`s ${presence} ${n}`, () => insertFileStats(presence, n)).run(values, {
        mailbox,
        stat: packed.stat.subarray(row * STAT_BYTES, (row + n) * STAT_BYTES),
      });
    });
  }

  #statement(key: string, text: () => string): Statement {
    const known = this.#statements.get(key);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(text());
    this.#statements.set(key, statement);
    return statement;
  }
}

/** Cuts the rows into pieces of one shape each whose lengths are those of {@link BATCHES}. */
function forEachRun(
  count: number,
  shapeOf: (row: number) => number,
  insert: (row: number, rows: number, shape: number) => void,
): void {
  for (let row = 0; row < count; ) {
    const shape = shapeOf(row);
    let end = row + 1;
    while (end < count && shapeOf(end) === shape) end++;
    for (const batch of BATCHES) {
      for (; row + batch <= end; row += batch) insert(row, batch, shape);
    }
  }
}

/** In the order of the question marks of {@link insertMessages}. */
function pushMessage(
  values: (number | bigint | Buffer)[],
  columns: PackedColumns,
  row: number,
  shape: RowShape,
  flags: Buffer | undefined,
): void {
  values.push(columns.uid(row), columns.size(row), columns.internalDate(row), columns.lastUpdated(row));
  if (holds(shape, "modseq")) values.push(columns.modseq(row));
  values.push(flags ?? Buffer.alloc(0));
  if (holds(shape, "savedate")) values.push(columns.saveDate(row));
  if (holds(shape, "createdmodseq")) values.push(columns.createdModseq(row));
  if (holds(shape, "file_size")) values.push(columns.fileSize(row));
}

/** In the order of the question marks of {@link insertFileStats}. */
function pushStat(values: (number | bigint | Buffer)[], columns: PackedColumns, row: number, presence: number): void {
  values.push(
    columns.uid(row),
    columns.statRoot(row),
    columns.statSize(row),
    columns.mtimeNs(row),
    columns.ctimeNs(row),
  );
  if (presence & 2) values.push(columns.readAtMs(row));
}
