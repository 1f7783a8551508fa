import { FILE_PROBLEMS, type FileReading } from "../mail/message.ts";
import type { ByteString } from "../mail/name.ts";
import type { FileStat } from "../mail/packed-messages.ts";

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

const DIGEST_BYTES = 16 + 20 + 8;
/** Size, inode, mtime, ctime, time of reading. */
const NUMBERS = 5;
/** Problem, presence bits, root, same, looks. */
const MARKS = 5;
const HAS_SIZE = 1;
const HAS_MD5 = 2;
const HAS_SHA1 = 4;
const HAS_XXH64 = 8;
const HAS_STAT = 16;
const HAS_READ = 32;

/**
 * Results by UID, packed: a mailbox may hold a million messages, and as objects they would be gigabytes. A result that
 * was replaced or deleted leaves its row behind until the next.
 */
export class FileResults {
  readonly #rows = new Map<number, number>();
  readonly #remarks = new Map<number, FileRemark>();
  #capacity = 0;
  #used = 0;
  #digests = new Uint8Array(0);
  #numbers = new BigInt64Array(0);
  #marks = new Uint8Array(0);

  has(uid: number): boolean {
    return this.#rows.has(uid);
  }

  delete(uid: number): void {
    this.#rows.delete(uid);
    this.#remarks.delete(uid);
  }

  clear(): void {
    this.#rows.clear();
    this.#remarks.clear();
    this.#used = 0;
  }

  set(uid: number, { file, stat, same, looks, remark }: FileResult): void {
    const row = this.#rowFor(uid);
    if (remark !== null) this.#remarks.set(uid, remark);
    else if (this.#remarks.size > 0) this.#remarks.delete(uid);
    const at = row * DIGEST_BYTES;
    if (file.md5 !== null) this.#digests.set(file.md5, at);
    if (file.sha1 !== null) this.#digests.set(file.sha1, at + 16);
    if (file.xxh64 !== null) this.#digests.set(file.xxh64, at + 36);
    const number = row * NUMBERS;
    this.#numbers[number] = file.sizeBytes ?? 0n;
    this.#numbers[number + 1] = stat?.inode ?? 0n;
    this.#numbers[number + 2] = stat?.mtimeNs ?? 0n;
    this.#numbers[number + 3] = stat?.ctimeNs ?? 0n;
    this.#numbers[number + 4] = BigInt(stat?.readAtMs ?? 0);
    const mark = row * MARKS;
    this.#marks[mark] = file.problem === null ? 0 : 1 + FILE_PROBLEMS.indexOf(file.problem);
    this.#marks[mark + 1] = presenceOf(file, stat);
    this.#marks[mark + 2] = stat?.root ?? 0;
    this.#marks[mark + 3] = same;
    this.#marks[mark + 4] = looks;
  }

  /** The digests are views that hold until the next `set`. */
  get(uid: number): FileResult | null {
    const row = this.#rows.get(uid);
    if (row === undefined) return null;
    const at = row * DIGEST_BYTES;
    const number = (field: number) => this.#numbers[row * NUMBERS + field] ?? 0n;
    const mark = (field: number) => this.#marks[row * MARKS + field] ?? 0;
    const has = mark(1);
    const size = BigInt.asUintN(64, number(0));
    const file: FileReading = {
      problem: FILE_PROBLEMS[mark(0) - 1] ?? null,
      sizeBytes: has & HAS_SIZE ? size : null,
      md5: has & HAS_MD5 ? this.#digests.subarray(at, at + 16) : null,
      sha1: has & HAS_SHA1 ? this.#digests.subarray(at + 16, at + 36) : null,
      xxh64: has & HAS_XXH64 ? this.#digests.subarray(at + 36, at + 44) : null,
    };
    const stat: FileStat = {
      root: mark(2) === 1 ? 1 : 0,
      inode: BigInt.asUintN(64, number(1)),
      sizeBytes: size,
      mtimeNs: number(2),
      ctimeNs: number(3),
      readAtMs: has & HAS_READ ? Number(number(4)) : null,
    };
    return {
      file,
      stat: has & HAS_STAT ? stat : null,
      same: mark(3),
      looks: mark(4),
      remark: this.#remarks.get(uid) ?? null,
    };
  }

  #rowFor(uid: number): number {
    const known = this.#rows.get(uid);
    if (known !== undefined) return known;
    if (this.#used === this.#capacity) this.#grow();
    this.#rows.set(uid, this.#used);
    return this.#used++;
  }

  #grow(): void {
    this.#capacity = Math.max(64, this.#capacity * 2);
    const digests = new Uint8Array(this.#capacity * DIGEST_BYTES);
    digests.set(this.#digests);
    this.#digests = digests;
    const numbers = new BigInt64Array(this.#capacity * NUMBERS);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const marks = new Uint8Array(this.#capacity * MARKS);
    marks.set(this.#marks);
    this.#marks = marks;
  }
}

function presenceOf(file: FileReading, stat: FileStat | null): number {
  return (
    (file.sizeBytes === null ? 0 : HAS_SIZE) |
    (file.md5 === null ? 0 : HAS_MD5) |
    (file.sha1 === null ? 0 : HAS_SHA1) |
    (file.xxh64 === null ? 0 : HAS_XXH64) |
    (stat === null ? 0 : HAS_STAT) |
    (stat === null || stat.readAtMs === null ? 0 : HAS_READ)
  );
}
