/**
 * The "dlist" text that Cyrus keeps in mailboxes.db values and in `cyrus.header`:
 *
 *   value   = list / map / item
 *   list    = "(" [value *(SP value)] ")"
 *   map     = "%(" [item SP value *(SP item SP value)] ")"
 *   item    = atom / quoted / literal
 *   atom    = bytes up to the next SP, CR, LF or end; the `)` it ends with belong to the lists around it; `NIL` is null
 *   quoted  = DQUOTE *(byte / "\" byte) DQUOTE
 *   literal = "{" size ["+"] "}" [CR] LF bytes
 *
 * @see cyrus-imapd `imap/dlist.c`, _parsesax, _parseitem
 */
import { CorruptStoreError } from "../../errors.ts";
import type { ByteString } from "../../mail/name.ts";

/** A parsed value: an item, `NIL`, a list, or a map. */
export type DlistValue = ByteString | null | readonly DlistValue[] | DlistMap;

/** A map with its entries in stored order; a key may be repeated. */
export interface DlistMap {
  readonly entries: readonly (readonly [ByteString, DlistValue])[];
}

/** Deeper than anything Cyrus writes (4), and shallow enough for any stack. */
const MAX_DEPTH = 32;

/**
 * Parses `text`, which holds one value and may end with a line break.
 *
 * @param path named in errors only
 * @throws {CorruptStoreError} when `text` is anything else
 */
export function parseDlist(text: ByteString, path: ByteString): DlistValue {
  const parser = new Parser(text, path);
  const value = parser.value(0);
  parser.end();
  return value;
}

/** True if `value` is a map. */
export function isDlistMap(value: DlistValue | undefined): value is DlistMap {
  return typeof value === "object" && value !== null && "entries" in value && !Array.isArray(value);
}

/** True if `value` is a list. */
export function isDlistList(value: DlistValue | undefined): value is readonly DlistValue[] {
  return Array.isArray(value);
}

/** The first value under `key`, as Cyrus' dlist_getchild finds it; undefined where there is none. */
export function dlistGet(map: DlistMap, key: ByteString): DlistValue | undefined {
  for (const [name, value] of map.entries) if (name === key) return value;
  return undefined;
}

/** The item under `key`; null where there is none, or where it is `NIL`, a list or a map. */
export function dlistItem(map: DlistMap, key: ByteString): ByteString | null {
  const value = dlistGet(map, key);
  return typeof value === "string" ? value : null;
}

/** Bytes that mean something. As numbers: one-letter strings to compare them with cost several times as much. */
const [CLOSE, OPEN, SPACE, QUOTE, BACKSLASH, BRACE, PERCENT, CR, LF] = [
  0x29, 0x28, 0x20, 0x22, 0x5c, 0x7b, 0x25, 0x0d, 0x0a,
] as const;

class Parser {
  readonly #text: ByteString;
  readonly #path: ByteString;
  #at = 0;

  constructor(text: ByteString, path: ByteString) {
    this.#text = text;
    this.#path = path;
  }

  value(depth: number): DlistValue {
    if (depth > MAX_DEPTH) throw this.#error(`lists are nested more than ${MAX_DEPTH} deep`);
    const first = this.#text.charCodeAt(this.#at);
    if (first === OPEN) return this.#list(depth);
    if (first === PERCENT && this.#text.charCodeAt(this.#at + 1) === OPEN) return this.#map(depth);
    return this.#item();
  }

  end(): void {
    if (this.#text.charCodeAt(this.#at) === CR) this.#at++;
    if (this.#text.charCodeAt(this.#at) === LF) this.#at++;
    if (this.#at < this.#text.length) throw this.#error("something follows the value");
  }

  #list(depth: number): DlistValue[] {
    this.#at += 1;
    const values: DlistValue[] = [];
    while (!this.#closes()) {
      values.push(this.value(depth + 1));
      if (this.#closes()) break;
      this.#space();
    }
    this.#at++;
    return values;
  }

  #map(depth: number): DlistMap {
    this.#at += 2;
    const entries: [ByteString, DlistValue][] = [];
    while (!this.#closes()) {
      const key = this.#item();
      // A bare NIL is a key like any other: only a value can be absent.
      this.#space();
      entries.push([key ?? "NIL", this.value(depth + 1)]);
      if (this.#closes()) break;
      this.#space();
    }
    this.#at++;
    return { entries };
  }

  #closes(): boolean {
    if (this.#at >= this.#text.length) throw this.#error("a list does not end");
    return this.#text.charCodeAt(this.#at) === CLOSE;
  }

  #space(): void {
    if (this.#text.charCodeAt(this.#at) !== SPACE) throw this.#error("a space is missing between two items");
    this.#at++;
  }

  #item(): ByteString | null {
    const first = this.#text.charCodeAt(this.#at);
    if (first === QUOTE) return this.#quoted();
    if (first === BRACE) return this.#literal();
    return this.#atom();
  }

  #atom(): ByteString | null {
    const start = this.#at;
    let end = start;
    for (; end < this.#text.length; end++) {
      const c = this.#text.charCodeAt(end);
      if (c === SPACE || c === CR || c === LF) break;
    }
    while (end > start && this.#text.charCodeAt(end - 1) === CLOSE) end--;
    this.#at = end;
    const atom = this.#text.slice(start, end);
    return atom === "NIL" ? null : atom;
  }

  #quoted(): ByteString {
    let text = "";
    let from = this.#at + 1;
    for (let at = from; at < this.#text.length; at++) {
      const c = this.#text.charCodeAt(at);
      if (c === QUOTE) {
        this.#at = at + 1;
        return text + this.#text.slice(from, at);
      }
      if (c === BACKSLASH) {
        text += this.#text.slice(from, at);
        at++;
        from = at;
      }
    }
    throw this.#error("a quoted string does not end");
  }

  #literal(): ByteString {
    const head = /\{(\d{1,10})\+?\}\r?\n/y;
    head.lastIndex = this.#at;
    const match = head.exec(this.#text);
    if (match === null) throw this.#error("a literal has no size");
    const start = head.lastIndex;
    const end = start + Number(match[1]);
    if (end > this.#text.length) throw this.#error("a literal is longer than the text");
    this.#at = end;
    return this.#text.slice(start, end);
  }

  #error(found: string): CorruptStoreError {
    return new CorruptStoreError(this.#path, found, this.#at);
  }
}
