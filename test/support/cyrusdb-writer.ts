/**
 * Writes cyrusdb files as Cyrus does, for tests: the opposite of what `src/store/cyrus/cyrusdb/` reads, written from the
 * same description and sharing no code with it but XXH3, which has vectors of its own.
 */
import { crc32 } from "node:zlib";
import { xxh3 } from "../../src/store/cyrus/cyrusdb/xxh3.ts";

/** A change to a database. */
export type Change = { readonly put: string; readonly value: string } | { readonly delete: string };

/** Transactions, each committed as a whole; what `tail` holds is begun and not committed. */
export interface History {
  readonly transactions: readonly (readonly Change[])[];
  readonly tail: readonly Change[];
}

/** What a database holds after a history. */
export function stateOf(history: History): [string, string][] {
  const state = new Map<string, string>();
  for (const change of history.transactions.flat()) {
    if ("put" in change) state.set(change.put, change.value);
    else state.delete(change.delete);
  }
  return [...state].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** A flat file with the state after `history`. */
export function writeFlat(history: History): Buffer {
  const escaped = (text: string) =>
    text.replace(/[\0\t\r\n\xff]/g, (c) =>
      c === "\xff" ? "\xff\xff" : `\xff${String.fromCharCode(c.charCodeAt(0) | 0x80)}`,
    );
  const lines = stateOf(history).map(([key, value]) => `${escaped(key)}\t${escaped(value)}\n`);
  return Buffer.from(lines.join(""), "latin1");
}

/** A skiplist file: the first transaction as ordered records, the others as a log. Pointers are all 0. */
export function writeSkiplist(history: History): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  const put = (bytes: Buffer) => {
    chunks.push(bytes);
    at += bytes.length;
  };
  const offsets = new Map<string, number>();
  const words = (...values: number[]) => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
    return bytes;
  };
  const sized = (text: string) => {
    const bytes = Buffer.alloc(4 + Math.ceil(text.length / 4) * 4);
    bytes.writeUInt32BE(text.length);
    bytes.write(text, 4, "latin1");
    return bytes;
  };
  const record = (type: number, key: string, value: string, level: number) => {
    offsets.set(key, at);
    put(Buffer.concat([words(type), sized(key), sized(value), words(...new Array<number>(level).fill(0), 0xffffffff)]));
  };
  const log = (change: Change) => {
    const key = "put" in change ? change.put : change.delete;
    const old = offsets.get(key);
    if (old !== undefined) put(words(4, old));
    offsets.delete(key);
    if ("put" in change) record(2, key, change.value, 1 + (key.length % 3));
  };
  const [first = [], ...rest] = history.transactions;
  put(Buffer.from("\xa1\x02\x8b\x0dskiplist file\0\0\0", "latin1"));
  put(words(1, 2, 20, 1, 0, 0, 0));
  put(Buffer.concat([words(257, 0, 0), words(...new Array<number>(20).fill(0), 0xffffffff)]));
  for (const [key, value] of stateOf({ transactions: [first], tail: [] })) record(1, key, value, 1);
  const logStart = at;
  for (const transaction of rest) {
    for (const change of transaction) log(change);
    if (transaction.length > 0) put(words(255));
  }
  for (const change of history.tail) log(change);
  const bytes = Buffer.concat(chunks);
  bytes.writeUInt32BE(logStart, 40);
  return bytes;
}

/** Ways in which a twom file can be written. */
export interface TwomOptions {
  /** Without: all checksums are 0, as with CYRUSDB_NOCRC. */
  readonly checksums?: boolean;
  /** With 64-bit lengths in every record. */
  readonly fat?: boolean;
}

/**
 * A twom file. With a tail it is dirty, as a transaction under way leaves it. The file is longer than what is written,
 * as twom extends it in steps; pointers are not those of a real file, which nothing but a server follows.
 */
