import type { FileReading } from "../../mail/message.ts";
import type { ByteString } from "../../mail/name.ts";
import {
  CONTENT_BYTES,
  type FileStat,
  type PackedRecords,
  putContent,
  putStat,
  STAT_BYTES,
  uidsOf,
  unpackContent,
  unpackStat,
} from "../../mail/packed-messages.ts";

/** What is known of one message's file. */
export interface FileResult {
  readonly file: FileReading;
  readonly stat: FileStat | null;
  /** Looks in a row that found exactly this, and looks in all; small numbers. */
  readonly same: number;
  readonly looks: number;
  /** What there is to say of it besides, or null. */
  readonly remark: FileRemark | null;
}

/** What there is to say, to people, of a file that is not as it should be. */
export interface FileRemark {
  readonly path: ByteString;
  readonly errno: string | null;
  readonly found: string;
}

/** Results in the packed form of `mail/packed-messages.ts`; to be written by those who fill rows themselves. */
export interface FileRows {
  readonly content: DataView<ArrayBuffer>;
  readonly stat: DataView<ArrayBuffer>;
}

/** Whether there is a result, same, looks. */
const MARKS = 3;

/**
 * Results by UID, packed: a mailbox may hold a million messages, and as objects they would be gigabytes. A result that
 * was replaced or deleted leaves its row behind until the next.
 */
export class FileResults {
  /** The UIDs that were expected, ascending: each has its position as its row. */
  #expected = new Uint32Array(0);
  /** Where the last one was found: they are asked for in order. */
  #near = 0;
  /** Rows of UIDs that were not expected. */
  readonly #others = new Map<number, number>();
  readonly #remarks = new Map<number, FileRemark>();
  #capacity = 0;
  #used = 0;
  #known = 0;
  #content = new Uint8Array(0);
  #stat = new Uint8Array(0);
  #rows: FileRows = { content: viewOf(this.#content), stat: viewOf(this.#stat) };
  #marks = new Uint8Array(0);

  /**
   * Makes a row for each of `records`, in their order.
   *
   * @returns false if there are rows already; then none is made
   */
  expect(records: PackedRecords): boolean {
    if (this.#used > 0) return false;
    this.#expected = uidsOf(records);
    this.#resize(records.count);
    this.#used = records.count;
    return true;
  }

  has(uid: number): boolean {
    const row = this.#rowOf(uid);
    return row !== null && this.#marks[row * MARKS] === 1;
  }

  delete(uid: number): void {
    const row = this.#rowOf(uid);
    if (row === null) return;
    this.#remarks.delete(uid);
    this.#known -= this.#marks[row * MARKS] ?? 0;
    this.#marks[row * MARKS] = 0;
  }

  clear(): void {
    this.#expected = new Uint32Array(0);
    this.#others.clear();
    this.#remarks.clear();
    this.#used = 0;
    this.#known = 0;
    this.#resize(0);
  }

  set(uid: number, { file, stat, same, looks, remark }: FileResult): void {
    const row = this.rowFor(uid);
    if (remark !== null) this.#remarks.set(uid, remark);
    else if (this.#remarks.size > 0) this.#remarks.delete(uid);
    this.#content.fill(0, row * CONTENT_BYTES, (row + 1) * CONTENT_BYTES);
    this.#stat.fill(0, row * STAT_BYTES, (row + 1) * STAT_BYTES);
    putContent(this.#content, this.#rows.content, row, file);
    if (stat !== null) putStat(this.#rows.stat, row, stat);
    this.#mark(row, same, looks);
  }

  /** The digests are views that hold until the next `set`. */
  get(uid: number): FileResult | null {
    const row = this.#rowOf(uid);
    if (row === null || this.#marks[row * MARKS] !== 1) return null;
    return {
      file: unpackContent(this.#content, row),
      stat: unpackStat({ stat: this.#stat }, row),
      same: this.#marks[row * MARKS + 1] ?? 0,
      looks: this.#marks[row * MARKS + 2] ?? 0,
      remark: this.#remarks.get(uid) ?? null,
    };
  }

  /** The rows, to be filled. Others may take their place whenever a row is made. */
  get rows(): FileRows {
    return this.#rows;
  }

  /** The row of message `uid`; one that was never filled is all zeros. */
  rowFor(uid: number): number {
    const known = this.#rowOf(uid);
    if (known !== null) return known;
    if (this.#used === this.#capacity) this.#resize(Math.max(64, this.#capacity * 2));
    this.#others.set(uid, this.#used);
    return this.#used++;
  }

  /** Says that a row was filled in a first look that has nothing to remark. */
  filled(row: number): void {
    this.#mark(row, 1, 1);
  }

  /**
   * All results as they stand, row by row, if there is one for each of `records` and of nothing else, and no remark: else
   * null. They are the caller's to keep; nothing is known any more afterwards.
   */
  takeAll(records: PackedRecords): { readonly content: Uint8Array; readonly stat: Uint8Array } | null {
    if (this.#known !== records.count || this.#used !== records.count || this.#remarks.size > 0) return null;
    if (this.#others.size > 0) return null;
    const uids = uidsOf(records);
    if (!this.#expected.every((uid, row) => uid === uids[row])) return null;
    const taken = { content: this.#content, stat: this.#stat };
    this.clear();
    return taken;
  }

  #mark(row: number, same: number, looks: number): void {
    const mark = row * MARKS;
    this.#known += 1 - (this.#marks[mark] ?? 0);
    this.#marks[mark] = 1;
    this.#marks[mark + 1] = same;
    this.#marks[mark + 2] = looks;
  }

  #rowOf(uid: number): number | null {
    const expected = this.#expected;
    if (expected[this.#near] === uid) return this.#near;
    if (expected[this.#near + 1] === uid) return ++this.#near;
    let low = 0;
    let high = expected.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((expected[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    if (expected[low] !== uid) return this.#others.get(uid) ?? null;
    this.#near = low;
    return low;
  }

  #resize(capacity: number): void {
    this.#capacity = capacity;
    const resized = (old: Uint8Array, rowBytes: number) => {
      const bytes = new Uint8Array(capacity * rowBytes);
      bytes.set(old.subarray(0, Math.min(this.#used, capacity) * rowBytes));
      return bytes;
    };
    this.#content = resized(this.#content, CONTENT_BYTES);
    this.#stat = resized(this.#stat, STAT_BYTES);
    this.#rows = { content: viewOf(this.#content), stat: viewOf(this.#stat) };
    this.#marks = resized(this.#marks, MARKS);
  }
}

function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer);
}
