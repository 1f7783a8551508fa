import { ManifestError } from "../errors.ts";
import { digestOf, type Value } from "../mail/canonical-digest.ts";
import type { ByteString } from "../mail/name.ts";

/**
 * One row of an untrusted database, as a list of values: every value is checked for type, range and length when it is
 * taken, so that a forged file ends in an error that names the column, not in a wrong report.
 */
export class CheckedRow {
  readonly #path: string;
  readonly #columns: readonly string[];
  readonly #values: readonly unknown[];
  #at = 0;

  /** @param values in the order of `columns`, read with safe integers */
  constructor(path: string, columns: readonly string[], values: readonly unknown[]) {
    this.#path = path;
    this.#columns = columns;
    this.#values = values;
  }

  /** The next column, a whole number that fits a JavaScript number. */
  integer(min = 0, max = Number.MAX_SAFE_INTEGER): number {
    return this.integerOrNull(min, max) ?? this.#refuse("NULL");
  }

  integerOrNull(min = 0, max = Number.MAX_SAFE_INTEGER): number | null {
    const value = this.#next();
    if (value === null) return null;
    if (typeof value !== "bigint" || value < min || value > max) return this.#refuse(describe(value));
    return Number(value);
  }

  /** The next column, a whole number of up to 63 bits, not negative. */
  bigInteger(): bigint {
    return this.bigIntegerOrNull() ?? this.#refuse("NULL");
  }

  bigIntegerOrNull(min = 0n): bigint | null {
    const value = this.#next();
    if (value === null) return null;
    if (typeof value !== "bigint" || value < min) return this.#refuse(describe(value));
    return value;
  }

  /** The next column, text; one of `allowed` where that is given. */
  text<T extends string>(allowed?: readonly T[]): T {
    return this.textOrNull(allowed) ?? this.#refuse("NULL");
  }

  textOrNull<T extends string>(allowed?: readonly T[]): T | null {
    const value = this.#next();
    if (value === null) return null;
    if (typeof value !== "string" || value.length > MAX_TEXT) return this.#refuse(describe(value));
    if (allowed !== undefined && !(allowed as readonly string[]).includes(value)) return this.#refuse(describe(value));
    return value as T;
  }

  /** The next column, a digest or id of exactly `length` bytes, or of the `other` length. */
  bytesOrNull(length: number, other = length): Uint8Array | null {
    const value = this.#next();
    if (value === null) return null;
    if (!(value instanceof Uint8Array) || (value.length !== length && value.length !== other))
      return this.#refuse(describe(value));
    return value;
  }

  /** The next column, the bytes of a name, path or list of names. */
  name(): ByteString {
    return this.nameOrNull() ?? this.#refuse("NULL");
  }

  nameOrNull(): ByteString | null {
    const value = this.#next();
    if (value === null) return null;
    if (!Buffer.isBuffer(value) || value.length > MAX_TEXT) return this.#refuse(describe(value));
    return value.toString("latin1");
  }

  /** Checks that the next column is the digest over all the columns before it, which stand in `table`. */
  checkDigest(kind: string, table: string): void {
    const found = digestOf(kind, this.#values.slice(0, this.#at) as Value[]);
    const stored = this.bytesOrNull(32);
    if (stored !== null && Buffer.compare(found, stored) === 0) return;
    throw new ManifestError(`Cannot use "${this.#path}": a row of table ${table} is not the one that was sealed`, {
      hint: HINT,
    });
  }

  #next(): unknown {
    return this.#values[this.#at++];
  }

  #refuse(found: string): never {
    const column = this.#columns[this.#at - 1] ?? "?";
    throw new ManifestError(`Cannot use "${this.#path}": column ${column} holds ${found}`, {
      hint: HINT,
    });
  }
}

const HINT = "The file was damaged or altered: copy it again from the host that wrote it";

/** No name, path or text of a healthy manifest comes near this many bytes. */
const MAX_TEXT = 1 << 20;

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  return String(value);
}