export function writeTwom(history: History, { checksums = true, fat = false }: TwomOptions = {}): Buffer {
  const checksum = (bytes: Buffer) => (checksums ? Number(xxh3(bytes) & 0xffffffffn) : 0);
  const record = (fixed: Buffer, level: number | null, tail: Buffer) => {
    const pointers = Buffer.alloc(level === null ? 0 : 8 * (level + 1));
    for (let at = 0; at < pointers.length; at += 8) pointers.writeUInt32LE(96 + at, at);
    const head = Buffer.concat([fixed, pointers]);
    const checks = Buffer.alloc(8);
    checks.writeUInt32LE(checksum(head), 0);
    checks.writeUInt32LE(tail.length === 0 ? 0 : checksum(tail), 4);
    return Buffer.concat([head, checks, tail]);
  };
  const fixed = (type: number, level: number, ...words: number[]) => {
    const bytes = Buffer.alloc(8 + 8 * words.length);
    bytes.writeUInt8(type, 0);
    bytes.writeUInt8(level, 1);
    for (const [i, value] of words.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 + 8 * i);
    return bytes;
  };
  const chunks: Buffer[] = [Buffer.alloc(96), record(fixed(1, 31), 31, Buffer.alloc(0))];
  let at = 96 + 272;
  const put = (bytes: Buffer) => {
    chunks.push(bytes);
    at += bytes.length;
  };
  const newest = new Map<string, { at: number; live: boolean }>();
  const log = (change: Change) => {
    const key = "put" in change ? change.put : change.delete;
    const old = newest.get(key);
    const here = at;
    if (!("put" in change)) {
      if (old?.live !== true) return;
      put(record(fixed(6, 0, old.at), null, Buffer.alloc(0)));
      newest.set(key, { at: here, live: false });
      return;
    }
    const level = 1 + (key.length % 3);
    const lengths = fat ? [key.length, change.value.length] : [];
    const head = fixed((old === undefined ? 2 : 4) + (fat ? 1 : 0), level, ...lengths, ...(old ? [old.at] : []));
    if (!fat) {
      head.writeUInt16LE(key.length, 2);
      head.writeUInt32LE(change.value.length, 4);
    }
    const tail = Buffer.alloc(Math.ceil((key.length + change.value.length + 2) / 8) * 8);
    tail.write(`${key}\0${change.value}`, "latin1");
    put(record(head, level, tail));
    newest.set(key, { at: here, live: true });
  };
  let commits = 0;
  for (const transaction of history.transactions) {
    const begin = at;
    for (const change of transaction) log(change);
    if (at === begin) continue;
    put(record(fixed(7, 0, begin), null, Buffer.alloc(0)));
    commits++;
  }
  const [committed, count] = [at, stateOf(history).length];
  for (const change of history.tail) log(change);
  const bytes = Buffer.concat([...chunks, Buffer.alloc(512)]);
  bytes.write("\xa1\x02\x8b\x0dtwomfile", 0, "latin1");
  bytes.fill(0x5a, 16, 32);
  bytes.writeUInt32LE(1, 32);
  bytes.writeUInt32LE((checksums ? 1 << 28 : 1 << 27) | (at > committed ? 1 : 0), 36);
  for (const [offset, value] of [
    [40, 1],
    [48, count],
    [56, commits],
    [72, 368],
    [80, committed],
  ] as const) {
    bytes.writeBigUInt64LE(BigInt(value), offset);
  }
  bytes.writeUInt32LE(3, 88);
  bytes.writeUInt32LE(checksum(bytes.subarray(0, 92)), 92);
  return bytes;
}

interface Node {
  readonly at: number;
  readonly key: string | null;
  readonly type: string;
  pointers: number[];
  readonly body: string;
}

/** A twoskip file. With a tail it is dirty, as a transaction under way leaves it. */
export function writeTwoskip(history: History): Buffer {
  const file = new TwoskipFile();
  for (const transaction of history.transactions) {
    for (const change of transaction) file.change(change);
    if (transaction.length > 0) file.commit();
  }
  const committed = { end: file.end, count: file.count };
  for (const change of history.tail) file.change(change);
  return file.bytes(committed.end, file.count, history.tail.length > 0);
}

