/**
 * Writes cyrusdb files as Cyrus does, for tests: the opposite of what `src/store/cyrus/cyrusdb/` reads, written from the
 * same description and sharing no code with it.
 */
import { crc32 } from "node:zlib";

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