class TwoskipFile {
  readonly #nodes: Node[] = [{ at: 64, key: null, type: "=", pointers: new Array<number>(32).fill(0), body: "" }];
  readonly #byOffset = new Map<number, Node>(this.#nodes.map((node) => [node.at, node]));
  #committed = 64 + 8 + 32 * 8 + 8;
  end = this.#committed;
  count = 0;

  change(change: Change): void {
    const key = "put" in change ? change.put : change.delete;
    const before = this.#before(key);
    const found = this.#byOffset.get(this.#next(before));
    const old = found?.key === key ? found : null;
    if ("put" in change) {
      const after = old === null ? this.#next(before) : this.#next(old);
      this.#append(key, "+", [after, 0], change.value, before);
      if (old === null) this.count++;
    } else if (old !== null) {
      this.#append(null, "-", [this.#next(old)], "", before);
      this.count--;
    }
  }

  commit(): void {
    this.#committed = this.end;
    this.#add({ at: this.end, key: null, type: "$", pointers: [this.#committed], body: "" });
    this.#committed = this.end;
  }

  bytes(currentSize: number, count: number, dirty: boolean): Buffer {
    const header = Buffer.alloc(64);
    header.write("\xa1\x02\x8b\x0dtwoskip file", 0, "latin1");
    header.writeUInt32BE(1, 20);
    header.writeBigUInt64BE(1n, 24);
    header.writeBigUInt64BE(BigInt(count), 32);
    header.writeBigUInt64BE(BigInt(currentSize), 48);
    header.writeUInt32BE(dirty ? 1 : 0, 56);
    header.writeUInt32BE(crc32(header.subarray(0, 60)), 60);
    return Buffer.concat([header, ...this.#nodes.map(encode)]);
  }

  /** The last record before `key` in the lowest list, or the dummy; a delete record stands for nothing. */
  #before(key: string): Node {
    let before = this.#nodes[0] as Node;
    for (;;) {
      const next = this.#byOffset.get(this.#next(before));
      if (next === undefined || next.key === null || next.key >= key) return before;
      before = next;
    }
  }

  /** What follows `node` now: its newest pointer, through a delete record if one is there. */
  #next(node: Node): number {
    const newest = Math.max(...node.pointers.slice(0, 2));
    const target = this.#byOffset.get(newest);
    return target?.type === "-" ? (target.pointers[0] as number) : newest;
  }

  #append(key: string | null, type: string, pointers: number[], value: string, before: Node): void {
    const at = this.end;
    this.#add({ at, key, type, pointers, body: `${key ?? ""}${value}` });
    // Of the two pointers of the lowest list the one that the last commit does not need is overwritten.
    const [first = 0, second = 0] = before.pointers;
    const slot = first >= this.#committed ? 0 : second >= this.#committed ? 1 : first > second ? 1 : 0;
    before.pointers[slot] = at;
  }

  #add(node: Node): void {
    this.#nodes.push(node);
    this.#byOffset.set(node.at, node);
    this.end += encode(node).length;
  }
}

function encode(node: Node): Buffer {
  const keyLength = node.key?.length ?? 0;
  const valueLength = node.body.length - keyLength;
  const head: Buffer[] = [Buffer.alloc(8)];
  const fixed = head[0] as Buffer;
  fixed.write(node.type, 0, "latin1");
  fixed[1] = node.pointers.length - 1;
  fixed.writeUInt16BE(Math.min(keyLength, 0xffff), 2);
  fixed.writeUInt32BE(valueLength, 4);
  const u64 = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return bytes;
  };
  if (keyLength >= 0xffff) head.push(u64(keyLength));
  head.push(...node.pointers.map(u64));
  const headBytes = Buffer.concat(head);
  const tail = Buffer.alloc(Math.ceil(node.body.length / 8) * 8);
  tail.write(node.body, "latin1");
  const checks = Buffer.alloc(8);
  checks.writeUInt32BE(crc32(headBytes), 0);
  checks.writeUInt32BE(crc32(tail), 4);
  return Buffer.concat([headBytes, checks, tail]);
}
